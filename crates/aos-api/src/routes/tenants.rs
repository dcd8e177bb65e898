//! The end of a tenant: asked for by its owner, carried out beside the requests, and certified to whoever holds the deletion's id.

use crate::extract::{Json, Path};
use crate::guard::Allowed;
use crate::problem::Problem;
use crate::state::App;
use aos_core::policy::may;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "confirm": "Acme" }))]
pub struct TenantDelete {
    /// The name of the tenant, letter by letter: there is no way back.
    #[schema(max_length = 200)]
    confirm: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TenantDeletionOut {
    /// Names the deletion. Keep it: nobody can sign in to ask for it.
    id: Uuid,
    /// Where it can be followed without signing in.
    #[schema(example = "/api/v1/tenant-deletions/6f1c2d3e-0000-4000-8000-000000000000")]
    status_url: String,
    begun_at: DateTime<Utc>,
    #[schema(required)]
    finished_at: Option<DateTime<Utc>>,
    /// Every store that was covered and found empty, what remains and what is not covered; absent until it is finished.
    #[schema(required, value_type = Option<Object>)]
    certificate: Option<serde_json::Value>,
}

/// Deletes the whole tenant: rows, raw segments, query engines, live events, keys.
///
/// From the answer on nobody gets to it any more. The rest is done in the background; `status_url` shows the certificate when it is done.
#[utoipa::path(delete, path = "/tenant", tag = "tenant", request_body = TenantDelete, responses((status = 202, body = TenantDeletionOut), Problem))]
pub async fn delete(
    tenant: Allowed<may::DeleteTenant>,
    State(app): State<App>,
    Json(wanted): Json<TenantDelete>,
) -> Result<(StatusCode, axum::Json<TenantDeletionOut>), Problem> {
    if app.store.tenant(&tenant).tenant().await?.name != wanted.confirm {
        let detail = "`confirm` is not the name of this tenant, so nothing was deleted";
        return Err(Problem::unprocessable(
            "not_confirmed",
            detail,
            "repeat the tenant's name as /api/v1/auth/me shows it",
        ));
    }
    let requested_by = tenant.principal().to_string();
    let deletion = app.dcl.begin_tenant_deletion(tenant.tenant_id(), &requested_by).await?;
    app.access_changed(&tenant).await;
    Ok((StatusCode::ACCEPTED, axum::Json(shown(deletion))))
}

/// Shows how a deletion stands, and its certificate once it is finished. Whoever knows the id may ask.
#[utoipa::path(get, path = "/tenant-deletions/{id}", tag = "tenant", security(()), params(("id" = Uuid, Path, description = "The deletion's id")),
    responses((status = 200, body = TenantDeletionOut), Problem))]
pub async fn deletion(State(app): State<App>, Path(id): Path<Uuid>) -> Result<axum::Json<TenantDeletionOut>, Problem> {
    let found = app.store.system().tenant_deletion(id).await?;
    Ok(axum::Json(shown(found.ok_or_else(|| Problem::missing("tenant_deletion"))?)))
}

fn shown(deletion: aos_store::TenantDeletion) -> TenantDeletionOut {
    TenantDeletionOut {
        id: deletion.id,
        status_url: format!("/api/v1/tenant-deletions/{}", deletion.id),
        begun_at: deletion.begun_at,
        finished_at: deletion.finished_at,
        certificate: deletion.certificate,
    }
}
