//! Connections of a tenant. Reading them is `POST /dcl/connect`.

use crate::extract::{Json, Path, Query};
use crate::guard::Allowed;
use crate::page::{PageOut, PageQuery};
use crate::problem::Problem;
use crate::state::App;
use aos_core::ConnectionId;
use aos_core::policy::may;
use aos_dcl::connections::{CheckInfo, ConnectionDetail, NewFileConnection};
use aos_dcl::ledger::RunInfo;
use axum::extract::State;
use axum::http::StatusCode;

const NAME_LENGTH_MAX: usize = 100;

/// Lists the connections, each with its streams and its last run.
#[utoipa::path(get, path = "/connections", tag = "connections", params(PageQuery),
    responses((status = 200, body = PageOut<ConnectionDetail>), Problem))]
pub async fn list(
    tenant: Allowed<may::ReadConnections>,
    State(app): State<App>,
    Query(page): Query<PageQuery>,
) -> Result<axum::Json<PageOut<ConnectionDetail>>, Problem> {
    Ok(axum::Json(app.dcl.tenant(&tenant).list_connections(page.into()).await?.into()))
}

/// Adds a connection to files on the server's machine, under a folder the operator allows. Nothing is read yet.
#[utoipa::path(post, path = "/connections", tag = "connections", request_body = NewFileConnection,
    responses((status = 201, body = ConnectionDetail), Problem))]
pub async fn create(
    tenant: Allowed<may::WriteConnections>,
    State(app): State<App>,
    Json(new): Json<NewFileConnection>,
) -> Result<(StatusCode, axum::Json<ConnectionDetail>), Problem> {
    check_name(&new.name)?;
    if let Some(system) = &new.system {
        check_name(system)?;
    }
    Ok((StatusCode::CREATED, axum::Json(app.dcl.tenant(&tenant).add_connection(new).await?)))
}

/// Returns a connection.
#[utoipa::path(get, path = "/connections/{id}", tag = "connections", params(("id" = Uuid, Path)),
    responses((status = 200, body = ConnectionDetail), Problem))]
pub async fn get(
    tenant: Allowed<may::ReadConnections>,
    State(app): State<App>,
    Path(id): Path<ConnectionId>,
) -> Result<axum::Json<ConnectionDetail>, Problem> {
    Ok(axum::Json(app.dcl.tenant(&tenant).connection(id).await?))
}

/// Removes a connection with everything that was derived from it, and its raw segments.
#[utoipa::path(delete, path = "/connections/{id}", tag = "connections", params(("id" = Uuid, Path)),
    responses((status = 204), Problem))]
pub async fn delete(
    tenant: Allowed<may::WriteConnections>,
    State(app): State<App>,
    Path(id): Path<ConnectionId>,
) -> Result<StatusCode, Problem> {
    app.dcl.tenant(&tenant).delete_connection(id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Looks at the source without reading it.
#[utoipa::path(post, path = "/connections/{id}/check", tag = "connections", params(("id" = Uuid, Path)),
    responses((status = 200, body = CheckInfo), Problem))]
pub async fn check(
    tenant: Allowed<may::WriteConnections>,
    State(app): State<App>,
    Path(id): Path<ConnectionId>,
) -> Result<axum::Json<CheckInfo>, Problem> {
    Ok(axum::Json(app.dcl.tenant(&tenant).check_connection(id).await?))
}

/// Lists the runs of a connection, newest first.
#[utoipa::path(get, path = "/connections/{id}/runs", tag = "connections", params(("id" = Uuid, Path), PageQuery),
    responses((status = 200, body = PageOut<RunInfo>), Problem))]
pub async fn runs(
    tenant: Allowed<may::ReadLedger>,
    State(app): State<App>,
    Path(id): Path<ConnectionId>,
    Query(page): Query<PageQuery>,
) -> Result<axum::Json<PageOut<RunInfo>>, Problem> {
    let dcl = app.dcl.tenant(&tenant);
    dcl.connection(id).await?;
    Ok(axum::Json(dcl.runs(Some(id), page.into()).await?.into()))
}

/// Names become parts of node identifiers, paths of URLs and columns that people read.
fn check_name(name: &str) -> Result<(), Problem> {
    let length = name.chars().count();
    if name.trim() != name
        || length == 0
        || length > NAME_LENGTH_MAX
        || name.chars().any(|c| c.is_control() || c == '/')
    {
        let detail = format!("a name has 1 to {NAME_LENGTH_MAX} visible characters, no `/`, and no space at its ends");
        return Err(Problem::unprocessable(
            "invalid_name",
            detail,
            "choose another name, for example the system's: salesforce",
        ));
    }
    Ok(())
}
