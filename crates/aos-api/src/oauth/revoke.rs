//! A program gives back what it holds (RFC 7009). Either of its tokens ends its session, and with it the other one.

use super::error::OauthError;
use crate::auth::opaque::{self, Kind};
use crate::auth::token::Audience;
use crate::mcp;
use crate::middleware::auth::{let_in, of_program};
use crate::state::App;
use aos_core::{SessionId, TenantScope};
use aos_store::SessionEnd;
use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub(crate) struct RevokeRequest {
    token: String,
    #[serde(default)]
    client_id: String,
}

/// Ends the session of a token. A token that is not known is answered alike, because it is as good as ended.
pub(crate) async fn revoke(
    State(app): State<App>,
    headers: HeaderMap,
    form: Result<Form<RevokeRequest>, FormRejection>,
) -> Result<StatusCode, OauthError> {
    let Form(RevokeRequest { token, client_id }) =
        form.map_err(|error| OauthError::new("invalid_request", error.body_text()))?;
    if let Some((scope, id)) = holder(&app, &headers, &token).await? {
        let store = app.store.tenant(&scope);
        let grant = store.program_grant(id).await?;
        if grant.is_some_and(|grant| client_id.is_empty() || grant.client_digest == opaque::digest(&client_id)) {
            store.end_session(id, SessionEnd::Revoked).await?;
            app.access_changed(&scope).await;
        }
    }
    Ok(StatusCode::OK)
}

async fn holder(app: &App, headers: &HeaderMap, token: &str) -> Result<Option<(TenantScope, SessionId)>, OauthError> {
    if let Some(reference) = Kind::ProgramRefresh.parse(token) {
        let holder = app.store.system().find_refresh_token(reference.tenant, &reference.digest).await?;
        return Ok(holder.map(|holder| (let_in(&holder.known), holder.session)));
    }
    let resource = mcp::resource(app, headers);
    let Ok(claims) = app.keys.verify(token, Audience::Program(&resource), app.clock.now()) else { return Ok(None) };
    let standing = of_program(app, &claims).await;
    Ok(standing.ok().map(|session| (session.scope.clone(), SessionId(session.id))))
}
