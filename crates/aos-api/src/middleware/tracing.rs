//! The outermost layer: gives every request a trace id and a place in a W3C trace, returns both on every response, and writes one line
//! per request.
//! Bodies, query strings, tokens and personal data are never logged.

use aos_core::TenantId;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use sha2::{Digest, Sha256};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;
use tracing::{Instrument, Span, info, info_span};
use uuid::Uuid;

pub const TRACE_HEADER: HeaderName = HeaderName::from_static("x-trace-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACE_ID_LENGTH_MAX: usize = 64;

tokio::task_local! {
    static CONTEXT: Arc<RequestContext>;
}

/// What is known about the request in hand, for problems and for the log line.
#[derive(Debug)]
pub struct RequestContext {
    pub trace_id: String,
    /// Its own place in a W3C trace, to be handed on as the parent of whatever it starts.
    pub place: TracePlace,
    pub path: String,
    span: Span,
    /// Set by auth once the caller is known.
    tenant: OnceLock<TenantId>,
    /// Whether a refusal of it is in an audit trail, or will be.
    refusal_kept: AtomicBool,
}

/// A span of a W3C trace (Trace Context, level 1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TracePlace {
    /// 32 lower-case hexadecimal digits.
    trace: String,
    /// 16 of them.
    span: String,
    flags: String,
    /// The caller's span in the same trace, where it named one.
    parent: Option<String>,
}

impl RequestContext {
    /// Returns the context of the request that this task handles, if it handles one.
    pub fn current() -> Option<Arc<Self>> {
        CONTEXT.try_with(Arc::clone).ok()
    }

    pub fn trace_id() -> Option<String> {
        Self::current().map(|context| context.trace_id.clone())
    }

    /// Says that the refusal of the request in hand is in an audit trail, or will be.
    pub(crate) fn refusal_is_kept() {
        if let Some(context) = Self::current() {
            context.refusal_kept.store(true, Ordering::Relaxed);
        }
    }

    pub(crate) fn is_refusal_kept() -> bool {
        Self::current().is_some_and(|context| context.refusal_kept.load(Ordering::Relaxed))
    }

    pub(crate) fn set_tenant(tenant: TenantId) {
        if let Some(context) = Self::current() {
            let _ = context.tenant.set(tenant);
            // The innermost span may be a part of the request; the tenant is the request's.
            context.span.record("tenant", tracing::field::display(tenant));
        }
    }
}

/// Runs the request under its trace id.
pub async fn trace(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    // The route's pattern, so that identifiers do not end up in the log's dimensions.
    let route = request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str).to_owned();
    let trace_id = trace_id(request.headers());
    let place = TracePlace::of(request.headers(), &trace_id);
    let span = info_span!(
        "request", %trace_id, %method, route, tenant = tracing::field::Empty, status = tracing::field::Empty,
        w3c.trace = place.trace, w3c.span = place.span, w3c.parent = place.parent
    );
    let path = request.uri().path().to_owned();
    let (tenant, refusal_kept) = (OnceLock::new(), AtomicBool::new(false));
    let context = Arc::new(RequestContext { trace_id, place, path, span: span.clone(), tenant, refusal_kept });
    let mut response = CONTEXT.scope(Arc::clone(&context), next.run(request).instrument(span.clone())).await;
    let header = HeaderValue::from_str(&context.trace_id).expect("a trace id is made of safe characters");
    response.headers_mut().insert(TRACE_HEADER, header);
    if let Ok(place) = HeaderValue::from_str(&context.place.to_string()) {
        response.headers_mut().insert(TRACEPARENT, place);
    }
    let status = response.status().as_u16();
    let took = started.elapsed();
    crate::metrics::answered(&method, &route, status, took);
    let duration_ms = took.as_secs_f64() * 1000.0;
    span.record("status", status);
    let tenant = context.tenant.get().map(tracing::field::display);
    info!(%method, route, status, duration_ms, trace_id = %context.trace_id, tenant, "{method} {route} answered {status}");
    response
}

