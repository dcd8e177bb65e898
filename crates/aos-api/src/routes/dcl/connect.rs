//! The main job: read the sources, map them, unify them. It runs in the background; its progress goes to the WebSocket.

use crate::extract::{Json, Path};
use crate::middleware::auth::{Editor, Tenant};
use crate::problem::Problem;
use crate::state::App;
use aos_core::RunId;
use aos_dcl::connect::{ConnectRequest, ConnectRun};
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

const NAMES_MAX: usize = 1000;

#[derive(Debug, Serialize, ToSchema)]
pub struct ConnectAccepted {
    /// Ask for it at `/dcl/connect/{run_id}`.
    run_id: Uuid,
}

/// Starts a connect: clears what is derived and rebuilds it from the sources. Running it again changes nothing.
#[utoipa::path(post, path = "/connect", tag = "dcl", request_body = ConnectRequest,
    responses((status = 202, body = ConnectAccepted), Problem))]
pub async fn start(
    tenant: Editor,
    State(app): State<App>,
    Json(request): Json<ConnectRequest>,
) -> Result<(StatusCode, axum::Json<ConnectAccepted>), Problem> {
    if [&request.sources, &request.agents].into_iter().flatten().any(|names| names.len() > NAMES_MAX) {
        let detail = format!("more than {NAMES_MAX} sources or agents are named");
        return Err(Problem::unprocessable("invalid_body", detail, "leave `sources` out to connect all of them"));
    }
    let RunId(run_id) = app.dcl.tenant(&tenant).start_connect(request).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(ConnectAccepted { run_id })))
}

/// Returns how a connect stands, source by source.
#[utoipa::path(get, path = "/connect/{run_id}", tag = "dcl", params(("run_id" = Uuid, Path)),
    responses((status = 200, body = ConnectRun), Problem))]
pub async fn get(
    tenant: Tenant,
    State(app): State<App>,
    Path(run): Path<RunId>,
) -> Result<axum::Json<ConnectRun>, Problem> {
    let found = app.dcl.tenant(&tenant).connect_run(run).await?;
    found
        .map(axum::Json)
        .ok_or_else(|| Problem::not_found("connect_run", "start a connect with POST /api/v1/dcl/connect"))
}
