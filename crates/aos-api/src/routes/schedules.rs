//! Schedules: tasks that are enqueued by the clock, as cron writes it, in a time zone.

use crate::extract::{Json, Path, Query};
use crate::guard::Allowed;
use crate::page::{PageOut, PageQuery};
use crate::problem::Problem;
use crate::routes::tasks::{TaskCreate, permit};
use crate::state::App;
use aos_core::policy::{Lens, may};
use aos_core::task::{NewTask, ScheduleId, Start, TaskId};
use aos_core::{TenantScope, kind};
use aos_store::{NewSchedule, Schedule};
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// When what is enqueued.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "nightly connect", "cron": "0 3 * * *", "time_zone": "Europe/Berlin", "task": { "kind": "connect" } }))]
pub struct ScheduleCreate {
    /// Unique within the tenant.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// Minute, hour, day of the month, month, day of the week.
    #[schema(example = "0 3 * * *")]
    cron: String,
    /// The IANA name of the zone that `cron` is meant in.
    #[serde(default = "utc")]
    #[schema(default = "UTC", example = "Europe/Berlin")]
    time_zone: String,
    /// What is enqueued each time. It says nothing about its start.
    task: TaskCreate,
    #[serde(default = "yes")]
    #[schema(default = true)]
    enabled: bool,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Schedule)]
pub struct ScheduleOut {
    id: Uuid,
    name: String,
    cron: String,
    time_zone: String,
    /// What is enqueued each time, written as `POST /tasks` takes it.
    task: ScheduledTask,
    enabled: bool,
    /// On whose behalf its tasks run.
    created_by: String,
    /// When it is due next; none while it is disabled or when its pattern never comes again.
    #[schema(required)]
    next_at: Option<DateTime<Utc>>,
    #[schema(required)]
    last_at: Option<DateTime<Utc>>,
    #[schema(required)]
    last_task_id: Option<Uuid>,
    /// Why nothing was enqueued the last time, for example because the one before was still running; or why the schedule was switched off:
    /// whoever saved it may not act any more.
    #[schema(required)]
    last_error: Option<String>,
    created_at: DateTime<Utc>,
}

/// What a schedule enqueues.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScheduledTask {
    kind: String,
    payload: serde_json::Value,
    #[schema(maximum = 9)]
    priority: u8,
    max_retries: u32,
    #[schema(required)]
    timeout_seconds: Option<u64>,
    #[schema(required)]
    callback_url: Option<String>,
}

/// Lists the schedules, oldest first.
#[utoipa::path(get, path = "/tasks/schedules", tag = "tasks", params(PageQuery),
    responses((status = 200, body = PageOut<ScheduleOut>), Problem))]
pub async fn list(
    tenant: Allowed<may::ReadTasks>,
    State(app): State<App>,
    Query(page): Query<PageQuery>,
) -> Result<axum::Json<PageOut<ScheduleOut>>, Problem> {
    let found = app.store.tenant(&tenant).list_schedules(page.into()).await?;
    let lens = Lens::of(&tenant);
    let items = found.items.into_iter().map(|schedule| ScheduleOut::seen(schedule, lens)).collect();
    Ok(axum::Json(PageOut { items, next_cursor: found.next_cursor }))
}

/// Adds a schedule. When its time was missed because nothing ran, its task is enqueued once.
#[utoipa::path(post, path = "/tasks/schedules", tag = "tasks", request_body = ScheduleCreate,
    responses((status = 201, body = ScheduleOut), Problem))]
pub async fn create(
    tenant: Allowed<may::RunTasks>,
    State(app): State<App>,
    Json(new): Json<ScheduleCreate>,
) -> Result<(StatusCode, axum::Json<ScheduleOut>), Problem> {
    let new = new.into_new(&app)?;
    permit(&tenant, &new.task)?;
    check_connections(&app, &tenant, &new.task).await?;
    let schedule = app.store.tenant(&tenant).create_schedule(new).await?;
    Ok((StatusCode::CREATED, axum::Json(schedule.into())))
}

/// Returns a schedule.
#[utoipa::path(get, path = "/tasks/schedules/{id}", tag = "tasks", params(("id" = Uuid, Path)),
    responses((status = 200, body = ScheduleOut), Problem))]
pub async fn get(
    tenant: Allowed<may::ReadTasks>,
    State(app): State<App>,
    Path(id): Path<ScheduleId>,
) -> Result<axum::Json<ScheduleOut>, Problem> {
    let schedule = app.store.tenant(&tenant).schedule(id).await?.ok_or_else(|| Problem::missing("schedule"))?;
    Ok(axum::Json(ScheduleOut::seen(schedule, Lens::of(&tenant))))
}

