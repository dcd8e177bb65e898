//! Turns a panic in a handler into a 500 problem, so that one broken request ends alone and with a trace id.

use crate::problem::Problem;
use axum::response::{IntoResponse, Response};
use std::any::Any;

pub fn answer(panic: Box<dyn Any + Send + 'static>) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    tracing::error!(panic = text.unwrap_or("without a text"), "a handler panicked");
    Problem::internal().into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::middleware::tracing::trace;
    use axum::Router;
    use axum::body::Body;
    use axum::extract::Request;
    use axum::middleware::from_fn;
    use axum::routing::get;
    use tower::ServiceExt;
    use tower_http::catch_panic::CatchPanicLayer;

    async fn broken() {
        panic!("with a secret in it")
    }

    #[tokio::test]
    async fn a_panic_is_answered_with_a_problem_that_shows_nothing_of_it() {
        let router = Router::new().route("/", get(broken)).layer(CatchPanicLayer::custom(answer)).layer(from_fn(trace));
        let response = router.oneshot(Request::new(Body::empty())).await.unwrap();
        assert_eq!(response.status(), 500);
        let trace_id = response.headers()["x-trace-id"].to_str().unwrap().to_owned();
        let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        let text = String::from_utf8(body.to_vec()).unwrap();
        assert!(text.contains(&trace_id) && !text.contains("secret"), "{text}");
    }
}
