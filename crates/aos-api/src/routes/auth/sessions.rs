//! Sessions: renewed with a refresh token, ended by signing out, listed and ended one by one by whom they belong to.

use crate::auth::cookie;
use crate::auth::sign_in::{self, RefreshBy, Session, SignedIn};
use crate::extract::{Json, Path};
use crate::guard::Allowed;
use crate::page::ListOut;
use crate::problem::Problem;
use crate::state::App;
use aos_core::SessionId;
use aos_core::policy::may;
use aos_store::SessionEnd;
use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Deserialize, ToSchema)]
pub struct RefreshRequest {
    /// The refresh token. Left out by browsers, which hold it in a cookie.
    #[serde(default)]
    #[schema(example = "aosr_0199c0de000070008000000000000000…")]
    refresh_token: Option<String>,
}

/// One sign-in of the user.
#[derive(Serialize, ToSchema)]
#[schema(as = UserSession)]
pub struct SessionOut {
    id: Uuid,
    /// Whether it is the one that asks.
    current: bool,
    /// How it began: `password`, `invitation`, or `oidc:<provider>`.
    #[schema(example = "password")]
    method: String,
    created_at: DateTime<Utc>,
    renewed_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

/// Renews the session of a refresh token: gives a new access token and the next refresh token.
///
/// A refresh token is good once. One that comes back later was stolen, or its successor was, and its session ends (RFC 9700, section
/// 4.14.2). Within ten seconds it is taken for an answer that was lost.
#[utoipa::path(post, path = "/auth/refresh", tag = "auth", security(()), request_body = RefreshRequest,
    responses((status = 200, body = Session), Problem))]
pub async fn refresh(State(app): State<App>, headers: HeaderMap, Json(request): Json<RefreshRequest>) -> Response {
    if let Some(token) = &request.refresh_token {
        return sign_in::renew(&app, &headers, token, RefreshBy::Body).await.into_response();
    }
    match by_cookie(&app, &headers).await {
        Ok(signed_in) => signed_in.into_response(),
        // A cookie that is no good only causes further refusals.
        Err(problem) if problem.code() == "invalid_refresh_token" => {
            let mut response = problem.into_response();
            response.headers_mut().insert(SET_COOKIE, cookie::no_refresh(&app, &headers));
            response
        }
        Err(problem) => problem.into_response(),
    }
}

async fn by_cookie(app: &App, headers: &HeaderMap) -> Result<SignedIn, Problem> {
    let token = cookie::refresh_of(headers).ok_or_else(|| {
        let detail = "there is no refresh token, neither in the body nor in a cookie";
        Problem::unauthorized("no_refresh_token", detail, "sign in, and ask for a refresh token with `refresh`")
    })?;
    cookie::check_origin(app, headers)?;
    sign_in::renew(app, headers, token, RefreshBy::Cookie).await
}

/// Ends this session: its access tokens, its refresh token and the tickets it asked for stop working.
#[utoipa::path(post, path = "/auth/logout", tag = "auth", responses((status = 204, description = "Signed out"), Problem))]
pub async fn logout(
    tenant: Allowed<may::UseAccount>,
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<(StatusCode, [(HeaderName, HeaderValue); 1]), Problem> {
    tenant.user_id()?;
    let id = SessionId(tenant.session().id);
    app.store.tenant(&tenant).end_session(id, SessionEnd::SignedOut).await?;
    app.access_changed(&tenant).await;
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, cookie::no_refresh(&app, &headers))]))
}

/// Lists one's sessions, newest first.
#[utoipa::path(get, path = "/auth/sessions", tag = "auth", responses((status = 200, body = ListOut<SessionOut>), Problem))]
pub async fn list(
    tenant: Allowed<may::UseAccount>,
    State(app): State<App>,
) -> Result<axum::Json<ListOut<SessionOut>>, Problem> {
    let user = tenant.user_id()?;
    let sessions = app.store.tenant(&tenant).list_sessions(user).await?;
    let current = tenant.session().id;
    let items = sessions.into_iter().map(|session| SessionOut {
        id: session.id.0,
        current: session.id.0 == current,
        method: session.method,
        created_at: session.created_at,
        renewed_at: session.renewed_at,
        expires_at: session.expires_at,
    });
    Ok(axum::Json(ListOut { items: items.collect() }))
}

/// Ends one of one's own sessions.
#[utoipa::path(delete, path = "/auth/sessions/{id}", tag = "auth", params(("id" = Uuid, Path)),
    responses((status = 204, description = "The session was ended"), Problem))]
pub async fn delete(
    tenant: Allowed<may::UseAccount>,
    State(app): State<App>,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Problem> {
    app.store.tenant(&tenant).end_session_of(tenant.user_id()?, SessionId(id)).await?;
    app.access_changed(&tenant).await;
    Ok(StatusCode::NO_CONTENT)
}
