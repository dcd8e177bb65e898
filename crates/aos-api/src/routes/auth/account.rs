//! Signing up and in by password, who one is, changing one's password, and tickets for the WebSocket.

use super::{RoleName, check_name, checked_email};
use crate::auth::password;
use crate::auth::sign_in::{self, RefreshBy, Session, SignedIn};
use crate::auth::throttle::{self, Caller};
use crate::auth::token::{Audience, Claims};
use crate::extract::Json;
use crate::guard::Allowed;
use crate::problem::Problem;
use crate::state::App;
use aos_core::ontology::Pii;
use aos_core::policy::{Lens, Sensitivity, may};
use aos_core::tenant::Principal;
use aos_core::{Role, SessionId, TenantId, TenantScope};
use aos_store::KnownUser;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Deserialize, ToSchema)]
#[schema(example = json!({ "name": "Acme", "email": "ann@acme.example", "password": "four unrelated plain words" }))]
pub struct RegisterRequest {
    /// The name of the new tenant and of its owner.
    #[schema(min_length = 1, max_length = 100, example = "Acme")]
    name: String,
    #[schema(min_length = 3, max_length = 254, format = "email", example = "ann@acme.example")]
    email: String,
    #[schema(min_length = 10, max_length = 128, format = "password", example = "four unrelated plain words")]
    password: String,
    /// How the refresh token is handed over; without one the session ends with its access token.
    #[serde(default)]
    refresh: RefreshBy,
}

#[derive(Deserialize, ToSchema)]
#[schema(example = json!({ "email": "ann@acme.example", "password": "four unrelated plain words" }))]
pub struct LoginRequest {
    #[schema(example = "ann@acme.example")]
    email: String,
    #[schema(format = "password", example = "four unrelated plain words")]
    password: String,
    /// How the refresh token is handed over; without one the session ends with its access token.
    #[serde(default)]
    refresh: RefreshBy,
}

#[derive(Deserialize, ToSchema)]
pub struct PasswordRequest {
    #[schema(format = "password", example = "four unrelated plain words")]
    current_password: String,
    #[schema(min_length = 10, max_length = 128, format = "password", example = "four other plain words")]
    new_password: String,
}

#[derive(Serialize, ToSchema)]
pub struct User {
    id: Uuid,
    email: String,
    name: String,
    tenant_id: Uuid,
    #[schema(value_type = RoleName)]
    role: Role,
    created_at: DateTime<Utc>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Tenant)]
pub struct TenantOut {
    id: Uuid,
    name: String,
}

/// Who is signed in: a user, or an API key.
#[derive(Serialize, ToSchema)]
pub struct Me {
    #[schema(required)]
    user: Option<User>,
    #[schema(required)]
    api_key: Option<MeKey>,
    tenant: TenantOut,
}

#[derive(Serialize, ToSchema)]
pub struct MeKey {
    id: Uuid,
    name: String,
    #[schema(value_type = RoleName)]
    role: Role,
    /// The permissions it was made for; null is the whole role.
    #[schema(required)]
    scopes: Option<Vec<String>>,
    #[schema(required)]
    expires_at: Option<DateTime<Utc>>,
}

/// Opens the WebSocket once, as the `ticket` parameter of its address.
#[derive(Serialize, ToSchema)]
pub struct WsTicket {
    ticket: String,
    /// Seconds until the ticket expires.
    #[schema(example = 30)]
    expires_in: u64,
}

/// Creates a tenant and its owner, and signs the owner in.
///
/// An address that is taken is told as such: there is no mail by which to tell its owner only, and whoever may register finds out anyway, by
/// signing in afterwards. A taken address counts as several registrations, so that one caller learns of a few only; where that is too
/// much, the operator closes registration.
#[utoipa::path(post, path = "/auth/register", tag = "auth", security(()), request_body = RegisterRequest,
    responses((status = 201, body = Session), Problem))]
pub async fn register(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Json(new): Json<RegisterRequest>,
) -> Result<SignedIn, Problem> {
    check_registration(&app)?;
    let name = new.name.trim();
    check_name(name)?;
    let email = checked_email(&new.email)?;
    password::check_strength(&new.password, &email)?;
    throttle::registration(&app, &caller).await?;
    let hash = app.passwords.hash(&new.password).await?;
    let registered = app.store.system().register(name, name, &email, &hash).await;
    if matches!(registered, Err(aos_store::Error::EmailTaken)) {
        throttle::taken(&app, &caller).await?;
    }
    let (tenant, user) = registered?;
    let known = KnownUser { tenant: tenant.id, user: user.id, role: user.role };
    Ok(sign_in::begin(&app, &headers, &known, "password", new.refresh).await?.created())
}

/// Signs in. An unknown e-mail address and a wrong password are answered alike.
#[utoipa::path(post, path = "/auth/login", tag = "auth", security(()), request_body = LoginRequest,
    responses((status = 200, body = Session), Problem))]
pub async fn login(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Json(login): Json<LoginRequest>,
) -> Result<SignedIn, Problem> {
    let attempt = throttle::sign_in(&app, &caller, &login.email).await?;
    let found = app.store.system().find_sign_in(&login.email).await?;
    let hash = found.as_ref().map(|found| found.password_hash.clone());
    match (proved(&app, &login.password, hash).await?, found) {
        (true, Some(found)) => {
            attempt.succeeded(&app).await?;
            let known = KnownUser { tenant: found.tenant, user: found.user, role: found.role };
            sign_in::begin(&app, &headers, &known, "password", login.refresh).await
        }
        _ => Err(Problem::unauthorized(
            "invalid_credentials",
            "the e-mail address or the password is not right",
            "check both and try again",
        )),
    }
}

