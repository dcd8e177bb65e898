//! What developers ask of their own tenant, where the flag `DEV_DEBUG` is on. Elsewhere these addresses are not there.

use crate::extract::Query;
use crate::guard::Allowed;
use crate::page::ListOut;
use crate::problem::Problem;
use crate::state::App;
use aos_core::TenantScope;
use aos_core::flag::Flag;
use aos_core::policy::may;
use aos_dcl::debug::{AgentProof, CanonicalInfo, SourceStatus};
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

const EVENTS_DEFAULT: u32 = 10;
const EVENTS_MAX: u32 = 100;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CanonicalQuery {
    /// Only events of this entity.
    #[serde(default)]
    entity: Option<String>,
    /// Only events of this connection, by its name or id.
    #[serde(default)]
    source: Option<String>,
    #[serde(default)]
    #[param(minimum = 1, maximum = 100, default = 10)]
    limit: Option<u32>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ProofQuery {
    #[param(example = "revops_pilot")]
    agent: String,
    #[param(example = "opportunity")]
    entity: String,
    /// What the agent was asked for; repeated in the answer.
    #[serde(default)]
    intent: Option<String>,
}

/// Says how the tenant's sources stand, and how far its canonical stream has come. Only where the flag `DEV_DEBUG` is on.
#[utoipa::path(get, path = "/debug/source-status", tag = "debug", responses((status = 200, body = SourceStatus), Problem))]
pub async fn source_status(
    tenant: Allowed<may::ReadConnections>,
    State(app): State<App>,
) -> Result<axum::Json<SourceStatus>, Problem> {
    only_in_debug(&app, &tenant).await?;
    Ok(axum::Json(app.dcl.tenant(&tenant).source_status().await?))
}

/// Lists the tenant's latest canonical events, newest first. Only where the flag `DEV_DEBUG` is on.
#[utoipa::path(get, path = "/debug/last-canonical", tag = "debug", params(CanonicalQuery),
    responses((status = 200, body = ListOut<CanonicalInfo>), Problem))]
pub async fn last_canonical(
    tenant: Allowed<may::ReadPersonal>,
    State(app): State<App>,
    Query(query): Query<CanonicalQuery>,
) -> Result<axum::Json<ListOut<CanonicalInfo>>, Problem> {
    only_in_debug(&app, &tenant).await?;
    let limit = query.limit.unwrap_or(EVENTS_DEFAULT).clamp(1, EVENTS_MAX);
    let (entity, source) = (query.entity.as_deref(), query.source.as_deref());
    Ok(axum::Json(ListOut { items: app.dcl.tenant(&tenant).last_canonical(entity, source, limit).await? }))
}

/// Proves that an agent gets what it consumes of an entity. Only where the flag `DEV_DEBUG` is on.
#[utoipa::path(post, path = "/debug/agent-proof", tag = "debug", params(ProofQuery),
    responses((status = 200, body = AgentProof), Problem))]
pub async fn agent_proof(
    tenant: Allowed<may::ReadRecords>,
    State(app): State<App>,
    Query(query): Query<ProofQuery>,
) -> Result<axum::Json<AgentProof>, Problem> {
    only_in_debug(&app, &tenant).await?;
    let ProofQuery { agent, entity, intent } = query;
    Ok(axum::Json(app.dcl.tenant(&tenant).prove_agent(&agent, &entity, intent).await?))
}

async fn only_in_debug(app: &App, tenant: &TenantScope) -> Result<(), Problem> {
    if app.dcl.tenant(tenant).flag(Flag::DevDebug).await? {
        return Ok(());
    }
    let next_step = "switch the flag DEV_DEBUG on with PUT /api/v1/flags/DEV_DEBUG";
    Err(Problem::not_found("debug", next_step))
}
