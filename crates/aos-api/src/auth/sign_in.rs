//! The moment someone is let in: a session begins, and its tokens are handed over.

use crate::auth::cookie;
use crate::auth::opaque::Kind;
use crate::auth::token::{Audience, Claims};
use crate::middleware::auth::let_in;
use crate::problem::Problem;
use crate::routes::auth::account::User;
use crate::state::App;
use aos_core::{SessionId, TenantScope};
use aos_store::{KnownUser, NewSession, Renewal};
use axum::http::header::{CACHE_CONTROL, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::ToSchema;

/// A used refresh token that comes back within this time is taken for a lost answer; see `TenantStore::renew_session`.
const RENEWAL_GRACE: Duration = Duration::from_secs(10);

/// How the refresh token is handed over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RefreshBy {
    /// There is none: the session ends with its access token.
    #[default]
    None,
    /// In a cookie that scripts cannot read; for browsers.
    Cookie,
    /// In the answer; for programs.
    Body,
}

/// What signing in gives.
#[derive(Serialize, ToSchema)]
pub struct Session {
    user: User,
    /// For the header `Authorization: Bearer <access_token>`.
    access_token: String,
    #[schema(example = "bearer")]
    token_type: &'static str,
    /// Seconds until the access token expires.
    #[schema(example = 900)]
    expires_in: u64,
    /// For `POST /auth/refresh`, once; where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    /// Seconds until the session ends, however often it is renewed; where there is a refresh token.
    #[serde(skip_serializing_if = "Option::is_none")]
    session_expires_in: Option<u64>,
}

/// An answer that lets someone in.
pub struct SignedIn {
    status: StatusCode,
    cookie: Option<HeaderValue>,
    session: Session,
}

impl SignedIn {
    pub fn created(self) -> Self {
        Self { status: StatusCode::CREATED, ..self }
    }

    pub fn into_cookie(self) -> Option<HeaderValue> {
        self.cookie
    }
}

impl IntoResponse for SignedIn {
    fn into_response(self) -> Response {
        let mut response = (self.status, axum::Json(self.session)).into_response();
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(cookie) = self.cookie {
            response.headers_mut().insert(SET_COOKIE, cookie);
        }
        response
    }
}

/// Begins a session of someone who has proved who they are.
pub async fn begin(
    app: &App,
    headers: &HeaderMap,
    known: &KnownUser,
    method: &str,
    by: RefreshBy,
) -> Result<SignedIn, Problem> {
    let scope = let_in(known);
    let refresh = (by != RefreshBy::None).then(|| Kind::Refresh.issue(known.tenant));
    let lasts = if refresh.is_some() { app.settings.session_ttl } else { app.settings.access_token_ttl };
    let new = NewSession {
        user: known.user,
        method,
        expires_at: app.clock.now() + lasts,
        refresh_digest: refresh.as_ref().map(|issued| issued.digest.as_str()),
    };
    let expires_at = new.expires_at;
    let id = app.store.tenant(&scope).begin_session(new).await?;
    hand_over(app, headers, &scope, Held { id, expires_at, refresh: refresh.map(|issued| issued.text) }, by).await
}

/// Takes a refresh token and gives the next one with an access token.
pub async fn renew(app: &App, headers: &HeaderMap, token: &str, by: RefreshBy) -> Result<SignedIn, Problem> {
    let reference = Kind::Refresh.parse(token).ok_or_else(refused)?;
    let holder = app.store.system().find_refresh_token(reference.tenant, &reference.digest).await?;
    let holder = holder.ok_or_else(refused)?;
    let (scope, next) = (let_in(&holder.known), Kind::Refresh.issue(reference.tenant));
    let store = app.store.tenant(&scope);
    match store.renew_session(holder.session, &reference.digest, &next.digest, RENEWAL_GRACE).await? {
        Renewal::Renewed { expires_at } => {
            let held = Held { id: holder.session, expires_at, refresh: Some(next.text) };
            hand_over(app, headers, &scope, held, by).await
        }
        Renewal::Reused => {
            tracing::warn!(
                session = %holder.session,
                tenant = %reference.tenant,
                "a refresh token came back after its use, so its session was ended"
            );
            app.access_changed(&scope).await;
            Err(refused())
        }
        Renewal::Over => Err(refused()),
    }
}

/// A session that stands, with its newest refresh token.
struct Held {
    id: SessionId,
    expires_at: DateTime<Utc>,
    refresh: Option<String>,
}

async fn hand_over(
    app: &App,
    headers: &HeaderMap,
    scope: &TenantScope,
    held: Held,
    by: RefreshBy,
) -> Result<SignedIn, Problem> {
    let Held { id: SessionId(id), expires_at, refresh } = held;
    let now = app.clock.now();
    let left = (expires_at - now).to_std().unwrap_or_default();
    let ttl = app.settings.access_token_ttl.min(left);
    let claims = Claims::new(Audience::Api, scope, id, now, ttl);
    let user = User::of(app, scope).await?;
    let cookie = refresh.as_deref().filter(|_| by == RefreshBy::Cookie);
    let cookie = cookie.map(|token| cookie::refresh(app, headers, token, left));
    let session_expires_in = refresh.is_some().then_some(left.as_secs());
    let session = Session {
        user,
        access_token: app.keys.sign(&claims),
        token_type: "bearer",
        expires_in: ttl.as_secs(),
        refresh_token: refresh.filter(|_| by == RefreshBy::Body),
        session_expires_in,
    };
    Ok(SignedIn { status: StatusCode::OK, cookie, session })
}

fn refused() -> Problem {
    Problem::unauthorized("invalid_refresh_token", "the refresh token is not good, or not any more", "sign in again")
}
