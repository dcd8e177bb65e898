//! Tasks as they are shown: in full, or in a list without what may be large.

use aos_core::policy::Lens;
use aos_core::task::{NewTask, ScheduleId, Start, TaskId, TaskState};
use aos_store::Task;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

const MS_PER_S: f64 = 1000.0;

/// A task in a list; its payload, result and chain are read one by one.
#[derive(Debug, Serialize, ToSchema)]
pub struct TaskSummary {
    id: Uuid,
    kind: String,
    state: TaskState,
    #[schema(maximum = 9)]
    priority: u8,
    /// Attempts so far, lost ones included.
    attempts: u32,
    max_retries: u32,
    /// How far it is, while it runs and says so.
    #[schema(required)]
    progress: Option<TaskProgress>,
    /// Why it failed, or the latest attempt did.
    #[schema(required)]
    error: Option<String>,
    /// Somebody asked to stop it, and its worker has not done so yet.
    cancel_requested: bool,
    /// When it may begin: at its time, or after the wait that follows a failed attempt.
    #[schema(required)]
    run_at: Option<DateTime<Utc>>,
    #[schema(required)]
    timeout_seconds: Option<f64>,
    /// The exclusive right that it holds until it ends.
    #[schema(required)]
    exclusive: Option<String>,
    /// The task that it follows, or whose end it tells about.
    #[schema(required)]
    child_of: Option<Uuid>,
    #[schema(required)]
    schedule_id: Option<Uuid>,
    /// Who enqueued it: `user:<id>`, or `local` for a command run on the server's machine.
    created_by: String,
    /// Names the request that enqueued it in the logs.
    trace_id: String,
    created_at: DateTime<Utc>,
    #[schema(required)]
    started_at: Option<DateTime<Utc>>,
    #[schema(required)]
    finished_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TaskProgress {
    /// From 0 to 1.
    fraction: f64,
    message: String,
}

/// A task in full.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Task)]
pub struct TaskOut {
    #[serde(flatten)]
    summary: TaskSummary,
    payload: Value,
    /// What it brought, once it succeeded.
    #[schema(required, value_type = Option<Object>)]
    result: Option<Value>,
    #[schema(required)]
    callback_url: Option<String>,
    /// What is enqueued together with its success, written as it was asked for.
    #[schema(required, value_type = Option<Object>)]
    on_success_next_task: Option<Value>,
    /// The task that was.
    #[schema(required)]
    next_task_id: Option<Uuid>,
}

impl From<Task> for TaskSummary {
    fn from(task: Task) -> Self {
        Self {
            id: task.id.0,
            kind: task.kind,
            state: task.state,
            priority: task.priority.get(),
            attempts: task.attempts,
            max_retries: task.max_attempts.saturating_sub(1),
            progress: task.progress.map(|said| TaskProgress { fraction: said.fraction, message: said.message }),
            error: task.error,
            cancel_requested: task.cancel_requested,
            run_at: task.run_at,
            timeout_seconds: task.timeout_ms.map(|timeout| timeout as f64 / MS_PER_S),
            exclusive: task.exclusive,
            child_of: task.parent_id.map(|TaskId(id)| id),
            schedule_id: task.schedule_id.map(|ScheduleId(id)| id),
            created_by: task.created_by,
            trace_id: task.trace_id,
            created_at: task.created_at,
            started_at: task.started_at,
            finished_at: task.finished_at,
        }
    }
}

impl From<Task> for TaskOut {
    fn from(task: Task) -> Self {
        Self::seen(task, Lens::Clear)
    }
}

impl TaskOut {
    pub fn id(&self) -> Uuid {
        self.summary.id
    }

    /// Shows a task to whoever sees through this lens: what people wrote, and where callbacks go, is not for everyone.
    pub fn seen(mut task: Task, lens: Lens) -> Self {
        let payload = lens.payload(&task.kind, task.payload.take());
        let result = task.result.take().map(|result| lens.result(&task.kind, result));
        let callback_url = task.callback_url.take().map(|url| lens.address(url));
        let next = task.on_success_next_task.take().map(|next| as_asked(&next, lens));
        let next_task_id = task.next_task_id.map(|TaskId(id)| id);
        Self { summary: task.into(), payload, result, callback_url, on_success_next_task: next, next_task_id }
    }
}

/// Writes a task as `POST /tasks` takes it.
fn as_asked(task: &NewTask, lens: Lens) -> Value {
    let payload = lens.payload(&task.kind, task.payload.clone());
    let mut asked = json!({
        "kind": task.kind, "payload": payload, "priority": task.priority,
        "max_retries": task.max_attempts.saturating_sub(1),
    });
    match task.start {
        Start::Now => {}
        Start::AfterMs(delay) => asked["delay_seconds"] = json!(delay / 1000),
        Start::At(time) => asked["run_at"] = json!(time),
    }
    if let Some(timeout) = task.timeout_ms {
        asked["timeout_seconds"] = json!(timeout / 1000);
    }
    if let Some(url) = &task.callback_url {
        asked["callback_url"] = json!(lens.address(url.clone()));
    }
    if let Some(next) = &task.on_success_next_task {
        asked["on_success_next_task"] = as_asked(next, lens);
    }
    asked
}
