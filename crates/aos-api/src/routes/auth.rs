//! Signing up, in and out, and tickets for the WebSocket. How passwords and tokens work is in `auth/`.

use crate::auth::password;
use crate::auth::throttle::{self, Caller};
use crate::auth::token::{Audience, Claims};
use crate::extract::Json;
use crate::middleware::auth::{Tenant, stand};
use crate::problem::Problem;
use crate::state::App;
use aos_core::{Role, TenantId, UserId};
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

const NAME_LENGTH_MAX: usize = 100;
const EMAIL_LENGTH_MAX: usize = 254;

#[derive(Deserialize, ToSchema)]
pub struct RegisterRequest {
    /// The name of the new tenant and of its owner.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    #[schema(min_length = 3, max_length = 254, format = "email")]
    email: String,
    #[schema(min_length = 10, max_length = 128, format = "password")]
    password: String,
}

#[derive(Deserialize, ToSchema)]
pub struct LoginRequest {
    email: String,
    #[schema(format = "password")]
    password: String,
}

/// What signing in gives.
#[derive(Serialize, ToSchema)]
pub struct Session {
    user: User,
    access_token: String,
    #[schema(example = "bearer")]
    token_type: &'static str,
    /// Seconds until the access token expires.
    expires_in: u64,
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

/// What someone may do, from least to most.
#[derive(ToSchema)]
#[schema(as = Role, rename_all = "snake_case")]
#[allow(dead_code)] // Only describes `aos_core::Role` to readers of the API.
enum RoleName {
    Viewer,
    Agent,
    Member,
    Admin,
    Owner,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Tenant)]
pub struct TenantOut {
    id: Uuid,
    name: String,
}

#[derive(Serialize, ToSchema)]
pub struct Me {
    user: User,
    tenant: TenantOut,
}

/// Opens the WebSocket once, as the `ticket` parameter of its address.
#[derive(Serialize, ToSchema)]
pub struct WsTicket {
    ticket: String,
    /// Seconds until the ticket expires.
    expires_in: u64,
}

/// Creates a tenant and its owner, and signs the owner in.
#[utoipa::path(post, path = "/auth/register", tag = "auth", security(()), request_body = RegisterRequest,
    responses((status = 201, body = Session), Problem))]
pub async fn register(
    State(app): State<App>,
    caller: Caller,
    Json(new): Json<RegisterRequest>,
) -> Result<(StatusCode, axum::Json<Session>), Problem> {
    let name = new.name.trim();
    check_name(name)?;
    let email = checked_email(&new.email)?;
    password::check_strength(&new.password, &email)?;
    throttle::registration(&app, &caller).await?;
    let hash = app.passwords.hash(&new.password).await?;
    let (tenant, user) = app.store.system().register(name, name, &email, &hash).await?;
    Ok((StatusCode::CREATED, axum::Json(session(&app, tenant.id, user.id, user.role).await?)))
}

/// Signs in. An unknown e-mail address and a wrong password are answered alike.
#[utoipa::path(post, path = "/auth/login", tag = "auth", security(()), request_body = LoginRequest,
    responses((status = 200, body = Session), Problem))]
