//! Signing in, joining and linking through another provider.

use super::account::check_registration;
use super::invitations;
use crate::auth::cookie;
use crate::auth::oidc::{OidcError, Provider, Return, Vouched};
use crate::auth::opaque::{self, Kind, Reference};
use crate::auth::sign_in::{self, RefreshBy};
use crate::auth::throttle::{self, Caller};
use crate::extract::{Json, Path, Query};
use crate::guard::Allowed;
use crate::middleware::auth::let_in;
use crate::problem::Problem;
use crate::state::App;
use aos_core::policy::may;
use aos_core::{Role, TenantId, UserId};
use aos_store::{Identity, KnownUser, OidcAttempt, Proof};
use axum::extract::State;
use axum::http::header::{HOST, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::{IntoParams, ToSchema};

/// How long someone may take at the provider.
const ATTEMPT_TTL: Duration = Duration::from_secs(10 * 60);
const RANDOM_BYTES: usize = 32;
const RETURN_TO_LENGTH_MAX: usize = 500;

/// How one can sign in here.
#[derive(Serialize, ToSchema)]
pub struct Providers {
    /// Whether anyone may make a tenant of their own.
    registration: bool,
    items: Vec<ProviderOut>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Provider)]
pub struct ProviderOut {
    /// For `POST /auth/oidc/{provider}/start`.
    #[schema(example = "acme-id")]
    name: String,
    #[schema(example = "Acme ID")]
    label: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "return_to": "/records/account" }))]
pub struct StartRequest {
    /// An invitation to be accepted with this sign-in.
    #[serde(default)]
    #[schema(example = json!(null))]
    invitation: Option<String>,
    /// The page to come back to, as a path of this server.
    #[serde(default)]
    #[schema(max_length = 500, example = "/records/account")]
    return_to: Option<String>,
}

/// Where to send the browser.
#[derive(Serialize, ToSchema)]
pub struct Started {
    #[schema(example = "https://id.acme.example/authorize?response_type=code&…")]
    authorization_url: String,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CallbackQuery {
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    state: Option<String>,
    /// The provider, by its own word.
    #[serde(default)]
    iss: Option<String>,
    /// Why the provider lets nobody in.
    #[serde(default)]
    error: Option<String>,
}

/// What is kept while someone is at the provider.
#[derive(Serialize, Deserialize)]
struct Attempt {
    provider: String,
    nonce: String,
    verifier: String,
    redirect_uri: String,
    return_to: String,
    purpose: Purpose,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Purpose {
    SignIn,
    /// To join by an invitation, kept as what it is found by.
    Join {
        tenant: TenantId,
        digest: String,
    },
    /// To sign in as this user from now on.
    Link {
        tenant: TenantId,
        user: UserId,
    },
}

/// Lists the providers that one can sign in through.
#[utoipa::path(get, path = "/auth/providers", tag = "auth", security(()), responses((status = 200, body = Providers), Problem))]
pub async fn providers(State(app): State<App>) -> axum::Json<Providers> {
    let shown =
        |provider: &Provider| ProviderOut { name: provider.name().to_owned(), label: provider.label().to_owned() };
    axum::Json(Providers { registration: app.settings.registration, items: app.oidc.iter().map(shown).collect() })
}

/// Begins a sign-in at a provider, for this browser: the answer says where to send it.
#[utoipa::path(post, path = "/auth/oidc/{provider}/start", tag = "auth", security(()), params(("provider" = String, Path)),
    request_body = StartRequest, responses((status = 200, body = Started), Problem))]
pub async fn start(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Path(provider): Path<String>,
    Json(request): Json<StartRequest>,
) -> Result<([(HeaderName, HeaderValue); 1], axum::Json<Started>), Problem> {
    throttle::joining(&app, &caller).await?;
    let purpose = match &request.invitation {
        None => Purpose::SignIn,
        Some(token) => {
            invitations::open(&app, token).await?;
            let found = Kind::Invitation.parse(token).ok_or_else(invitations::gone)?;
            Purpose::Join { tenant: found.tenant, digest: found.digest }
        }
    };
    begin(&app, &headers, &provider, request.return_to, purpose).await
}

/// Begins to link a provider's account to one's own, so that one can sign in through it from now on. The provider must know the same e-mail
/// address, and have verified it.
#[utoipa::path(post, path = "/auth/oidc/{provider}/link", tag = "auth", params(("provider" = String, Path)),
    request_body = StartRequest, responses((status = 200, body = Started), Problem))]
pub async fn link(
    tenant: Allowed<may::UseAccount>,
    State(app): State<App>,
    headers: HeaderMap,
    Path(provider): Path<String>,
    Json(request): Json<StartRequest>,
) -> Result<([(HeaderName, HeaderValue); 1], axum::Json<Started>), Problem> {
    let purpose = Purpose::Link { tenant: tenant.tenant_id(), user: tenant.user_id()? };
    begin(&app, &headers, &provider, request.return_to, purpose).await
}