/// Takes the caller's trace id when it is safe to repeat, else the W3C one, else a new one.
fn trace_id(headers: &HeaderMap) -> String {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    text(TRACE_HEADER.as_str())
        .filter(|id| is_safe(id))
        .or_else(|| text(TRACEPARENT.as_str()).and_then(parent).map(|(trace, ..)| trace))
        .map_or_else(|| Uuid::new_v4().simple().to_string(), str::to_owned)
}

fn is_safe(id: &str) -> bool {
    (1..=TRACE_ID_LENGTH_MAX).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

impl TracePlace {
    /// Takes a place in the caller's trace; without one in a trace of its own, whose id follows from the request's.
    fn of(headers: &HeaderMap, trace_id: &str) -> Self {
        let given = headers.get(TRACEPARENT).and_then(|value| parent(value.to_str().ok()?));
        let own = || (w3c_id(trace_id), None, "01");
        let (trace, parent, flags) =
            given.map_or_else(own, |(trace, span, flags)| (trace.to_owned(), Some(span.to_owned()), flags));
        let (span, _) = Uuid::new_v4().as_u64_pair();
        Self { trace, span: format!("{:016x}", span.max(1)), flags: flags.to_owned(), parent }
    }
}

/// As the header `traceparent`.
impl std::fmt::Display for TracePlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "00-{}-{}-{}", self.trace, self.span, self.flags)
    }
}

/// Returns the id itself where it can be a W3C trace id, else one that stands for it.
pub fn w3c_id(trace_id: &str) -> String {
    let fits = trace_id.len() == 32
        && trace_id.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
        && trace_id.bytes().any(|byte| byte != b'0');
    if fits {
        return trace_id.to_owned();
    }
    Sha256::digest(trace_id.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// Returns the trace id, the span and the flags of a `traceparent` header: `version-traceid-parentid-flags`, all lower-case hex, none all zero.
fn parent(header: &str) -> Option<(&str, &str, &str)> {
    let hex = |part: &str, length| {
        part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    };
    let mut parts = header.split('-');
    let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let well_formed = hex(version, 2) && version != "ff" && hex(trace, 32) && hex(span, 16) && hex(flags, 2);
    let closed = version != "00" || parts.next().is_none();
    let named = |part: &str| part.bytes().any(|byte| byte != b'0');
    (well_formed && closed && named(trace) && named(span)).then_some((trace, span, flags))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(name: &'static str, value: &'static str) -> String {
        trace_id(&HeaderMap::from_iter([(HeaderName::from_static(name), HeaderValue::from_static(value))]))
    }

    #[test]
    fn a_safe_trace_id_is_kept_and_an_unsafe_one_is_replaced() {
        assert_eq!(given("x-trace-id", "order-7.b_2"), "order-7.b_2");
        for unsafe_id in ["", "a b", "<script>", "a\"b", &"x".repeat(65)] {
            let headers =
                HeaderMap::from_iter([(TRACE_HEADER, HeaderValue::from_str(unsafe_id).expect("a header value"))]);
            assert_eq!(trace_id(&headers).len(), 32, "{unsafe_id}");
        }
    }

    #[test]
    fn the_trace_id_of_a_w3c_traceparent_is_kept() {
        let header = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        assert_eq!(given("traceparent", header), "0af7651916cd43dd8448eb211c80319c");
        assert_ne!(given("traceparent", "00-00000000000000000000000000000000-b7ad6b7169203331-01"), "0".repeat(32));
    }

    #[test]
    fn a_request_has_a_place_of_its_own_in_the_callers_trace_or_in_one_of_its_own() {
        let header = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
        let given = HeaderMap::from_iter([(TRACEPARENT, HeaderValue::from_static(header))]);
        let place = TracePlace::of(&given, "order-7").to_string();
        assert!(place.starts_with("00-0af7651916cd43dd8448eb211c80319c-") && place.ends_with("-00"), "{place}");
        assert!(!place.contains("b7ad6b7169203331") && parent(&place).is_some(), "{place}");
        let own = |id: &str| TracePlace::of(&HeaderMap::new(), id).trace;
        assert_eq!(own("0af7651916cd43dd8448eb211c80319c"), "0af7651916cd43dd8448eb211c80319c");
        assert_eq!(own("order-7"), own("order-7"));
        assert_ne!(own("order-7"), own("order-8"));
    }
}
