//! What every request to a simulated vendor passes: it is counted, hindered as the chaos dial says, asked for its token, held
//! against the vendor's limits, and its answer gets the vendor's headers and clock.

use crate::account::BROKEN_BYTE;
use crate::auth::Refusal;
use crate::chaos::Hindrance;
use crate::query::Query;
use crate::world::World;
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

/// Longer requests are refused; no vendor's read takes as much.
const REQUEST_BYTES_MAX: usize = 64 * 1024 * 1024;
/// A slow answer comes in so many pieces, one every so often.
const PIECES: usize = 8;
const PIECE_EVERY: Duration = Duration::from_millis(3);

/// A request, as the vendor's manners look at it.
pub struct Call {
    pub method: Method,
    pub path: String,
    pub query: Query,
    pub headers: HeaderMap,
}

impl Call {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The token behind `Authorization: Bearer`.
    pub fn bearer(&self) -> Option<&str> {
        self.header("authorization").and_then(|value| value.strip_prefix("Bearer "))
    }
}

pub type Headers = Vec<(&'static str, String)>;

/// How a vendor lets callers in and turns them away, in its own words.
pub trait Manners: Send + Sync + 'static {
    /// Whether a path asks for no token: where tokens are granted.
    fn is_open(&self, path: &str) -> bool;
    /// The expiring token that a call carries, or what else proves it.
    fn check(&self, world: &World, call: &Call) -> Result<(), Refusal>;
    fn refused(&self, world: &World, refusal: Refusal) -> Response;
    fn rate_limited(&self, world: &World, retry_after_s: u32) -> Response;
    fn outage(&self, status: StatusCode) -> Response;
    /// Counts a call against the vendor's limits: what its answer says of them, or the answer that turns it away.
    fn admit(&self, world: &World, call: &Call) -> Result<Headers, Box<Response>>;
}

struct Gate<M> {
    world: Arc<World>,
    manners: M,
}

/// Puts the gate before every route of a vendor.
pub fn around<M: Manners>(world: Arc<World>, manners: M, service: Router) -> Router {
    service.layer(from_fn_with_state(Arc::new(Gate { world, manners }), pass::<M>))
}

async fn pass<M: Manners>(State(gate): State<Arc<Gate<M>>>, request: Request, next: Next) -> Response {
    let (world, manners) = (&gate.world, &gate.manners);
    let chaos = world.chaos();
    if !chaos.latency.is_zero() {
        tokio::time::sleep(chaos.latency).await;
    }
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, REQUEST_BYTES_MAX).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let matched = parts.extensions.get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let call = Call {
        method: parts.method.clone(),
        path: parts.uri.path().to_owned(),
        query: Query::of(parts.uri.query()),
        headers: parts.headers.clone(),
    };
    world.count(&format!("{} {}", call.method, endpoint(matched.as_deref(), &call.path)));
    let is_open = manners.is_open(&call.path);
    let key = format!("{} {} {}", call.method, parts.uri, String::from_utf8_lossy(&body));
    let expiring = call.bearer().filter(|token| !is_open && !world.auth.is_static(token));
    let hindrance = world.dice.hindrance(&chaos, &key, expiring.is_some());
    match (hindrance, expiring) {
        (Some(Hindrance::RateLimit), _) => return dated(world, manners.rate_limited(world, chaos.retry_after_s)),
        (Some(Hindrance::Outage(status)), _) => return dated(world, manners.outage(status)),
        (Some(Hindrance::ExpiredToken), Some(token)) => world.auth.expire(token),
        _ => {}
    }
    let mut headers = Headers::new();
    if !is_open {
        if let Err(refusal) = manners.check(world, &call) {
            return dated(world, manners.refused(world, refusal));
        }
        match manners.admit(world, &call) {
            Ok(admitted) => headers = admitted,
            Err(refused) => return dated(world, *refused),
        }
    }
    let mut response = next.run(Request::from_parts(parts, Body::from(body))).await;
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    let breaks = match hindrance {
        Some(Hindrance::Truncation { breaks }) => Some(breaks),
        _ => None,
    };
    let slow = world.dice.is_slow(&chaos);
    dated(world, sent(world, response, breaks, slow).await)
}

/// What a call is counted as: its path, with names of parts in place of ids, locators and versions.
fn endpoint(matched: Option<&str>, path: &str) -> String {
    const NAMED: &[&str] = &["{id}", "{locator}", "{version}", "{tenant}", "{token}"];
    let Some(matched) = matched else { return "elsewhere".to_owned() };
    let parts = matched.split('/').zip(path.split('/'));
    parts.map(|(name, part)| if NAMED.contains(&name) { name } else { part }).collect::<Vec<_>>().join("/")
}

fn dated(world: &World, mut response: Response) -> Response {
    if let Ok(date) = HeaderValue::try_from(world.clock.http_date()) {
        response.headers_mut().insert(header::DATE, date);
    }
    response
}

/// Sends an answer as the dial says: whole, cut, or in pieces.
async fn sent(world: &World, response: Response, breaks: Option<bool>, slow: bool) -> Response {
    if breaks.is_none() && !slow && !world.is_broken() {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(mut bytes) = to_bytes(body, usize::MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    if world.is_broken() {
        bytes = broken(&bytes);
    }
    parts.headers.remove(header::CONTENT_LENGTH);
    match breaks {
        Some(true) => {
            let half = bytes.slice(..bytes.len() / 2);
            let pieces = [Ok(half), Err(std::io::Error::other("the connection breaks"))];
            Response::from_parts(parts, Body::from_stream(futures_util::stream::iter(pieces)))
        }
        Some(false) => Response::from_parts(parts, Body::from(bytes.slice(..bytes.len() / 2))),
        None if slow => Response::from_parts(parts, in_pieces(bytes)),
        None => Response::from_parts(parts, Body::from(bytes)),
    }
}

fn in_pieces(bytes: Bytes) -> Body {
    let size = (bytes.len() / PIECES).max(1);
    let pieces = futures_util::stream::unfold(bytes, move |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        tokio::time::sleep(PIECE_EVERY).await;
        let piece = rest.split_to(size.min(rest.len()));
        Some((Ok::<_, Infallible>(piece), rest))
    });
    Body::from_stream(pieces)
}

/// Puts a byte that is no UTF-8 wherever a change asked for one.
fn broken(bytes: &[u8]) -> Bytes {
    let mut mark = [0; 4];
    let mark = BROKEN_BYTE.encode_utf8(&mut mark).as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = rest.windows(mark.len()).position(|window| window == mark) {
        out.extend_from_slice(&rest[..at]);
        out.push(0xFF);
        rest = &rest[at + mark.len()..];
    }
    out.extend_from_slice(rest);
    Bytes::from(out)
}
