//! The leave that owners of accounts give in their browser: sent off to the vendor, and taken back. Nobody is signed in on the way back; what
//! the vendor sends along says who began it, once, in the browser that it was begun in, and for some minutes.

use crate::auth::cookie;
use crate::auth::opaque::{self, Kind};
use crate::auth::throttle::{self, Caller};
use crate::extract::{JsonOrNothing, Path, Query};
use crate::guard::{self, Allowed};
use crate::middleware::auth::let_in;
use crate::problem::Problem;
use crate::routes::auth::oidc::{is_own_path, own_url, see};
use crate::state::App;
use aos_core::ConnectionId;
use aos_core::policy::{Permission, Resource, may};
use aos_dcl::consent::{ConsentBody, ConsentRequest, ConsentStarted};
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, SET_COOKIE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use std::time::Duration;
use utoipa::{IntoParams, ToSchema};

const CALLBACK: &str = "/api/v1/oauth/callback";
/// How long the mark of a browser that was sent off stays; the consent itself may be over before.
const MARK_TTL: Duration = Duration::from_secs(15 * 60);
const MARK_BYTES: usize = 32;
/// Where a browser goes that was not sent off from here.
const STRAY: &str = "/connections";

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "return_to": "/connections" }))]
pub struct ConsentStart {
    /// The page to come back to, as a path of this server.
    #[serde(default)]
    #[schema(max_length = 500)]
    return_to: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CallbackQuery {
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    state: Option<String>,
    /// Why there is no leave.
    #[serde(default)]
    error: Option<String>,
}

/// Begins to ask the owner of a connection's account for leave, in this browser: the answer says where to send it.
///
/// The application that is registered with the vendor has to name `<server.public_url>/api/v1/oauth/callback` as the address to come back to.
#[utoipa::path(post, path = "/connections/{id}/consent", tag = "connections", params(("id" = Uuid, Path)),
    request_body = ConsentStart, responses((status = 200, body = ConsentStarted), Problem))]
pub async fn start(
    tenant: Allowed<may::WriteConnections>,
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<ConnectionId>,
    JsonOrNothing(request): JsonOrNothing<ConsentStart>,
) -> Result<([(HeaderName, HeaderValue); 2], axum::Json<ConsentStarted>), Problem> {
    let user = tenant.user_id()?;
    // What is not there is told before what is amiss with the request.
    app.dcl.tenant(&tenant).connection(id).await?;
    let (state, mark) = (Kind::Consent.issue(tenant.tenant_id()), random());
    let request = ConsentRequest {
        user,
        state: &state.text,
        state_digest: &state.digest,
        browser_digest: opaque::digest(&mark),
        redirect_uri: format!("{}{CALLBACK}", own_url(&app, &headers)?),
        return_to: request.return_to.filter(|path| is_own_path(path)).unwrap_or_else(|| STRAY.to_owned()),
    };
    let started = app.dcl.tenant(&tenant).begin_consent(id, request).await?;
    let cookie = cookie::consent_mark(&app, &headers, &mark, MARK_TTL);
    let headers = [(SET_COOKIE, cookie), (CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    Ok((headers, axum::Json(started)))
}

/// Takes back an owner who was at a vendor, keeps what they gave leave for, and sends the browser on, with `consent=given` or with the code of
/// what went wrong.
#[utoipa::path(get, path = "/oauth/callback", tag = "connections", security(()), params(CallbackQuery),
    responses((status = 303, description = "Sends the browser on"), Problem))]
pub async fn callback(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Query(query): Query<CallbackQuery>,
) -> Response {
    let (return_to, done) = match throttle::joining(&app, &caller).await {
        Ok(()) => finish(&app, &headers, query).await,
        Err(problem) => (STRAY.to_owned(), Err(problem)),
    };
    let word = done.as_ref().map_or_else(|problem| problem.code(), |()| "given");
    let mark = if return_to.contains('?') { '&' } else { '?' };
    let (path, fragment) = return_to.split_once('#').map_or((&*return_to, None), |(path, rest)| (path, Some(rest)));
    let fragment = fragment.map(|rest| format!("#{rest}")).unwrap_or_default();
    let mut response = see(&format!("{path}{mark}consent={word}{fragment}"));
    response.headers_mut().append(SET_COOKIE, cookie::consent_mark(&app, &headers, "", Duration::ZERO));
    response
}

/// Forgets the grant of a connection, which cannot be read then before its owner gives leave again. The vendor is told where it has a way to be
/// told; the connection's events say what came of it.
#[utoipa::path(delete, path = "/connections/{id}/grant", tag = "connections", params(("id" = Uuid, Path)),
    responses((status = 204), Problem))]
pub async fn forget(
    tenant: Allowed<may::WriteConnections>,
    State(app): State<App>,
    Path(id): Path<ConnectionId>,
) -> Result<StatusCode, Problem> {
    app.dcl.tenant(&tenant).forget_grant(id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Returns where the browser goes on, and whether a grant was kept.
async fn finish(app: &App, headers: &HeaderMap, query: CallbackQuery) -> (String, Result<(), Problem>) {
    let begun = async {
        let (state, mark) = query.state.as_deref().zip(cookie::consent_mark_of(headers)).ok_or_else(stranger)?;
        let found = Kind::Consent.parse(state).ok_or_else(stranger)?;
        let consent = app.store.system().take_consent(found.tenant, &found.digest).await?.ok_or_else(stranger)?;
        let body: ConsentBody = serde_json::from_slice(consent.body.expose()).map_err(|_| stranger())?;
        if body.browser_digest != opaque::digest(mark) {
            return Err(stranger());
        }
        Ok((consent, body))
    };
    let (consent, body) = match begun.await {
        Ok(begun) => begun,
        Err(problem) => return (STRAY.to_owned(), Err(problem)),
    };
    let kept = async {
        let code = match (query.code, query.error) {
            (Some(code), None) => code,
            _ => {
                let detail = "the vendor says that no leave was given";
                return Err(Problem::conflict("consent_refused", detail, "begin again, and let the owner agree"));
            }
        };
        // Whoever began it may have been given another role since.
        let scope = let_in(&consent.known);
        guard::check(&scope, Permission::WriteConnections, Resource::Any)?;
        Ok(app.dcl.tenant(&scope).finish_consent(consent.connection, &body, code).await?)
    };
    let kept = kept.await;
    (body.return_to, kept)
}

fn stranger() -> Problem {
    let detail = "this consent was not begun in this browser, was taken already, or took too long";
    Problem::unauthorized("unknown_consent", detail, "begin again at the connection")
}

fn random() -> String {
    let mut bytes = [0; MARK_BYTES];
    rand::fill(&mut bytes);
    opaque::hex(&bytes)
}
