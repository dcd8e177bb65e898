//! Bulk API 2.0 query jobs: a statement is handed in, runs by itself, and its result is fetched in sets of CSV lines.

use super::failure::Failure;
use super::{Org, record, select, soql};
use crate::account::{Kind, time};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

/// Sets hold so many records when the caller does not say.
const SET_ROWS: usize = 50_000;
const JOBS_MAX: usize = 1_000;
/// A job is done when it is asked after for the second time.
const POLLS_UNTIL_DONE: u32 = 2;

#[derive(Debug, Clone)]
pub struct Job {
    statement: String,
    operation: String,
    found: Arc<select::Found>,
    created_ms: i64,
    polls: u32,
    aborted: bool,
}

pub type Jobs = BTreeMap<String, Job>;

#[derive(Debug, Deserialize)]
pub struct Order {
    operation: String,
    query: String,
    #[serde(rename = "contentType")]
    content_type: Option<String>,
    #[serde(rename = "columnDelimiter")]
    column_delimiter: Option<String>,
    #[serde(rename = "lineEnding")]
    line_ending: Option<String>,
}

impl Job {
    fn is_done(&self) -> bool {
        self.polls >= POLLS_UNTIL_DONE && !self.aborted
    }

    fn told(&self, id: &str, version: &str) -> Value {
        let state = match self.polls {
            _ if self.aborted => "Aborted",
            0 => "UploadComplete",
            polls if polls < POLLS_UNTIL_DONE => "InProgress",
            _ => "JobComplete",
        };
        let mut told = json!({
            "id": id, "operation": self.operation, "object": self.found.object, "createdById": record::id("User", 0),
            "createdDate": time::offset_ms(self.created_ms), "systemModstamp": time::offset_ms(self.created_ms), "state": state,
            "concurrencyMode": "Parallel", "contentType": "CSV", "lineEnding": "LF", "columnDelimiter": "COMMA",
            "apiVersion": version.trim_start_matches('v').parse::<f64>().unwrap_or(0.0),
        });
        if let (true, Some(told)) = (self.polls > 0, told.as_object_mut()) {
            told.insert("jobType".into(), json!("V2Query"));
            told.insert("retries".into(), json!(0));
            told.insert("totalProcessingTime".into(), json!(self.found.rows.len() / 100));
            told.insert("numberRecordsProcessed".into(), json!(if self.is_done() { self.found.rows.len() } else { 0 }));
            told.insert("isPkChunkingSupported".into(), json!(true));
        }
        told
    }
}

pub async fn create(
    State(org): State<Arc<Org>>,
    Path(version): Path<String>,
    Json(order): Json<Order>,
) -> Result<Response, Failure> {
    let unsupported = |message: &str| Failure::new(StatusCode::BAD_REQUEST, "INVALIDJOB", message);
    if !["query", "queryAll"].contains(&order.operation.as_str()) {
        return Err(unsupported("Operation must be query or queryAll"));
    }
    let plain = [(&order.content_type, "CSV"), (&order.column_delimiter, "COMMA"), (&order.line_ending, "LF")];
    if plain.iter().any(|(asked, known)| asked.as_deref().is_some_and(|asked| asked != *known)) {
        return Err(unsupported("this simulator writes CSV with commas and LF only"));
    }
    let statement = soql::parse(&order.query)?;
    if statement.fields == soql::Fields::Count {
        return Err(Failure::new(
            StatusCode::BAD_REQUEST,
            "API_ERROR",
            "Aggregate Relationships not supported in Bulk Query",
        ));
    }
    org.allow(&statement.object)?;
    let found = select::find(&org.world.account(), &statement, order.operation == "queryAll")?;
    refuse_compounds(&org, &found)?;
    let id = format!("750{:012}AAA", org.world.serial());
    let job = Job {
        statement: order.query,
        operation: order.operation,
        found: Arc::new(found),
        created_ms: org.world.clock.now_ms(),
        polls: 0,
        aborted: false,
    };
    let told = job.told(&id, &version);
    let mut jobs = org.jobs.lock().unwrap_or_else(PoisonError::into_inner);
    if jobs.len() >= JOBS_MAX {
        jobs.pop_first();
    }
    jobs.insert(id, job);
    Ok(Json(told).into_response())
}

fn refuse_compounds(org: &Org, found: &select::Found) -> Result<(), Failure> {
    let account = org.world.account();
    let table = account.table(&found.object).ok_or_else(|| Failure::no_object(&found.object))?;
    let compound =
        found.fields.iter().filter_map(|name| table.field(name)).any(|field| matches!(field.kind, Kind::Object(_)));
    let message = "Selecting compound data not supported in Bulk Query";
    if compound { Err(Failure::new(StatusCode::BAD_REQUEST, "FUNCTIONALITY_NOT_ENABLED", message)) } else { Ok(()) }
}

