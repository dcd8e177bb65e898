//! The fast statements for PostgreSQL: one array per column, unnested on the server.

use super::{Claimed, End, Ended, Entry, Wanted};
use crate::db::Prepared;
use crate::error::Result;
use aos_core::task::Start;
use sqlx::PgConnection;
use std::collections::HashMap;
use uuid::Uuid;

/// Tasks of one statement.
const ROWS: usize = 2000;

/// `task_queue` is inserted into from the statement that writes the record, so that a task costs one round trip.
const INSERT: &str = "
    WITH new AS MATERIALIZED (
        SELECT v.*, m.now, m.generation, COALESCE(v.start_at, m.now + v.delay) AS run_at
          FROM (SELECT COALESCE($1, autonomos_now()) AS now, (SELECT last_value FROM task_generation) AS generation) m,
               UNNEST($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[],
                      $9::text[], $10::text[], $11::text[], $12::bigint[], $13::text[], $14::bigint[], $15::text[],
                      $16::text[], $17::text[], $18::uuid[], $19::uuid[])
            AS v (tenant_id, id, kind, payload, priority, start_at, delay, principal, role, trace_id, max_attempts,
                  backoff, timeout_ms, exclusive, callback_url, next_task, parent_id, schedule_id)
    ), recorded AS (
        INSERT INTO tasks
            (tenant_id, id, kind, payload, priority, created_at, principal, role, trace_id, max_attempts, last_attempt,
             backoff, timeout_ms, exclusive, callback_url, next_task, parent_id, schedule_id)
        SELECT tenant_id, id, kind, payload, priority, now, principal, role, trace_id, max_attempts, max_attempts,
               backoff, timeout_ms, exclusive, callback_url, next_task, parent_id, schedule_id
          FROM new
    ), queued AS (
        INSERT INTO task_queue (tenant_id, id, generation, priority, run_at, ready, attempt, last_attempt, exclusive)
        SELECT tenant_id, id, CASE WHEN run_at <= now THEN generation ELSE 3 END, priority, run_at, run_at <= now, 0,
               max_attempts, exclusive
          FROM new
    )
    SELECT id, run_at, now FROM new";

pub(super) async fn insert(
    tx: &mut PgConnection,
    prepared: Prepared,
    now: Option<i64>,
    entries: &[&Entry],
) -> Result<HashMap<Uuid, (i64, i64)>> {
    let mut inserted = HashMap::with_capacity(entries.len());
    for part in entries.chunks(ROWS) {
        let rows: Vec<(Uuid, i64, i64)> = sqlx::query_as(INSERT)
            .persistent(prepared == Prepared::Kept)
            .bind(now)
            .bind(column(part, |entry| entry.tenant))
            .bind(column(part, |entry| entry.id.0))
            .bind(column(part, |entry| &*entry.task.kind))
            .bind(column(part, |entry| &*entry.payload))
            .bind(column(part, |entry| i64::from(entry.task.priority.get())))
            .bind(column(part, |entry| start(entry).0))
            .bind(column(part, |entry| start(entry).1))
            .bind(column(part, |entry| &*entry.principal))
            .bind(column(part, |entry| &*entry.role))
            .bind(column(part, |entry| &*entry.trace_id))
            .bind(column(part, |entry| i64::from(entry.task.max_attempts)))
            .bind(column(part, |entry| crate::convert::to_json(&entry.task.backoff)))
            .bind(column(part, |entry| entry.task.timeout_ms.map(crate::convert::count)))
            .bind(column(part, |entry| entry.task.exclusive.as_deref()))
            .bind(column(part, |entry| entry.task.callback_url.as_deref()))
            .bind(column(part, |entry| entry.next_json.as_deref()))
            .bind(column(part, |entry| entry.parent.map(|parent| parent.0)))
            .bind(column(part, |entry| entry.schedule.map(|schedule| schedule.0)))
            .fetch_all(&mut *tx)
            .await?;
        inserted.extend(rows.into_iter().map(|(id, run_at, now)| (id, (run_at, now))));
    }
    Ok(inserted)
}

