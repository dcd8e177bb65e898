//! The innermost layer: what is done for a request carries its trace into the audit trail, and who was refused is written down.

use crate::auth::session::Session;
use crate::middleware::tracing::RequestContext;
use crate::state::App;
use axum::extract::{Extension, MatchedPath, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use serde_json::json;
use std::sync::Arc;

/// Runs the handler under the request's trace. Its writes put themselves into the trail; a refusal is put there by this.
pub async fn trail(
    State(app): State<App>,
    Extension(session): Extension<Arc<Session>>,
    request: Request,
    next: Next,
) -> Response {
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str).to_owned();
    let trace_id = RequestContext::trace_id().unwrap_or_default();
    let response = aos_store::traced(trace_id.clone(), next.run(request)).await;
    if response.status() == StatusCode::FORBIDDEN {
        RequestContext::refusal_is_kept();
        // Stands also when the rest of the request is undone.
        aos_store::after_end(aos_store::traced(trace_id, async move {
            let refused = json!({ "method": method.as_str() });
            if let Err(error) = app.store.tenant(&session.scope).record_audit("access.denied", &route, refused).await {
                tracing::error!(%error, "a refused access could not be written into the audit trail: {error}");
            }
        }))
        .await;
    }
    response
}
