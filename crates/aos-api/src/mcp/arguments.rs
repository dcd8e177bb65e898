//! What tools are called with, as types: what does not fit is refused with what would.

use crate::problem::Problem;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Rows of one answer: what an agent reads at once should fit what it can keep in mind.
pub(super) const ROWS_MAX: u32 = 1000;
pub(super) const ROWS_DEFAULT: u32 = 50;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OfEntity {
    pub entity: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Search {
    pub entity: String,
    #[serde(default)]
    pub filters: Vec<Filter>,
    #[serde(default)]
    pub sort: Vec<String>,
    pub limit: Option<u32>,
    pub cursor: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    pub field: String,
    pub op: String,
    pub value: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OfRecord {
    pub entity: String,
    pub source: String,
    pub record_id: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sql {
    pub sql: String,
    pub limit: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ask {
    pub question: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lineage {
    #[serde(default)]
    pub search: String,
    pub limit: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Drift {
    pub limit: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Findings {
    pub agent: Option<String>,
    pub kind: Option<String>,
    pub limit: Option<u32>,
    pub cursor: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProposeTask {
    pub kind: String,
    #[serde(default)]
    pub payload: Value,
    pub reason: String,
}

/// Reads what a tool is called with.
pub(super) fn read<T: DeserializeOwned>(arguments: Map<String, Value>) -> Result<T, Problem> {
    serde_json::from_value(Value::Object(arguments)).map_err(|error| {
        Problem::bad_request("invalid_arguments", error.to_string(), "call it as its input schema says")
    })
}

/// Returns how many rows are wanted.
pub(super) fn rows(limit: Option<u32>) -> u32 {
    limit.unwrap_or(ROWS_DEFAULT).clamp(1, ROWS_MAX)
}
