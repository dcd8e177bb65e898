//! Unified records: pages of an entity with filters and sorting, and one record with the origin of each cell.

use crate::extract::{Path, Query};
use crate::guard::Allowed;
use crate::page::{LIMIT_DEFAULT, LIMIT_MAX, PageQuery};
use crate::problem::Problem;
use crate::state::App;
use aos_core::policy::may;
use aos_dcl::engine::{Filter, Sort, ViewColumn, ViewQuery};
use aos_dcl::lineage::RecordDetail;
use aos_dcl::views::EarlierPage;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

const FILTERS_MAX: usize = 20;
const SORTS_MAX: usize = 5;

/// Describes the query of a view; it is read by [`view_query`], because `filter` may be repeated.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code)] // Only describes the parameters to readers of the API.
pub struct ViewParams {
    /// Where the page before ended: its `next_cursor`.
    cursor: Option<String>,
    #[param(minimum = 1, maximum = 1000, default = 50)]
    limit: Option<u32>,
    /// A field to sort by, or several with commas between them; `-` before one sorts from great to small.
    #[param(example = "-amount,name")]
    sort: Option<String>,
    /// `field:operator:value`, repeatable; all must hold. Operators: eq, ne, lt, lte, gt, gte, contains, is_null.
    #[param(example = json!(["stage:eq:Won"]))]
    filter: Option<Vec<String>>,
}

/// A page of unified records.
#[derive(Serialize, ToSchema)]
#[schema(as = ViewPage)]
pub struct ViewOut<'a> {
    entity: &'a str,
    columns: &'a [ViewColumn],
    /// `_source`, `_record_id`, `_streams`, and the entity's fields.
    #[schema(value_type = Vec<BTreeMap<String, Value>>)]
    items: &'a [Map<String, Value>],
    /// Pass as `cursor` for the next page; null on the last.
    #[schema(required)]
    next_cursor: Option<&'a str>,
    /// Records that the filters let through, on all pages.
    total: u64,
}

/// Lists the unified records of an entity, side by side from all sources.
#[utoipa::path(get, path = "/views/{entity}", tag = "dcl", params(("entity" = String, Path), ViewParams),
    responses((status = 200, body = ViewOut), Problem))]
pub async fn list(
    tenant: Allowed<may::ReadRecords>,
    State(app): State<App>,
    Path(entity): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let page = app.dcl.tenant(&tenant).view(&entity, &view_query(pairs)?).await?;
    let (columns, items, next_cursor) = (&page.columns, &page.items, page.next_cursor.as_deref());
    Ok(Json(ViewOut { entity: &entity, columns, items, next_cursor, total: page.total }).into_response())
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AsOfQuery {
    /// The moment to look back to.
    #[param(example = "2026-11-21T08:00:00Z")]
    at: DateTime<Utc>,
    /// Only records of this source, by its name.
    #[serde(default)]
    source: Option<String>,
    /// Where the page before ended: its `next_cursor`.
    #[serde(default)]
    cursor: Option<String>,
    #[serde(default)]
    #[param(minimum = 1, maximum = 1000, default = 50)]
    limit: Option<u32>,
}

/// Lists the records of an entity as they were at a moment, under the mappings of that time.
#[utoipa::path(get, path = "/views/{entity}/as-of", tag = "dcl", params(("entity" = String, Path), AsOfQuery),
    responses((status = 200, body = EarlierPage), Problem))]
pub async fn as_of(
    tenant: Allowed<may::ReadRecords>,
    State(app): State<App>,
    Path(entity): Path<String>,
    Query(query): Query<AsOfQuery>,
) -> Result<Json<EarlierPage>, Problem> {
    let AsOfQuery { at, source, cursor, limit } = query;
    let page = PageQuery { cursor, limit };
    Ok(Json(app.dcl.tenant(&tenant).view_as_of(&entity, source.as_deref(), at, page.into()).await?))
}

/// Returns one unified record: for each cell its value, the raw record it comes from, and the values that did not win.
#[utoipa::path(get, path = "/views/{entity}/{source}/{record_id}", tag = "dcl",
    params(("entity" = String, Path), ("source" = String, Path), ("record_id" = String, Path)),
    responses((status = 200, body = RecordDetail), Problem))]
