//! What a program finds out before it asks anybody: where it registers, where people are asked, where codes become tokens (RFC 8414).

use super::{AUTHORIZE, OFFERED, REGISTER, REVOKE, TOKEN};
use crate::mcp;
use crate::state::App;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde_json::{Value, json};

/// Describes this server as one that gives out tokens for its own Model Context Protocol.
pub(crate) async fn authorization_server(State(app): State<App>, headers: HeaderMap) -> Json<Value> {
    let base = mcp::base(&app, &headers);
    let scopes = OFFERED.map(|scope| scope.as_str());
    Json(json!({
        "issuer": base,
        "authorization_endpoint": format!("{base}{AUTHORIZE}"),
        "token_endpoint": format!("{base}{TOKEN}"),
        "revocation_endpoint": format!("{base}{REVOKE}"),
        "registration_endpoint": format!("{base}{REGISTER}"),
        "client_id_metadata_document_supported": true,
        "scopes_supported": scopes,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none"],
        "revocation_endpoint_auth_methods_supported": ["none"],
        "authorization_response_iss_parameter_supported": true,
        "service_documentation": format!("{base}/docs"),
    }))
}