/// Takes back whoever was at a provider, and sends the browser on: signed in, or to the login page, which says what went wrong.
#[utoipa::path(get, path = "/auth/oidc/{provider}/callback", tag = "auth", security(()),
    params(("provider" = String, Path), CallbackQuery),
    responses((status = 303, description = "Sends the browser on"), Problem))]
pub async fn callback(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Path(provider): Path<String>,
    Query(query): Query<CallbackQuery>,
) -> Response {
    let done = async {
        throttle::joining(&app, &caller).await?;
        finish(&app, &headers, &provider, query).await
    };
    let mut response = match done.await {
        Ok((to, cookie)) => {
            let mut response = see(&to);
            response.headers_mut().extend(cookie.map(|cookie| (SET_COOKIE, cookie)));
            response
        }
        Err(problem) => see(&format!("/login?problem={}", problem.code())),
    };
    let forgotten = cookie::provider_mark(&app, &headers, "", Duration::ZERO);
    response.headers_mut().append(SET_COOKIE, forgotten);
    response
}

async fn begin(
    app: &App,
    headers: &HeaderMap,
    name: &str,
    return_to: Option<String>,
    purpose: Purpose,
) -> Result<([(HeaderName, HeaderValue); 1], axum::Json<Started>), Problem> {
    let provider = app.oidc.find(name).ok_or_else(unknown_provider)?;
    let (state, mark) = (random(), random());
    let attempt = Attempt {
        provider: name.to_owned(),
        nonce: random(),
        verifier: random(),
        redirect_uri: format!("{}/api/v1/auth/oidc/{name}/callback", own_url(app, headers)?),
        return_to: return_to.filter(|path| is_own_path(path)).unwrap_or_else(|| "/".to_owned()),
        purpose,
    };
    let authorization_url = provider.authorization_url(&state, &attempt.back()).await.map_err(of_provider)?;
    let body = serde_json::to_string(&attempt).map_err(|error| Problem::log_internal(&error))?;
    let kept = OidcAttempt {
        state_digest: &opaque::digest(&state),
        browser_digest: &opaque::digest(&mark),
        body: &body,
        expires_at: app.clock.now() + ATTEMPT_TTL,
    };
    app.store.system().keep_oidc_attempt(kept).await?;
    let cookie = cookie::provider_mark(app, headers, &mark, ATTEMPT_TTL);
    Ok(([(SET_COOKIE, cookie)], axum::Json(Started { authorization_url })))
}

async fn finish(
    app: &App,
    headers: &HeaderMap,
    name: &str,
    query: CallbackQuery,
) -> Result<(String, Option<HeaderValue>), Problem> {
    let provider = app.oidc.find(name).ok_or_else(unknown_provider)?;
    let (state, mark) = (query.state.as_deref(), cookie::provider_mark_of(headers));
    let (state, mark) = state.zip(mark).ok_or_else(stranger)?;
    let kept = app.store.system().take_oidc_attempt(&opaque::digest(state), &opaque::digest(mark)).await?;
    let attempt: Attempt = kept.and_then(|body| serde_json::from_str(&body).ok()).ok_or_else(stranger)?;
    if attempt.provider != name {
        return Err(stranger());
    }
    provider.check_issuer(query.iss.as_deref()).await.map_err(of_provider)?;
    let code = match (query.code, query.error) {
        (Some(code), None) => code,
        _ => return Err(Problem::unauthorized("provider_refused", "the provider let nobody in", "try again")),
    };
    let vouched = provider.redeem(&code, &attempt.back()).await.map_err(of_provider)?;
    let identity = Identity { issuer: &vouched.issuer, subject: &vouched.subject };
    let known = match attempt.purpose {
        Purpose::Link { tenant, user } => {
            link_to(app, tenant, user, &vouched, identity).await?;
            return Ok((attempt.return_to, None));
        }
        Purpose::Join { tenant, digest } => join(app, Reference { tenant, digest }, &vouched, identity).await?,
        Purpose::SignIn => sign_in(app, &vouched, identity).await?,
    };
    let signed_in = sign_in::begin(app, headers, &known, &format!("oidc:{name}"), RefreshBy::Cookie).await?;
    Ok((attempt.return_to, signed_in.into_cookie()))
}

/// Finds whom a provider means, or makes a tenant for someone who is new.
///
/// An account with the same address is linked only where a provider has vouched for that address before: whoever registered it with a
/// password may have registered somebody else's.
async fn sign_in(app: &App, vouched: &Vouched, identity: Identity<'_>) -> Result<KnownUser, Problem> {
    let system = app.store.system();
    if let Some(known) = system.find_identity(identity).await? {
        return Ok(known);
    }
    let email = verified(vouched)?;
    match system.find_user_by_email(email).await? {
        Some((known, true)) => {
            app.store.tenant(&let_in(&known)).link_identity(known.user, identity).await?;
            Ok(known)
        }
        Some((_, false)) => Err(Problem::conflict(
            "account_exists",
            "there is an account with this e-mail address, which signs in with a password",
            "sign in with the password, then link this provider in the settings",
        )),
        None => {
            check_registration(app)?;
            let name = named(vouched, email);
            let (tenant, user) = system.register_identity(&name, email, identity).await?;
            Ok(KnownUser { tenant: tenant.id, user: user.id, role: user.role })
        }
    }
}

