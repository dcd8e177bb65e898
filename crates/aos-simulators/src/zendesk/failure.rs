//! Errors as Zendesk words them.

use crate::query::json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

#[derive(Debug)]
pub struct Failure {
    status: StatusCode,
    body: Value,
}

impl Failure {
    pub fn new(status: StatusCode, error: &str, description: &str) -> Self {
        Self { status, body: json!({ "error": error, "description": description }) }
    }

    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "RecordNotFound", "Not found")
    }

    pub fn no_resource() -> Self {
        Self { status: StatusCode::NOT_FOUND, body: json!({ "error": "InvalidEndpoint", "description": "Not found" }) }
    }

    pub fn forbidden() -> Self {
        let message =
            "You do not have access to this page. Please contact the account owner of this help desk for further help.";
        Self { status: StatusCode::FORBIDDEN, body: json!({ "error": { "title": "Forbidden", "message": message } }) }
    }

    pub fn invalid(description: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "InvalidValue", description)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        json(self.status, &self.body)
    }
}
