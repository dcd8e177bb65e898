//! Feature flags of a tenant. The operator's word goes before the tenant's, and the tenant's before the default.

use crate::extract::{Json, Path};
use crate::guard::Allowed;
use crate::problem::Problem;
use crate::state::App;
use aos_core::flag::{Flag, FlagSource};
use aos_core::policy::may;
use aos_dcl::TenantDcl;
use aos_dcl::flags::FlagDetail;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A flag as it holds for the tenant.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FlagState, example = json!({ "name": "USE_AAM_AS_SOURCE", "value": true, "source": "stored", "default": false,
    "description": "The picture shows live connections", "changed_at": "2026-11-21T14:00:00Z",
    "changed_by": "user:0199c0de-0000-7000-8000-000000000000" }))]
pub struct FlagOut {
    name: Flag,
    value: bool,
    /// Who has said so: the operator's environment, the tenant, or nobody.
    source: FlagSource,
    default: bool,
    description: &'static str,
    /// When the tenant last set it.
    #[schema(required)]
    changed_at: Option<DateTime<Utc>>,
    /// `user:<id>`, `key:<id>` or `local`.
    #[schema(required)]
    changed_by: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Flags)]
pub struct FlagsOut {
    items: Vec<FlagOut>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "value": true }))]
pub struct FlagValue {
    value: bool,
}

/// Lists every flag as it holds for this tenant.
#[utoipa::path(get, path = "/flags", tag = "flags", responses((status = 200, body = FlagsOut), Problem))]
pub async fn list(tenant: Allowed<may::ReadFlags>, State(app): State<App>) -> Result<axum::Json<FlagsOut>, Problem> {
    let flags = app.dcl.tenant(&tenant).flags().await?;
    Ok(axum::Json(FlagsOut { items: flags.into_iter().map(FlagOut::from).collect() }))
}

/// Sets a flag for this tenant. Every process obeys within a second.
#[utoipa::path(put, path = "/flags/{name}", tag = "flags", request_body = FlagValue,
    params(("name" = String, Path, example = "USE_AAM_AS_SOURCE")), responses((status = 200, body = FlagOut), Problem))]
pub async fn put(
    tenant: Allowed<may::WriteFlags>,
    State(app): State<App>,
    Path(name): Path<String>,
    Json(said): Json<FlagValue>,
) -> Result<axum::Json<FlagOut>, Problem> {
    let flag = named(&name)?;
    let dcl = app.dcl.tenant(&tenant);
    if found(&dcl, flag).await?.state.source == FlagSource::Environment {
        return Err(Problem::conflict(
            "flag_set_by_operator",
            format!("the operator has set {name} for every tenant of this installation"),
            "ask the operator to take it out of the environment",
        ));
    }
    dcl.set_flag(flag, Some(said.value)).await?;
    Ok(axum::Json(found(&dcl, flag).await?.into()))
}

/// Forgets what this tenant has said of a flag, so that the default holds again.
#[utoipa::path(delete, path = "/flags/{name}", tag = "flags",
    params(("name" = String, Path, example = "USE_AAM_AS_SOURCE")), responses((status = 204), Problem))]
pub async fn delete(
    tenant: Allowed<may::WriteFlags>,
    State(app): State<App>,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    app.dcl.tenant(&tenant).set_flag(named(&name)?, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn named(name: &str) -> Result<Flag, Problem> {
    Flag::of(name).ok_or_else(|| Problem::not_found("flag", "list the flags at /api/v1/flags"))
}

async fn found(dcl: &TenantDcl, flag: Flag) -> Result<FlagDetail, Problem> {
    let flags = dcl.flags().await?;
    flags.into_iter().find(|found| found.state.name == flag).ok_or_else(Problem::internal)
}

impl From<FlagDetail> for FlagOut {
    fn from(FlagDetail { state, stored }: FlagDetail) -> Self {
        let (changed_at, changed_by) = stored.map(|stored| (stored.changed_at, stored.changed_by)).unzip();
        Self {
            name: state.name,
            value: state.value,
            source: state.source,
            default: state.name.default_value(),
            description: state.name.description(),
            changed_at,
            changed_by,
        }
    }
}
