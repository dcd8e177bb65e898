//! Whether the process runs (`/health`, `/health/live`), whether it can do its work (`/health/ready`), and which one it is (`/version`).

use crate::problem::Problem;
use crate::readiness::Report;
use crate::state::{App, DemoLogin};
use aos_core::Ontology;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use std::sync::LazyLock;
use utoipa::ToSchema;

static ONTOLOGY: LazyLock<u32> = LazyLock::new(|| Ontology::shipped().version);

#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// Always `ok`; a process that is not does not answer.
    #[schema(example = "ok")]
    status: &'static str,
    #[schema(example = "0.1.0")]
    version: &'static str,
    /// The login a demo invites to; absent elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    demo: Option<DemoLogin>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Version {
    #[schema(example = "0.1.0")]
    version: &'static str,
    /// The commit it was built from; `unknown` where the build was not told.
    #[schema(example = "unknown")]
    commit: &'static str,
    /// Number of the database's last migration.
    #[schema(example = 9)]
    schema: i64,
    /// Version of the ontology that comes with the program; a tenant's own additions count from there.
    #[schema(example = 1)]
    ontology: u32,
}

/// Says that the process runs, and which version it is.
#[utoipa::path(get, path = "/health", tag = "health", security(()), responses((status = 200, body = Health)))]
pub async fn health(State(app): State<App>) -> Json<Health> {
    Json(Health { status: "ok", version: env!("CARGO_PKG_VERSION"), demo: app.settings.demo_login.clone() })
}

/// Says that the process runs: for whoever would start it again if it did not.
#[utoipa::path(get, path = "/health/live", tag = "health", security(()), responses((status = 200, body = Health)))]
pub async fn live(State(app): State<App>) -> Json<Health> {
    health(State(app)).await
}

/// Says whether the process can do its work, part by part and with reasons.
///
/// A broker that is away, or a worker that cannot sign on, does not stop the API: the answer is still 200 and says `degraded`, since when and why.
#[utoipa::path(get, path = "/health/ready", tag = "health", security(()), responses((status = 200, body = Report), Problem))]
pub async fn ready(State(app): State<App>) -> Result<Json<Report>, Problem> {
    let report = app.settings.readiness.report(&app.store, &app.broker).await;
    if report.is_ready() {
        return Ok(Json(report));
    }
    let why = report.reason();
    tracing::error!("this process cannot do its work: {why}");
    let detail = format!("this process cannot do its work: {why}");
    Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not_ready", detail, "try again in a moment").retry_after(2))
}

/// Says which program answers: its version, the commit it was built from, and what it expects of the database and the ontology.
#[utoipa::path(get, path = "/version", tag = "health", security(()), responses((status = 200, body = Version)))]
pub async fn version(State(app): State<App>) -> Json<Version> {
    let build = app.settings.build;
    Json(Version {
        version: build.version,
        commit: build.commit,
        schema: aos_store::schema_version(),
        ontology: *ONTOLOGY,
    })
}
