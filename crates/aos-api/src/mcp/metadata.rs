//! What a client can find out before it has a token: what tokens are good for here, and where that is written.
//!
//! The shape is RFC 9728's. No authorization server is named, because tokens are given out here, by signing in or as API keys.

use super::host_of;
use crate::state::App;
use aos_core::policy::Permission;
use axum::Json;
use axum::extract::{Request, State};
use axum::http::header::{HOST, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use serde_json::{Value, json};

const PLACE: &str = "/.well-known/oauth-protected-resource";

/// Says for what resource tokens have to be, and how they are sent.
pub(crate) async fn protected_resource(State(app): State<App>, headers: HeaderMap) -> Json<Value> {
    let base = base(&app, &headers);
    let scopes: Vec<&str> = Permission::ALL.iter().map(|permission| permission.as_str()).collect();
    Json(json!({
        "resource": format!("{base}/mcp"),
        "resource_name": "AutonomOS",
        "bearer_methods_supported": ["header"],
        "scopes_supported": scopes,
        "resource_documentation": format!("{base}/docs"),
    }))
}

/// Says to whoever comes without a good token where to read what one is.
pub(crate) async fn challenge(State(app): State<App>, request: Request, next: Next) -> Response {
    let base = base(&app, request.headers());
    let mut response = next.run(request).await;
    if response.status() == StatusCode::UNAUTHORIZED
        && let Ok(value) = HeaderValue::from_str(&format!("Bearer resource_metadata=\"{base}{PLACE}\""))
    {
        response.headers_mut().insert(WWW_AUTHENTICATE, value);
    }
    response
}

/// Returns where this server is found. Where the operator has not said it, the request does.
pub(super) fn base(app: &App, headers: &HeaderMap) -> String {
    if let Some(url) = &app.settings.public_url {
        return url.clone();
    }
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).and_then(host_of).unwrap_or("localhost");
    format!("http://{host}")
}
