//! Typed input whose refusal is a problem: JSON bodies, query strings, path parts. Who is asking is in `middleware/auth.rs`.

use crate::middleware::limits::TooSlow;
use crate::problem::Problem;
use crate::strict_json;
use axum::body::{Bytes, HttpBody};
use axum::extract::rejection::{BytesRejection, FailedToBufferBody};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use serde::de::DeserializeOwned;

pub struct Json<T>(pub T);
/// A JSON body that may be left out.
pub struct JsonOrNothing<T>(pub T);
pub struct Query<T>(pub T);
pub struct Path<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        strict_json::read(&json_bytes(request, state).await?).map(Self)
    }
}

/// Reads a body that says that it is JSON, for those who look into it before they decide how it is read.
pub async fn json_bytes<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    if !is_json(request.headers().get(CONTENT_TYPE)) {
        return Err(unsupported_media_type());
    }
    read(request, state).await
}

/// Reads a whole body, as far as it may be read.
pub async fn read<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    Bytes::from_request(request, state).await.map_err(|rejection| match rejection {
        BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)) => body_too_large(),
        rejection if is_too_slow(&rejection) => body_too_slow(),
        _ => {
            let detail = "the body ended early or could not be read";
            Problem::bad_request("unreadable_body", detail, "send the request again")
        }
    })
}

fn is_too_slow(error: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(error), |error| error.source()).any(|error| error.is::<TooSlow>())
}

impl<T: DeserializeOwned + Default, S: Send + Sync> FromRequest<S> for JsonOrNothing<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !request.headers().contains_key(CONTENT_TYPE) && request.body().size_hint().exact() == Some(0) {
            return Ok(Self(T::default()));
        }
        // Many clients say that they send JSON also where they send nothing.
        let bytes = json_bytes(request, state).await?;
        if bytes.is_empty() { Ok(Self(T::default())) } else { strict_json::read(&bytes).map(Self) }
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = axum::extract::Query::<T>::from_request_parts(parts, state).await;
        query.map(|query| Self(query.0)).map_err(|rejection| {
            Problem::bad_request(
                "invalid_query",
                rejection.body_text(),
                "correct the query parameters; /docs lists them",
            )
        })
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        path.map(|path| Self(path.0)).map_err(|rejection| {
            Problem::bad_request(
                "invalid_path",
                rejection.body_text(),
                "correct the path; identifiers are UUIDs as lists return them",
            )
        })
    }
}

/// Whether a body says that it is JSON: `application/json`, or a type built on it.
pub fn is_json(kind: Option<&HeaderValue>) -> bool {
    let kind = kind.and_then(|kind| kind.to_str().ok()).and_then(|kind| kind.split(';').next()).unwrap_or_default();
    let kind = kind.trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

pub fn unsupported_media_type() -> Problem {
    Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "unsupported_media_type",
        "the body must be JSON",
        "send the header `Content-Type: application/json`",
    )
}

pub fn body_too_large() -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "body_too_large",
        "the body is larger than this server accepts",
        "send less at once; large files are connected by their path, not sent in a request",
    )
}

fn body_too_slow() -> Problem {
    Problem::new(
        StatusCode::REQUEST_TIMEOUT,
        "body_too_slow",
        "the body did not come to its end in time",
        "send the request again, over a line that carries it faster",
    )
}