/// Replaces a schedule. What it has enqueued already stays.
#[utoipa::path(put, path = "/tasks/schedules/{id}", tag = "tasks", params(("id" = Uuid, Path)), request_body = ScheduleCreate,
    responses((status = 200, body = ScheduleOut), Problem))]
pub async fn put(
    tenant: Allowed<may::RunTasks>,
    State(app): State<App>,
    Path(id): Path<ScheduleId>,
    Json(new): Json<ScheduleCreate>,
) -> Result<axum::Json<ScheduleOut>, Problem> {
    let new = new.into_new(&app)?;
    permit(&tenant, &new.task)?;
    check_connections(&app, &tenant, &new.task).await?;
    Ok(axum::Json(app.store.tenant(&tenant).update_schedule(id, new).await?.into()))
}

/// Removes a schedule. What it has enqueued already stays.
#[utoipa::path(delete, path = "/tasks/schedules/{id}", tag = "tasks", params(("id" = Uuid, Path)),
    responses((status = 204), Problem))]
pub async fn delete(
    tenant: Allowed<may::RunTasks>,
    State(app): State<App>,
    Path(id): Path<ScheduleId>,
) -> Result<StatusCode, Problem> {
    app.store.tenant(&tenant).delete_schedule(id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Refuses a task, or one that follows it, about a connection that is not there: nobody would look when it fails at night.
async fn check_connections(app: &App, tenant: &TenantScope, task: &NewTask) -> Result<(), Problem> {
    let dcl = app.dcl.tenant(tenant);
    for task in std::iter::successors(Some(task), |task| task.on_success_next_task.as_deref()) {
        for name in named_connections(task) {
            match dcl.named_connection(&name).await {
                Ok(_) => {}
                Err(aos_dcl::Error::NotFound(_)) => {
                    let detail = format!("no connection has the name or id `{name}`");
                    let next_step = "list them at /api/v1/connections, or add it first";
                    return Err(Problem::unprocessable("unknown_connection", detail, next_step));
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(())
}

/// Lists the connections that a task says it is about.
fn named_connections(task: &NewTask) -> Vec<String> {
    let payload = task.payload.clone();
    match task.kind.as_str() {
        kind::SYNC => serde_json::from_value(payload).map(|sync: kind::Sync| vec![sync.connection]).unwrap_or_default(),
        kind::CONNECT => {
            serde_json::from_value(payload).ok().and_then(|connect: kind::Connect| connect.sources).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

impl ScheduleCreate {
    fn into_new(self, app: &App) -> Result<NewSchedule, Problem> {
        let task = self.task.into_new(app)?;
        if task.start != Start::Now {
            let detail = "the schedule says when its task begins";
            let next_step = "leave `delay_seconds` and `run_at` out of the task";
            return Err(Problem::unprocessable("invalid_schedule", detail, next_step));
        }
        Ok(NewSchedule { name: self.name, cron: self.cron, zone: self.time_zone, task, enabled: self.enabled })
    }
}

impl From<Schedule> for ScheduleOut {
    /// As it is for whoever has just written it.
    fn from(schedule: Schedule) -> Self {
        Self::seen(schedule, Lens::Clear)
    }
}

impl ScheduleOut {
    fn seen(schedule: Schedule, lens: Lens) -> Self {
        Self {
            id: schedule.id.0,
            name: schedule.name,
            cron: schedule.cron,
            time_zone: schedule.zone,
            task: ScheduledTask::seen(schedule.task, lens),
            enabled: schedule.enabled,
            created_by: schedule.created_by,
            next_at: schedule.next_at.filter(|_| schedule.enabled),
            last_at: schedule.last_at,
            last_task_id: schedule.last_task_id.map(|TaskId(id)| id),
            last_error: schedule.last_error,
            created_at: schedule.created_at,
        }
    }
}

impl ScheduledTask {
    fn seen(task: NewTask, lens: Lens) -> Self {
        Self {
            payload: lens.payload(&task.kind, task.payload),
            kind: task.kind,
            priority: task.priority.get(),
            max_retries: task.max_attempts.saturating_sub(1),
            timeout_seconds: task.timeout_ms.map(|timeout| timeout / 1000),
            callback_url: task.callback_url.map(|url| lens.address(url)),
        }
    }
}

fn utc() -> String {
    "UTC".to_owned()
}

fn yes() -> bool {
    true
}
