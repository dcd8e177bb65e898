//! What programs are told when something is wrong: OAuth's own shape (RFC 6749, section 5.2), whose words programs know.

use crate::problem::{Code, Problem};
use axum::Json;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use std::borrow::Cow;

#[derive(Debug)]
pub(crate) enum OauthError {
    /// What the program did wrong, by a word of the standards.
    Said { word: &'static str, why: Cow<'static, str> },
    /// What is not the program's doing.
    Problem(Box<Problem>),
}

impl OauthError {
    pub fn new(word: &'static str, why: impl Into<Cow<'static, str>>) -> Self {
        Self::Said { word, why: why.into() }
    }

    /// Refuses a code or refresh token, whatever is wrong with it.
    pub fn grant(why: &'static str) -> Self {
        Self::new("invalid_grant", why)
    }
}

impl From<Problem> for OauthError {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}

impl From<aos_store::Error> for OauthError {
    fn from(error: aos_store::Error) -> Self {
        Problem::from(error).into()
    }
}

impl IntoResponse for OauthError {
    fn into_response(self) -> Response {
        match self {
            Self::Problem(problem) => problem.into_response(),
            Self::Said { word, why } => {
                let status = if word == "invalid_client" { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
                let body = Json(json!({ "error": word, "error_description": why }));
                let mut response = (status, [(CACHE_CONTROL, "no-store")], body).into_response();
                response.extensions_mut().insert(Code(word.into()));
                response
            }
        }
    }
}
