//! Where fields come from and where they go. A single cell's origin is part of its record: see `views.rs`.

use crate::extract::{Path, Query};
use crate::guard::Allowed;
use crate::page::ListOut;
use crate::problem::Problem;
use crate::state::App;
use aos_core::policy::may;
use aos_dcl::lineage::{FieldLineage, LineageOf};
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

const HITS_DEFAULT: usize = 100;
const HITS_MAX: usize = 1000;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LineageQuery {
    /// A part of the name of a source, table, column, entity or field; everything when left out.
    #[serde(default)]
    search: String,
    #[serde(default)]
    #[param(minimum = 1, maximum = 1000, default = 100)]
    limit: Option<usize>,
}

/// Finds which source columns feed which fields.
#[utoipa::path(get, path = "/lineage", tag = "dcl", params(LineageQuery),
    responses((status = 200, body = ListOut<FieldLineage>), Problem))]
pub async fn search(
    tenant: Allowed<may::ReadGraph>,
    State(app): State<App>,
    Query(query): Query<LineageQuery>,
) -> Result<Json<ListOut<FieldLineage>>, Problem> {
    let limit = query.limit.unwrap_or(HITS_DEFAULT).clamp(1, HITS_MAX);
    Ok(Json(ListOut { items: app.dcl.tenant(&tenant).lineage_search(&query.search, limit).await? }))
}

/// Returns what feeds a field and what consumes it.
#[utoipa::path(get, path = "/lineage/{entity}/{field}", tag = "dcl", params(("entity" = String, Path), ("field" = String, Path)),
    responses((status = 200, body = LineageOf), Problem))]
pub async fn field(
    tenant: Allowed<may::ReadGraph>,
    State(app): State<App>,
    Path((entity, field)): Path<(String, String)>,
) -> Result<Json<LineageOf>, Problem> {
    Ok(Json(app.dcl.tenant(&tenant).lineage_field(&entity, &field).await?))
}
