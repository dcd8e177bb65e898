//! Unified records: pages of an entity with filters and sorting, and one record with the origin of each cell.

use crate::extract::{Path, Query};
use crate::middleware::auth::Tenant;
use crate::page::{LIMIT_DEFAULT, LIMIT_MAX};
use crate::problem::Problem;
use crate::state::App;
use aos_dcl::engine::{ViewPage, ViewQuery};
use aos_dcl::lineage::RecordDetail;
use axum::Json;
use axum::extract::State;
use utoipa::IntoParams;

const FILTERS_MAX: usize = 20;

/// Describes the query of a view; it is read by [`view_query`], because `filter` may be repeated.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code)] // Only describes the parameters to readers of the API.
pub struct ViewParams {
    /// Where the page before ended: its `next_cursor`.
    cursor: Option<String>,
    #[param(minimum = 1, maximum = 1000, default = 50)]
    limit: Option<u32>,
    /// A field to sort by; `-` before it sorts from great to small.
    #[param(example = "-amount")]
    sort: Option<String>,
    /// `field:operator:value`, repeatable; all must hold. Operators: eq, ne, lt, lte, gt, gte, contains, is_null.
    #[param(example = json!(["stage:eq:Won"]))]
    filter: Option<Vec<String>>,
}

/// Lists the unified records of an entity, side by side from all sources.
#[utoipa::path(get, path = "/views/{entity}", tag = "dcl", params(("entity" = String, Path), ViewParams),
    responses((status = 200, body = ViewPage), Problem))]
pub async fn list(
    tenant: Tenant,
    State(app): State<App>,
    Path(entity): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Json<ViewPage>, Problem> {
    Ok(Json(app.dcl.tenant(&tenant).view(&entity, view_query(pairs)?).await?))
}

/// Returns one unified record: for each cell its value, the raw record it comes from, and the values that did not win.
#[utoipa::path(get, path = "/views/{entity}/{source}/{record_id}", tag = "dcl",
    params(("entity" = String, Path), ("source" = String, Path), ("record_id" = String, Path)),
    responses((status = 200, body = RecordDetail), Problem))]
pub async fn record(
    tenant: Tenant,
    State(app): State<App>,
    Path((entity, source, record_id)): Path<(String, String, String)>,
) -> Result<Json<RecordDetail>, Problem> {
    Ok(Json(app.dcl.tenant(&tenant).record(&entity, &source, &record_id).await?))
}

fn view_query(pairs: Vec<(String, String)>) -> Result<ViewQuery, Problem> {
    let mut query = ViewQuery { limit: LIMIT_DEFAULT as usize, ..ViewQuery::default() };
    for (name, value) in pairs {
        match name.as_str() {
            "limit" => query.limit = limit(&value)?,
            "cursor" => query.cursor = Some(value).filter(|cursor| !cursor.is_empty()),
            "sort" => query.sort = Some(value.parse()?),
            "filter" if query.filters.len() < FILTERS_MAX => query.filters.push(value.parse()?),
            "filter" => return Err(refused(format!("there are more than {FILTERS_MAX} filters"))),
            _ => return Err(refused(format!("there is no parameter `{name}`"))),
        }
    }
    Ok(query)
}

fn limit(value: &str) -> Result<usize, Problem> {
    let limit: usize = value.parse().map_err(|_| refused(format!("`{value}` is not a limit")))?;
    Ok(limit.clamp(1, LIMIT_MAX as usize))
}

fn refused(detail: String) -> Problem {
    Problem::bad_request("invalid_query", detail, "use limit, cursor, sort and filter; /docs describes them")
}
