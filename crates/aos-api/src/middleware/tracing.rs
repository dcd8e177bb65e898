//! The outermost layer: gives every request a trace id, returns it on every response, and writes one line per request.
//! Bodies, query strings, tokens and personal data are never logged.

use aos_core::TenantId;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::{Arc, OnceLock};
use std::time::Instant;
use tracing::{Instrument, info, info_span};
use uuid::Uuid;

pub const TRACE_HEADER: HeaderName = HeaderName::from_static("x-trace-id");
const TRACE_ID_LENGTH_MAX: usize = 64;

tokio::task_local! {
    static CONTEXT: Arc<RequestContext>;
}

/// What is known about the request in hand, for problems and for the log line.
#[derive(Debug)]
pub struct RequestContext {
    pub trace_id: String,
    pub path: String,
    /// Set by auth once the caller is known.
    tenant: OnceLock<TenantId>,
}

impl RequestContext {
    /// Returns the context of the request that this task handles, if it handles one.
    pub fn current() -> Option<Arc<Self>> {
        CONTEXT.try_with(Arc::clone).ok()
    }

    pub fn trace_id() -> Option<String> {
        Self::current().map(|context| context.trace_id.clone())
    }

    pub(crate) fn set_tenant(tenant: TenantId) {
        if let Some(context) = Self::current() {
            let _ = context.tenant.set(tenant);
        }
    }
}

/// Runs the request under its trace id.
pub async fn trace(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    // The route's pattern, so that identifiers do not end up in the log's dimensions.
    let route = request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str).to_owned();
    let context = Arc::new(RequestContext {
        trace_id: trace_id(request.headers()),
        path: request.uri().path().to_owned(),
        tenant: OnceLock::new(),
    });
    let span = info_span!("request", trace_id = %context.trace_id);
    let mut response = CONTEXT.scope(Arc::clone(&context), next.run(request).instrument(span)).await;
    let header = HeaderValue::from_str(&context.trace_id).expect("a trace id is made of safe characters");
    response.headers_mut().insert(TRACE_HEADER, header);
    let status = response.status().as_u16();
    let duration_ms = started.elapsed().as_secs_f64() * 1000.0;
    let tenant = context.tenant.get().map(tracing::field::display);
    info!(%method, route, status, duration_ms, trace_id = %context.trace_id, tenant, "{method} {route} answered {status}");
    response
}

/// Takes the caller's trace id when it is safe to repeat, else the W3C one, else a new one.
fn trace_id(headers: &HeaderMap) -> String {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    text(TRACE_HEADER.as_str())
        .filter(|id| is_safe(id))
        .or_else(|| text("traceparent").and_then(w3c_trace_id))
        .map_or_else(|| Uuid::new_v4().simple().to_string(), str::to_owned)
}

fn is_safe(id: &str) -> bool {
    (1..=TRACE_ID_LENGTH_MAX).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

/// Returns the trace id of a `traceparent` header: `version-traceid-parentid-flags`, all lower-case hex, none all zero.
fn w3c_trace_id(header: &str) -> Option<&str> {
    let hex = |part: &str, length| {
        part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    };
    let mut parts = header.split('-');
    let (version, trace, parent, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let well_formed = hex(version, 2) && version != "ff" && hex(trace, 32) && hex(parent, 16) && hex(flags, 2);
    let closed = version != "00" || parts.next().is_none();
    let named = |part: &str| part.bytes().any(|byte| byte != b'0');
    (well_formed && closed && named(trace) && named(parent)).then_some(trace)
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
}