/// Returns when a task may begin: at a time, or so many microseconds from now.
pub(super) fn start(entry: &Entry) -> (Option<i64>, i64) {
    match entry.task.start {
        Start::Now => (None, 0),
        Start::AfterMs(delay) => (None, crate::convert::count(delay.saturating_mul(1000))),
        Start::At(time) => (Some(crate::convert::micros(time)), 0),
    }
}

const END: &str = "
    WITH ended AS (
        DELETE FROM task_queue q
         USING UNNEST($2::uuid[], $3::uuid[], $4::bigint[], $5::boolean[], $6::text[], $7::text[], $8::text[])
            AS v (tenant_id, id, attempt, running, state, result, error)
         WHERE q.tenant_id = v.tenant_id AND q.id = v.id AND q.attempt = v.attempt
           AND (q.worker_id IS NOT NULL) = v.running
        RETURNING q.tenant_id, q.id, q.attempt, q.last_attempt, q.claimed_at, q.exclusive,
                  CASE WHEN q.cancel_requested THEN 'canceled' ELSE v.state END AS state,
                  CASE WHEN q.cancel_requested THEN NULL ELSE v.result END AS result,
                  CASE WHEN q.cancel_requested THEN NULL ELSE v.error END AS error
    ), freed AS (
        DELETE FROM task_rights r
         USING ended e
         WHERE e.exclusive IS NOT NULL AND r.tenant_id = e.tenant_id AND r.name = e.exclusive AND r.task_id = e.id
    ), unsuccessful AS (
        INSERT INTO unsuccessful_tasks (tenant_id, state, task_id)
        SELECT tenant_id, state, id FROM ended WHERE state <> 'success'
    )
    UPDATE tasks t
       SET state = e.state, attempt = e.attempt, last_attempt = e.last_attempt, started_at = e.claimed_at,
           finished_at = COALESCE($1, autonomos_now()), result = e.result, error = e.error
      FROM ended e
     WHERE t.tenant_id = e.tenant_id AND t.id = e.id
    RETURNING t.tenant_id, t.id, t.state, t.attempt, t.kind, t.error, t.callback_url, t.next_task, t.principal, t.role,
              t.trace_id, (SELECT s.slack_on FROM task_settings s WHERE s.tenant_id = t.tenant_id) AS slack_on";

pub(super) async fn end(
    tx: &mut PgConnection,
    prepared: Prepared,
    now: Option<i64>,
    ends: &[End],
) -> Result<Vec<Ended>> {
    let rows = sqlx::query_as(END)
        .persistent(prepared == Prepared::Kept)
        .bind(now)
        .bind(column(ends, |end| end.tenant))
        .bind(column(ends, |end| end.task))
        .bind(column(ends, |end| end.attempt))
        .bind(column(ends, |end| end.running))
        .bind(column(ends, |end| end.state.as_str()))
        .bind(column(ends, |end| end.result.as_deref()))
        .bind(column(ends, |end| end.error.as_deref()))
        .fetch_all(tx)
        .await?;
    Ok(rows)
}

