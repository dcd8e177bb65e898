//! The door of the protected routes. The tenant comes from the token and from nowhere else, and this file is the only one in the
//! API that says who someone is.

use crate::auth::session::Session;
use crate::auth::token::{Audience, Claims};
use crate::middleware::tracing::RequestContext;
use crate::problem::Problem;
use crate::state::App;
use aos_core::tenant::Principal;
use aos_core::{Role, TenantScope, UserId};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::ops::Deref;
use std::sync::Arc;

/// Lets only requests with a standing session through, and hands the session on.
pub async fn require(State(app): State<App>, mut request: Request, next: Next) -> Response {
    match signed_in(&app, request.headers()).await {
        Ok(session) => {
            RequestContext::set_tenant(session.scope.tenant_id());
            request.extensions_mut().insert(Tenant { session });
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    }
}

/// Someone of a tenant, whatever their role: enough to look.
#[derive(Clone)]
pub struct Tenant {
    session: Arc<Session>,
}

/// Someone of a tenant who may change its things.
pub struct Editor(Tenant);

/// Someone of a tenant who may change how it is told and reached.
pub struct Admin(Tenant);

impl Tenant {
    pub fn session(&self) -> &Session {
        &self.session
    }

    pub fn user_id(&self) -> Result<UserId, Problem> {
        match self.session.scope.principal() {
            Principal::User(user) => Ok(user),
            Principal::Local => Err(Problem::forbidden("this is for people who signed in")),
        }
    }
}

impl Deref for Tenant {
    type Target = TenantScope;
    fn deref(&self) -> &TenantScope {
        &self.session.scope
    }
}

impl Deref for Editor {
    type Target = TenantScope;
    fn deref(&self) -> &TenantScope {
        &self.0.session.scope
    }
}

impl Deref for Admin {
    type Target = TenantScope;
    fn deref(&self) -> &TenantScope {
        &self.0.session.scope
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Tenant {
    type Rejection = Problem;

    /// Answers 401 on a route that `require` does not stand before, so that a forgotten layer locks the route instead of opening it.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(missing)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Editor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let refused = "your role may look at this tenant's things but not change them";
        at_least(Role::Member, refused, parts, state).await.map(Self)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Admin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let refused = "only an admin or owner may change where this tenant's notifications go and how they are signed";
        at_least(Role::Admin, refused, parts, state).await.map(Self)
    }
}

async fn at_least<S: Send + Sync>(role: Role, refused: &str, parts: &mut Parts, state: &S) -> Result<Tenant, Problem> {
    let tenant = Tenant::from_request_parts(parts, state).await?;
    if tenant.role() < role {
        return Err(Problem::forbidden(refused));
    }
    Ok(tenant)
}

async fn signed_in(app: &App, headers: &HeaderMap) -> Result<Arc<Session>, Problem> {
    let header = headers.get(AUTHORIZATION).ok_or_else(missing)?;
    let token = bearer(header).ok_or_else(|| {
        let detail = "the Authorization header is not `Bearer <access token>`";
        Problem::unauthorized("invalid_token", detail, "send the access token that signing in returned")
    })?;
    let claims = app.keys.verify(token, Audience::Api, app.clock.now())?;
    stand(app, &claims).await
}

/// Returns the session behind checked claims, if it still stands: not signed out, and the user still there. The role is the user's
/// present one, not the one in the token.
pub(crate) async fn stand(app: &App, claims: &Claims) -> Result<Arc<Session>, Problem> {
    if let Some(session) = app.sessions.find(claims.tenant, claims.jti) {
        return Ok(session);
    }
    let scope = establish(claims, claims.role);
    let store = app.store.tenant(&scope);
    if store.is_revoked(&claims.jti.to_string()).await? {
        return Err(Problem::unauthorized("token_revoked", "this session was signed out", "sign in again"));
    }
    let Some(user) = store.user(claims.sub).await? else {
        return Err(Problem::unauthorized(
            "session_ended",
            "the user of this session is no longer there",
            "sign in again",
        ));
    };
    let scope = establish(claims, user.role);
    let session = Arc::new(Session { scope, jti: claims.jti, expires_at: claims.session_expires_at() });
    app.sessions.remember(&session);
    Ok(session)
}

#[allow(clippy::disallowed_methods)] // The one place in the API: the claims were signed by this server and have been checked.
fn establish(claims: &Claims, role: Role) -> TenantScope {
    TenantScope::establish(claims.tenant, Principal::User(claims.sub), role)
}

fn bearer(header: &HeaderValue) -> Option<&str> {
    let (scheme, token) = header.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

fn missing() -> Problem {
    Problem::unauthorized(
        "unauthenticated",
        "this needs someone who is signed in",
        "sign in at /api/v1/auth/login and send the access token as `Authorization: Bearer <token>`",
    )
}
