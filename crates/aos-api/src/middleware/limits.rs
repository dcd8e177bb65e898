//! Limits on one request: how long it may take and how large its body may be.

use crate::extract::body_too_large;
use crate::problem::Problem;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_LENGTH;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::time::Duration;

/// Stops a request that takes longer than this. A WebSocket is past this once it is open.
pub async fn time(State(max): State<Duration>, request: Request, next: Next) -> Response {
    match tokio::time::timeout(max, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            Problem::unavailable("request_timeout", "the request took longer than this server allows").into_response()
        }
    }
}

/// Refuses a body that says it is too large before any of it is read; a body that lies is cut off while it is read.
pub async fn body(State(max): State<u64>, request: Request, next: Next) -> Response {
    let length = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    match length {
        Some(length) if length > max => body_too_large().into_response(),
        _ => next.run(request).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::body::Body;
    use axum::middleware::from_fn_with_state;
    use axum::routing::get;
    use tower::ServiceExt;

    #[tokio::test(start_paused = true)]
    async fn a_request_that_takes_too_long_is_stopped() {
        let slow = || async { tokio::time::sleep(Duration::from_secs(3600)).await };
        let router = Router::new().route("/", get(slow)).layer(from_fn_with_state(Duration::from_secs(60), time));
        let response = router.oneshot(Request::new(Body::empty())).await.unwrap();
        assert_eq!(response.status(), 503);
        assert_eq!(response.headers()["retry-after"], "2");
    }
}
