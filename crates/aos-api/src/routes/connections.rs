//! Connections of a tenant: adding, changing, pausing, removing. Looking at them and reading them one by one is in `syncs`, reading all of
//! them is `POST /dcl/connect`.

use crate::extract::{Json, JsonOrNothing, Path, Query};
use crate::guard::Allowed;
use crate::page::{PageOut, PageQuery};
use crate::problem::Problem;
use crate::state::App;
use aos_core::ConnectionId;
use aos_core::policy::may;
use aos_dcl::connections::{ConnectionDetail, ConnectionPatch, ConnectionRequest};
use aos_dcl::ledger::RunInfo;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

const NAME_LENGTH_MAX: usize = 100;
const REASON_LENGTH_MAX: usize = 500;
const STALE_AFTER_S_MIN: u32 = 60;
const LOCATOR_LENGTH_MAX: usize = 500;

/// Why a connection is not to be read for a while.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Pause {
    /// For those who wonder later.
    #[serde(default)]
    #[schema(max_length = 500, example = "the CRM is being migrated")]
    reason: String,
}

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

/// Adds a connection: to files on the server's machine, under a folder the operator allows, or to a system that one of `GET /connectors`
/// reads. Nothing is read yet.
#[utoipa::path(post, path = "/connections", tag = "connections", request_body = ConnectionRequest,
    responses((status = 201, body = ConnectionDetail), Problem))]
pub async fn create(
    tenant: Allowed<may::WriteConnections>,
    State(app): State<App>,
    Json(new): Json<ConnectionRequest>,
) -> Result<(StatusCode, axum::Json<ConnectionDetail>), Problem> {
    check_name(&new.name)?;
    check_staleness(new.stale_after_s)?;
    check_locator(new.credential_locator.as_deref())?;
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

/// Changes a connection's name, its settings, or when it is stale; what is left out stays. No cursor moves.
#[utoipa::path(patch, path = "/connections/{id}", tag = "connections", params(("id" = Uuid, Path)),
    request_body = ConnectionPatch, responses((status = 200, body = ConnectionDetail), Problem))]
pub async fn patch(
    tenant: Allowed<may::WriteConnections>,
    State(app): State<App>,
    Path(id): Path<ConnectionId>,
    Json(patch): Json<ConnectionPatch>,
) -> Result<axum::Json<ConnectionDetail>, Problem> {
    if let Some(name) = &patch.name {
        check_name(name)?;
    }
    check_staleness(patch.stale_after_s)?;
    check_locator(patch.credential_locator.as_deref())?;
    Ok(axum::Json(app.dcl.tenant(&tenant).change_connection(id, patch).await?))
}

/// Stops a connection from being read, by whatever run, until it is resumed. A sync that runs comes to its end.
#[utoipa::path(post, path = "/connections/{id}/pause", tag = "connections", params(("id" = Uuid, Path)),
    request_body = Option<Pause>, responses((status = 200, body = ConnectionDetail), Problem))]
pub async fn pause(
    tenant: Allowed<may::WriteConnections>,
    State(app): State<App>,
    Path(id): Path<ConnectionId>,
    JsonOrNothing(pause): JsonOrNothing<Pause>,
) -> Result<axum::Json<ConnectionDetail>, Problem> {
    if pause.reason.chars().count() > REASON_LENGTH_MAX {
        let detail = format!("a reason has at most {REASON_LENGTH_MAX} characters");
        return Err(Problem::unprocessable("invalid_reason", detail, "shorten it and try again"));
    }
    Ok(axum::Json(app.dcl.tenant(&tenant).pause_connection(id, &pause.reason).await?))
}

/// Lets the read go on that waits because it takes more requests than may be spent unasked. It goes on at once where it is a task, and with
/// the next read otherwise; what it spends until it has come to its end is not asked again.
#[utoipa::path(post, path = "/connections/{id}/confirm", tag = "connections", params(("id" = Uuid, Path)),
    responses((status = 200, body = ConnectionDetail), Problem))]
pub async fn confirm(
    tenant: Allowed<may::WriteConnections>,
    State(app): State<App>,
    Path(id): Path<ConnectionId>,
) -> Result<axum::Json<ConnectionDetail>, Problem> {
    Ok(axum::Json(app.dcl.tenant(&tenant).confirm_read(id).await?))
}

/// Lets a paused connection be read again.
#[utoipa::path(post, path = "/connections/{id}/resume", tag = "connections", params(("id" = Uuid, Path)),
    responses((status = 200, body = ConnectionDetail), Problem))]
pub async fn resume(
    tenant: Allowed<may::WriteConnections>,
    State(app): State<App>,
    Path(id): Path<ConnectionId>,
) -> Result<axum::Json<ConnectionDetail>, Problem> {
    Ok(axum::Json(app.dcl.tenant(&tenant).resume_connection(id).await?))
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

fn check_locator(locator: Option<&str>) -> Result<(), Problem> {
    match locator {
        Some(text) if text.len() > LOCATOR_LENGTH_MAX => Err(Problem::unprocessable(
            "invalid_credentials",
            format!("a credential_locator has at most {LOCATOR_LENGTH_MAX} characters"),
            "name a shorter place, e.g. vault:crm/salesforce",
        )),
        _ => Ok(()),
    }
}

fn check_staleness(seconds: Option<u32>) -> Result<(), Problem> {
    match seconds {
        Some(seconds) if seconds < STALE_AFTER_S_MIN => Err(Problem::unprocessable(
            "invalid_staleness",
            format!("stale_after_s is {seconds}, the least is {STALE_AFTER_S_MIN}"),
            "give a longer time, or leave it out for the operator's default",
        )),
        _ => Ok(()),
    }
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