pub async fn login(
    State(app): State<App>,
    caller: Caller,
    Json(login): Json<LoginRequest>,
) -> Result<axum::Json<Session>, Problem> {
    let attempt = throttle::sign_in(&app, &caller, &login.email).await?;
    // Hashing has a cost; nobody's password is longer than this.
    let too_long = login.password.chars().count() > password::LENGTH_MAX;
    let found = app.store.system().find_sign_in(&login.email).await?;
    let hash = found.as_ref().map(|found| found.password_hash.clone()).filter(|_| !too_long);
    let password = if too_long { "" } else { &login.password };
    match (app.passwords.verify(password, hash).await?, found) {
        (true, Some(found)) => {
            attempt.succeeded(&app).await;
            Ok(axum::Json(session(&app, found.tenant, found.user, found.role).await?))
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
pub async fn me(tenant: Tenant, State(app): State<App>) -> Result<axum::Json<Me>, Problem> {
    let store = app.store.tenant(&tenant);
    let user = store.user(tenant.user_id()?).await?.ok_or_else(user_gone)?;
    let of = store.tenant().await?;
    Ok(axum::Json(Me { user: User::of(tenant.tenant_id(), user), tenant: TenantOut { id: of.id.0, name: of.name } }))
}

/// Ends this session: its access token and the tickets it asked for stop working.
#[utoipa::path(post, path = "/auth/logout", tag = "auth", responses((status = 204), Problem))]
pub async fn logout(tenant: Tenant, State(app): State<App>) -> Result<StatusCode, Problem> {
    let session = tenant.session();
    app.store.tenant(&tenant).revoke_token(&session.jti.to_string(), session.expires_at).await?;
    app.sessions.forget(session);
    Ok(StatusCode::NO_CONTENT)
}

/// Gives a ticket that opens one WebSocket, so that no access token is written into an address.
#[utoipa::path(post, path = "/auth/ws-ticket", tag = "auth", responses((status = 200, body = WsTicket), Problem))]
pub async fn ws_ticket(tenant: Tenant, State(app): State<App>) -> Result<axum::Json<WsTicket>, Problem> {
    let (user, ttl) = (tenant.user_id()?, app.settings.ticket_ttl);
    let mut claims = Claims::new(Audience::WebSocket, user, tenant.tenant_id(), tenant.role(), app.clock.now(), ttl);
    claims.jti = tenant.session().jti;
    claims.session_exp = tenant.session().expires_at.timestamp();
    claims.once = Some(app.broker.tenant(&tenant).issue_ticket(ttl).await.map_err(too_many_tickets)?);
    Ok(axum::Json(WsTicket { ticket: app.keys.sign(&claims), expires_in: ttl.as_secs() }))
}

/// Starts a session for someone who showed who they are.
async fn session(app: &App, tenant: TenantId, user: UserId, role: Role) -> Result<Session, Problem> {
    let ttl = app.settings.access_token_ttl;
    let claims = Claims::new(Audience::Api, user, tenant, role, app.clock.now(), ttl);
    let session = stand(app, &claims).await?;
    let user = app.store.tenant(&session.scope).user(user).await?.ok_or_else(user_gone)?;
    let user = User::of(tenant, user);
    Ok(Session { user, access_token: app.keys.sign(&claims), token_type: "bearer", expires_in: ttl.as_secs() })
}

fn too_many_tickets(error: aos_broker::Error) -> Problem {
    Problem::too_many("too_many_tickets", error.to_string(), 30)
}

fn user_gone() -> Problem {
    Problem::not_found("user", "sign in again")
}

impl User {
    fn of(tenant: TenantId, user: aos_store::User) -> Self {
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

fn check_name(name: &str) -> Result<(), Problem> {
    if name.is_empty() || name.chars().count() > NAME_LENGTH_MAX || name.chars().any(char::is_control) {
        let detail = format!("the name must have 1 to {NAME_LENGTH_MAX} visible characters");
        return Err(Problem::unprocessable("invalid_name", detail, "give the name of your company or team"));
    }
    Ok(())
}

/// Returns the address as it is kept, if it can be one: something, an @, something, and no spaces.
fn checked_email(email: &str) -> Result<String, Problem> {
    let email = email.trim();
    let plausible = email.len() <= EMAIL_LENGTH_MAX
        && email
            .split_once('@')
            .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains('@'))
        && !email.chars().any(|c| c.is_whitespace() || c.is_control());
    plausible.then(|| email.to_owned()).ok_or_else(|| {
        Problem::unprocessable(
            "invalid_email",
            "this is not an e-mail address",
            "give an address like name@example.com",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_email_address_has_two_sides() {
        for bad in ["", "@", "a@", "@b", "a b@c", "a@b@c", "a\n@b"] {
            assert!(checked_email(bad).is_err(), "{bad}");
        }
        assert_eq!(checked_email(" Ann@Acme.test ").unwrap(), "Ann@Acme.test");
    }
}
