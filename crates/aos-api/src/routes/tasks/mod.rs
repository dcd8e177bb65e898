//! Tasks: what is to be done, how it stands, and stopping it. Who does them is the worker.

mod body;
pub mod queue;
pub mod replay;
mod shown;

pub use body::TaskCreate;
pub use shown::{TaskOut, TaskSummary};

use crate::extract::{Json, Path, Query};
use crate::guard::Allowed;
use crate::middleware::tracing::RequestContext;
use crate::page::{PageOut, PageQuery};
use crate::problem::Problem;
use crate::state::App;
use aos_broker::Topic;
use aos_core::TenantScope;
use aos_core::kind::{WAKE, WAKE_CANCELED};
use aos_core::policy::{Lens, Resource, may};
use aos_core::task::{LogLevel, NewTask, TaskId, TaskState};
use aos_store::{Cancel, Enqueued, Task, TaskFilter};
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A task with where it can be read.
pub type Accepted = (StatusCode, [(HeaderName, HeaderValue); 1], axum::Json<TaskOut>);

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TaskQuery {
    /// Only tasks in these states, separated by commas: `queued`, `in_progress`, `success`, `failed`, `canceled`.
    #[serde(default)]
    #[param(example = "queued,in_progress")]
    state: Option<String>,
    /// Only tasks of these kinds, separated by commas.
    #[serde(default)]
    kind: Option<String>,
    /// Only tasks enqueued at this time or later.
    #[serde(default)]
    since: Option<DateTime<Utc>>,
    /// Only tasks that a schedule enqueued.
    #[serde(default)]
    schedule_id: Option<Uuid>,
    #[serde(default)]
    cursor: Option<String>,
    #[serde(default)]
    #[param(minimum = 1, maximum = 1000, default = 50)]
    limit: Option<u32>,
}

/// A line that a task logged.
#[derive(Debug, Serialize, ToSchema)]
pub struct TaskLog {
    /// Counts up within the task.
    seq: i64,
    at: DateTime<Utc>,
    /// The attempt that said it.
    attempt: u32,
    level: LogLevel,
    message: String,
}

/// Lists tasks, newest first.
#[utoipa::path(get, path = "/tasks", tag = "tasks", params(TaskQuery),
    responses((status = 200, body = PageOut<TaskSummary>), Problem))]
pub async fn list(
    tenant: Allowed<may::ReadTasks>,
    State(app): State<App>,
    Query(query): Query<TaskQuery>,
) -> Result<axum::Json<PageOut<TaskSummary>>, Problem> {
    let page = PageQuery { cursor: query.cursor.clone(), limit: query.limit };
    let found = app.store.tenant(&tenant).list_tasks(&query.filter()?, page.into()).await?;
    let items = found.items.into_iter().map(TaskSummary::from).collect();
    Ok(axum::Json(PageOut { items, next_cursor: found.next_cursor }))
}

/// Enqueues a task.
#[utoipa::path(post, path = "/tasks", tag = "tasks", request_body = TaskCreate,
    responses((status = 201, body = TaskOut, headers(("Location" = String))), Problem))]
pub async fn create(
    tenant: Allowed<may::RunTasks>,
    State(app): State<App>,
    Json(body): Json<TaskCreate>,
) -> Result<Accepted, Problem> {
    let task = body.into_new(&app)?;
    permit(&tenant, &task)?;
    Ok(accepted(StatusCode::CREATED, enqueue(&app, &tenant, task).await?.task))
}

/// Returns a task.
#[utoipa::path(get, path = "/tasks/{id}", tag = "tasks", params(("id" = Uuid, Path)),
    responses((status = 200, body = TaskOut), Problem))]
pub async fn get(
    tenant: Allowed<may::ReadTasks>,
    State(app): State<App>,
    Path(id): Path<TaskId>,
) -> Result<axum::Json<TaskOut>, Problem> {
    let task = app.store.tenant(&tenant).task(id).await?.ok_or_else(|| Problem::missing("task"))?;
    Ok(axum::Json(TaskOut::seen(task, Lens::of(&tenant))))
}

/// Cancels a task: at once when it waits; one that runs is stopped by its worker, within seconds. Nothing it still does counts.
#[utoipa::path(delete, path = "/tasks/{id}", tag = "tasks", params(("id" = Uuid, Path)),
    responses((status = 200, body = TaskOut, description = "It is canceled"),
        (status = 202, body = TaskOut, description = "Its worker was told to stop it"), Problem))]
