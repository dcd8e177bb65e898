//! Turns a panic in a handler into a 500 problem, so that one broken request ends alone and with a trace id.

use crate::problem::Problem;
use axum::response::{IntoResponse, Response};
use std::any::Any;

pub fn answer(panic: Box<dyn Any + Send + 'static>) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    tracing::error!(panic = text.unwrap_or("without a text"), "a handler panicked");
    Problem::internal().into_response()
}
