//! What a client can find out before it has a token: what tokens are good for here, and where that is written.
//!
//! The shape is RFC 9728's. The authorization server that it names is this one (`oauth/`); API keys are taken beside its tokens.

use super::host_of;
use crate::oauth::{OFFERED, UNASKED, names};
use crate::router::MCP;
use crate::state::App;
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
    let scopes = OFFERED.map(|scope| scope.as_str());
    Json(json!({
        "resource": resource(&app, &headers),
        "authorization_servers": [base],
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
        && let Ok(value) =
            HeaderValue::from_str(&format!("Bearer resource_metadata=\"{base}{PLACE}\", scope=\"{}\"", names(&UNASKED)))
    {
        response.headers_mut().insert(WWW_AUTHENTICATE, value);
    }
    response
}

/// Returns where this server is found. Where the operator has not said it, the request does.
pub(crate) fn base(app: &App, headers: &HeaderMap) -> String {
    if let Some(url) = &app.settings.public_url {
        return url.clone();
    }
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).and_then(host_of).unwrap_or("localhost");
    format!("http://{host}")
}

/// Returns the address that tokens of programs are for.
pub(crate) fn resource(app: &App, headers: &HeaderMap) -> String {
    format!("{}{MCP}", base(app, headers))
}
