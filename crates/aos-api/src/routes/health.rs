//! Whether the process runs (`/health`) and whether it can do its work (`/health/ready`).

use crate::problem::Problem;
use crate::state::{App, DemoLogin};
use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::time::Duration;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// Always `ok`; a process that is not does not answer.
    #[schema(example = "ok")]
    status: &'static str,
    version: &'static str,
    /// The login a demo invites to; absent elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    demo: Option<DemoLogin>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Readiness {
    /// `degraded` when the work goes on with something missing.
    status: Status,
    version: &'static str,
    /// What carries live events and wake-ups between processes.
    broker: BrokerReadiness,
}

#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Status {
    Ok,
    Degraded,
}

#[derive(Debug, Serialize, ToSchema)]
struct BrokerReadiness {
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// How long the store may take to answer before it counts as away.
const PATIENCE: Duration = Duration::from_secs(3);

/// Says that the process runs, and which version it is.
#[utoipa::path(get, path = "/health", tag = "health", security(()), responses((status = 200, body = Health)))]
pub async fn live(State(app): State<App>) -> Json<Health> {
    Json(health(&app))
}

/// Says that the process can reach what it needs to do its work.
///
/// A broker that is away does not stop the work: the answer is still 200 and says `degraded`, since when and why.
#[utoipa::path(get, path = "/health/ready", tag = "health", security(()), responses((status = 200, body = Readiness), Problem))]
pub async fn ready(State(app): State<App>) -> Result<Json<Readiness>, Problem> {
    let not_ready = |why: &str| {
        tracing::error!("the store does not answer: {why}");
        Problem::unavailable("not_ready", "the store does not answer")
    };
    match tokio::time::timeout(PATIENCE, app.store.ping()).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => return Err(not_ready(&error.to_string())),
        Err(_) => return Err(not_ready("nothing came back in time")),
    }
    let (status, broker) = match app.broker.health() {
        aos_broker::Health::Healthy => (Status::Ok, BrokerReadiness { status: Status::Ok, since: None, reason: None }),
        aos_broker::Health::Degraded { since, reason } => {
            let (since, reason) = (Some(since), Some(reason));
            (Status::Degraded, BrokerReadiness { status: Status::Degraded, since, reason })
        }
    };
    Ok(Json(Readiness { status, version: env!("CARGO_PKG_VERSION"), broker }))
}

fn health(app: &App) -> Health {
    Health { status: "ok", version: env!("CARGO_PKG_VERSION"), demo: app.settings.demo_login.clone() }
}
