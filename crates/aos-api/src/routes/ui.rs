//! The web interface, embedded when it was built before the binary, and the answer to every path that no route has.

use crate::problem::Problem;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

const INDEX: &str = "index.html";
/// Prefixes that belong to programs: an unknown path under them is a problem, not a page.
const API_PREFIXES: [&str; 8] = ["/api", "/dcl", "/health", "/docs", "/redoc", "/.well-known", "/oauth", "/mcp"];
const MISSING: &str = "The web interface is not part of this build. `make ui` builds it; then build the binary again.\n\
The API is here all the same: see /docs.\n";

#[derive(RustEmbed)]
#[folder = "../../ui/dist"]
#[allow_missing = true]
struct Ui;

/// Says whether the web interface was built before this binary.
pub fn is_embedded() -> bool {
    Ui::get(INDEX).is_some()
}

/// Serves a file of the web interface, or its page for any other path, whose router knows what to show.
pub async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path();
    let for_programs =
        |prefix: &str| path == prefix || path.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('/'));
    if API_PREFIXES.into_iter().any(for_programs) || (method != Method::GET && method != Method::HEAD) {
        return no_route(&method, path).into_response();
    }
    let name = path.trim_start_matches('/');
    if let Some(file) = Ui::get(name) {
        return answer(name, &file, &headers);
    }
    // A file that is gone must not be answered with a page: a browser would run it as a script.
    if name.starts_with("assets/") {
        return no_route(&method, path).into_response();
    }
    match Ui::get(INDEX) {
        Some(file) => answer(INDEX, &file, &headers),
        None => ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], MISSING).into_response(),
    }
}

/// Answers a path that exists with a method that it does not have.
pub async fn wrong_method(method: Method, uri: Uri) -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        format!("{} does not answer {method}", uri.path()),
        "use one of the methods in the Allow header; /docs lists them",
    )
}

fn no_route(method: &Method, path: &str) -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "route_not_found",
        format!("there is no {method} {path}"),
        "see /docs for what there is",
    )
}

/// Answers with a file, packed by the build where the client takes that: smaller than what is packed while it is sent, and no work.
fn answer(name: &str, file: &EmbeddedFile, headers: &HeaderMap) -> Response {
    let packed = if takes_gzip(headers) { Ui::get(&format!("{name}.gz")) } else { None };
    let sent = packed.as_ref().unwrap_or(file);
    let mut response = with_tag(name, file.metadata.mimetype(), sent, headers);
    if packed.is_some() {
        let told = response.headers_mut();
        told.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        told.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
    response
}

fn takes_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|accepted| accepted.to_str().ok()).unwrap_or_default();
    accepted.split(',').any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let mut named = parts.next() == Some("gzip");
        for weight in parts.filter_map(|part| part.strip_prefix("q=")) {
            named &= weight.parse::<f32>().is_ok_and(|weight| weight > 0.0);
        }
        named
    })
}

fn with_tag(name: &str, kind: &str, file: &EmbeddedFile, headers: &HeaderMap) -> Response {
    let hash: String = file.metadata.sha256_hash().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let tag = HeaderValue::from_str(&format!("\"{hash}\"")).expect("hex digits are a header value");
    // The build writes a hash of the content into the names of assets, so a name never changes its content.
    let caching = if name.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let unchanged = headers.get(header::IF_NONE_MATCH).and_then(|known| known.to_str().ok());
    let unchanged =
        unchanged.is_some_and(|known| known.split(',').any(|known| known.trim().trim_start_matches("W/") == tag));
    let caching = [(header::ETAG, tag), (header::CACHE_CONTROL, HeaderValue::from_static(caching))];
    if unchanged {
        return (StatusCode::NOT_MODIFIED, caching).into_response();
    }
    (caching, [(header::CONTENT_TYPE, kind.to_owned())], file.data.clone()).into_response()
}
