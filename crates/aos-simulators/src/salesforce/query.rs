//! `query` and `queryAll`: the first page of a statement, and those behind a locator.

use super::failure::Failure;
use super::{Org, record, select, soql};
use crate::query::{Query, json as json_answer, json_text};
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::json;
use std::sync::{Arc, PoisonError};

const PAGE_ROWS: usize = 2_000;
const PAGE_ROWS_MIN: usize = 200;
/// Salesforce keeps ten locators open for a user; who reads on from an older one starts again.
const LOCATORS_MAX: usize = 10;

pub async fn first(
    org: State<Arc<Org>>,
    version: Path<String>,
    query: RawQuery,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    first_page(&org, &version, &Query::of(query.0.as_deref()), &headers, false)
}

pub async fn first_of_all(
    org: State<Arc<Org>>,
    version: Path<String>,
    query: RawQuery,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    first_page(&org, &version, &Query::of(query.0.as_deref()), &headers, true)
}

fn first_page(
    org: &Org,
    version: &str,
    query: &Query,
    headers: &HeaderMap,
    with_deleted: bool,
) -> Result<Response, Failure> {
    let statement = soql::parse(query.get("q").unwrap_or_default())?;
    org.allow(&statement.object)?;
    let found = select::find(&org.world.account(), &statement, with_deleted)?;
    if statement.fields == soql::Fields::Count {
        return Ok(json_answer(StatusCode::OK, &json!({ "totalSize": found.rows.len(), "done": true, "records": [] })));
    }
    let locator = format!("0r8{:012}AAQ", org.world.serial());
    page(org, version, &locator, Arc::new(found), 0, headers)
}

pub async fn more(
    State(org): State<Arc<Org>>,
    Path((version, locator)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let bad = || Failure::new(StatusCode::BAD_REQUEST, "INVALID_QUERY_LOCATOR", "invalid query locator");
    let (id, from) = locator.rsplit_once('-').ok_or_else(bad)?;
    let from: usize = from.parse().map_err(|_| bad())?;
    let found = org.locators.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned().ok_or_else(bad)?;
    page(&org, &version, id, found, from, &headers)
}

fn page(
    org: &Org,
    version: &str,
    locator: &str,
    found: Arc<select::Found>,
    from: usize,
    headers: &HeaderMap,
) -> Result<Response, Failure> {
    let end = from.saturating_add(page_rows(headers)).min(found.rows.len());
    let mut rows = found.rows.get(from..end).unwrap_or_default().to_vec();
    let next = from + org.world.step(rows.len());
    org.world.reorder(&mut rows);
    let done = next >= found.rows.len();
    let account = org.world.account();
    let table = account.table(&found.object).ok_or_else(|| Failure::no_object(&found.object))?;
    let fields =
        found.fields.iter().map(|name| table.field(name).ok_or_else(|| Failure::no_field(name, &found.object)));
    let fields = fields.collect::<Result<Vec<_>, _>>()?;
    let mut out = format!("{{\"totalSize\":{},\"done\":{done},", found.rows.len());
    if !done {
        out.push_str(&format!("\"nextRecordsUrl\":\"/services/data/{version}/query/{locator}-{next}\","));
        let mut locators = org.locators.lock().unwrap_or_else(PoisonError::into_inner);
        locators.insert(locator.to_owned(), found.clone());
        while locators.len() > LOCATORS_MAX {
            locators.pop_first();
        }
    }
    out.push_str("\"records\":");
    record::write_all(&mut out, &table, &rows, &fields, version);
    out.push('}');
    Ok(json_text(StatusCode::OK, out))
}

/// `Sforce-Query-Options: batchSize=500`, from 200 to 2,000.
fn page_rows(headers: &HeaderMap) -> usize {
    let asked =
        headers.get("sforce-query-options").and_then(|value| value.to_str().ok()?.trim().strip_prefix("batchSize="));
    asked.and_then(|size| size.trim().parse().ok()).unwrap_or(PAGE_ROWS).clamp(PAGE_ROWS_MIN, PAGE_ROWS)
}
