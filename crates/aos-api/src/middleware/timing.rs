//! What an answer cost, for tenants that have switched `DEV_DEBUG` on: the header `Server-Timing` (W3C), which browsers show.

use crate::auth::session::Session;
use crate::state::App;
use aos_core::flag::Flag;
use axum::extract::{Extension, Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;
use std::time::Instant;

const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// Says in the answer how long it took, where the tenant wants to know.
pub async fn say(
    State(app): State<App>,
    Extension(session): Extension<Arc<Session>>,
    request: Request,
    next: Next,
) -> Response {
    let begun = Instant::now();
    let mut response = next.run(request).await;
    // A flag that cannot be read is off.
    if app.dcl.tenant(&session.scope).flag(Flag::DevDebug).await.unwrap_or(false) {
        let text = format!("app;dur={:.3}", begun.elapsed().as_secs_f64() * 1000.0);
        if let Ok(value) = HeaderValue::from_str(&text) {
            response.headers_mut().insert(SERVER_TIMING, value);
        }
    }
    response
}
