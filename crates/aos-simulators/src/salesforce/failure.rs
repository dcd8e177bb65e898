//! Errors as Salesforce words them: a list of messages with codes.

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

    pub fn malformed(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "MALFORMED_QUERY", message)
    }

    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "NOT_FOUND", "The requested resource does not exist")
    }

    pub fn no_field(field: &str, object: &str) -> Self {
        let message = format!(
            "\nERROR at Row:1:Column:1\nNo such column '{field}' on entity '{object}'. If you are attempting to use a custom field, be \
             sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names."
        );
        Self::new(StatusCode::BAD_REQUEST, "INVALID_FIELD", message)
    }

    pub fn no_object(object: &str) -> Self {
        let message = format!(
            "\nERROR at Row:1:Column:1\nsObject type '{object}' is not supported. If you are attempting to use a custom object, be sure to \
             append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names."
        );
        Self::new(StatusCode::BAD_REQUEST, "INVALID_TYPE", message)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        json(self.status, &json!([{ "message": self.message, "errorCode": self.code }]))
    }
}
