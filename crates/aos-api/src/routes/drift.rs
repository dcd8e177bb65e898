//! How streams have changed, what is agreed about that, and how far repairs may go without a person.

use crate::extract::{Json, Path, Query};
use crate::guard::Allowed;
use crate::page::{ListOut, PageOut, PageQuery};
use crate::problem::Problem;
use crate::state::App;
use aos_core::ConnectionId;
use aos_core::policy::may;
use aos_dcl::drift::{Drifting, ObservationInfo, PolicyInfo, StreamDrift};
use aos_drift::Contract;
use aos_mesh::drift::DriftPolicy;
use axum::extract::State;
use axum::http::StatusCode;

/// Lists the streams that are not as they were accepted.
#[utoipa::path(get, path = "/drift", tag = "drift", responses((status = 200, body = ListOut<Drifting>), Problem))]
pub async fn list(
    tenant: Allowed<may::ReadDrift>,
    State(app): State<App>,
) -> Result<axum::Json<ListOut<Drifting>>, Problem> {
    Ok(axum::Json(ListOut { items: app.dcl.tenant(&tenant).drifting().await? }))
}

/// Returns what is known of one stream's shape: what is accepted, what differs, the versions of its mapping, what was mapped anew.
#[utoipa::path(get, path = "/connections/{id}/streams/{stream}/drift", tag = "drift",
    params(("id" = Uuid, Path), ("stream" = String, Path)), responses((status = 200, body = StreamDrift), Problem))]
pub async fn get(
    tenant: Allowed<may::ReadDrift>,
    State(app): State<App>,
    Path((id, stream)): Path<(ConnectionId, String)>,
) -> Result<axum::Json<StreamDrift>, Problem> {
    Ok(axum::Json(app.dcl.tenant(&tenant).stream_drift(id, &stream).await?))
}

/// Lists what runs saw of a stream, the newest first.
#[utoipa::path(get, path = "/connections/{id}/streams/{stream}/observations", tag = "drift",
    params(("id" = Uuid, Path), ("stream" = String, Path), PageQuery),
    responses((status = 200, body = PageOut<ObservationInfo>), Problem))]
pub async fn observations(
    tenant: Allowed<may::ReadDrift>,
    State(app): State<App>,
    Path((id, stream)): Path<(ConnectionId, String)>,
    Query(page): Query<PageQuery>,
) -> Result<axum::Json<PageOut<ObservationInfo>>, Problem> {
    Ok(axum::Json(app.dcl.tenant(&tenant).observations(id, &stream, page.into()).await?.into()))
}

/// Returns what is agreed about a stream. Where no rule speaks of a change, a default for its kind and severity holds.
#[utoipa::path(get, path = "/connections/{id}/streams/{stream}/contract", tag = "drift",
    params(("id" = Uuid, Path), ("stream" = String, Path)), responses((status = 200, body = Contract), Problem))]
pub async fn get_contract(
    tenant: Allowed<may::ReadDrift>,
    State(app): State<App>,
    Path((id, stream)): Path<(ConnectionId, String)>,
) -> Result<axum::Json<Contract>, Problem> {
    Ok(axum::Json(app.dcl.tenant(&tenant).contract(id, &stream).await?))
}

/// Replaces what is agreed about a stream. No rules means that the defaults hold.
#[utoipa::path(put, path = "/connections/{id}/streams/{stream}/contract", tag = "drift",
    params(("id" = Uuid, Path), ("stream" = String, Path)), request_body = Contract, responses((status = 204), Problem))]
pub async fn put_contract(
    tenant: Allowed<may::DecideDrift>,
    State(app): State<App>,
    Path((id, stream)): Path<(ConnectionId, String)>,
    Json(contract): Json<Contract>,
) -> Result<StatusCode, Problem> {
    app.dcl.tenant(&tenant).set_contract(id, &stream, &contract).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Returns how far repairs may go without a person, and what the decisions so far prove.
#[utoipa::path(get, path = "/drift/policy", tag = "drift", responses((status = 200, body = PolicyInfo), Problem))]
pub async fn get_policy(
    tenant: Allowed<may::ReadDrift>,
    State(app): State<App>,
) -> Result<axum::Json<PolicyInfo>, Problem> {
    Ok(axum::Json(app.dcl.tenant(&tenant).drift_policy().await?))
}

/// Says how far repairs may go without a person. What is left out takes its default.
#[utoipa::path(put, path = "/drift/policy", tag = "drift", request_body = DriftPolicy,
    responses((status = 200, body = PolicyInfo), Problem))]
pub async fn put_policy(
    tenant: Allowed<may::ManageDrift>,
    State(app): State<App>,
    Json(policy): Json<DriftPolicy>,
) -> Result<axum::Json<PolicyInfo>, Problem> {
    Ok(axum::Json(app.dcl.tenant(&tenant).set_drift_policy(&policy).await?))
}
