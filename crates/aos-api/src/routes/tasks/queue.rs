//! The tenant's queue in numbers, and how much of it may run at a time.

use crate::extract::Json;
use crate::guard::Allowed;
use crate::problem::Problem;
use crate::state::App;
use aos_core::TenantScope;
use aos_core::policy::may;
use aos_store::TaskSettings;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const RUNNING_MAX: u32 = 10_000;

#[derive(Debug, Serialize, ToSchema)]
pub struct QueueStats {
    /// Waiting for a worker; not those whose time has not come.
    waiting: u64,
    /// Waiting for their time, or for their next attempt.
    delayed: u64,
    running: u64,
    /// Dead letters: they can be run again.
    failed: u64,
    canceled: u64,
    /// How long the oldest waiting task has waited.
    #[schema(required)]
    oldest_waiting_seconds: Option<f64>,
    /// How many tasks of this tenant may run at a time; null for the workers' own limit.
    #[schema(required)]
    max_running: Option<u32>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "max_running": 5 }))]
pub struct QueueSettings {
    /// How many tasks of this tenant may run at a time, over all workers; null for the workers' own limit.
    #[schema(required, minimum = 1, maximum = 10000)]
    max_running: Option<u32>,
}

/// Returns the tenant's queue in numbers: what waits, runs and failed, how long the oldest has waited, and the limit.
#[utoipa::path(get, path = "/tasks/stats", tag = "tasks", responses((status = 200, body = QueueStats), Problem))]
pub async fn stats(tenant: Allowed<may::ReadTasks>, State(app): State<App>) -> Result<axum::Json<QueueStats>, Problem> {
    Ok(axum::Json(read(&app, &tenant).await?))
}

/// Sets how many tasks of this tenant may run at a time.
#[utoipa::path(put, path = "/tasks/settings", tag = "tasks", request_body = QueueSettings,
    responses((status = 200, body = QueueStats), Problem))]
pub async fn put_settings(
    tenant: Allowed<may::LimitTasks>,
    State(app): State<App>,
    Json(settings): Json<QueueSettings>,
) -> Result<axum::Json<QueueStats>, Problem> {
    let QueueSettings { max_running } = settings;
    if max_running.is_some_and(|max| !(1..=RUNNING_MAX).contains(&max)) {
        let detail = format!("max_running is 1 to {RUNNING_MAX}, or null");
        return Err(Problem::unprocessable(
            "invalid_body",
            detail,
            "to stop tasks, cancel them or disable their schedules",
        ));
    }
    let store = app.store.tenant(&tenant);
    let present = store.task_settings().await?;
    store.put_task_settings(&TaskSettings { max_running, ..present }).await?;
    Ok(axum::Json(read(&app, &tenant).await?))
}

async fn read(app: &App, scope: &TenantScope) -> Result<QueueStats, Problem> {
    let stats = app.store.tenant(scope).queue_stats().await?;
    let waited = |since: DateTime<Utc>| (app.clock.now() - since).as_seconds_f64().max(0.0);
    Ok(QueueStats {
        waiting: stats.waiting,
        delayed: stats.delayed,
        running: stats.running,
        failed: stats.failed,
        canceled: stats.canceled,
        oldest_waiting_seconds: stats.oldest_waiting_since.map(waited),
        max_running: stats.max_running,
    })
}
