//! The door of the protected routes. The tenant comes from the token and from nowhere else, and this file is the only one in the
//! API that says who someone is. What they may do is asked in `guard.rs`.

use crate::auth::opaque::{self, Reference};
use crate::auth::session::{Name, Session};
use crate::auth::token::{Audience, Claims};
use crate::middleware::tracing::RequestContext;
use crate::problem::Problem;
use crate::state::App;
use aos_core::tenant::{Principal, Scopes};
use aos_core::{ApiKeyId, Role, SessionId, TenantId, TenantScope};
use aos_store::{ApiKey, KnownUser};
use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use uuid::Uuid;

/// Lets only requests with a standing session through, and hands the session on.
pub async fn require(State(app): State<App>, mut request: Request, next: Next) -> Response {
    match signed_in(&app, request.headers()).await {
        Ok(session) => {
            RequestContext::set_tenant(session.scope.tenant_id());
            request.extensions_mut().insert(session);
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    }
}

/// Lets only requests of agents through: with an API key, or with the token of a program that somebody lets act for them here. The token of a
/// person's own session is for the API, and for nothing else.
pub async fn require_agent(State(app): State<App>, mut request: Request, next: Next) -> Response {
    match agent_in(&app, request.headers()).await {
        Ok(session) => {
            RequestContext::set_tenant(session.scope.tenant_id());
            request.extensions_mut().insert(session);
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    }
}

async fn agent_in(app: &App, headers: &HeaderMap) -> Result<Arc<Session>, Problem> {
    let token = token_of(headers)?;
    if token.starts_with(opaque::Kind::ApiKey.prefix()) {
        return by_key(app, token).await;
    }
    let resource = crate::mcp::resource(app, headers);
    of_program(app, &app.keys.verify(token, Audience::Program(&resource), app.clock.now())?).await
}

/// Returns the program behind checked claims, narrowed to what was allowed, if it still may act.
pub(crate) async fn of_program(app: &App, claims: &Claims) -> Result<Arc<Session>, Problem> {
    let name = Name::Program(claims.sid);
    if let Some(session) = app.sessions.find(claims.tenant, name.clone())
        && session.scope.principal() == claims.sub
        && !session.is_over(app.clock.now())
    {
        return Ok(session);
    }
    let seen = app.sessions.moment(claims.tenant);
    let asking = establish(claims.tenant, claims.sub, claims.role, None);
    let grant = app.store.tenant(&asking).program_grant(SessionId(claims.sid)).await?;
    let grant = grant.filter(|grant| grant.resource == claims.aud).ok_or_else(session_ended)?;
    let stands = look_up(app, &asking, claims.sid).await?;
    let scopes = Scopes::from_iter(grant.scopes);
    let scope = establish(claims.tenant, claims.sub, stands.scope.role(), Some(scopes));
    let session = Arc::new(Session { scope, ..stands });
    app.sessions.remember(name, seen, &session);
    Ok(session)
}

fn token_of(headers: &HeaderMap) -> Result<&str, Problem> {
    let header = headers.get(AUTHORIZATION).ok_or_else(missing)?;
    bearer(header).ok_or_else(|| {
        let detail = "the Authorization header is not `Bearer <access token or API key>`";
        Problem::unauthorized("invalid_token", detail, "send the access token that signing in returned, or an API key")
    })
}

pub(crate) async fn signed_in(app: &App, headers: &HeaderMap) -> Result<Arc<Session>, Problem> {
    let token = token_of(headers)?;
    if token.starts_with(opaque::Kind::ApiKey.prefix()) {
        return by_key(app, token).await;
    }
    stand(app, &app.keys.verify(token, Audience::Api, app.clock.now())?).await
}

/// Returns who stands behind checked claims, if they still do: the session not ended and its user still there, or the key not revoked. The
/// role is the present one, not the one in the token.
pub(crate) async fn stand(app: &App, claims: &Claims) -> Result<Arc<Session>, Problem> {
    let name = Name::Session(claims.sid);
    if let Some(session) = app.sessions.find(claims.tenant, name.clone())
        && session.scope.principal() == claims.sub
        && !session.is_over(app.clock.now())
    {
        return Ok(session);
    }
    let seen = app.sessions.moment(claims.tenant);
    let asking = establish(claims.tenant, claims.sub, claims.role, None);
    let session = look_up(app, &asking, claims.sid).await?;
    let session = Arc::new(session);
    app.sessions.remember(name, seen, &session);
    Ok(session)
}

/// Asks the store again who stands behind a session, and as what.
pub(crate) async fn stand_anew(app: &App, session: &Session) -> Result<Session, Problem> {
    look_up(app, &session.scope, session.id).await
}

async fn look_up(app: &App, asking: &TenantScope, id: Uuid) -> Result<Session, Problem> {
    let (tenant, who) = (asking.tenant_id(), asking.principal());
    let session = match who {
        Principal::ApiKey(key) => of_key(app, tenant, app.store.tenant(asking).api_key(key).await?)?,
        Principal::User(user) => {
            let standing = app.store.tenant(asking).session_standing(SessionId(id)).await?;
            let standing = standing.filter(|standing| standing.user == user).ok_or_else(session_ended)?;
            if standing.ended {
                return Err(signed_out());
            }
            let scope = establish(tenant, who, standing.role, None);
            Session { scope, id, expires_at: Some(standing.expires_at) }
        }
        Principal::Local => return Err(session_ended()),
    };
    if session.is_over(app.clock.now()) {
        return Err(session_ended());
    }
    Ok(session)
}

/// Lets someone in who has just proved who they are: by password, refresh token, invitation or provider.
pub(crate) fn let_in(known: &KnownUser) -> TenantScope {
    establish(known.tenant, Principal::User(known.user), known.role, None)
}

async fn by_key(app: &App, token: &str) -> Result<Arc<Session>, Problem> {
    let Reference { tenant, digest } = opaque::Kind::ApiKey.parse(token).ok_or_else(unknown_key)?;
    let name = Name::Key(digest.clone());
    if let Some(session) = app.sessions.find(tenant, name.clone())
        && !session.is_over(app.clock.now())
    {
        return Ok(session);
    }
    let seen = app.sessions.moment(tenant);
    let key = app.store.system().find_api_key(tenant, &digest).await?;
    let session = Arc::new(of_key(app, tenant, key.clone())?);
    if let Some(key) = key
        && let Err(error) = app.store.tenant(&session.scope).note_api_key_use(&key).await
    {
        // A key is good also when its use cannot be noted.
        tracing::warn!(%error, "the use of an API key could not be noted: {error}");
    }
    app.sessions.remember(name, seen, &session);
    Ok(session)
}

fn of_key(app: &App, tenant: TenantId, key: Option<ApiKey>) -> Result<Session, Problem> {
    let key = key.ok_or_else(unknown_key)?;
    let next_step = "ask an admin of your tenant for another key";
    if key.revoked_at.is_some() {
        return Err(Problem::unauthorized("key_revoked", "this API key was revoked", next_step));
    }
    if !key.is_good(app.clock.now()) {
        return Err(Problem::unauthorized("key_expired", "this API key has expired", next_step));
    }
    let ApiKeyId(id) = key.id;
    let scopes = key.scopes.map(Scopes::from_iter);
    let scope = establish(tenant, Principal::ApiKey(key.id), key.role, scopes);
    Ok(Session { scope, id, expires_at: key.expires_at })
}

#[allow(clippy::disallowed_methods)] // The one place in the API: what is established here was proved before.
fn establish(tenant: TenantId, who: Principal, role: Role, scopes: Option<Scopes>) -> TenantScope {
    let scope = TenantScope::establish(tenant, who, role);
    match scopes {
        Some(scopes) => scope.with_scopes(scopes),
        None => scope,
    }
}

fn bearer(header: &HeaderValue) -> Option<&str> {
    let (scheme, token) = header.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

pub(crate) fn missing() -> Problem {
    Problem::unauthorized(
        "unauthenticated",
        "this needs someone who is signed in",
        "sign in at /api/v1/auth/login and send the access token as `Authorization: Bearer <token>`",
    )
}

fn unknown_key() -> Problem {
    Problem::unauthorized("invalid_token", "this is no API key of this server", "check that the whole key was copied")
}

fn signed_out() -> Problem {
    Problem::unauthorized("token_revoked", "this session was signed out", "sign in again")
}

fn session_ended() -> Problem {
    Problem::unauthorized("session_ended", "this session has ended, or its user is no longer there", "sign in again")
}
