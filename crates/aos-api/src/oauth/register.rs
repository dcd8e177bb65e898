//! A program registers itself (RFC 7591) and gets an id. Nothing is kept of it, and the id alone opens nothing.

use super::client::{ID_BYTES_MAX, Registered, check_redirects, id_of, shown_name};
use super::error::OauthError;
use super::{OFFERED, names};
use crate::auth::throttle::{self, Caller};
use crate::extract::Json;
use crate::state::App;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

/// What is read of what a program says; the rest is nothing to us.
#[derive(Debug, Deserialize)]
pub(crate) struct Registration {
    #[serde(default)]
    redirect_uris: Vec<String>,
    #[serde(default)]
    client_name: Option<String>,
    #[serde(default)]
    token_endpoint_auth_method: Option<String>,
    #[serde(default)]
    grant_types: Vec<String>,
}

/// Gives a program an id.
pub(crate) async fn register(
    State(app): State<App>,
    caller: Caller,
    Json(asked): Json<Registration>,
) -> Result<Response, OauthError> {
    throttle::program(&app, &caller).await?;
    let metadata = |why: &'static str| OauthError::new("invalid_client_metadata", why);
    if asked.token_endpoint_auth_method.is_some_and(|method| method != "none") {
        return Err(metadata("programs have no secret here; register with token_endpoint_auth_method `none`"));
    }
    if !asked.grant_types.is_empty() && !asked.grant_types.iter().any(|kind| kind == "authorization_code") {
        return Err(metadata("tokens are given for a code that a person allowed; register for authorization_code"));
    }
    check_redirects(&asked.redirect_uris).map_err(|why| OauthError::new("invalid_redirect_uri", why))?;
    let name = match &asked.client_name {
        Some(name) => shown_name(name).ok_or_else(|| metadata("client_name has 1 to 80 visible characters"))?,
        None => "a program without a name".to_owned(),
    };
    let registered = Registered { name, redirect_uris: asked.redirect_uris };
    let client_id = id_of(&app.signer, &registered)?;
    if client_id.len() > ID_BYTES_MAX {
        return Err(OauthError::new("invalid_redirect_uri", "the redirect URIs are too long together"));
    }
    let body = json!({
        "client_id": client_id,
        "client_id_issued_at": app.clock.now().timestamp(),
        "client_name": registered.name,
        "redirect_uris": registered.redirect_uris,
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
        "scope": names(&OFFERED),
    });
    Ok((StatusCode::CREATED, [(CACHE_CONTROL, "no-store")], axum::Json(body)).into_response())
}
