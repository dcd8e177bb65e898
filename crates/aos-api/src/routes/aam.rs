//! The mesh as a whole: sums over all connections of a tenant, from what is stored, and null where nothing was measured.

use crate::extract::Query;
use crate::guard::Allowed;
use crate::page::{ListOut, PageOut, PageQuery};
use crate::problem::Problem;
use crate::state::App;
use aos_core::policy::may;
use aos_dcl::airbyte::AirbyteSyncs;
use aos_dcl::connections::ConnectionDetail;
use aos_dcl::health::{AccountInfo, EventInfo, MeshMetrics};
use axum::extract::State;

/// Returns the mesh's metrics.
#[utoipa::path(get, path = "/aam/metrics", tag = "aam", responses((status = 200, body = MeshMetrics), Problem))]
pub async fn metrics(
    tenant: Allowed<may::ReadConnections>,
    State(app): State<App>,
) -> Result<axum::Json<MeshMetrics>, Problem> {
    Ok(axum::Json(app.dcl.tenant(&tenant).mesh_metrics().await?))
}

/// Lists what happened to the tenant's connections, newest first.
#[utoipa::path(get, path = "/aam/events", tag = "aam", params(PageQuery),
    responses((status = 200, body = PageOut<EventInfo>), Problem))]
pub async fn events(
    tenant: Allowed<may::ReadConnections>,
    State(app): State<App>,
    Query(page): Query<PageQuery>,
) -> Result<axum::Json<PageOut<EventInfo>>, Problem> {
    Ok(axum::Json(app.dcl.tenant(&tenant).connection_events(None, page.into()).await?.into()))
}

/// Lists the tenant's connections with their streams and last runs: the monitor's name for `GET /connections`.
#[utoipa::path(get, path = "/aam/connectors", tag = "aam", params(PageQuery),
    responses((status = 200, body = PageOut<ConnectionDetail>), Problem))]
pub async fn connectors(
    tenant: Allowed<may::ReadConnections>,
    State(app): State<App>,
    Query(page): Query<PageQuery>,
) -> Result<axum::Json<PageOut<ConnectionDetail>>, Problem> {
    Ok(axum::Json(app.dcl.tenant(&tenant).list_connections(page.into()).await?.into()))
}

/// Lists the accounts at sources, which connections share: their pauses, what is left of their quotas, and the state of their circuits.
#[utoipa::path(get, path = "/aam/accounts", tag = "aam",
    responses((status = 200, body = ListOut<AccountInfo>), Problem))]
pub async fn accounts(
    tenant: Allowed<may::ReadConnections>,
    State(app): State<App>,
) -> Result<axum::Json<ListOut<AccountInfo>>, Problem> {
    Ok(axum::Json(ListOut { items: app.dcl.tenant(&tenant).source_accounts().await? }))
}

/// Returns the last sync of each connection of the Airbyte server that the operator has named for this tenant, at most a minute old: status,
/// records, bytes, time. Without such a server `configured` is false.
#[utoipa::path(get, path = "/aam/airbyte", tag = "aam",
    responses((status = 200, body = AirbyteSyncs, example = json!({
        "configured": true, "next_step": null, "asked_at": "2026-03-01T08:00:00Z", "cut": false,
        "connections": [{ "connection_id": "049e1a07-6c40-4b3c-8e4c-7b5f1b9d1a1e", "name": "Stripe to warehouse", "connection_status": "active",
            "last": { "job_id": 31, "status": "succeeded", "started_at": "2026-03-01T07:00:00Z", "updated_at": "2026-03-01T07:08:53Z",
                "duration_ms": 533000, "records": 1204, "bytes": 930112 } }]
    })), Problem))]
pub async fn airbyte(
    tenant: Allowed<may::ReadConnections>,
    State(app): State<App>,
) -> Result<axum::Json<AirbyteSyncs>, Problem> {
    Ok(axum::Json(app.dcl.tenant(&tenant).airbyte_syncs().await?))
}
