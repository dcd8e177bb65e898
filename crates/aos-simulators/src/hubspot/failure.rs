//! Errors as HubSpot words them: one object with a category and a correlation id.

use crate::query::json;
use crate::world::World;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

#[derive(Debug)]
pub struct Failure {
    status: StatusCode,
    body: Value,
}

/// A request's id, as HubSpot writes them.
pub fn correlation_id(world: &World) -> String {
    format!("{:08x}-0000-4000-8000-{:012x}", world.seed & 0xFFFF_FFFF, world.serial())
}

impl Failure {
    pub fn new(world: &World, status: StatusCode, category: &str, message: impl Into<String>) -> Self {
        let body = json!({ "status": "error", "message": message.into(), "correlationId": correlation_id(world), "category": category });
        Self { status, body }
    }

    pub fn invalid(world: &World, message: impl Into<String>) -> Self {
        Self::new(world, StatusCode::BAD_REQUEST, "VALIDATION_ERROR", message)
    }

    pub fn no_type(world: &World, name: &str) -> Self {
        Self::invalid(world, format!("Unable to infer object type from: {name}"))
    }

    pub fn missing_scope(world: &World, scope: &str) -> Self {
        let message = "This app hasn't been granted all required scopes to make this call. Read more about required scopes here: \
                       https://developers.hubspot.com/scopes.";
        let mut failure = Self::new(world, StatusCode::FORBIDDEN, "MISSING_SCOPES", message);
        failure.body["errors"] = json!([{
            "message": "One or more of the following scopes are required.", "context": { "requiredGranularScopes": [scope] },
        }]);
        failure.body["links"] = json!({ "scopes": "https://developers.hubspot.com/scopes" });
        failure
    }

    /// Too many requests; HubSpot names the policy and says nothing of when to come again.
    pub fn too_many(world: &World, policy: &str) -> Self {
        let message = format!("You have reached your {} limit.", policy.to_lowercase());
        let id = correlation_id(world);
        let body = json!({ "status": "error", "message": message, "errorType": "RATE_LIMIT", "correlationId": id, "policyName": policy });
        Self { status: StatusCode::TOO_MANY_REQUESTS, body }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        json(self.status, &self.body)
    }
}