pub async fn record(
    tenant: Allowed<may::ReadRecords>,
    State(app): State<App>,
    Path((entity, source, record_id)): Path<(String, String, String)>,
) -> Result<Json<RecordDetail>, Problem> {
    Ok(Json(app.dcl.tenant(&tenant).record(&entity, &source, &record_id).await?))
}

fn view_query(pairs: Vec<(String, String)>) -> Result<ViewQuery, Problem> {
    let mut query = ViewQuery { limit: LIMIT_DEFAULT, ..ViewQuery::default() };
    for (name, value) in pairs {
        match name.as_str() {
            "limit" => query.limit = limit(&value)?,
            "cursor" => query.cursor = Some(value).filter(|cursor| !cursor.is_empty()),
            "sort" => query.sort = sorts(&value)?,
            "filter" if query.filters.len() < FILTERS_MAX => query.filters.push(filter(&value)?),
            "filter" => return Err(refused(format!("there are more than {FILTERS_MAX} filters"))),
            _ => return Err(refused(format!("there is no parameter `{name}`"))),
        }
    }
    Ok(query)
}

fn limit(value: &str) -> Result<u32, Problem> {
    let limit: u32 = value.parse().map_err(|_| refused(format!("`{value}` is not a limit")))?;
    Ok(limit.clamp(1, LIMIT_MAX))
}

fn sorts(value: &str) -> Result<Vec<Sort>, Problem> {
    let names: Vec<&str> = value.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    if names.len() > SORTS_MAX {
        return Err(refused(format!("there are more than {SORTS_MAX} fields to sort by")));
    }
    let sort = |name: &str| match name.strip_prefix('-') {
        Some(field) => Sort { field: field.to_owned(), descending: true },
        None => Sort { field: name.to_owned(), descending: false },
    };
    Ok(names.into_iter().map(sort).collect())
}

/// Reads `field:operator:value`; the value may hold colons, and may be left out.
fn filter(text: &str) -> Result<Filter, Problem> {
    let mut parts = text.splitn(3, ':');
    let (Some(field), Some(op)) = (parts.next().filter(|field| !field.is_empty()), parts.next()) else {
        let next_step = "write filters as field:operator:value, for example stage:eq:Won";
        return Err(Problem::bad_request("bad_filter", format!("`{text}` is not a filter"), next_step));
    };
    Ok(Filter { field: field.to_owned(), op: op.parse()?, value: parts.next().unwrap_or_default().to_owned() })
}

fn refused(detail: String) -> Problem {
    Problem::bad_request("invalid_query", detail, "use limit, cursor, sort and filter; /docs describes them")
}

#[cfg(test)]
mod tests {
    use super::*;
    use aos_dcl::engine::FilterOp;

    fn parsed(name: &str, value: &str) -> Result<ViewQuery, Problem> {
        view_query(vec![(name.to_owned(), value.to_owned())])
    }

    #[test]
    fn a_filter_keeps_the_colons_of_its_value() {
        let query = parsed("filter", "closed_at:gte:2026-01-01T10:00:00Z").unwrap();
        assert_eq!((query.filters[0].op, query.filters[0].value.as_str()), (FilterOp::Gte, "2026-01-01T10:00:00Z"));
        assert!(parsed("filter", "stage:is_null").is_ok());
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_a_code() {
        assert_eq!(parsed("filter", "stage").unwrap_err().code(), "bad_filter");
        assert_eq!(parsed("filter", "stage:like:x").unwrap_err().code(), "bad_filter");
        assert_eq!(parsed("limit", "many").unwrap_err().code(), "invalid_query");
        assert_eq!(parsed("limmit", "5").unwrap_err().code(), "invalid_query");
        assert_eq!(view_query(vec![("filter".into(), "a:eq:1".into()); 21]).unwrap_err().code(), "invalid_query");
    }

    #[test]
    fn a_limit_is_capped_and_a_minus_turns_the_order() {
        assert_eq!(parsed("limit", "99999").unwrap().limit, LIMIT_MAX);
        let sort = parsed("sort", "-amount,name").unwrap().sort;
        assert!(sort[0].descending && !sort[1].descending);
    }
}