/// Returns who is signed in.
#[utoipa::path(get, path = "/auth/me", tag = "auth", responses((status = 200, body = Me), Problem))]
pub async fn me(tenant: Allowed<may::UseAccount>, State(app): State<App>) -> Result<axum::Json<Me>, Problem> {
    let store = app.store.tenant(&tenant);
    let of = store.tenant().await?;
    let key = match tenant.principal() {
        Principal::ApiKey(id) => store.api_key(id).await?,
        _ => None,
    };
    let user = if key.is_none() { Some(User::of(&app, &tenant).await?) } else { None };
    let api_key = key.map(|key| MeKey {
        id: key.id.0,
        name: key.name,
        role: key.role,
        scopes: key.scopes,
        expires_at: key.expires_at,
    });
    Ok(axum::Json(Me { user, api_key, tenant: TenantOut { id: of.id.0, name: of.name } }))
}

/// Changes one's password. Every other session of the user ends; this one goes on.
#[utoipa::path(post, path = "/auth/password", tag = "auth", request_body = PasswordRequest,
    responses((status = 204, description = "The password was changed"), Problem))]
pub async fn change_password(
    tenant: Allowed<may::UseAccount>,
    State(app): State<App>,
    Json(change): Json<PasswordRequest>,
) -> Result<StatusCode, Problem> {
    let user = tenant.user_id()?;
    let attempt = throttle::password(&app, user).await?;
    // Nothing is written before the hashing is done: under an Idempotency-Key the first write holds the embedded database's only writer.
    let Some(hash) = app.store.system().password_hash(tenant.tenant_id(), user).await? else {
        let detail = "this account has no password; it signs in through another provider";
        return Err(Problem::conflict("no_password", detail, "change the password at that provider"));
    };
    if !proved(&app, &change.current_password, Some(hash)).await? {
        let detail = "the current password is not right";
        return Err(Problem::unprocessable("wrong_password", detail, "check it and try again"));
    }
    attempt.succeeded(&app).await?;
    let store = app.store.tenant(&tenant);
    let email = store.user(user).await?.ok_or_else(user_gone)?.email;
    password::check_strength(&change.new_password, &email)?;
    let hash = app.passwords.hash(&change.new_password).await?;
    store.change_password(user, &hash, SessionId(tenant.session().id)).await?;
    app.access_changed(&tenant).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives a ticket that opens one WebSocket, so that no access token is written into an address.
#[utoipa::path(post, path = "/auth/ws-ticket", tag = "auth", responses((status = 200, body = WsTicket), Problem))]
pub async fn ws_ticket(tenant: Allowed<may::ReadEvents>, State(app): State<App>) -> Result<impl IntoResponse, Problem> {
    let ttl = app.settings.ticket_ttl;
    let mut claims = Claims::new(Audience::WebSocket, &tenant, tenant.session().id, app.clock.now(), ttl);
    claims.once = Some(app.broker.tenant(&tenant).issue_ticket(ttl).await.map_err(too_many_tickets)?);
    let ticket = WsTicket { ticket: app.keys.sign(&claims), expires_in: ttl.as_secs() };
    Ok(([(CACHE_CONTROL, "no-store")], axum::Json(ticket)))
}

/// Refuses to make a tenant where the operator wants none to be made.
pub fn check_registration(app: &App) -> Result<(), Problem> {
    if app.settings.registration {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        "registration_closed",
        "nobody registers here by themselves",
        "ask an admin of your company's tenant to invite you",
    ))
}

/// Tells whether a password belongs to a hash. Hashing has a cost, and nobody's password is longer than the longest.
async fn proved(app: &App, password: &str, hash: Option<String>) -> Result<bool, Problem> {
    let too_long = password.chars().count() > password::LENGTH_MAX;
    let (password, hash) = if too_long { ("", None) } else { (password, hash) };
    app.passwords.verify(password, hash).await
}

fn too_many_tickets(error: aos_broker::Error) -> Problem {
    Problem::too_many("too_many_tickets", error.to_string(), 30)
}

fn user_gone() -> Problem {
    Problem::not_found("user", "sign in again")
}

impl User {
    /// Returns the user whose scope this is.
    pub async fn of(app: &App, scope: &TenantScope) -> Result<Self, Problem> {
        let Principal::User(id) = scope.principal() else { return Err(user_gone()) };
        let user = app.store.tenant(scope).user(id).await?.ok_or_else(user_gone)?;
        Ok(Self::from_stored(scope.tenant_id(), user))
    }

    /// Shows a member to another: who may not see personal data sees everyone's e-mail address but their own masked.
    pub fn seen_by(scope: &TenantScope, user: aos_store::User) -> Self {
        let own = scope.principal() == Principal::User(user.id);
        let lens = if own { Lens::Clear } else { Lens::of(scope) };
        let email = lens.text(Sensitivity::Personal(Pii::Email), user.email);
        Self::from_stored(scope.tenant_id(), aos_store::User { email, ..user })
    }

    fn from_stored(tenant: TenantId, user: aos_store::User) -> Self {
        Self {
            id: user.id.0,
            email: user.email,
            name: user.name,
            tenant_id: tenant.0,
            role: user.role,
            created_at: user.created_at,
        }
    }
}