pub async fn list(State(org): State<Arc<Org>>, Path(version): Path<String>) -> Response {
    let jobs = org.jobs.lock().unwrap_or_else(PoisonError::into_inner);
    let records: Vec<Value> = jobs.iter().map(|(id, job)| job.told(id, &version)).collect();
    Json(json!({ "done": true, "records": records, "nextRecordsUrl": null })).into_response()
}

pub async fn state(
    State(org): State<Arc<Org>>,
    Path((version, id)): Path<(String, String)>,
) -> Result<Json<Value>, Failure> {
    let mut jobs = org.jobs.lock().unwrap_or_else(PoisonError::into_inner);
    let job = jobs.get_mut(&id).ok_or_else(Failure::not_found)?;
    job.polls += 1;
    Ok(Json(job.told(&id, &version)))
}

pub async fn abort(
    State(org): State<Arc<Org>>,
    Path((version, id)): Path<(String, String)>,
) -> Result<Json<Value>, Failure> {
    let mut jobs = org.jobs.lock().unwrap_or_else(PoisonError::into_inner);
    let job = jobs.get_mut(&id).ok_or_else(Failure::not_found)?;
    job.aborted = true;
    Ok(Json(job.told(&id, &version)))
}

pub async fn delete(State(org): State<Arc<Org>>, Path((_, id)): Path<(String, String)>) -> Result<StatusCode, Failure> {
    let removed = org.jobs.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    removed.map(|_| StatusCode::NO_CONTENT).ok_or_else(Failure::not_found)
}

pub async fn results(
    State(org): State<Arc<Org>>,
    Path((_, id)): Path<(String, String)>,
    axum::extract::RawQuery(query): axum::extract::RawQuery,
) -> Result<Response, Failure> {
    let query = crate::query::Query::of(query.as_deref());
    let job =
        org.jobs.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned().ok_or_else(Failure::not_found)?;
    if !job.is_done() {
        let message = format!("Job is not complete: {}", job.statement);
        return Err(Failure::new(StatusCode::BAD_REQUEST, "INVALIDJOBSTATE", message));
    }
    let from = match query.get("locator") {
        Some(locator) => position(locator).filter(|from| *from < job.found.rows.len()).ok_or_else(|| {
            Failure::new(StatusCode::BAD_REQUEST, "INVALIDLOCATOR", "the locator is not one of this job's")
        })?,
        None => 0,
    };
    let size = query.number("maxRecords").and_then(|size| usize::try_from(size).ok()).unwrap_or(SET_ROWS).max(1);
    let end = from.saturating_add(size).min(job.found.rows.len());
    let mut rows = job.found.rows[from..end].to_vec();
    let next = from + org.world.step(rows.len());
    org.world.reorder(&mut rows);
    let (csv, lines) = set(&org, &job.found, &rows)?;
    let locator =
        if next < job.found.rows.len() { STANDARD_NO_PAD.encode(next.to_string()) } else { "null".to_owned() };
    let headers = [("sforce-locator", locator), ("sforce-numberofrecords", lines.to_string())];
    Ok(([(header::CONTENT_TYPE, "text/csv")], headers, csv).into_response())
}

/// A locator is, as Salesforce's own are, the position in base 64.
fn position(locator: &str) -> Option<usize> {
    String::from_utf8(STANDARD_NO_PAD.decode(locator.trim_end_matches('=')).ok()?).ok()?.parse().ok()
}

/// Writes a set, with a header line, every value in quotes, and null as an empty one.
fn set(org: &Org, found: &select::Found, rows: &[u64]) -> Result<(String, usize), Failure> {
    let account = org.world.account();
    let table = account.table(&found.object).ok_or_else(|| Failure::no_object(&found.object))?;
    let fields =
        found.fields.iter().map(|name| table.field(name).ok_or_else(|| Failure::no_field(name, &found.object)));
    let fields = fields.collect::<Result<Vec<_>, _>>()?;
    let mut csv = String::new();
    line(&mut csv, fields.iter().map(|field| field.name.clone()));
    let mut lines = 0;
    for row in rows {
        if let Some(meta) = table.meta(*row) {
            let cells =
                fields.iter().map(|field| record::plain(&found.object, &field.kind, &table.cell(*row, &meta, field)));
            line(&mut csv, cells);
            lines += 1;
        }
    }
    Ok((csv, lines))
}

fn line(csv: &mut String, values: impl Iterator<Item = String>) {
    for (at, value) in values.enumerate() {
        csv.push_str(if at > 0 { ",\"" } else { "\"" });
        csv.push_str(&value.replace('"', "\"\""));
        csv.push('"');
    }
    csv.push('\n');
}
