//! What agents would do, and the people who decide it.

use super::body::ProposalOut;
use crate::extract::{Json, Path, Query};
use crate::guard::{Allowed, check};
use crate::mcp::{ProposedTask, propose_task};
use crate::middleware::tracing::RequestContext;
use crate::page::{PageOut, PageQuery};
use crate::problem::Problem;
use crate::state::App;
use aos_agents::registry::Acting;
use aos_core::kind;
use aos_core::policy::{Lens, Permission, Resource, may};
use aos_core::task::NewTask;
use aos_store::ProposalState;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ProposalQuery {
    #[serde(default)]
    agent: Option<String>,
    /// `open`, `approved` or `rejected`; all when left out.
    #[serde(default)]
    #[param(value_type = Option<String>, example = "open")]
    state: Option<ProposalState>,
    /// Where the page before ended: its `next_cursor`.
    #[serde(default)]
    cursor: Option<String>,
    #[serde(default)]
    #[param(minimum = 1, maximum = 1000, default = 50)]
    limit: Option<u32>,
}

/// A task that is proposed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ProposeTaskRequest, example = json!({ "kind": "sync", "payload": { "connection": "crm" }, "reason": "Nothing came since yesterday." }))]
pub struct ProposalIn {
    #[schema(example = "sync")]
    kind: String,
    #[serde(default)]
    #[schema(value_type = Object)]
    payload: Value,
    /// Why: what a person should look at.
    #[schema(max_length = 2000)]
    reason: String,
}

/// Proposes a task. It runs once a person has approved it, or at once where the agent's mode, key and budget allow.
#[utoipa::path(post, path = "/agents/proposals", tag = "agents", request_body = ProposalIn,
    responses((status = 201, body = ProposedTask), Problem))]
pub async fn create(
    tenant: Allowed<may::ProposeActs>,
    State(app): State<App>,
    Json(ProposalIn { kind, payload, reason }): Json<ProposalIn>,
) -> Result<(StatusCode, axum::Json<ProposedTask>), Problem> {
    let acting = Acting::of(&app.store, &app.dcl, &tenant).await?;
    let proposed = propose_task(&app.desk(), &tenant, &acting, (&kind, payload), &reason).await?;
    Ok((StatusCode::CREATED, axum::Json(proposed)))
}

/// Lists what agents propose, the newest first.
#[utoipa::path(get, path = "/agents/proposals", tag = "agents", params(ProposalQuery),
    responses((status = 200, body = PageOut<ProposalOut>), Problem))]
pub async fn list(
    tenant: Allowed<may::ReadAgents>,
    State(app): State<App>,
    Query(query): Query<ProposalQuery>,
) -> Result<axum::Json<PageOut<ProposalOut>>, Problem> {
    let ProposalQuery { agent, state, cursor, limit } = query;
    let page = PageQuery { cursor, limit }.into();
    let found = app.store.tenant(&tenant).list_agent_proposals(agent.as_deref(), state, page).await?;
    let lens = Lens::of(&tenant);
    let items = found.items.into_iter().map(|proposal| ProposalOut::seen_through(lens, proposal)).collect();
    Ok(axum::Json(PageOut { items, next_cursor: found.next_cursor }))
}

/// Approves a proposal: its task is enqueued on behalf of whoever approves it, who must be allowed what it does.
#[utoipa::path(post, path = "/agents/proposals/{id}/approve", tag = "agents", params(("id" = Uuid, Path)),
    responses((status = 200, body = ProposalOut), Problem))]
pub async fn approve(
    tenant: Allowed<may::DecideActs>,
    State(app): State<App>,
    Path(id): Path<Uuid>,
) -> Result<axum::Json<ProposalOut>, Problem> {
    // An agent does not approve itself, whatever its key may do.
    tenant.user_id()?;
    let store = app.store.tenant(&tenant);
    let proposal = store.agent_proposal(id).await?.ok_or_else(|| Problem::missing("proposal"))?;
    check(&tenant, Permission::RunTasks, Resource::Task { kind: &proposal.task_kind })?;
    let payload = kind::checked(&proposal.task_kind, proposal.payload)?;
    let task = NewTask {
        exclusive: kind::exclusive(&proposal.task_kind).map(str::to_owned),
        trace_id: RequestContext::trace_id(),
        ..NewTask::new(proposal.task_kind, payload)
    };
    let approved = store.approve_act(id, task).await?;
    app.wake(kind::WAKE).await;
    Ok(axum::Json(ProposalOut::seen_through(Lens::of(&tenant), approved)))
}

/// Rejects a proposal. Nothing is done.
#[utoipa::path(post, path = "/agents/proposals/{id}/reject", tag = "agents", params(("id" = Uuid, Path)),
    responses((status = 200, body = ProposalOut), Problem))]
pub async fn reject(
    tenant: Allowed<may::DecideActs>,
    State(app): State<App>,
    Path(id): Path<Uuid>,
) -> Result<axum::Json<ProposalOut>, Problem> {
    tenant.user_id()?;
    let rejected = app.store.tenant(&tenant).reject_act(id).await?;
    Ok(axum::Json(ProposalOut::seen_through(Lens::of(&tenant), rejected)))
}
