//! Security headers on every response, and who else's pages may call the API. A handler that sets one of the headers keeps its own.

use crate::state::App;
use axum::extract::{Request, State};
use axum::http::header::{
    ACCEPT, AUTHORIZATION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, LOCATION, REFERRER_POLICY,
    RETRY_AFTER, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use std::time::Duration;
use tower_http::cors::{AllowOrigin, CorsLayer};

const UI_POLICY: &str = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";
// Swagger UI writes style attributes into its page.
const DOCS_POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'self'; frame-ancestors 'none'";
// ReDoc writes styles into its page and searches in a worker that it makes itself.
const REDOC_POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; worker-src 'self' blob:; object-src 'none'; base-uri 'self'; frame-ancestors 'none'";
/// A year, as browsers' preload lists want it. Names below this one are their owner's business.
const ENCRYPTED_ONLY: &str = "max-age=31536000";
/// How long a browser remembers what it was allowed.
const REMEMBERED: Duration = Duration::from_secs(600);

pub async fn secure(State(app): State<App>, request: Request, next: Next) -> Response {
    let policy = match request.uri().path() {
        path if path.starts_with("/docs") => DOCS_POLICY,
        path if path.starts_with("/redoc") => REDOC_POLICY,
        _ => UI_POLICY,
    };
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set(CONTENT_SECURITY_POLICY, policy);
    set(X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(REFERRER_POLICY, "no-referrer");
    set(HeaderName::from_static("x-frame-options"), "DENY");
    // Where the server is reached in the clear, a browser that believed this could not come back.
    if app.settings.public_url.as_ref().is_some_and(|url| url.starts_with("https://")) {
        set(STRICT_TRANSPORT_SECURITY, ENCRYPTED_ONLY);
    }
    response
}

/// Lets pages of the origins that the operator has listed call the API, with tokens but not with cookies. No origin, no page.
pub fn cors(origins: &[String]) -> CorsLayer {
    let origins = origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok());
    let named = |names: [&'static str; 7]| names.map(HeaderName::from_static);
    let own = named([
        "x-trace-id",
        "traceparent",
        "idempotency-key",
        "idempotent-replayed",
        "ratelimit",
        "ratelimit-policy",
        "last-event-id",
    ]);
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers(
            [AUTHORIZATION, ACCEPT, CONTENT_TYPE, IF_NONE_MATCH].into_iter().chain(own.clone()).collect::<Vec<_>>(),
        )
        .expose_headers([ETAG, LOCATION, RETRY_AFTER].into_iter().chain(own).collect::<Vec<_>>())
        .max_age(REMEMBERED)
}
