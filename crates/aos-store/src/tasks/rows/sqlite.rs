//! The same statements for SQLite, which has neither arrays nor LATERAL, but one writer, so that what is read stays true.

use super::postgres::start;
use super::{Claimed, End, Ended, Entry, Wanted};
use crate::convert::{count, to_json};
use crate::db::{Tx, query, query_as};
use crate::error::Result;
use std::collections::HashMap;
use uuid::Uuid;

pub(super) async fn insert(tx: &mut Tx, now: i64, entries: &[&Entry]) -> Result<HashMap<Uuid, (i64, i64)>> {
    let mut inserted = HashMap::with_capacity(entries.len());
    for entry in entries {
        let (at, delay) = start(entry);
        let run_at = at.unwrap_or(now.saturating_add(delay));
        query(
            "INSERT INTO tasks
                (tenant_id, id, kind, payload, priority, created_at, principal, role, trace_id, max_attempts, last_attempt,
                 backoff, timeout_ms, exclusive, callback_url, next_task, parent_id, schedule_id)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $11, $12, $13, $14, $15, $16, $17)",
        )
        .bind(entry.tenant)
        .bind(entry.id.0)
        .bind(&entry.task.kind)
        .bind(&entry.payload)
        .bind(i64::from(entry.task.priority.get()))
        .bind(now)
        .bind(&entry.principal)
        .bind(&entry.role)
        .bind(&entry.trace_id)
        .bind(i64::from(entry.task.max_attempts))
        .bind(to_json(&entry.task.backoff))
        .bind(entry.task.timeout_ms.map(count))
        .bind(entry.task.exclusive.clone())
        .bind(entry.task.callback_url.clone())
        .bind(entry.next_json.clone())
        .bind(entry.parent.map(|parent| parent.0))
        .bind(entry.schedule.map(|schedule| schedule.0))
        .execute(tx)
        .await?;
        query(
            "INSERT INTO task_queue (tenant_id, id, generation, priority, run_at, ready, attempt, last_attempt, exclusive)
             VALUES ($1, $2, 0, $3, $4, $5, 0, $6, $7)",
        )
        .bind(entry.tenant)
        .bind(entry.id.0)
        .bind(i64::from(entry.task.priority.get()))
        .bind(run_at)
        .bind(run_at <= now)
        .bind(i64::from(entry.task.max_attempts))
        .bind(entry.task.exclusive.clone())
        .execute(tx)
        .await?;
        inserted.insert(entry.id.0, (run_at, now));
    }
    Ok(inserted)
}

pub(super) async fn end(tx: &mut Tx, now: i64, ends: &[End]) -> Result<Vec<Ended>> {
    let mut taken = Vec::with_capacity(ends.len());
    for end in ends {
        taken.extend(end_one(tx, now, end).await?);
    }
    Ok(taken)
}

async fn end_one(tx: &mut Tx, now: i64, end: &End) -> Result<Option<Ended>> {
    let left = query_as::<(i64, Option<i64>, Option<String>, bool)>(
        "DELETE FROM task_queue
          WHERE tenant_id = $1 AND id = $2 AND attempt = $3 AND (worker_id IS NOT NULL) = $4
         RETURNING last_attempt, claimed_at, exclusive, cancel_requested",
    )
    .bind(end.tenant)
    .bind(end.task)
    .bind(end.attempt)
    .bind(end.running)
    .fetch_optional(&mut *tx)
    .await?;
    let Some((last_attempt, claimed_at, exclusive, canceled)) = left else { return Ok(None) };
    let state = if canceled { "canceled" } else { end.state.as_str() };
    if let Some(name) = exclusive {
        query("DELETE FROM task_rights WHERE tenant_id = $1 AND name = $2 AND task_id = $3")
            .bind(end.tenant)
            .bind(name)
            .bind(end.task)
            .execute(tx)
            .await?;
    }
    if state != "success" {
        query("INSERT INTO unsuccessful_tasks (tenant_id, state, task_id) VALUES ($1, $2, $3)")
            .bind(end.tenant)
            .bind(state)
            .bind(end.task)
            .execute(tx)
            .await?;
    }
    query_as::<Ended>(
        "UPDATE tasks
            SET state = $3, attempt = $4, last_attempt = $5, started_at = $6, finished_at = $7, result = $8, error = $9
          WHERE tenant_id = $1 AND id = $2
         RETURNING tenant_id, id, state, attempt, kind, error, callback_url, next_task, principal, role, trace_id,
                   (SELECT s.slack_on FROM task_settings s WHERE s.tenant_id = $1) AS slack_on",
    )
    .bind(end.tenant)
    .bind(end.task)
    .bind(state)
    .bind(end.attempt)
    .bind(last_attempt)
    .bind(claimed_at)
    .bind(now)
    .bind(end.result.clone().filter(|_| !canceled))
    .bind(end.error.clone().filter(|_| !canceled))
    .fetch_optional(tx)
    .await
}

