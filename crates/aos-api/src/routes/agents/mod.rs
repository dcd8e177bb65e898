//! The agents of a tenant: which there are, how far each may go, and having a pilot look.

mod body;
pub mod finding_groups;
pub mod findings;
pub mod proposals;

use self::body::{AgentOut, PilotRunOut};
use crate::extract::{Json, JsonOrNothing, Path, Query};
use crate::guard::Allowed;
use crate::page::{ListOut, PageOut, PageQuery};
use crate::problem::Problem;
use crate::routes::tasks::{Accepted, accepted, enqueue};
use crate::state::App;
use aos_agents::pilots::Pilot;
use aos_agents::registry::{self, AgentSettings, Registered};
use aos_core::kind;
use aos_core::policy::may;
use aos_core::task::NewTask;
use aos_core::{TenantScope, flag::Flag};
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

/// Tries of a look that cannot be finished.
const RUN_ATTEMPTS: u32 = 3;

/// How a pilot is to look.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RunAgentRequest, example = json!({ "digest": true }))]
pub struct RunRequest {
    /// Whether what is new is told to the tenant's Slack.
    #[serde(default)]
    digest: bool,
}

/// Lists the agents: the pilots first, then the tenant's own, each with what it may use and what it used today.
#[utoipa::path(get, path = "/agents", tag = "agents", responses((status = 200, body = ListOut<AgentOut>), Problem))]
pub async fn list(
    tenant: Allowed<may::ReadAgents>,
    State(app): State<App>,
) -> Result<axum::Json<ListOut<AgentOut>>, Problem> {
    let mut items = Vec::new();
    for agent in registry::list(&app.store, &tenant).await? {
        items.push(shown(&app, &tenant, agent).await?);
    }
    Ok(axum::Json(ListOut { items }))
}

/// Returns one agent.
#[utoipa::path(get, path = "/agents/{id}", tag = "agents", params(("id" = String, Path, example = "finops_pilot")),
    responses((status = 200, body = AgentOut), Problem))]
pub async fn get(
    tenant: Allowed<may::ReadAgents>,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<axum::Json<AgentOut>, Problem> {
    let agent = registry::find(&app.store, &tenant, &id).await?;
    Ok(axum::Json(shown(&app, &tenant, agent).await?))
}

/// Registers an agent, or changes what is said of one. It holds from its next step on, in every process.
#[utoipa::path(put, path = "/agents/{id}", tag = "agents", params(("id" = String, Path, example = "support_copilot")),
    request_body = AgentSettings, responses((status = 200, body = AgentOut), Problem))]
pub async fn put(
    tenant: Allowed<may::ManageAgents>,
    State(app): State<App>,
    Path(id): Path<String>,
    Json(settings): Json<AgentSettings>,
) -> Result<axum::Json<AgentOut>, Problem> {
    let agent = registry::put(&app.store, &tenant, &id, &settings).await?;
    Ok(axum::Json(shown(&app, &tenant, agent).await?))
}

/// Removes an agent; a pilot becomes again what it ships as. The agent's API key stays: revoke it, too.
#[utoipa::path(delete, path = "/agents/{id}", tag = "agents", params(("id" = String, Path)),
    responses((status = 204, description = "The agent was removed"), Problem))]
pub async fn delete(
    tenant: Allowed<may::ManageAgents>,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    app.store.tenant(&tenant).delete_agent(&id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Has a pilot look now, as a task. Its result says what is new, what is known and what is resolved. A schedule of the kind `run_agent` has it
/// look by the clock.
#[utoipa::path(post, path = "/agents/{id}/run", tag = "agents", params(("id" = String, Path, example = "finops_pilot")),
    request_body = Option<RunRequest>,
    responses((status = 202, body = crate::routes::tasks::TaskOut, headers(("Location" = String))), Problem))]
pub async fn run(
    tenant: Allowed<may::RunAgents>,
    State(app): State<App>,
    Path(id): Path<String>,
    JsonOrNothing(request): JsonOrNothing<RunRequest>,
) -> Result<Accepted, Problem> {
    if Pilot::of(&id).is_none() {
        let pilots = Pilot::ALL.map(Pilot::id).join(", ");
        let detail = format!("`{id}` is no pilot; agents of your own run where you run them");
        return Err(Problem::unprocessable("not_a_pilot", detail, format!("run one of {pilots}")));
    }
    // The task would be refused as well; whoever asks now learns it now.
    registry::ready(&app.store, &app.dcl, &tenant, &id).await?;
    let payload = kind::checked(kind::RUN_AGENT, json!({ "agent": id, "digest": request.digest }))?;
    let task = NewTask { max_attempts: RUN_ATTEMPTS, ..NewTask::new(kind::RUN_AGENT, payload) };
    Ok(accepted(StatusCode::ACCEPTED, enqueue(&app, &tenant, task).await?.task))
}

/// Lists when a pilot has looked, the newest first, with what came of it and what it had nothing to look at for.
#[utoipa::path(get, path = "/agents/{id}/runs", tag = "agents", params(("id" = String, Path, example = "finops_pilot"), PageQuery),
    responses((status = 200, body = PageOut<PilotRunOut>), Problem))]
pub async fn runs(
    tenant: Allowed<may::ReadAgents>,
    State(app): State<App>,
    Path(id): Path<String>,
    Query(page): Query<PageQuery>,
) -> Result<axum::Json<PageOut<PilotRunOut>>, Problem> {
    registry::find(&app.store, &tenant, &id).await?;
    let found = app.store.tenant(&tenant).list_agent_runs(&id, page.into()).await?;
    let items = found.items.into_iter().map(PilotRunOut::from).collect();
    Ok(axum::Json(PageOut { items, next_cursor: found.next_cursor }))
}

async fn shown(app: &App, scope: &TenantScope, agent: Registered) -> Result<AgentOut, Problem> {
    let store = app.store.tenant(scope);
    let used = store.agent_usage(&agent.id).await?.into_iter().collect();
    let findings = match Pilot::of(&agent.id) {
        Some(_) => Some(store.count_open_findings(&agent.id).await?),
        None => None,
    };
    let switched_on = app.dcl.tenant(scope).flag(Flag::AgentsEnabled).await?;
    Ok(AgentOut::new(agent, switched_on, used, findings))
}
