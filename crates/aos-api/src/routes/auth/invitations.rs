//! Inviting people, and joining by an invitation. No mail is sent: whoever invites gets the link and passes it on.

use super::{RoleName, check_name, checked_email};
use crate::auth::opaque::Kind;
use crate::auth::password;
use crate::auth::sign_in::{self, RefreshBy, Session, SignedIn};
use crate::auth::throttle::{self, Caller};
use crate::extract::{Json, Path, Query};
use crate::guard::Allowed;
use crate::middleware::auth::let_in;
use crate::page::{PageOut, PageQuery};
use crate::problem::Problem;
use crate::state::App;
use aos_core::policy::{Resource, may};
use aos_core::{InvitationId, Role, TenantId, UserId};
use aos_store::{Invitation, KnownUser, NewMember, PageOf, Proof};
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "email": "bob@acme.example", "role": "member" }))]
pub struct InvitationRequest {
    #[schema(min_length = 3, max_length = 254, format = "email", example = "bob@acme.example")]
    email: String,
    #[schema(value_type = RoleName)]
    role: Role,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Invitation)]
pub struct InvitationOut {
    id: Uuid,
    email: String,
    #[schema(value_type = RoleName)]
    role: Role,
    /// `user:<id>` or `key:<id>`.
    created_by: String,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    #[schema(required)]
    accepted_at: Option<DateTime<Utc>>,
    #[schema(required)]
    revoked_at: Option<DateTime<Utc>>,
}

/// An invitation that was just made.
#[derive(Serialize, ToSchema)]
pub struct NewInvitationOut {
    /// Lets whoever has it join, once. It is shown this once.
    #[schema(example = "aosi_0199c0de000070008000000000000000…")]
    token: String,
    /// The page that takes it. The token stands behind the `#`, which browsers do not send to servers.
    #[schema(example = "/join#aosi_0199c0de000070008000000000000000…")]
    link: String,
    #[serde(flatten)]
    invitation: InvitationOut,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LookRequest {
    /// What stands behind the `#` of the link.
    #[schema(example = "aosi_0199c0de000070008000000000000000…")]
    pub(super) token: String,
}

/// What an invitation invites to.
#[derive(Serialize, ToSchema)]
pub struct InvitedOut {
    /// The name of the tenant.
    #[schema(example = "Acme")]
    tenant: String,
    #[schema(example = "bob@acme.example")]
    email: String,
    #[schema(value_type = RoleName)]
    role: Role,
    expires_at: DateTime<Utc>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "token": "aosi_0199c0de000070008000000000000000…", "name": "Bob", "password": "four unrelated plain words", "refresh": "body" }))]
pub struct AcceptRequest {
    #[schema(example = "aosi_0199c0de000070008000000000000000…")]
    token: String,
    /// One's own name.
    #[schema(min_length = 1, max_length = 100, example = "Bob")]
    name: String,
    #[schema(min_length = 10, max_length = 128, format = "password", example = "four unrelated plain words")]
    password: String,
    /// How the refresh token is handed over; without one the session ends with its access token.
    #[serde(default)]
    refresh: RefreshBy,
}

/// Lists invitations, newest first, those among them that were accepted or revoked.
#[utoipa::path(get, path = "/invitations", tag = "members", params(PageQuery),
    responses((status = 200, body = PageOut<InvitationOut>), Problem))]
pub async fn list(
    tenant: Allowed<may::ManageMembers>,
    State(app): State<App>,
    Query(page): Query<PageQuery>,
) -> Result<axum::Json<PageOut<InvitationOut>>, Problem> {
    let PageOf { items, next_cursor } = app.store.tenant(&tenant).list_invitations(page.into()).await?;
    Ok(axum::Json(PageOut { items: items.into_iter().map(InvitationOut::from).collect(), next_cursor }))
}

/// Invites someone to join the tenant with a role, at most one's own. The link is good once and for a week.
#[utoipa::path(post, path = "/invitations", tag = "members", request_body = InvitationRequest,
    responses((status = 201, body = NewInvitationOut), Problem))]
