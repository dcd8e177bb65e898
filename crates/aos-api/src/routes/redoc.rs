//! The description of the API for reading, by ReDoc, whose bundle is embedded when it was there before the binary was built. Nothing is
//! asked of another server.

use crate::problem::Problem;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use rust_embed::RustEmbed;

const BUNDLE: &str = "redoc.standalone.js";
const PAGE: &str = r#"<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>AutonomOS API</title>
  </head>
  <body>
    <redoc spec-url="/openapi.json" hide-download-button="false"></redoc>
    <script src="/redoc/redoc.standalone.js"></script>
  </body>
</html>
"#;

#[derive(RustEmbed)]
#[folder = "../../third_party/redoc"]
#[include = "redoc.standalone.js"]
#[allow_missing = true]
struct Redoc;

/// Serves the page.
pub async fn page() -> Response {
    match Redoc::get(BUNDLE) {
        Some(_) => Html(PAGE).into_response(),
        None => missing().into_response(),
    }
}

/// Serves the program that draws it.
pub async fn bundle() -> Response {
    let Some(file) = Redoc::get(BUNDLE) else { return missing().into_response() };
    let kind = (header::CONTENT_TYPE, HeaderValue::from_static("text/javascript; charset=utf-8"));
    let caching = (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=86400"));
    ([kind, caching], file.data).into_response()
}

fn missing() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "redoc_not_embedded",
        "this build has no ReDoc",
        "read /docs instead, or run scripts/fetch-redoc and build the binary again",
    )
}
