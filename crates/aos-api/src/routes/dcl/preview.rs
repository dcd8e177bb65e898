//! Some rows behind a node of the picture.

use crate::extract::Query;
use crate::guard::Allowed;
use crate::problem::Problem;
use crate::state::App;
use aos_core::policy::may;
use aos_dcl::preview::Preview;
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

const ROWS_DEFAULT: usize = 20;
const ROWS_MAX: usize = 200;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PreviewQuery {
    /// The id of a node, as `/dcl/state` gives it.
    node: String,
    #[serde(default)]
    #[param(minimum = 1, maximum = 200, default = 20)]
    limit: Option<usize>,
}

/// Returns some rows behind a node: raw rows of a table, unified rows of an entity, what an agent consumes.
#[utoipa::path(get, path = "/preview", tag = "dcl", params(PreviewQuery), responses((status = 200, body = Preview), Problem))]
pub async fn get(
    tenant: Allowed<may::ReadRecords>,
    State(app): State<App>,
    Query(query): Query<PreviewQuery>,
) -> Result<Json<Preview>, Problem> {
    let limit = query.limit.unwrap_or(ROWS_DEFAULT).clamp(1, ROWS_MAX);
    Ok(Json(app.dcl.tenant(&tenant).preview(&query.node, limit).await?))
}
