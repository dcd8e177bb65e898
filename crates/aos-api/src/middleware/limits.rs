//! Limits on one request: how much its head may say and how clearly, how long it may take, and how large its body may be and how slow.

use crate::extract::body_too_large;
use crate::problem::Problem;
use crate::routes::knowledge::UPLOAD;
use crate::routes::knowledge::ingest::INGEST;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_LENGTH, HOST, ORIGIN};
use axum::http::{HeaderName, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hyper::body::{Body as _, Frame, SizeHint};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Sleep, sleep};

/// The longest address, and all headers together. A proxy before the server has limits like these; how many headers there are is hyper's to
/// count.
const ADDRESS_BYTES_MAX: usize = 8 * 1024;
const HEADERS_BYTES_MAX: usize = 32 * 1024;
/// Headers of which two readers could take different ones when there are two.
const SAID_ONCE: [HeaderName; 3] = [HOST, AUTHORIZATION, ORIGIN];

/// Refuses a request whose address or headers are longer than anyone needs, or that says twice who sends it or to whom.
pub async fn head(request: Request, next: Next) -> Response {
    match check_head(&request) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

fn check_head(request: &Request) -> Result<(), Problem> {
    let address = request.uri().path_and_query().map_or(0, |address| address.as_str().len());
    if address > ADDRESS_BYTES_MAX {
        let detail = format!("the address is longer than {ADDRESS_BYTES_MAX} bytes");
        return Err(Problem::new(StatusCode::URI_TOO_LONG, "address_too_long", detail, "send less in the query"));
    }
    let headers = request.headers();
    let bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if bytes > HEADERS_BYTES_MAX {
        let detail = format!("the headers are longer than {HEADERS_BYTES_MAX} bytes together");
        let (status, next_step) = (StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "send fewer or shorter headers");
        return Err(Problem::new(status, "headers_too_large", detail, next_step));
    }
    if let Some(twice) = SAID_ONCE.iter().find(|name| headers.get_all(*name).iter().nth(1).is_some()) {
        let detail = format!("the header `{twice}` stands there twice, so that nobody knows which one counts");
        return Err(Problem::bad_request("ambiguous_header", detail, "send it once"));
    }
    Ok(())
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

/// What a body may be.
#[derive(Debug, Clone, Copy)]
pub struct BodyLimits {
    pub bytes_max: u64,
    /// The same for an upload of a document.
    pub document_bytes_max: u64,
    /// From the moment in which it is waited for to its end.
    pub time_max: Duration,
}

/// Refuses a body that says it is too large before any of it is read; a body that lies is cut off while it is read, and so is one that does not
/// come to its end.
pub async fn body(State(limits): State<BodyLimits>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_document = path.ends_with(UPLOAD) || path.ends_with(INGEST);
    let bytes_max = if is_document { limits.document_bytes_max } else { limits.bytes_max };
    let length = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > bytes_max) {
        return body_too_large().into_response();
    }
    let mut request = request;
    DefaultBodyLimit::max(usize::try_from(bytes_max).unwrap_or(usize::MAX)).apply(&mut request);
    let request = match request.body().is_end_stream() {
        true => request,
        false => request.map(|body| Body::new(InTime { body, time_max: limits.time_max, end: None })),
    };
    next.run(request).await
}

/// A body did not come to its end in time.
#[derive(Debug, thiserror::Error)]
#[error("the body did not come to its end within {} seconds", .0.as_secs())]
pub struct TooSlow(Duration);

struct InTime {
    body: Body,
    time_max: Duration,
    /// Runs from the first wait on: most bodies are there at once.
    end: Option<Pin<Box<Sleep>>>,
}

impl hyper::body::Body for InTime {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if polled.is_ready() && self.end.is_none() {
            return polled;
        }
        let time_max = self.time_max;
        let end = self.end.get_or_insert_with(|| Box::pin(sleep(time_max)));
        // Also one that drips, so that something is ready at every look, has an end.
        if end.as_mut().poll(context).is_ready() {
            return Poll::Ready(Some(Err(axum::Error::new(TooSlow(time_max)))));
        }
        Poll::Ready(ready!(polled))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::middleware::from_fn_with_state;
    use axum::routing::{get, post};
    use futures_util::stream;
    use tower::ServiceExt;

    #[tokio::test(start_paused = true)]
    async fn a_request_that_takes_too_long_is_stopped() {
        let slow = || async { tokio::time::sleep(Duration::from_secs(3600)).await };
        let router = Router::new().route("/", get(slow)).layer(from_fn_with_state(Duration::from_secs(60), time));
        let response = router.oneshot(Request::new(Body::empty())).await.unwrap();
        assert_eq!(response.status(), 503);
        assert_eq!(response.headers()["retry-after"], "2");
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_drips_or_stands_still_ends_the_request_in_time() {
        let limits = BodyLimits { bytes_max: 1024, document_bytes_max: 1024, time_max: Duration::from_secs(10) };
        let taken =
            |crate::extract::Json(value): crate::extract::Json<serde_json::Value>| async move { value.to_string() };
        let router = Router::new().route("/", post(taken)).layer(from_fn_with_state(limits, body));
        let dripping = stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            Some((Ok::<_, std::io::Error>(Bytes::from_static(b" ")), ()))
        });
        let silent = stream::pending::<Result<Bytes, std::io::Error>>();
        for waiting in [Body::from_stream(dripping), Body::from_stream(silent)] {
            let request = Request::post("/").header("content-type", "application/json").body(waiting).unwrap();
            let begun = tokio::time::Instant::now();
            let response = router.clone().oneshot(request).await.unwrap();
            assert_eq!(response.status(), 408);
            assert!(begun.elapsed() < Duration::from_secs(11), "{:?}", begun.elapsed());
        }
        let request = Request::post("/").header("content-type", "application/json").body(Body::from("[1]")).unwrap();
        assert_eq!(router.oneshot(request).await.unwrap().status(), 200);
    }
}