pub async fn create(
    tenant: Allowed<may::ManageMembers>,
    State(app): State<App>,
    Json(request): Json<InvitationRequest>,
) -> Result<(StatusCode, [(HeaderName, &'static str); 1], axum::Json<NewInvitationOut>), Problem> {
    let email = checked_email(&request.email)?;
    tenant.on(Resource::Member { role: request.role })?;
    let issued = Kind::Invitation.issue(tenant.tenant_id());
    let expires_at = app.clock.now() + app.settings.invitation_ttl;
    let store = app.store.tenant(&tenant);
    let invitation = store.create_invitation(&email, request.role, &issued.digest, expires_at).await?;
    let link = format!("{}/join#{}", app.settings.public_url.as_deref().unwrap_or_default(), issued.text);
    let created = NewInvitationOut { token: issued.text, link, invitation: invitation.into() };
    Ok((StatusCode::CREATED, [(CACHE_CONTROL, "no-store")], axum::Json(created)))
}

/// Takes an invitation back that nobody has accepted.
#[utoipa::path(delete, path = "/invitations/{id}", tag = "members", params(("id" = Uuid, Path)),
    responses((status = 204, description = "The invitation was taken back"), Problem))]
pub async fn delete(
    tenant: Allowed<may::ManageMembers>,
    State(app): State<App>,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Problem> {
    app.store.tenant(&tenant).revoke_invitation(InvitationId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Says what an invitation invites to, to whoever holds it.
#[utoipa::path(post, path = "/auth/invitations/look", tag = "auth", security(()), request_body = LookRequest,
    responses((status = 200, body = InvitedOut), Problem))]
pub async fn look(
    State(app): State<App>,
    caller: Caller,
    Json(request): Json<LookRequest>,
) -> Result<axum::Json<InvitedOut>, Problem> {
    throttle::joining(&app, &caller).await?;
    let (tenant, invitation) = open(&app, &request.token).await?;
    let tenant = app.store.system().tenant(tenant).await?.ok_or_else(gone)?.name;
    let Invitation { email, role, expires_at, .. } = invitation;
    Ok(axum::Json(InvitedOut { tenant, email, role, expires_at }))
}

/// Joins the tenant that an invitation is for, with a password, and signs in. Another provider is joined with by
/// `POST /auth/oidc/{provider}/start`.
#[utoipa::path(post, path = "/auth/invitations/accept", tag = "auth", security(()), request_body = AcceptRequest,
    responses((status = 201, body = Session), Problem))]
pub async fn accept(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Json(request): Json<AcceptRequest>,
) -> Result<SignedIn, Problem> {
    throttle::joining(&app, &caller).await?;
    let (tenant, invitation) = open(&app, &request.token).await?;
    let name = request.name.trim();
    check_name(name)?;
    password::check_strength(&request.password, &invitation.email)?;
    let hash = app.passwords.hash(&request.password).await?;
    let known = join(&app, tenant, &invitation, name, Proof::PasswordHash(&hash)).await?;
    Ok(sign_in::begin(&app, &headers, &known, "invitation", request.refresh).await?.created())
}

/// Makes a member of whoever holds an open invitation.
pub(super) async fn join(
    app: &App,
    tenant: TenantId,
    invitation: &Invitation,
    name: &str,
    proof: Proof<'_>,
) -> Result<KnownUser, Problem> {
    let known = KnownUser { tenant, user: UserId::new(), role: invitation.role };
    let new = NewMember { user: known.user, name, proof };
    let joined = app.store.tenant(&let_in(&known)).accept_invitation(invitation.id, new).await;
    // Somebody else was faster, or it was taken back in this moment.
    joined.map_err(|error| match error {
        aos_store::Error::NotFound(_) => gone(),
        other => other.into(),
    })?;
    Ok(known)
}

/// Finds the invitation of a token, if it can still be accepted.
pub(super) async fn open(app: &App, token: &str) -> Result<(TenantId, Invitation), Problem> {
    let reference = Kind::Invitation.parse(token).ok_or_else(gone)?;
    let found = app.store.system().find_invitation(reference.tenant, &reference.digest).await?;
    let found = found.filter(|invitation| invitation.is_open(app.clock.now())).ok_or_else(gone)?;
    Ok((reference.tenant, found))
}

pub(super) fn gone() -> Problem {
    Problem::new(
        StatusCode::GONE,
        "invitation_gone",
        "this invitation is not good, or not any more",
        "ask whoever invited you for another one",
    )
}

impl From<Invitation> for InvitationOut {
    fn from(invitation: Invitation) -> Self {
        Self {
            id: invitation.id.0,
            email: invitation.email,
            role: invitation.role,
            created_by: invitation.created_by,
            created_at: invitation.created_at,
            expires_at: invitation.expires_at,
            accepted_at: invitation.accepted_at,
            revoked_at: invitation.revoked_at,
        }
    }
}
