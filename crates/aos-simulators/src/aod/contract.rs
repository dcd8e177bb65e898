//! What is asked of AOD and what it answers, as `docs/guides/aod.md` describes it.

use axum::Json;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

const QUERY_CHARS_MAX: usize = 2000;
const RESULTS_MAX: u32 = 100;

#[derive(Debug, Clone, Deserialize)]
pub struct Request {
    pub request_id: String,
    pub tenant_id: String,
    pub nlp_query: String,
    #[serde(default = "DiscoveryType::all")]
    pub discovery_types: Vec<DiscoveryType>,
    /// What the caller knows beside the question; its texts are searched like the question.
    #[serde(default)]
    pub context: Map<String, Value>,
    #[serde(default = "ten")]
    pub max_results: u32,
    #[serde(default = "seventy_percent")]
    pub min_confidence: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiscoveryType {
    EntityMapping,
    DataSourceDiscovery,
    SchemaAnalysis,
    RelationshipDiscovery,
}

#[derive(Debug, Clone, Serialize)]
pub struct Response {
    pub success: bool,
    pub request_id: String,
    pub message: String,
    pub discovery: Discovery,
}

#[derive(Debug, Clone, Serialize)]
pub struct Discovery {
    pub entities: Vec<Found>,
    pub provenance: Provenance,
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Found {
    /// The same for the same thing in every answer.
    pub id: String,
    pub name: String,
    pub discovery_type: DiscoveryType,
    /// `business_entity`, `data_source`, `table` or `relationship`.
    pub entity_type: &'static str,
    /// The system it was found in.
    pub source: String,
    /// From 0 to 1.
    pub confidence: f64,
    pub evidence: Vec<String>,
    pub attributes: Map<String, Value>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Provenance {
    pub service: String,
    pub version: String,
    pub systems_scanned: usize,
    /// The day of the newest observation.
    pub as_of: String,
}

/// An answer that is not 200.
pub struct Failure {
    status: StatusCode,
    request_id: String,
    message: String,
}

impl DiscoveryType {
    fn all() -> Vec<Self> {
        vec![Self::EntityMapping, Self::DataSourceDiscovery, Self::SchemaAnalysis, Self::RelationshipDiscovery]
    }
}

impl Request {
    pub fn check(&self) -> Result<(), Failure> {
        let length = self.nlp_query.chars().count();
        let wrong = if !(1..=QUERY_CHARS_MAX).contains(&length) {
            "nlp_query has 1 to 2000 characters"
        } else if !(1..=RESULTS_MAX).contains(&self.max_results) {
            "max_results is 1 to 100"
        } else if !(0.0..=1.0).contains(&self.min_confidence) {
            "min_confidence is 0 to 1"
        } else if self.tenant_id.is_empty() || self.request_id.is_empty() {
            "tenant_id and request_id are needed"
        } else {
            return Ok(());
        };
        Err(Failure::new(StatusCode::UNPROCESSABLE_ENTITY, &self.request_id, wrong))
    }
}

impl Failure {
    pub fn new(status: StatusCode, request_id: &str, message: impl Into<String>) -> Self {
        Self { status, request_id: request_id.to_owned(), message: message.into() }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> axum::response::Response {
        let body = json!({ "success": false, "request_id": self.request_id, "message": self.message });
        (self.status, Json(body)).into_response()
    }
}

fn ten() -> u32 {
    10
}

fn seventy_percent() -> f64 {
    0.7
}
