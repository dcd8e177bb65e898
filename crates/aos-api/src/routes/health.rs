//! Whether the process runs (`/health`) and whether it can do its work (`/health/ready`).

use crate::problem::Problem;
use crate::state::{App, DemoLogin};
use axum::Json;
use axum::extract::State;
use serde::Serialize;
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

/// Says that the process runs, and which version it is.
#[utoipa::path(get, path = "/health", tag = "health", security(()), responses((status = 200, body = Health)))]
pub async fn live(State(app): State<App>) -> Json<Health> {
    Json(health(&app))
}

/// Says that the process can reach what it needs to do its work.
#[utoipa::path(get, path = "/health/ready", tag = "health", security(()), responses((status = 200, body = Health), Problem))]
pub async fn ready(State(app): State<App>) -> Result<Json<Health>, Problem> {
    app.store.ping().await.map_err(|error| {
        tracing::error!(%error, "the store does not answer: {error}");
        Problem::unavailable("not_ready", "the store does not answer")
    })?;
    Ok(Json(health(&app)))
}

fn health(app: &App) -> Health {
    Health { status: "ok", version: env!("CARGO_PKG_VERSION"), demo: app.settings.demo_login.clone() }
}