pub async fn cancel(
    tenant: Allowed<may::RunTasks>,
    State(app): State<App>,
    Path(id): Path<TaskId>,
) -> Result<(StatusCode, axum::Json<TaskOut>), Problem> {
    let store = app.store.tenant(&tenant);
    let task = store.task(id).await?.ok_or_else(|| Problem::missing("task"))?;
    // Who may not have it done may not undo it.
    tenant.on(Resource::Task { kind: &task.kind })?;
    let status = match store.cancel_task(id).await? {
        Cancel::Canceled | Cancel::Ended(TaskState::Canceled) => StatusCode::OK,
        Cancel::Requested => StatusCode::ACCEPTED,
        Cancel::Ended(state) => {
            let detail = format!("the task has ended already, as {}", state.as_str());
            return Err(Problem::conflict("task_ended", detail, "nothing is left to cancel").with_task(id));
        }
    };
    aos_core::fault::point("api.canceled");
    // For the worker that runs it, and for whoever delivers what is told about its end.
    app.wake(WAKE_CANCELED).await;
    app.wake(WAKE).await;
    let task = store.task(id).await?.ok_or_else(|| Problem::missing("task"))?;
    tell(&app, &tenant, &task).await;
    Ok((status, axum::Json(TaskOut::seen(task, Lens::of(&tenant)))))
}

/// Lists what a task logged, oldest first.
#[utoipa::path(get, path = "/tasks/{id}/logs", tag = "tasks", params(("id" = Uuid, Path), PageQuery),
    responses((status = 200, body = PageOut<TaskLog>), Problem))]
pub async fn logs(
    tenant: Allowed<may::ReadTasks>,
    State(app): State<App>,
    Path(id): Path<TaskId>,
    Query(page): Query<PageQuery>,
) -> Result<axum::Json<PageOut<TaskLog>>, Problem> {
    let store = app.store.tenant(&tenant);
    store.task(id).await?.ok_or_else(|| Problem::missing("task"))?;
    let found = store.task_logs(id, page.into()).await?;
    let items = found.items.into_iter().map(TaskLog::from).collect();
    Ok(axum::Json(PageOut { items, next_cursor: found.next_cursor }))
}

/// Goes on only when its caller may have the task done, and those that follow it.
pub fn permit(caller: &Allowed<may::RunTasks>, task: &NewTask) -> Result<(), Problem> {
    std::iter::successors(Some(task), |task| task.on_success_next_task.as_deref())
        .try_for_each(|task| caller.on(Resource::Task { kind: &task.kind }))
}

/// Enqueues a task as whoever asks, under the request's trace id, wakes a worker, and tells those who look at the queue.
pub async fn enqueue(app: &App, scope: &TenantScope, task: NewTask) -> Result<Enqueued, Problem> {
    let task = NewTask { trace_id: RequestContext::trace_id(), ..task };
    let enqueued = app.store.tenant(scope).enqueue_task(task).await?;
    aos_core::fault::point("api.enqueued");
    if !enqueued.known {
        tell(app, scope, &enqueued.task).await;
    }
    app.wake(WAKE).await;
    Ok(enqueued)
}

/// Tells a tenant how a task stands that no worker has changed, once that is committed. That nobody could be told is no reason to fail: the
/// store has it.
async fn tell(app: &App, scope: &TenantScope, task: &Task) {
    let told = json!({ "id": task.id, "kind": task.kind, "state": task.state, "attempt": task.attempts });
    let (broker, scope) = (app.broker.clone(), scope.clone());
    aos_store::after_commit(async move {
        let payload = json!({ "tasks": [told], "more": 0 });
        if let Err(error) = broker.tenant(&scope).publish(Topic::TaskChanged, payload).await {
            tracing::warn!(tenant.id = %scope.tenant_id(), %error, "a change of a task could not be told: {error}");
        }
    })
    .await;
}

/// Answers with a task that its caller has just asked for, and so may see.
pub fn accepted(status: StatusCode, task: Task) -> Accepted {
    located(status, task.into())
}

/// Answers with a task and where it is.
fn located(status: StatusCode, task: TaskOut) -> Accepted {
    let location = format!("/api/v1/tasks/{}", task.id());
    let location = HeaderValue::from_str(&location).unwrap_or(HeaderValue::from_static("/api/v1/tasks"));
    (status, [(header::LOCATION, location)], axum::Json(task))
}

impl From<aos_store::TaskLog> for TaskLog {
    fn from(line: aos_store::TaskLog) -> Self {
        let aos_store::TaskLog { seq, at, attempt, level, message } = line;
        Self { seq, at, attempt, level, message }
    }
}

impl TaskQuery {
    fn filter(&self) -> Result<TaskFilter, Problem> {
        Ok(TaskFilter {
            states: named(self.state.as_deref()).map(state).collect::<Result<_, _>>()?,
            kinds: named(self.kind.as_deref()).map(str::to_owned).collect(),
            since: self.since,
            schedule: self.schedule_id.map(aos_core::task::ScheduleId),
            ..TaskFilter::default()
        })
    }
}

/// Takes a list of names apart.
fn named(list: Option<&str>) -> impl Iterator<Item = &str> {
    list.unwrap_or_default().split(',').map(str::trim).filter(|name| !name.is_empty())
}

fn state(name: &str) -> Result<TaskState, Problem> {
    serde_json::from_value(name.into()).map_err(|_| {
        let next_step = "use queued, in_progress, success, failed or canceled, separated by commas";
        Problem::bad_request("invalid_query", format!("there is no task state `{name}`"), next_step)
    })
}
