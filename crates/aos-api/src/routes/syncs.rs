//! Looking at a source and reading it: check, discover, sync on demand, and how its connection does.

use crate::extract::{JsonOrNothing, Path, Query};
use crate::guard::Allowed;
use crate::page::{PageOut, PageQuery};
use crate::problem::Problem;
use crate::routes::tasks::{Accepted, accepted, enqueue};
use crate::state::App;
use aos_core::ConnectionId;
use aos_core::kind::{self, SyncMode};
use aos_core::policy::may;
use aos_core::task::{NewTask, Priority};
use aos_dcl::health::{ConnectionHealth, EventInfo};
use aos_dcl::sync::{CheckInfo, Discovery};
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

/// What is to be read of a connection.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "mode": "incremental", "streams": ["Account"] }))]
pub struct SyncStart {
    #[serde(default)]
    mode: SyncMode,
    /// Only these streams; all of them when left out.
    #[serde(default)]
    streams: Vec<String>,
    /// For the mode `backfill` and one stream: only these of its columns are asked for, and added to what is held.
    #[serde(default)]
    #[schema(max_items = 1000)]
    columns: Vec<String>,
    /// Whether it is meant that most records of a stream are gone: what a read did not meet is then deleted, however much it is.
    #[serde(default)]
    accept_loss: bool,
    /// 0 is the most urgent, 9 the least, among the tenant's own tasks; 5 when left out.
    #[serde(default)]
    #[schema(value_type = Option<u8>, maximum = 9)]
    priority: Option<Priority>,
}

/// Looks at the source without reading it: whether it answers, as whom it knows us, what is left of its quota, and how fast it is.
#[utoipa::path(post, path = "/connections/{id}/check", tag = "connections", params(("id" = Uuid, Path)),
    responses((status = 200, body = CheckInfo), Problem))]
pub async fn check(
    tenant: Allowed<may::WriteConnections>,
    State(app): State<App>,
    Path(id): Path<ConnectionId>,
) -> Result<axum::Json<CheckInfo>, Problem> {
    Ok(axum::Json(app.dcl.tenant(&tenant).check_connection(id).await?))
}

/// Lists what the source declares (streams, fields, types, keys, how deletes are known), and what a whole read would cost.
#[utoipa::path(post, path = "/connections/{id}/discover", tag = "connections", params(("id" = Uuid, Path)),
    responses((status = 200, body = Discovery), Problem))]
pub async fn discover(
    tenant: Allowed<may::WriteConnections>,
    State(app): State<App>,
    Path(id): Path<ConnectionId>,
) -> Result<axum::Json<Discovery>, Problem> {
    Ok(axum::Json(app.dcl.tenant(&tenant).discover_connection(id).await?))
}

/// Reads the connection as a task; one at a time. What was committed stays when it is canceled, and the next sync goes on there.
///
/// While a sync of this connection waits or runs, a second one is refused with 409 `task_active`, which names the task.
#[utoipa::path(post, path = "/connections/{id}/sync", tag = "connections", params(("id" = Uuid, Path)),
    request_body = Option<SyncStart>,
    responses((status = 202, body = crate::routes::tasks::TaskOut, headers(("Location" = String))), Problem))]
pub async fn sync(
    tenant: Allowed<may::WriteConnections>,
    State(app): State<App>,
    Path(id): Path<ConnectionId>,
    JsonOrNothing(start): JsonOrNothing<SyncStart>,
) -> Result<Accepted, Problem> {
    let connection = app.dcl.tenant(&tenant).connection(id).await?;
    if let Some(paused) = connection.paused {
        return Err(Problem::conflict(
            "connection_paused",
            match paused.reason.as_str() {
                "" => "the connection is paused".to_owned(),
                reason => format!("the connection is paused: {reason}"),
            },
            "resume it with POST on its /resume, then sync it",
        ));
    }
    if connection.safe_mode_since.is_some() {
        return Err(aos_dcl::Error::SafeMode { name: connection.name }.into());
    }
    let SyncStart { mode, streams, columns, accept_loss, priority } = start;
    let sync = kind::Sync { connection: id.to_string(), mode, streams, columns, accept_loss };
    let payload = serde_json::to_value(&sync).map_err(|error| Problem::log_internal(&error))?;
    let task = NewTask {
        exclusive: Some(kind::sync_right(id)),
        max_attempts: kind::SYNC_ATTEMPTS,
        priority: priority.unwrap_or_default(),
        ..NewTask::new(kind::SYNC, kind::checked(kind::SYNC, payload)?)
    };
    Ok(accepted(StatusCode::ACCEPTED, enqueue(&app, &tenant, task).await?.task))
}

/// Returns how a connection does: looks, latency, runs, freshness and standing alerts; null where nothing was measured.
#[utoipa::path(get, path = "/connections/{id}/health", tag = "connections", params(("id" = Uuid, Path)),
    responses((status = 200, body = ConnectionHealth), Problem))]
pub async fn health(
    tenant: Allowed<may::ReadConnections>,
    State(app): State<App>,
    Path(id): Path<ConnectionId>,
) -> Result<axum::Json<ConnectionHealth>, Problem> {
    Ok(axum::Json(app.dcl.tenant(&tenant).connection_health(id).await?))
}

/// Lists what happened to a connection, newest first: alerts that came and went, pauses, throttling.
#[utoipa::path(get, path = "/connections/{id}/events", tag = "connections", params(("id" = Uuid, Path), PageQuery),
    responses((status = 200, body = PageOut<EventInfo>), Problem))]
pub async fn events(
    tenant: Allowed<may::ReadConnections>,
    State(app): State<App>,
    Path(id): Path<ConnectionId>,
    Query(page): Query<PageQuery>,
) -> Result<axum::Json<PageOut<EventInfo>>, Problem> {
    Ok(axum::Json(app.dcl.tenant(&tenant).connection_events(Some(id), page.into()).await?.into()))
}
