//! Limits on one request: how long it may take and how large its body may be.

use crate::extract::body_too_large;
use crate::problem::Problem;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_LENGTH;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::time::Duration;

/// The longest address, and all headers together. A proxy before the server has limits like these.
const ADDRESS_BYTES_MAX: usize = 8 * 1024;
const HEADERS_BYTES_MAX: usize = 32 * 1024;

/// Refuses a request whose address or headers are longer than anyone needs.
pub async fn head(request: Request, next: Next) -> Response {
    let address = request.uri().path_and_query().map_or(0, |address| address.as_str().len());
    let headers: usize = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if address > ADDRESS_BYTES_MAX {
        let detail = format!("the address is longer than {ADDRESS_BYTES_MAX} bytes");
        return Problem::new(StatusCode::URI_TOO_LONG, "address_too_long", detail, "send less in the query")
            .into_response();
    }
    if headers > HEADERS_BYTES_MAX {
        let detail = format!("the headers are longer than {HEADERS_BYTES_MAX} bytes together");
        let (status, next_step) = (StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "send fewer or shorter headers");
        return Problem::new(status, "headers_too_large", detail, next_step).into_response();
    }
    next.run(request).await
}

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
