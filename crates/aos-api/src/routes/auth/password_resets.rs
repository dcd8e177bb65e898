//! Another password for a member who forgot theirs: an admin makes a link, as for an invitation, and passes it on. No mail is sent.

use super::invitations::LookRequest;
use crate::auth::opaque::Kind;
use crate::auth::password;
use crate::auth::sign_in::{self, RefreshBy, Session, SignedIn};
use crate::auth::throttle::{self, Caller};
use crate::extract::{Json, Path};
use crate::guard::Allowed;
use crate::middleware::auth::let_in;
use crate::problem::Problem;
use crate::state::App;
use aos_core::policy::may;
use aos_core::{TenantId, UserId};
use aos_store::{KnownUser, PasswordReset};
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// How long a link is good.
const LINK_TTL: Duration = Duration::days(1);

/// A link that was just made.
#[derive(Serialize, ToSchema)]
pub struct PasswordResetOut {
    id: Uuid,
    /// Lets whoever has it choose the member's password, once. It is shown this once.
    #[schema(example = "aosp_0199c0de000070008000000000000000…")]
    token: String,
    /// The page that takes it. The token stands behind the `#`, which browsers do not send to servers.
    #[schema(example = "/reset#aosp_0199c0de000070008000000000000000…")]
    link: String,
    expires_at: DateTime<Utc>,
}

/// Whose password a link changes.
#[derive(Serialize, ToSchema)]
pub struct ResettableOut {
    #[schema(example = "bob@acme.example")]
    email: String,
    expires_at: DateTime<Utc>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "token": "aosp_0199c0de000070008000000000000000…", "password": "four unrelated plain words", "refresh": "body" }))]
pub struct RedeemRequest {
    #[schema(example = "aosp_0199c0de000070008000000000000000…")]
    token: String,
    #[schema(min_length = 10, max_length = 128, format = "password", example = "four unrelated plain words")]
    password: String,
    /// How the refresh token is handed over; without one the session ends with its access token.
    #[serde(default)]
    refresh: RefreshBy,
}

/// Makes a link by which a member chooses another password. It is good once and for a day, and the one before it is good no more. Nobody
/// makes one for who is above them.
#[utoipa::path(post, path = "/members/{id}/password-reset", tag = "members", params(("id" = Uuid, Path)),
    responses((status = 201, body = PasswordResetOut), Problem))]
pub async fn create(
    tenant: Allowed<may::ManageMembers>,
    State(app): State<App>,
    Path(id): Path<Uuid>,
) -> Result<(StatusCode, [(HeaderName, &'static str); 1], axum::Json<PasswordResetOut>), Problem> {
    let issued = Kind::PasswordReset.issue(tenant.tenant_id());
    let expires_at = app.clock.now() + LINK_TTL;
    let id = app.store.tenant(&tenant).create_password_reset(UserId(id), &issued.digest, expires_at).await?;
    let link = format!("{}/reset#{}", app.settings.public_url.as_deref().unwrap_or_default(), issued.text);
    let created = PasswordResetOut { id, token: issued.text, link, expires_at };
    Ok((StatusCode::CREATED, [(CACHE_CONTROL, "no-store")], axum::Json(created)))
}

/// Says whose password a link changes, to whoever holds it.
#[utoipa::path(post, path = "/auth/password-resets/look", tag = "auth", security(()), request_body = LookRequest,
    responses((status = 200, body = ResettableOut), Problem))]
pub async fn look(
    State(app): State<App>,
    caller: Caller,
    Json(request): Json<LookRequest>,
) -> Result<axum::Json<ResettableOut>, Problem> {
    throttle::joining(&app, &caller).await?;
    let (_, PasswordReset { email, expires_at, .. }) = open(&app, &request.token).await?;
    Ok(axum::Json(ResettableOut { email, expires_at }))
}

/// Gives the member of a link another password, ends every session of theirs, and signs them in.
#[utoipa::path(post, path = "/auth/password-resets/redeem", tag = "auth", security(()), request_body = RedeemRequest,
    responses((status = 200, body = Session), Problem))]
pub async fn redeem(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Json(request): Json<RedeemRequest>,
) -> Result<SignedIn, Problem> {
    throttle::joining(&app, &caller).await?;
    let (tenant, reset) = open(&app, &request.token).await?;
    password::check_strength(&request.password, &reset.email)?;
    let hash = app.passwords.hash(&request.password).await?;
    let known = KnownUser { tenant, user: reset.user, role: reset.role };
    let scope = let_in(&known);
    let used = app.store.tenant(&scope).use_password_reset(reset.id, &hash).await;
    // Somebody else was faster.
    used.map_err(|error| match error {
        aos_store::Error::NotFound(_) => gone(),
        other => other.into(),
    })?;
    app.access_changed(&scope).await;
    sign_in::begin(&app, &headers, &known, "password_reset", request.refresh).await
}

/// Finds what a link was made for, if it can still be used.
async fn open(app: &App, token: &str) -> Result<(TenantId, PasswordReset), Problem> {
    let reference = Kind::PasswordReset.parse(token).ok_or_else(gone)?;
    let found = app.store.system().find_password_reset(reference.tenant, &reference.digest).await?;
    Ok((reference.tenant, found.ok_or_else(gone)?))
}

fn gone() -> Problem {
    Problem::new(
        StatusCode::GONE,
        "password_reset_gone",
        "this link is not good, or not any more",
        "ask an admin of your tenant for another one",
    )
}