async fn join(app: &App, by: Reference, vouched: &Vouched, identity: Identity<'_>) -> Result<KnownUser, Problem> {
    let email = verified(vouched)?;
    let invitation = app.store.system().find_invitation(by.tenant, &by.digest).await?;
    let open = invitation.filter(|invitation| invitation.is_open(app.clock.now())).ok_or_else(invitations::gone)?;
    if !open.email.eq_ignore_ascii_case(email) {
        return Err(other_address());
    }
    invitations::join(app, by.tenant, &open, &named(vouched, email), Proof::Identity(identity)).await
}

async fn link_to(
    app: &App,
    tenant: TenantId,
    user: UserId,
    vouched: &Vouched,
    identity: Identity<'_>,
) -> Result<(), Problem> {
    // To be oneself is enough here, whatever one's role.
    let scope = let_in(&KnownUser { tenant, user, role: Role::Viewer });
    let store = app.store.tenant(&scope);
    let account = store.user(user).await?.ok_or_else(|| Problem::not_found("user", "sign in again"))?;
    if !account.email.eq_ignore_ascii_case(verified(vouched)?) {
        return Err(other_address());
    }
    Ok(store.link_identity(user, identity).await?)
}

fn verified(vouched: &Vouched) -> Result<&str, Problem> {
    vouched.verified_email.as_deref().ok_or_else(|| {
        let detail = "the provider does not vouch for your e-mail address";
        Problem::new(StatusCode::FORBIDDEN, "email_not_verified", detail, "verify the address at the provider")
    })
}

fn named(vouched: &Vouched, email: &str) -> String {
    let name: String = vouched.name.as_deref().unwrap_or_default().chars().filter(|c| !c.is_control()).collect();
    let name: String = name.trim().chars().take(super::NAME_LENGTH_MAX).collect();
    if name.is_empty() { email.chars().take(super::NAME_LENGTH_MAX).collect() } else { name }
}

impl Attempt {
    fn back(&self) -> Return<'_> {
        Return { nonce: &self.nonce, verifier: &self.verifier, redirect_uri: &self.redirect_uri }
    }
}

/// Returns where browsers find this server.
pub(crate) fn own_url(app: &App, headers: &HeaderMap) -> Result<String, Problem> {
    if let Some(url) = &app.settings.public_url {
        return Ok(url.clone());
    }
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let host =
        host.ok_or_else(|| Problem::bad_request("no_host", "the request names no host", "send a Host header"))?;
    Ok(format!("http://{host}"))
}

/// Whether a path leads nowhere but to this server.
pub(crate) fn is_own_path(path: &str) -> bool {
    path.len() <= RETURN_TO_LENGTH_MAX
        && path.starts_with('/')
        && !path.starts_with("//")
        && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

fn random() -> String {
    let mut bytes = [0; RANDOM_BYTES];
    rand::fill(&mut bytes);
    opaque::hex(&bytes)
}

pub(crate) fn see(path: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let location = HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/"));
    response.headers_mut().insert(LOCATION, location);
    response
}

fn unknown_provider() -> Problem {
    Problem::not_found("provider", "list the providers at /api/v1/auth/providers")
}

fn stranger() -> Problem {
    let detail = "this sign-in was not begun in this browser, or took too long";
    Problem::unauthorized("unknown_sign_in", detail, "begin again on the login page")
}

fn other_address() -> Problem {
    let detail = "the provider knows you by another e-mail address than this account or invitation has";
    Problem::new(StatusCode::FORBIDDEN, "other_email", detail, "sign in at the provider with that address")
}

/// Logs why a provider's answer is not taken; whoever signs in can do nothing about it.
fn of_provider(error: OidcError) -> Problem {
    tracing::warn!(%error, "a sign-in through a provider failed: {error}");
    Problem::new(
        StatusCode::BAD_GATEWAY,
        "provider_failed",
        "the provider cannot be asked, or its answer cannot be trusted",
        "try again; if it stays, tell the operator, who finds the reason in the log",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_comes_back_to_this_server_and_nowhere_else() {
        for own in ["/", "/records/account?x=1#y"] {
            assert!(is_own_path(own), "{own}");
        }
        for foreign in ["", "records", "//evil.example", "/\\evil.example", "https://evil.example", "/a b", "/\r\nx"] {
            assert!(!is_own_path(foreign), "{foreign}");
        }
    }
}
