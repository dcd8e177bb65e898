//! Tasks: none lost, none doubled, each ended once and within its attempts.

use super::nothing;
use crate::house::House;
use crate::workload::Book;
use std::collections::HashMap;

pub async fn check(house: &House, book: &Book) {
    acknowledged(house, book).await;
    canceled(house, book).await;
    nothing(house, "tasks that have not ended", "SELECT id, kind FROM tasks WHERE state IS NULL").await;
    nothing(
        house,
        "tasks that ended without an attempt, or after more than they may have",
        "SELECT id, kind, state, attempt, last_attempt FROM tasks
          WHERE attempt > last_attempt OR (state IN ('success', 'failed') AND attempt < 1)",
    )
    .await;
    nothing(house, "entries left in the queue", "SELECT id, worker_id FROM task_queue").await;
    nothing(house, "exclusive rights left over", "SELECT * FROM task_rights").await;
    nothing(
        house,
        "tasks that the index of unsuccessful ones has wrong",
        "SELECT id, t.state, u.state AS said FROM tasks t
           FULL JOIN unsuccessful_tasks u ON u.tenant_id = t.tenant_id AND u.task_id = t.id
          WHERE (t.state = 'success' AND u.state IS NOT NULL) OR (t.state <> 'success' AND u.state IS DISTINCT FROM t.state)",
    )
    .await;
    nothing(
        house,
        "tasks that failed with attempts enough to succeed",
        "SELECT id, kind, attempt, error FROM tasks WHERE state = 'failed' AND max_attempts > 5",
    )
    .await;
    nothing(
        house,
        "tasks enqueued twice under one key",
        // The answer that is kept under a key names the task that it stands for.
        "SELECT t.id, t.kind FROM tasks t
          WHERE t.kind IN ('noop', 'effect') AND t.parent_id IS NULL AND t.schedule_id IS NULL
            AND NOT EXISTS (SELECT 1 FROM idempotency_keys k
                             WHERE k.tenant_id = t.tenant_id AND k.status = 201
                               AND convert_from(k.body, 'UTF8')::jsonb ->> 'id' = t.id::text)",
    )
    .await;
    nothing(
        house,
        "jobs of one tenant that held the exclusive right at the same time",
        "SELECT a.id, b.id AS other FROM tasks a JOIN tasks b
             ON b.tenant_id = a.tenant_id AND b.exclusive = a.exclusive AND b.id > a.id
            AND b.created_at < a.finished_at AND a.created_at < b.finished_at",
    )
    .await;
    effects(house).await;
    schedules(house, book).await;
}

async fn acknowledged(house: &House, book: &Book) {
    let rows = house.rows("SELECT id, state FROM tasks").await;
    let states: HashMap<&str, &str> =
        rows.iter().filter_map(|row| Some((row["id"].as_str()?, row["state"].as_str().unwrap_or("no end")))).collect();
    for (_, id) in book.tasks.borrow().iter() {
        if !states.contains_key(id.as_str()) {
            house.journal.problem(format_args!("task {id} was acknowledged, and is lost"));
        }
    }
}

/// A cancel that was acknowledged holds, whatever the attempt did meanwhile, and is written down.
async fn canceled(house: &House, book: &Book) {
    let rows = house
        .rows(
            "SELECT t.id, t.state,
                    EXISTS (SELECT 1 FROM audit a
                             WHERE a.tenant_id = t.tenant_id AND a.action = 'task.cancel' AND a.resource = t.id::TEXT) AS audited
               FROM tasks t",
        )
        .await;
    for (_, id) in book.canceled.borrow().iter() {
        let Some(row) = rows.iter().find(|row| row["id"] == id.as_str()) else { continue };
        if row["state"] != "canceled" || row["audited"] != true {
            house.journal.problem(format_args!("a cancel was acknowledged, but the task is {row}"));
        }
    }
}

/// A success has its effect exactly once; what did not succeed may have had it, once.
async fn effects(house: &House) {
    nothing(
        house,
        "tasks whose effect is not there once",
        "SELECT t.id, t.state, t.attempt, COUNT(a.id) AS effects FROM tasks t
           LEFT JOIN audit a ON a.tenant_id = t.tenant_id AND a.action = 'crash.effect' AND a.resource = t.id::TEXT
          WHERE t.kind = 'effect'
          GROUP BY t.tenant_id, t.id, t.state, t.attempt
         HAVING COUNT(a.id) > 1 OR (t.state = 'success' AND COUNT(a.id) <> 1)",
    )
    .await;
}

/// A schedule's task is enqueued once for each time at which it was due.
async fn schedules(house: &House, book: &Book) {
    let rows =
        house.rows("SELECT schedule_id, COUNT(*) AS tasks FROM tasks WHERE schedule_id IS NOT NULL GROUP BY 1").await;
    for (schedule, (surely, perhaps)) in book.due.borrow().iter() {
        let tasks =
            rows.iter().find(|row| row["schedule_id"] == schedule.as_str()).and_then(|row| row["tasks"].as_u64());
        let tasks = tasks.unwrap_or(0);
        if !(*surely..=surely + perhaps).contains(&tasks) {
            house.journal.problem(format_args!(
                "a schedule was due {surely} times, and perhaps {perhaps} more, but has {tasks} tasks"
            ));
        }
    }
}
