//! Requests with an `Idempotency-Key`: carried out once, and answered alike however often they are sent. Only what changes something has
//! one. `aos_store` says why no crash leaves the effect without its answer, or lets it happen twice.
//!
//! What is kept is an answer of success. A request that is refused, or fails, leaves nothing, and its key is free again. An answer that
//! says `Cache-Control: no-store`, because it holds a secret, or that is too large, is not kept either: then a second request is told that
//! the first was carried out.

use crate::auth::session::Session;
use crate::problem::Problem;
use crate::state::App;
use aos_store::{Claimed, KeptAnswer, KeyedRequest, RequestClaim};
use axum::body::{Body, Bytes, HttpBody, to_bytes};
use axum::extract::{Extension, MatchedPath, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
const KEY_BYTES_MAX: usize = 200;
/// Whoever carries out a request and is silent for so long is taken for dead; one that lives says so more often.
const LEASE: Duration = Duration::from_secs(6);
const RENEWED_EVERY: Duration = Duration::from_secs(2);
/// Longer answers are not kept.
const KEPT_BYTES_MAX: u64 = 1024 * 1024;
/// Headers that are part of an answer. The others belong to one response.
const KEPT_HEADERS: [HeaderName; 4] = [CONTENT_TYPE, header::LOCATION, header::ETAG, CACHE_CONTROL];

/// Carries out a request with a key once.
pub async fn once(
    State(app): State<App>,
    Extension(session): Extension<Arc<Session>>,
    request: Request,
    next: Next,
) -> Response {
    if request.method().is_safe() || !request.headers().contains_key(IDEMPOTENCY_KEY) {
        return next.run(request).await;
    }
    let done = match keyed(&session, request).await {
        Ok((keyed, request)) => carry_out(app, session, keyed, request, next).await,
        Err(problem) => Err(problem),
    };
    done.unwrap_or_else(IntoResponse::into_response)
}

/// Refuses a key where nothing is kept under one: whoever is not signed in has nobody's keys, and most of what they are answered is secret.
/// To take the key and not obey it would be a promise that is not kept.
pub async fn none(request: Request, next: Next) -> Response {
    if request.method().is_safe() || !request.headers().contains_key(IDEMPOTENCY_KEY) {
        return next.run(request).await;
    }
    Problem::bad_request(
        "idempotency_key_not_taken",
        "this operation is for those who are not signed in and is not carried out under a key",
        "leave the header Idempotency-Key out; sent twice, this operation makes nothing twice",
    )
    .into_response()
}

async fn carry_out(
    app: App,
    session: Arc<Session>,
    keyed: KeyedRequest,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let store = app.store.tenant(&session.scope);
    let claim = match store.claim_request(keyed, LEASE).await? {
        Claimed::Ours(claim) => claim,
        Claimed::Answered(answer) => return replay(answer),
        Claimed::InFlight { until } => return Err(in_flight(until, app.clock.now())),
        Claimed::Mismatch => return Err(mismatch()),
    };
    let mut ours = Ours { app: &app, session: &session, claim: Some(claim.clone()) };
    let renewing = async {
        loop {
            tokio::time::sleep(RENEWED_EVERY).await;
            if let Err(error) = store.renew_request(&claim, LEASE).await {
                tracing::warn!(%error, "a request that is being carried out could not be kept: {error}");
            }
        }
    };
    let (response, unit) = tokio::select! {
        done = store.as_one(next.run(request)) => done,
        never = renewing => never,
    };
    if response.status().is_client_error() || response.status().is_server_error() {
        unit.give_up().await;
        ours.give_back().await;
        return Ok(response);
    }
    let (answer, response) = kept(response).await?;
    if !unit.has_written().await {
        // It changed nothing, so that it is carried out again as often as it is asked, as whoever asks may by then.
        unit.give_up().await;
        ours.give_back().await;
        return Ok(response);
    }
    match store.answer_request(&claim, unit, &answer).await {
        Ok(true) => {
            ours.claim = None;
            Ok(response)
        }
        Ok(false) => {
            ours.claim = None;
            Err(in_flight(app.clock.now(), app.clock.now()))
        }
        Err(error) => {
            ours.give_back().await;
            Err(error.into())
        }
    }
}

/// A claim that is given back when the request ends without an answer, also when whoever sent it has gone.
struct Ours<'a> {
    app: &'a App,
    session: &'a Arc<Session>,
    claim: Option<RequestClaim>,
}

impl Ours<'_> {
    async fn give_back(&mut self) {
        if let Some(claim) = self.claim.take() {
            release(self.app.clone(), self.session.clone(), claim).await;
        }
    }
}

impl Drop for Ours<'_> {
    fn drop(&mut self) {
        if let Some(claim) = self.claim.take() {
            // Nobody waits for it, and should the process end first, the claim lapses by itself.
            tokio::spawn(release(self.app.clone(), self.session.clone(), claim));
        }
    }
}

