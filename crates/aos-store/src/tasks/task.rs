//! A task as it is read: its record, and its place in the queue while it has one.

use crate::convert::{from_json, from_word, time};
use crate::error::Result;
use aos_core::task::{NewTask, Priority, ScheduleId, TaskId, TaskState, WorkerId};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Task {
    pub id: TaskId,
    pub kind: String,
    pub state: TaskState,
    pub payload: Value,
    pub priority: Priority,
    pub created_at: DateTime<Utc>,
    /// `user:<id>`, or `local` for a command run on the machine.
    pub created_by: String,
    pub trace_id: String,
    /// When it may begin; `None` once it has ended.
    pub run_at: Option<DateTime<Utc>>,
    /// When the latest attempt began.
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
    /// Attempts begun since it was enqueued, or replayed.
    pub attempts: u32,
    pub max_attempts: u32,
    /// How long one attempt may take, in milliseconds; the worker's limit when `None`.
    pub timeout_ms: Option<u64>,
    pub result: Option<Value>,
    /// Why it failed.
    pub error: Option<String>,
    /// As the running attempt tells it.
    pub progress: Option<Progress>,
    /// Somebody canceled it while it was running; it ends as soon as its worker knows.
    pub cancel_requested: bool,
    pub exclusive: Option<String>,
    pub callback_url: Option<String>,
    pub on_success_next_task: Option<NewTask>,
    pub next_task_id: Option<TaskId>,
    /// The task that it follows, or tells about.
    pub parent_id: Option<TaskId>,
    pub schedule_id: Option<ScheduleId>,
    /// Who runs it.
    pub worker_id: Option<WorkerId>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Progress {
    /// From 0 to 1.
    pub fraction: f64,
    pub message: String,
}

/// What [`Row`] is read from: `tasks` as `t`, `task_queue` as `q`.
macro_rules! select_tasks {
    ($($rest:literal),*) => {
        concat!(
            "SELECT t.id, t.kind, t.payload, t.priority, t.created_at, t.principal, t.trace_id, t.max_attempts, t.timeout_ms,
                    t.exclusive, t.callback_url, t.next_task, t.next_task_id, t.parent_id, t.schedule_id, t.finished_at,
                    t.result, t.error,
                    COALESCE(t.state, CASE WHEN q.worker_id IS NULL THEN 'queued' ELSE 'in_progress' END) AS state,
                    COALESCE(q.attempt, t.attempt) AS attempt, COALESCE(q.last_attempt, t.last_attempt) AS last_attempt,
                    COALESCE(q.claimed_at, t.started_at) AS started_at, q.run_at, q.worker_id,
                    COALESCE(q.cancel_requested, FALSE) AS cancel_requested, q.progress, q.progress_message
               FROM tasks t
               LEFT JOIN task_queue q ON q.tenant_id = t.tenant_id AND q.id = t.id ",
            $($rest),*
        )
    };
}
pub(super) use select_tasks;

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    pub id: Uuid,
    kind: String,
    payload: String,
    priority: i64,
    created_at: i64,
    principal: String,
    trace_id: String,
    max_attempts: i64,
    timeout_ms: Option<i64>,
    exclusive: Option<String>,
    callback_url: Option<String>,
    next_task: Option<String>,
    next_task_id: Option<Uuid>,
    parent_id: Option<Uuid>,
    schedule_id: Option<Uuid>,
    finished_at: Option<i64>,
    result: Option<String>,
    error: Option<String>,
    state: String,
    attempt: i64,
    last_attempt: i64,
    started_at: Option<i64>,
    run_at: Option<i64>,
    worker_id: Option<Uuid>,
    cancel_requested: bool,
    progress: Option<f64>,
    progress_message: Option<String>,
}

impl Row {
    pub(super) fn into_task(self) -> Result<Task> {
        let id = self.id;
        let begun = self.attempt - (self.last_attempt - self.max_attempts);
        Ok(Task {
            id: TaskId(id),
            kind: self.kind,
            state: from_word(self.state, "tasks", "state", id)?,
            payload: from_json(&self.payload, "tasks", "payload", id)?,
            priority: priority(self.priority),
            created_at: time(self.created_at),
            created_by: self.principal,
            trace_id: self.trace_id,
            run_at: self.run_at.map(time),
            started_at: self.started_at.map(time),
            finished_at: self.finished_at.map(time),
            attempts: number(begun),
            max_attempts: number(self.max_attempts),
            timeout_ms: self.timeout_ms.map(|timeout| u64::try_from(timeout).unwrap_or_default()),
            result: self.result.map(|text| from_json(&text, "tasks", "result", id)).transpose()?,
            error: self.error,
            progress: self
                .progress
                .map(|fraction| Progress { fraction, message: self.progress_message.unwrap_or_default() }),
            cancel_requested: self.cancel_requested,
            exclusive: self.exclusive,
            callback_url: self.callback_url,
            on_success_next_task: self.next_task.map(|text| from_json(&text, "tasks", "next_task", id)).transpose()?,
            next_task_id: self.next_task_id.map(TaskId),
            parent_id: self.parent_id.map(TaskId),
            schedule_id: self.schedule_id.map(ScheduleId),
            worker_id: self.worker_id.map(WorkerId),
        })
    }
}

/// Reads a count or number of attempts. Others than small ones do not occur.
pub(super) fn number(value: i64) -> u32 {
    u32::try_from(value).unwrap_or_default()
}

pub(super) fn priority(value: i64) -> Priority {
    u8::try_from(value).ok().and_then(|value| Priority::try_from(value).ok()).unwrap_or_default()
}

/// Makes a text fit to be kept: PostgreSQL takes no NUL, and nobody reads on for ever.
pub(super) fn kept_text(text: &str, bytes_max: usize) -> String {
    let text = text.replace('\0', "\u{fffd}");
    if text.len() <= bytes_max {
        return text;
    }
    let end = text.floor_char_boundary(bytes_max.saturating_sub('…'.len_utf8()));
    format!("{}…", &text[..end])
}
