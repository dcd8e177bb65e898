//! A program exchanges its code for tokens, and a refresh token for the next ones.

use super::error::OauthError;
use super::request::is_for;
use crate::auth::opaque::{self, Kind};
use crate::auth::token::{Audience, Claims};
use crate::mcp;
use crate::middleware::auth::let_in;
use crate::state::App;
use aos_core::{SessionId, TenantScope};
use aos_store::{ProgramGrant, Renewal};
use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::HeaderMap;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::time::Duration;

/// A program keeps its tokens in one place, so that a second use of one is a theft and no second tab: it is not waited for.
const RENEWAL_GRACE: Duration = Duration::ZERO;
/// The length of a verifier (RFC 7636, section 4.1).
const VERIFIER_CHARS: std::ops::RangeInclusive<usize> = 43..=128;

#[derive(Debug, Deserialize)]
pub(crate) struct TokenRequest {
    grant_type: String,
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    redirect_uri: Option<String>,
    #[serde(default)]
    code_verifier: String,
    #[serde(default)]
    refresh_token: String,
    #[serde(default)]
    resource: Option<String>,
    #[serde(default)]
    scope: Option<String>,
}

/// Gives tokens for a code, or for a refresh token.
pub(crate) async fn token(
    State(app): State<App>,
    headers: HeaderMap,
    form: Result<Form<TokenRequest>, FormRejection>,
) -> Result<Response, OauthError> {
    let Form(request) = form.map_err(|error| OauthError::new("invalid_request", error.body_text()))?;
    let resource = mcp::resource(&app, &headers);
    if !is_for(request.resource.as_deref().filter(|asked| !asked.is_empty()), &resource) {
        return Err(OauthError::new("invalid_target", "tokens are given for this server's own address only"));
    }
    match request.grant_type.as_str() {
        "authorization_code" => of_code(&app, &request, &resource).await,
        "refresh_token" => of_refresh_token(&app, &request, &resource).await,
        _ => Err(OauthError::new("unsupported_grant_type", "grant_type is authorization_code or refresh_token")),
    }
}

async fn of_code(app: &App, request: &TokenRequest, resource: &str) -> Result<Response, OauthError> {
    let wrong = || OauthError::grant("the code is not good, or not for this program, address and verifier");
    let reference = Kind::ProgramCode.parse(&request.code).ok_or_else(wrong)?;
    let code = app.store.system().find_program_code(reference.tenant, &reference.digest).await?.ok_or_else(wrong)?;
    let proved = VERIFIER_CHARS.contains(&request.code_verifier.len())
        && URL_SAFE_NO_PAD.encode(Sha256::digest(request.code_verifier.as_bytes())) == code.challenge;
    let same_address = request.redirect_uri.as_ref().is_none_or(|asked| *asked == code.redirect_uri);
    if !proved || !same_address || opaque::digest(&request.client_id) != code.client_digest || code.resource != resource
    {
        return Err(wrong());
    }
    let (now, refresh) = (app.clock.now(), Kind::ProgramRefresh.issue(reference.tenant));
    let (scope, expires_at) = (let_in(&code.known), now + app.settings.program_ttl);
    if code.expires_at <= now {
        return Err(wrong());
    }
    let begun = app.store.tenant(&scope).begin_program_session(&code, expires_at, &refresh.digest).await?;
    let Some(id) = begun else {
        tracing::warn!(tenant = %reference.tenant, "a program's code came twice, so what came of it was ended");
        app.access_changed(&scope).await;
        return Err(wrong());
    };
    Ok(handed_over(app, &scope, &Held { id, resource, scopes: &code.scopes, expires_at }, &refresh.text))
}

async fn of_refresh_token(app: &App, request: &TokenRequest, resource: &str) -> Result<Response, OauthError> {
    let wrong = || OauthError::grant("the refresh token is not good, or not any more; ask the person again");
    let reference = Kind::ProgramRefresh.parse(&request.refresh_token).ok_or_else(wrong)?;
    let holder = app.store.system().find_refresh_token(reference.tenant, &reference.digest).await?;
    let holder = holder.ok_or_else(wrong)?;
    let (scope, next) = (let_in(&holder.known), Kind::ProgramRefresh.issue(reference.tenant));
    let store = app.store.tenant(&scope);
    let ProgramGrant { client_digest, scopes, resource: of, .. } =
        store.program_grant(holder.session).await?.ok_or_else(wrong)?;
    if opaque::digest(&request.client_id) != client_digest || of != resource {
        return Err(wrong());
    }
    if !asks_for_the_same(request.scope.as_deref(), &scopes) {
        let why = "a token is renewed for the scopes that were allowed; leave scope out, or ask the person again";
        return Err(OauthError::new("invalid_scope", why));
    }
    match store.renew_session(holder.session, &reference.digest, &next.digest, RENEWAL_GRACE).await? {
        Renewal::Renewed { expires_at } => {
            let held = Held { id: holder.session, resource, scopes: &scopes, expires_at };
            Ok(handed_over(app, &scope, &held, &next.text))
        }
        Renewal::Reused => {
            tracing::warn!(
                session = %holder.session,
                tenant = %reference.tenant,
                "a program's refresh token came back after its use, so its session was ended"
            );
            app.access_changed(&scope).await;
            Err(wrong())
        }
        Renewal::Over => Err(wrong()),
    }
}

/// A program's session that stands.
struct Held<'a> {
    id: SessionId,
    resource: &'a str,
    scopes: &'a [String],
    expires_at: DateTime<Utc>,
}

fn handed_over(app: &App, scope: &TenantScope, held: &Held<'_>, refresh_token: &str) -> Response {
    let now = app.clock.now();
    let left = (held.expires_at - now).to_std().unwrap_or_default();
    let ttl = app.settings.access_token_ttl.min(left);
    let claims = Claims::new(Audience::Program(held.resource), scope, held.id.0, now, ttl);
    let body = json!({
        "access_token": app.keys.sign(&claims),
        "token_type": "Bearer",
        "expires_in": ttl.as_secs(),
        "refresh_token": refresh_token,
        "scope": held.scopes.join(" "),
    });
    ([(CACHE_CONTROL, "no-store")], axum::Json(body)).into_response()
}

fn asks_for_the_same(asked: Option<&str>, held: &[String]) -> bool {
    let Some(asked) = asked.filter(|asked| !asked.trim().is_empty()) else { return true };
    let asked: Vec<&str> = asked.split_ascii_whitespace().collect();
    asked.iter().all(|scope| held.iter().any(|known| known == scope))
        && held.iter().all(|known| asked.contains(&known.as_str()))
}
