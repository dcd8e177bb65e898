//! AOA, the orchestration of a tenant: connect, reset and production mode as tasks of which one runs at a time, and questions to the
//! AOD service, which change nothing here and so run beside them.

use crate::extract::{Json, JsonOrNothing};
use crate::guard::Allowed;
use crate::page::ListOut;
use crate::problem::Problem;
use crate::routes::dcl::state::{self, StateQuery};
use crate::routes::tasks::{Accepted, TaskSummary, accepted, enqueue};
use crate::state::App;
use aos_agents::functions::Function;
use aos_core::TenantScope;
use aos_core::kind::{self, AOA, Connect, Discover, ProdMode, Reset};
use aos_core::policy::may;
use aos_core::task::{NewTask, TaskState};
use aos_dcl::agents::AgentInfo;
use aos_store::{Page, TaskFilter};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

/// Tries of a question to the AOD service that is not answered.
const DISCOVER_ATTEMPTS: u32 = 3;

/// How a tenant's orchestration stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct AoaStatus {
    /// The job that waits or runs; the next one is refused until it has ended.
    #[schema(required)]
    active: Option<TaskSummary>,
    /// The newest job that has ended.
    #[schema(required)]
    last: Option<TaskSummary>,
    /// Whether the tenant runs in production mode, in which no language model is asked.
    prod_mode: bool,
    /// Whether the operator has named an AOD service.
    aod_configured: bool,
    agents: Vec<AgentInfo>,
}

/// Starts the main job as a task: reads the sources, maps and unifies them.
///
/// Without a body it takes all sources. While a job of this tenant waits or runs, a second one is refused with 409 `aoa_busy`, which names the task.
#[utoipa::path(post, path = "/aoa/run", tag = "aoa", request_body = Option<Connect>,
    responses((status = 202, body = crate::routes::tasks::TaskOut, headers(("Location" = String))), Problem))]
pub async fn run(
    tenant: Allowed<may::RunOrchestration>,
    State(app): State<App>,
    JsonOrNothing(request): JsonOrNothing<Connect>,
) -> Result<Accepted, Problem> {
    let payload = kind::checked(kind::CONNECT, to_json(&request)?)?;
    app.dcl.tenant(&tenant).check_connect(&request).await?;
    start(&app, &tenant, NewTask::new(kind::CONNECT, payload)).await
}

/// Clears what is derived from the sources: unified records, mappings' results and the picture. Connections and raw segments stay, so
/// that the next run brings it back.
#[utoipa::path(post, path = "/aoa/reset", tag = "aoa",
    responses((status = 202, body = crate::routes::tasks::TaskOut, headers(("Location" = String))), Problem))]
pub async fn reset(tenant: Allowed<may::RunOrchestration>, State(app): State<App>) -> Result<Accepted, Problem> {
    start(&app, &tenant, NewTask::new(kind::RESET, to_json(&Reset {})?)).await
}

/// Turns production mode on or off.
#[utoipa::path(post, path = "/aoa/prod-mode", tag = "aoa", request_body = ProdMode,
    responses((status = 202, body = crate::routes::tasks::TaskOut, headers(("Location" = String))), Problem))]
pub async fn prod_mode(
    tenant: Allowed<may::RunOrchestration>,
    State(app): State<App>,
    Json(request): Json<ProdMode>,
) -> Result<Accepted, Problem> {
    start(&app, &tenant, NewTask::new(kind::PROD_MODE, to_json(&request)?)).await
}

/// Asks the AOD service what systems, tables and entities the organisation has. The task's result is what it found, with the agents
/// that it concerns.
#[utoipa::path(post, path = "/aoa/discover", tag = "aoa", request_body = Discover,
    responses((status = 202, body = crate::routes::tasks::TaskOut, headers(("Location" = String))), Problem))]
pub async fn discover(
    tenant: Allowed<may::RunOrchestration>,
    State(app): State<App>,
    Json(request): Json<Discover>,
) -> Result<Accepted, Problem> {
    let payload = kind::checked(kind::DISCOVER, to_json(&request)?)?;
    if !app.settings.aod_configured {
        return Err(Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "aod_not_configured",
            "this installation has no AOD service to ask",
            "let the operator name one in [aod] url; docs/guides/aod.md has the contract, `autonomos simulate aod` plays one",
        ));
    }
    let task = NewTask { max_attempts: DISCOVER_ATTEMPTS, ..NewTask::new(kind::DISCOVER, payload) };
    Ok(accepted(StatusCode::ACCEPTED, enqueue(&app, &tenant, task).await?.task))
}

/// Returns the picture, as `GET /dcl/state` does.
#[utoipa::path(get, path = "/aoa/state", tag = "aoa", params(StateQuery, ("If-None-Match" = Option<String>, Header)),
    responses((status = 200, body = aos_dcl::state::State, headers(("ETag" = String))), (status = 304, description = "Unchanged"), Problem))]
pub async fn picture(
    tenant: Allowed<may::ReadGraph>,
    state: State<App>,
    query: crate::extract::Query<StateQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    state::get(tenant, state, query, headers).await
}

/// Returns how the orchestration stands: the active job, the last one, production mode, the AOD service and the agents.
#[utoipa::path(get, path = "/aoa/status", tag = "aoa", responses((status = 200, body = AoaStatus), Problem))]
pub async fn status(
    tenant: Allowed<may::ReadOrchestration>,
    State(app): State<App>,
) -> Result<axum::Json<AoaStatus>, Problem> {
    let jobs = |states: &[TaskState]| TaskFilter {
        states: states.to_vec(),
        exclusive: Some(AOA.to_owned()),
        ..TaskFilter::default()
    };
    let store = app.store.tenant(&tenant);
    let active = store.list_tasks(&jobs(&[TaskState::Queued, TaskState::InProgress]), Page::first(1)).await?;
    let ended = jobs(&[TaskState::Success, TaskState::Failed, TaskState::Canceled]);
    let last = store.list_tasks(&ended, Page::first(1)).await?;
    let dcl = app.dcl.tenant(&tenant);
    Ok(axum::Json(AoaStatus {
        active: active.items.into_iter().next().map(TaskSummary::from),
        last: last.items.into_iter().next().map(TaskSummary::from),
        prod_mode: dcl.production_mode().await?,
        aod_configured: app.settings.aod_configured,
        agents: dcl.agents().await?,
    }))
}

/// Returns the ten functions of the orchestration, each with numbers that are counted now.
#[utoipa::path(get, path = "/aoa/functions", tag = "aoa", responses((status = 200, body = ListOut<Function>), Problem))]
pub async fn functions(
    tenant: Allowed<may::ReadOrchestration>,
    State(app): State<App>,
) -> Result<axum::Json<ListOut<Function>>, Problem> {
    Ok(axum::Json(ListOut { items: aos_agents::functions::functions(&app.store, &app.dcl, &tenant).await? }))
}

/// Enqueues a job that holds the tenant's one place for jobs.
async fn start(app: &App, scope: &TenantScope, job: NewTask) -> Result<Accepted, Problem> {
    let job = NewTask { exclusive: Some(AOA.to_owned()), ..job };
    Ok(accepted(StatusCode::ACCEPTED, enqueue(app, scope, job).await?.task))
}

fn to_json(payload: &impl Serialize) -> Result<serde_json::Value, Problem> {
    serde_json::to_value(payload).map_err(|error| Problem::log_internal(&error))
}
