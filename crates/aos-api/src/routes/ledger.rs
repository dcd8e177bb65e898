//! The ledger: every run with its tallies, and every record or value that was rejected, with its evidence.

use crate::extract::Query;
use crate::guard::Allowed;
use crate::page::{PageOut, PageQuery};
use crate::problem::Problem;
use crate::state::App;
use aos_core::event::Code;
use aos_core::policy::may;
use aos_core::{ConnectionId, RunId};
use aos_dcl::ledger::{LedgerTotals, RejectionInfo, RunInfo};
use aos_store::RejectionFilter;
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LedgerQuery {
    /// Only runs of this connection.
    #[serde(default)]
    connection_id: Option<Uuid>,
    #[serde(default)]
    cursor: Option<String>,
    #[serde(default)]
    #[param(minimum = 1, maximum = 1000, default = 50)]
    limit: Option<u32>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RejectionQuery {
    /// Only rejections of this connection.
    #[serde(default)]
    connection_id: Option<Uuid>,
    #[serde(default)]
    stream: Option<String>,
    #[serde(default)]
    #[param(value_type = Option<String>)]
    code: Option<Code>,
    #[serde(default)]
    run_id: Option<Uuid>,
    #[serde(default)]
    cursor: Option<String>,
    #[serde(default)]
    #[param(minimum = 1, maximum = 1000, default = 50)]
    limit: Option<u32>,
}

/// A page of runs with the sum of all runs of the tenant.
#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerPage {
    items: Vec<RunInfo>,
    #[schema(required)]
    next_cursor: Option<String>,
    totals: LedgerTotals,
}

/// Lists runs, newest first, with the sum of all of them.
#[utoipa::path(get, path = "/ledger", tag = "ledger", params(LedgerQuery), responses((status = 200, body = LedgerPage), Problem))]
pub async fn list(
    tenant: Allowed<may::ReadLedger>,
    State(app): State<App>,
    Query(query): Query<LedgerQuery>,
) -> Result<Json<LedgerPage>, Problem> {
    let dcl = app.dcl.tenant(&tenant);
    let page = PageQuery { cursor: query.cursor, limit: query.limit };
    let page = dcl.runs(query.connection_id.map(ConnectionId), page.into()).await?;
    Ok(Json(LedgerPage { items: page.items, next_cursor: page.next_cursor, totals: dcl.ledger_totals().await? }))
}

/// Lists what was rejected, newest first: whole records that were set aside, and values that were lost from records that landed.
#[utoipa::path(get, path = "/rejections", tag = "ledger", params(RejectionQuery),
    responses((status = 200, body = PageOut<RejectionInfo>), Problem))]
pub async fn rejections(
    tenant: Allowed<may::ReadLedger>,
    State(app): State<App>,
    Query(query): Query<RejectionQuery>,
) -> Result<Json<PageOut<RejectionInfo>>, Problem> {
    let filter = RejectionFilter {
        connection: query.connection_id.map(ConnectionId),
        stream: query.stream,
        code: query.code,
        run: query.run_id.map(RunId),
    };
    let page = PageQuery { cursor: query.cursor, limit: query.limit };
    Ok(Json(app.dcl.tenant(&tenant).rejections(filter, page.into()).await?.into()))
}
