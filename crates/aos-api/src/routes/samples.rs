//! Something to try with: sample sources and simulated services, connected and read in one go, and removed together.

use crate::extract::JsonOrNothing;
use crate::guard::Allowed;
use crate::problem::Problem;
use crate::routes::dcl::golden;
use crate::routes::tasks::enqueue;
use crate::state::App;
use aos_core::kind::{self, AOA, Connect, Unify};
use aos_core::policy::{Resource, may};
use aos_core::task::NewTask;
use aos_dcl::samples::{SamplesInfo, WantedSamples};
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

/// What is to be connected; without anything named, every sample.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "samples": ["salesforce", "zendesk"] }))]
pub struct SamplesRequest {
    /// Names of samples; all of them when left out, unless simulated services are named.
    #[serde(default)]
    #[schema(max_items = 100)]
    samples: Option<Vec<String>>,
    /// Connectors whose simulated service is to be connected.
    #[serde(default)]
    #[schema(max_items = 100)]
    simulated: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SamplesAccepted {
    /// The connections of everything that was asked for, in its order.
    connections: Vec<Uuid>,
    /// The read of them; ask for it at `/dcl/connect/{run_id}`. Its task has the same id.
    run_id: Uuid,
}

/// Lists what there is to try with, and which of it is connected.
#[utoipa::path(get, path = "/samples", tag = "connections", responses((status = 200, body = SamplesInfo), Problem))]
pub async fn get(
    tenant: Allowed<may::ReadConnections>,
    State(app): State<App>,
) -> Result<axum::Json<SamplesInfo>, Problem> {
    Ok(axum::Json(app.dcl.tenant(&tenant).samples().await?))
}

/// Connects samples and starts to read them; what is connected already is read again, which changes nothing. Then a task `unify` finds which of
/// the records are one thing.
///
/// The read is the same job as `POST /aoa/run`: while one waits or runs, this is refused with 409 `connect_running`.
#[utoipa::path(post, path = "/samples", tag = "connections", request_body = Option<SamplesRequest>,
    responses((status = 202, body = SamplesAccepted), Problem))]
pub async fn add(
    tenant: Allowed<may::WriteConnections>,
    State(app): State<App>,
    JsonOrNothing(request): JsonOrNothing<SamplesRequest>,
) -> Result<(StatusCode, axum::Json<SamplesAccepted>), Problem> {
    tenant.on(Resource::Task { kind: kind::CONNECT })?;
    tenant.on(Resource::Task { kind: kind::UNIFY })?;
    let SamplesRequest { samples, simulated } = request;
    let samples = samples.or_else(|| (!simulated.is_empty()).then(Vec::new));
    let wanted = WantedSamples { samples: samples.as_deref(), simulated: &simulated };
    let dcl = app.dcl.tenant(&tenant);
    dcl.check_idle().await?;
    let connections = dcl.add_samples(wanted).await?;
    let sources = connections.iter().map(ToString::to_string).collect();
    let payload = json!(Connect { sources: Some(sources), agents: None });
    let task = NewTask {
        exclusive: Some(AOA.to_owned()),
        on_success_next_task: Some(Box::new(NewTask {
            max_attempts: golden::ATTEMPTS,
            ..NewTask::new(kind::UNIFY, kind::checked(kind::UNIFY, json!(Unify::default()))?)
        })),
        ..NewTask::new(kind::CONNECT, kind::checked(kind::CONNECT, payload)?)
    };
    let task = enqueue(&app, &tenant, task).await.map_err(|problem| problem.renamed("aoa_busy", "connect_running"))?;
    let run_id = task.task.id.0;
    let connections = connections.into_iter().map(|id| id.0).collect();
    Ok((StatusCode::ACCEPTED, axum::Json(SamplesAccepted { connections, run_id })))
}

/// Removes everything there was to try with: the connections of samples and simulated services, and the records that came from them alone.
#[utoipa::path(delete, path = "/samples", tag = "connections", responses((status = 204), Problem))]
pub async fn remove(tenant: Allowed<may::WriteConnections>, State(app): State<App>) -> Result<StatusCode, Problem> {
    app.dcl.tenant(&tenant).remove_samples().await?;
    Ok(StatusCode::NO_CONTENT)
}
