//! Typed input whose refusal is a problem: JSON bodies, query strings, path parts. Who is asking is in `middleware/auth.rs`.

use crate::problem::Problem;
use axum::extract::rejection::{BytesRejection, FailedToBufferBody, JsonRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

pub struct Json<T>(pub T);
pub struct Query<T>(pub T);
pub struct Path<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        match axum::Json::<T>::from_request(request, state).await {
            Ok(axum::Json(value)) => Ok(Self(value)),
            Err(rejection) => Err(refused_body(rejection)),
        }
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

fn refused_body(rejection: JsonRejection) -> Problem {
    let next_step = "correct the body; /docs shows its shape";
    match rejection {
        JsonRejection::JsonSyntaxError(error) => Problem::bad_request("invalid_json", error.body_text(), next_step),
        JsonRejection::JsonDataError(error) => Problem::unprocessable("invalid_body", error.body_text(), next_step),
        JsonRejection::MissingJsonContentType(_) => Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "the body must be JSON",
            "send the header `Content-Type: application/json`",
        ),
        JsonRejection::BytesRejection(BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_))) => {
            body_too_large()
        }
        _ => Problem::bad_request(
            "unreadable_body",
            "the body ended early or could not be read",
            "send the request again",
        ),
    }
}

pub fn body_too_large() -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "body_too_large",
        "the body is larger than this server accepts",
        "send less at once; large files are connected by their path, not sent in a request",
    )
}
