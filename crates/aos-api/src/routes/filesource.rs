//! Files as sources: which connections read files, and reading them again.

use crate::extract::Json;
use crate::guard::Allowed;
use crate::page::ListOut;
use crate::problem::Problem;
use crate::routes::tasks::{Accepted, accepted, enqueue};
use crate::state::App;
use aos_core::kind::{self, Sync, SyncMode};
use aos_core::policy::may;
use aos_core::task::NewTask;
use aos_dcl::connections::ConnectionDetail;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

/// Which files are read again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "source": "exports" }))]
pub struct Replay {
    /// Name or id of a connection to files.
    source: String,
    /// Only these of its tables; all of them when left out.
    #[serde(default)]
    streams: Vec<String>,
}

/// Lists the connections that read files, each with its tables and its last run.
#[utoipa::path(get, path = "/filesource/sources", tag = "filesource",
    responses((status = 200, body = ListOut<ConnectionDetail>), Problem))]
pub async fn sources(
    tenant: Allowed<may::ReadConnections>,
    State(app): State<App>,
) -> Result<axum::Json<ListOut<ConnectionDetail>>, Problem> {
    Ok(axum::Json(ListOut { items: app.dcl.tenant(&tenant).file_connections().await? }))
}

/// Reads files again from their start, as a task. Records that are known already are counted as duplicates: nothing is doubled.
#[utoipa::path(post, path = "/filesource/replay", tag = "filesource", request_body = Replay,
    responses((status = 202, body = crate::routes::tasks::TaskOut, headers(("Location" = String))), Problem))]
pub async fn replay(
    tenant: Allowed<may::WriteConnections>,
    State(app): State<App>,
    Json(replay): Json<Replay>,
) -> Result<Accepted, Problem> {
    let connection = app.dcl.tenant(&tenant).named_connection(&replay.source).await?;
    if connection.connector != "file" {
        return Err(Problem::unprocessable(
            "not_a_filesource",
            format!("the connection `{}` does not read files", connection.name),
            "use one of GET /api/v1/filesource/sources, or sync this one with POST on its /sync",
        ));
    }
    let sync = Sync {
        connection: connection.id.to_string(),
        mode: SyncMode::Full,
        streams: replay.streams,
        columns: Vec::new(),
        accept_loss: false,
    };
    let payload = serde_json::to_value(&sync).map_err(|error| Problem::log_internal(&error))?;
    let task = NewTask {
        exclusive: Some(kind::sync_right(connection.id)),
        ..NewTask::new(kind::SYNC, kind::checked(kind::SYNC, payload)?)
    };
    Ok(accepted(StatusCode::ACCEPTED, enqueue(&app, &tenant, task).await?.task))
}
