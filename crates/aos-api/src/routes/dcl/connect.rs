//! The main job: read the sources, map them, unify them. A worker does it; its progress goes to the WebSocket.

use crate::extract::{Json, Path};
use crate::guard::Allowed;
use crate::problem::Problem;
use crate::routes::tasks::enqueue;
use crate::state::App;
use aos_core::RunId;
use aos_core::kind::{self, AOA};
use aos_core::policy::may;
use aos_core::task::NewTask;
use aos_dcl::connect::ConnectRequest;
use aos_dcl::connect_run::ConnectRun;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Debug, Serialize, ToSchema)]
pub struct ConnectAccepted {
    /// Ask for it at `/dcl/connect/{run_id}`.
    run_id: Uuid,
    /// The task that does it, which has the same id: cancel it, or read its log, at `/api/v1/tasks/{task_id}`.
    task_id: Uuid,
}

/// Starts a connect: clears what is derived and rebuilds it from the sources. Running it again changes nothing.
///
/// It is the same job as `POST /aoa/run`: while one waits or runs, another is refused with 409 `connect_running`.
#[utoipa::path(post, path = "/connect", tag = "dcl", request_body = ConnectRequest,
    responses((status = 202, body = ConnectAccepted), Problem))]
pub async fn start(
    tenant: Allowed<may::RunOrchestration>,
    State(app): State<App>,
    Json(request): Json<ConnectRequest>,
) -> Result<(StatusCode, axum::Json<ConnectAccepted>), Problem> {
    let payload = kind::checked(kind::CONNECT, json!(request))?;
    app.dcl.tenant(&tenant).check_connect(&request).await?;
    let task = NewTask { exclusive: Some(AOA.to_owned()), ..NewTask::new(kind::CONNECT, payload) };
    let task = enqueue(&app, &tenant, task).await.map_err(|problem| problem.renamed("aoa_busy", "connect_running"))?;
    let id = task.task.id.0;
    Ok((StatusCode::ACCEPTED, axum::Json(ConnectAccepted { run_id: id, task_id: id })))
}

/// Returns how a connect stands, source by source.
#[utoipa::path(get, path = "/connect/{run_id}", tag = "dcl", params(("run_id" = Uuid, Path)),
    responses((status = 200, body = ConnectRun), Problem))]
pub async fn get(
    tenant: Allowed<may::ReadOrchestration>,
    State(app): State<App>,
    Path(run): Path<RunId>,
) -> Result<axum::Json<ConnectRun>, Problem> {
    let found = app.dcl.tenant(&tenant).connect_run(run).await?;
    found.map(axum::Json).ok_or_else(|| Problem::missing("connect_run"))
}
