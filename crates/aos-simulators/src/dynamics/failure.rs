//! Errors as the Web API words them: one object with a code and a message.

use crate::query::json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

#[derive(Debug)]
pub struct Failure {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Failure {
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "0x80060888", message)
    }

    pub fn no_set(set: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "0x8006088a", format!("Resource not found for the segment '{set}'."))
    }

    pub fn no_property(name: &str, logical: &str) -> Self {
        let message = format!("Could not find a property named '{name}' on type 'Microsoft.Dynamics.CRM.{logical}'.");
        Self::new(StatusCode::BAD_REQUEST, "0x0", message)
    }

    pub fn no_privilege(schema: &str) -> Self {
        let message = format!(
            "Principal user (Id=60c4e206-0d87-e711-80e5-000000000000, type=8) is missing prvRead{schema} privilege"
        );
        Self::new(StatusCode::FORBIDDEN, "0x80040220", message)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        json(self.status, &json!({ "error": { "code": self.code, "message": self.message } }))
    }
}
