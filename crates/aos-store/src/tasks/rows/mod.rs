//! The statements on tasks that have to be fast. They differ between databases: PostgreSQL gets arrays and one statement for many tasks,
//! SQLite, which is called without a round trip, a statement per task.

mod postgres;
mod sqlite;

use crate::db::{Tx, query, query_as};
use crate::error::Result;
use aos_core::Clock;
use aos_core::task::{NewTask, ScheduleId, TaskId, TaskState};
use std::collections::HashMap;
use uuid::Uuid;

/// A task ready to be written.
#[derive(Debug)]
pub(crate) struct Entry {
    pub tenant: Uuid,
    pub id: TaskId,
    /// Without what follows it, which is beside.
    pub task: NewTask,
    pub payload: String,
    /// Digest of what was asked for, where there is a key.
    pub body: Option<Vec<u8>>,
    pub next_task: Option<Box<NewTask>>,
    pub next_json: Option<String>,
    pub principal: String,
    pub role: String,
    pub trace_id: String,
    pub parent: Option<TaskId>,
    pub schedule: Option<ScheduleId>,
}

/// An end to be written. It is taken only while the queue still has this attempt.
#[derive(Debug)]
pub(super) struct End {
    pub tenant: Uuid,
    pub task: Uuid,
    pub attempt: i64,
    /// Whether the attempt must be running; a task that waits is ended under its latest attempt's number.
    pub running: bool,
    pub state: TaskState,
    pub result: Option<String>,
    pub error: Option<String>,
}

/// What is needed to tell others about an end that was taken.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct Ended {
    pub tenant_id: Uuid,
    pub id: Uuid,
    /// As it was kept: canceled, when somebody asked for that.
    pub state: String,
    pub attempt: i64,
    pub kind: String,
    pub error: Option<String>,
    pub callback_url: Option<String>,
    pub next_task: Option<String>,
    pub principal: String,
    pub role: String,
    pub trace_id: String,
    pub slack_on: Option<String>,
}

/// What a claim asks for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    pub worker: Uuid,
    pub tasks: i64,
    /// Where among the tenants to begin looking.
    pub start: Uuid,
    pub max_running: i64,
    pub fair: bool,
}

#[derive(Debug, sqlx::FromRow)]
pub(super) struct Claimed {
    pub tenant_id: Uuid,
    pub id: Uuid,
    pub attempt: i64,
    pub last_attempt: i64,
    pub run_at: i64,
    pub kind: String,
    pub payload: String,
    pub timeout_ms: Option<i64>,
    pub trace_id: String,
    pub principal: String,
    pub role: String,
}

/// An attempt that is running, with what decides whether another one follows.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct Running {
    pub tenant_id: Uuid,
    pub id: Uuid,
    pub attempt: i64,
    pub last_attempt: i64,
    pub cancel_requested: bool,
    pub max_attempts: i64,
    pub backoff: String,
}

/// Writes tasks and queues them. Returns by id when each may begin and when it was written.
pub(super) async fn insert(tx: &mut Tx, clock: &Clock, entries: &[&Entry]) -> Result<HashMap<Uuid, (i64, i64)>> {
    let now = super::moment::given(tx, clock);
    match (tx, now) {
        (Tx::Postgres(tx, prepared), now) => postgres::insert(tx, *prepared, now, entries).await,
        (tx, now) => sqlite::insert(tx, now.unwrap_or_default(), entries).await,
    }
}

/// Ends tasks, frees their exclusive rights, and returns those whose end was taken.
pub(super) async fn end(tx: &mut Tx, clock: &Clock, ends: &[End]) -> Result<Vec<Ended>> {
    if ends.is_empty() {
        return Ok(Vec::new());
    }
    let now = super::moment::given(tx, clock);
    match (tx, now) {
        (Tx::Postgres(tx, prepared), now) => postgres::end(tx, *prepared, now, ends).await,
        (tx, now) => sqlite::end(tx, now.unwrap_or_default(), ends).await,
    }
}

/// Gives a worker up to so many tasks, each with its next attempt. Nothing when the worker's lease does not hold.
pub(super) async fn claim(tx: &mut Tx, clock: &Clock, wanted: Wanted) -> Result<Vec<Claimed>> {
    let now = super::moment::given(tx, clock);
    match (tx, now) {
        (Tx::Postgres(tx, prepared), now) => postgres::claim(tx, *prepared, now, wanted).await,
        (tx, now) => sqlite::claim(tx, now.unwrap_or_default(), wanted).await,
    }
}

/// Reads attempts that are running, and locks them. Those that are not are left out.
pub(super) async fn running(tx: &mut Tx, fences: &[(Uuid, Uuid, i64)]) -> Result<Vec<Running>> {
    let sql = match tx {
        Tx::Sqlite(_) => RUNNING,
        Tx::Postgres(..) => RUNNING_LOCKED,
    };
    let mut found = Vec::with_capacity(fences.len());
    for (tenant, task, attempt) in fences {
        let row = query_as::<Running>(sql).bind(*tenant).bind(*task).bind(*attempt).fetch_optional(&mut *tx).await?;
        found.extend(row);
    }
    Ok(found)
}

macro_rules! select_running {
    ($lock:literal) => {
        concat!(
            "SELECT q.tenant_id, q.id, q.attempt, q.last_attempt, q.cancel_requested, t.max_attempts, t.backoff
               FROM task_queue q
               JOIN tasks t ON t.tenant_id = q.tenant_id AND t.id = q.id
              WHERE q.tenant_id = $1 AND q.id = $2 AND q.attempt = $3 AND q.worker_id IS NOT NULL",
            $lock
        )
    };
}
const RUNNING: &str = select_running!("");
const RUNNING_LOCKED: &str = select_running!(" FOR UPDATE OF q");

/// Where a running attempt's task waits for its next one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wait {
    pub generation: i64,
    /// `None` keeps its place among those that are ready.
    pub run_at: Option<i64>,
    /// Attempts added to those it may have.
    pub granted: i64,
}

/// Takes a running task from its worker and queues it again. Returns whether the attempt was still running.
pub(super) async fn requeue(tx: &mut Tx, (tenant, task, attempt): (Uuid, Uuid, i64), wait: Wait) -> Result<bool> {
    let changed = query(
        "UPDATE task_queue
            SET worker_id = NULL, claimed_at = NULL, progress = NULL, progress_message = NULL,
                ready = $5, run_at = COALESCE($6, run_at), generation = $4, last_attempt = last_attempt + $7
          WHERE tenant_id = $1 AND id = $2 AND attempt = $3 AND worker_id IS NOT NULL",
    )
    .bind(tenant)
    .bind(task)
    .bind(attempt)
    .bind(wait.generation)
    .bind(wait.run_at.is_none())
    .bind(wait.run_at)
    .bind(wait.granted)
    .execute(tx)
    .await?;
    Ok(changed > 0)
}