/// As on PostgreSQL, where the statement is explained.
const CHOOSE: &str = "
    WITH RECURSIVE above (tenant_id) AS (
        SELECT * FROM (SELECT tenant_id FROM task_queue WHERE ready AND tenant_id > $3 ORDER BY tenant_id LIMIT 1)
        UNION ALL
        SELECT (SELECT q.tenant_id FROM task_queue q WHERE q.ready AND q.tenant_id > above.tenant_id
                 ORDER BY q.tenant_id LIMIT 1)
          FROM above WHERE above.tenant_id IS NOT NULL
    ), below (tenant_id) AS (
        SELECT * FROM (SELECT tenant_id FROM task_queue WHERE ready AND tenant_id <= $3 ORDER BY tenant_id LIMIT 1)
        UNION ALL
        SELECT (SELECT q.tenant_id FROM task_queue q
                 WHERE q.ready AND q.tenant_id > below.tenant_id AND q.tenant_id <= $3 ORDER BY q.tenant_id LIMIT 1)
          FROM below WHERE below.tenant_id IS NOT NULL
    ), waiting AS MATERIALIZED (
        SELECT tenant_id FROM (SELECT tenant_id FROM above UNION ALL SELECT tenant_id FROM below)
         WHERE tenant_id IS NOT NULL
         LIMIT 512
    ), running AS MATERIALIZED (
        SELECT tenant_id, COUNT(*) AS tasks FROM task_queue WHERE worker_id IS NOT NULL GROUP BY tenant_id
    ), firsts AS (
        SELECT q.tenant_id, q.id, q.attempt + 1 AS attempt, q.last_attempt, q.priority, q.run_at,
               ROW_NUMBER() OVER (PARTITION BY q.tenant_id ORDER BY q.priority, q.run_at, q.id) AS place
          FROM waiting w
          JOIN task_queue q ON q.tenant_id = w.tenant_id AND q.id IN (
               SELECT i.id FROM task_queue i WHERE i.ready AND i.tenant_id = w.tenant_id
                ORDER BY i.priority, i.run_at, i.id
                LIMIT (SELECT CASE WHEN $5 THEN 1 + 2 * $1 / MAX(COUNT(*), 1) ELSE $1 END FROM waiting))
    )
    SELECT f.tenant_id, f.id, f.attempt, f.last_attempt, f.run_at, t.kind, t.payload, t.timeout_ms, t.trace_id,
           t.principal, t.role
      FROM firsts f
      JOIN tasks t ON t.tenant_id = f.tenant_id AND t.id = f.id
      LEFT JOIN running r ON r.tenant_id = f.tenant_id
      LEFT JOIN task_settings s ON s.tenant_id = f.tenant_id
     WHERE f.place <= COALESCE(s.max_running, $4) - COALESCE(r.tasks, 0)
       AND EXISTS (SELECT 1 FROM workers w WHERE w.id = $2 AND w.lease_until > $6 AND NOT w.lost)
     ORDER BY CASE WHEN $5 THEN COALESCE(r.tasks, 0) + f.place END, CASE WHEN $5 THEN 0 ELSE f.priority END, f.run_at, f.id
     LIMIT $1";

pub(super) async fn claim(tx: &mut Tx, now: i64, wanted: Wanted) -> Result<Vec<Claimed>> {
    let chosen = query_as::<Claimed>(CHOOSE)
        .bind(wanted.tasks)
        .bind(wanted.worker)
        .bind(wanted.start)
        .bind(wanted.max_running)
        .bind(wanted.fair)
        .bind(now)
        .fetch_all(&mut *tx)
        .await?;
    for task in &chosen {
        query(
            "UPDATE task_queue SET ready = FALSE, worker_id = $3, attempt = $4, claimed_at = $5
              WHERE tenant_id = $1 AND id = $2",
        )
        .bind(task.tenant_id)
        .bind(task.id)
        .bind(wanted.worker)
        .bind(task.attempt)
        .bind(now)
        .execute(tx)
        .await?;
    }
    Ok(chosen)
}
