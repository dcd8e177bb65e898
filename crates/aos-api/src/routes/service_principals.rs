//! Service principals: applications that act for themselves at a vendor. Connections name them as `sp:NAME`; their secrets never come out.

use crate::extract::{Json, Path};
use crate::guard::Allowed;
use crate::page::ListOut;
use crate::problem::Problem;
use crate::state::App;
use aos_core::policy::may;
use aos_dcl::ServicePrincipal;
use aos_dcl::principals::PrincipalInfo;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

const TEXT_BYTES: std::ops::RangeInclusive<usize> = 1..=8192;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "client_id": "3MVG9…", "client_secret": "…" }))]
pub struct PrincipalRequest {
    /// As the vendor gave it.
    #[schema(min_length = 1, max_length = 8192)]
    client_id: String,
    #[schema(min_length = 1, max_length = 8192)]
    client_secret: String,
}

/// Lists the service principals, without their secrets.
#[utoipa::path(get, path = "/service-principals", tag = "connections",
    responses((status = 200, body = ListOut<PrincipalInfo>), Problem))]
pub async fn list(
    tenant: Allowed<may::ReadConnections>,
    State(app): State<App>,
) -> Result<axum::Json<ListOut<PrincipalInfo>>, Problem> {
    Ok(axum::Json(ListOut { items: app.dcl.tenant(&tenant).service_principals().await? }))
}

/// Keeps a service principal, in place of the one of that name. Connections that name it use it from their next read on.
#[utoipa::path(put, path = "/service-principals/{name}", tag = "connections", params(("name" = String, Path)),
    request_body = PrincipalRequest, responses((status = 200, body = PrincipalInfo), Problem))]
pub async fn put(
    tenant: Allowed<may::WriteConnections>,
    State(app): State<App>,
    Path(name): Path<String>,
    Json(request): Json<PrincipalRequest>,
) -> Result<axum::Json<PrincipalInfo>, Problem> {
    let PrincipalRequest { client_id, client_secret } = request;
    if ![&client_id, &client_secret].into_iter().all(|text| TEXT_BYTES.contains(&text.len())) {
        let detail = format!("client_id and client_secret have 1 to {} characters", TEXT_BYTES.end());
        return Err(Problem::unprocessable("invalid_service_principal", detail, "copy both from the vendor's page"));
    }
    let principal = ServicePrincipal { client_id, client_secret };
    Ok(axum::Json(app.dcl.tenant(&tenant).put_service_principal(&name, &principal).await?))
}

/// Forgets a service principal. Connections that name it cannot be read any more.
#[utoipa::path(delete, path = "/service-principals/{name}", tag = "connections", params(("name" = String, Path)),
    responses((status = 204), Problem))]
pub async fn delete(
    tenant: Allowed<may::WriteConnections>,
    State(app): State<App>,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    app.dcl.tenant(&tenant).delete_service_principal(&name).await?;
    Ok(StatusCode::NO_CONTENT)
}