async fn release(app: App, session: Arc<Session>, claim: RequestClaim) {
    if let Err(error) = app.store.tenant(&session.scope).release_request(&claim).await {
        tracing::warn!(%error, "an idempotency key could not be given back and lapses in seconds: {error}");
    }
}

/// Reads the whole request, which is what the key stands for.
async fn keyed(session: &Session, request: Request) -> Result<(KeyedRequest, Request), Problem> {
    let key = key(request.headers())?;
    let (parts, body) = request.into_parts();
    let body = crate::extract::read(Request::from_parts(parts.clone(), body), &()).await?;
    let route = parts.extensions.get::<MatchedPath>().map_or(parts.uri.path(), MatchedPath::as_str);
    let mut asked = Sha256::new();
    let content_type = parts.headers.get(CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    // What was answered to someone is not for who they are once they may do less.
    let scopes = session.scope.scopes().map(|scopes| scopes.iter().collect::<Vec<_>>().join(","));
    let rights = format!("{} {}", session.scope.role().as_str(), scopes.as_deref().unwrap_or("*"));
    asked.update((rights.len() as u64).to_be_bytes());
    asked.update(&rights);
    for part in [parts.uri.path().as_bytes(), parts.uri.query().unwrap_or_default().as_bytes(), content_type, &body[..]]
    {
        asked.update((part.len() as u64).to_be_bytes());
        asked.update(part);
    }
    let keyed = KeyedRequest { route: format!("{} {route}", parts.method), key, asked: asked.finalize().into() };
    Ok((keyed, Request::from_parts(parts, Body::from(body))))
}

fn key(headers: &HeaderMap) -> Result<String, Problem> {
    let mut keys = headers.get_all(IDEMPOTENCY_KEY).iter();
    let key = keys.next().filter(|_| keys.next().is_none()).and_then(|key| key.to_str().ok());
    let valid = key.filter(|key| (1..=KEY_BYTES_MAX).contains(&key.len()));
    valid.map(str::to_owned).ok_or_else(|| {
        let detail = "the header Idempotency-Key stands there twice, or is empty, too long, or not plain ASCII";
        Problem::bad_request("invalid_idempotency_key", detail, "send 1 to 200 visible characters, for example a UUID")
    })
}

/// Takes down what is to be kept of a response.
async fn kept(response: Response) -> Result<(KeptAnswer, Response), Problem> {
    let (parts, body) = response.into_parts();
    let headers: BTreeMap<_, _> =
        KEPT_HEADERS.iter().filter_map(|name| Some((name.as_str(), parts.headers.get(name)?.to_str().ok()?))).collect();
    let secret = headers.get(CACHE_CONTROL.as_str()).is_some_and(|value| value.contains("no-store"));
    let small = body.size_hint().exact().is_some_and(|bytes| bytes <= KEPT_BYTES_MAX);
    let headers = serde_json::to_string(&headers).map_err(|error| Problem::log_internal(&error))?;
    let status = parts.status.as_u16();
    if secret || !small {
        return Ok((KeptAnswer { status, headers, body: None }, Response::from_parts(parts, body)));
    }
    let body: Bytes = to_bytes(body, KEPT_BYTES_MAX as usize).await.map_err(|error| Problem::log_internal(&error))?;
    let answer = KeptAnswer { status, headers, body: Some(body.to_vec()) };
    Ok((answer, Response::from_parts(parts, Body::from(body))))
}

/// Answers as before.
fn replay(answer: KeptAnswer) -> Result<Response, Problem> {
    let Some(body) = answer.body else {
        return Err(Problem::conflict(
            "idempotent_answer_not_kept",
            "the request with this key was carried out before; its answer held a secret, or was too large, and was not kept",
            "read what it made at its own address; where the secret is lost, make a new one",
        ));
    };
    let status = StatusCode::from_u16(answer.status).map_err(|error| Problem::log_internal(&error))?;
    let headers: BTreeMap<String, String> =
        serde_json::from_str(&answer.headers).map_err(|error| Problem::log_internal(&error))?;
    let mut response = (status, body).into_response();
    response.headers_mut().remove(CONTENT_TYPE);
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(response)
}

fn in_flight(until: DateTime<Utc>, now: DateTime<Utc>) -> Problem {
    let wait = (until - now).num_milliseconds().max(0).unsigned_abs().div_ceil(1000).max(1);
    Problem::conflict(
        "idempotency_key_in_flight",
        "the request with this key is being carried out",
        "send it again after the time in Retry-After; it is then answered as the first one",
    )
    .retry_after(wait)
}

fn mismatch() -> Problem {
    Problem::unprocessable(
        "idempotency_key_reused",
        "this Idempotency-Key was sent with another request within the last day",
        "send a new key for a new request, or the same request with this key",
    )
}