/// Steps from tenant to tenant through the index of ready tasks, takes the first few of each, and of all those the ones whose tenants run
/// least: that is max-min fair, whatever a tenant spreads its tasks over. The first tenant is another one each time, so that the
/// bound on how many are looked at favours nobody.
///
/// What is chosen is still there when it is updated, unless it was canceled: only claims change what is ready, one at a time. The
/// partition of delayed tasks is left out of the plan by its constraints.
const CLAIM: &str = "
    WITH RECURSIVE moment AS MATERIALIZED (
        SELECT COALESCE($1, autonomos_now()) AS now
    ), above (tenant_id) AS (
        (SELECT tenant_id FROM task_queue
          WHERE ready AND tenant_id > $4 ORDER BY tenant_id LIMIT 1)
        UNION ALL
        SELECT (SELECT q.tenant_id FROM task_queue q
                 WHERE q.ready AND q.tenant_id > a.tenant_id ORDER BY q.tenant_id LIMIT 1)
          FROM above a WHERE a.tenant_id IS NOT NULL
    ), below (tenant_id) AS (
        (SELECT tenant_id FROM task_queue
          WHERE ready AND tenant_id <= $4 ORDER BY tenant_id LIMIT 1)
        UNION ALL
        SELECT (SELECT q.tenant_id FROM task_queue q
                 WHERE q.ready AND q.tenant_id > b.tenant_id AND q.tenant_id <= $4
                 ORDER BY q.tenant_id LIMIT 1)
          FROM below b WHERE b.tenant_id IS NOT NULL
    ), waiting AS MATERIALIZED (
        SELECT tenant_id FROM (SELECT tenant_id FROM above UNION ALL SELECT tenant_id FROM below) tenants
         WHERE tenant_id IS NOT NULL
         LIMIT 512
    ), running AS MATERIALIZED (
        SELECT tenant_id, COUNT(*) AS tasks
          FROM task_queue
         WHERE worker_id IS NOT NULL
         GROUP BY tenant_id
    ), share AS MATERIALIZED (
        SELECT CASE WHEN $6 THEN 1 + 2 * $3 / GREATEST(COUNT(*), 1) ELSE $3 END AS tasks FROM waiting
    ), chosen AS MATERIALIZED (
        SELECT c.tenant_id, c.id, c.generation
          FROM (SELECT w.tenant_id, f.id, f.generation, f.priority, f.run_at, COALESCE(r.tasks, 0) + f.place AS level
                  FROM waiting w
                  LEFT JOIN running r ON r.tenant_id = w.tenant_id
                  LEFT JOIN task_settings s ON s.tenant_id = w.tenant_id
                 CROSS JOIN LATERAL (
                    SELECT q.id, q.generation, q.priority, q.run_at,
                           ROW_NUMBER() OVER (ORDER BY q.priority, q.run_at, q.id) AS place
                      FROM task_queue q
                     WHERE q.ready AND q.tenant_id = w.tenant_id
                     ORDER BY q.priority, q.run_at, q.id
                     LIMIT GREATEST(0, LEAST((SELECT tasks FROM share),
                                             COALESCE(s.max_running, $5) - COALESCE(r.tasks, 0)))
                 ) f) c
         ORDER BY CASE WHEN $6 THEN c.level END, CASE WHEN $6 THEN 0 ELSE c.priority END, c.run_at, c.id
         LIMIT $3
    ), described AS MATERIALIZED (
        SELECT c.*, t.kind, t.payload, t.timeout_ms, t.trace_id, t.principal, t.role, m.now
          FROM chosen c
         CROSS JOIN moment m
          JOIN workers w ON w.id = $2 AND w.lease_until > m.now AND NOT w.lost
          JOIN tasks t ON t.tenant_id = c.tenant_id AND t.id = c.id
    )
    UPDATE task_queue q
       SET ready = FALSE, worker_id = $2, attempt = q.attempt + 1, claimed_at = d.now
      FROM described d
     WHERE q.tenant_id = d.tenant_id AND q.id = d.id AND q.generation = d.generation
    RETURNING q.tenant_id, q.id, q.attempt, q.last_attempt, q.run_at, d.kind, d.payload, d.timeout_ms, d.trace_id,
              d.principal, d.role";

pub(super) async fn claim(
    tx: &mut PgConnection,
    prepared: Prepared,
    now: Option<i64>,
    wanted: Wanted,
) -> Result<Vec<Claimed>> {
    let rows = sqlx::query_as(CLAIM)
        .persistent(prepared == Prepared::Kept)
        .bind(now)
        .bind(wanted.worker)
        .bind(wanted.tasks)
        .bind(wanted.start)
        .bind(wanted.max_running)
        .bind(wanted.fair)
        .fetch_all(tx)
        .await?;
    Ok(rows)
}

fn column<'r, R, T>(rows: &'r [R], value: impl Fn(&'r R) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}
