//! Limits on one request: how long it may take and how large its body may be.

use crate::extract::body_too_large;
use crate::problem::Problem;
use crate::state::App;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_LENGTH;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Stops a request that takes longer than the settings allow. A WebSocket is past this once it is open.
pub async fn time(State(app): State<App>, request: Request, next: Next) -> Response {
    match tokio::time::timeout(app.settings.request_timeout, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            Problem::unavailable("request_timeout", "the request took longer than this server allows").into_response()
        }
    }
}

/// Refuses a body that says it is too large before any of it is read; a body that lies is cut off while it is read.
pub async fn body(State(app): State<App>, request: Request, next: Next) -> Response {
    let length = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    match length {
        Some(length) if length > app.settings.body_bytes_max as u64 => body_too_large().into_response(),
        _ => next.run(request).await,
    }
}
