//! The picture, by version.

use crate::extract::Query;
use crate::guard::Allowed;
use crate::problem::Problem;
use crate::state::App;
use aos_core::policy::may;
use aos_dcl::state::State as StateOut;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StateQuery {
    /// Also the joins between tables of a source, which a layered drawing cannot hold.
    #[serde(default)]
    joins: bool,
}

/// Returns the picture: nodes and edges in layers, who feeds which entity, and the sum of the ledger.
///
/// The `ETag` names its version; `If-None-Match` with it is answered 304 until something changes.
#[utoipa::path(get, path = "/state", tag = "dcl", params(StateQuery, ("If-None-Match" = Option<String>, Header)),
    responses((status = 200, body = StateOut, headers(("ETag" = String))), (status = 304, description = "Unchanged"), Problem))]
pub async fn get(
    tenant: Allowed<may::ReadGraph>,
    State(app): State<App>,
    Query(query): Query<StateQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let dcl = app.dcl.tenant(&tenant);
    // Read before the picture: a change in between makes the tag too old, never too new.
    let version = dcl.state_version().await?;
    let tag = etag(&version, query.joins);
    let caching = [(header::ETAG, tag.clone()), (header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"))];
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| names(known, &tag)) {
        return Ok((StatusCode::NOT_MODIFIED, caching).into_response());
    }
    Ok(match query.joins {
        true => (caching, Json(dcl.state_with_joins().await?)).into_response(),
        false => {
            let json = [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))];
            (caching, json, dcl.state().await?.json.clone()).into_response()
        }
    })
}

/// Weak, because the body may be compressed on its way.
fn etag(version: &str, joins: bool) -> HeaderValue {
    let shape = if joins { "-joins" } else { "" };
    HeaderValue::from_str(&format!("W/\"{version}{shape}\"")).unwrap_or(HeaderValue::from_static("W/\"unversioned\""))
}

/// Says whether an `If-None-Match` header names the tag. `*` does not count: it is for writes.
fn names(header: &HeaderValue, tag: &HeaderValue) -> bool {
    let strong = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    match (header.to_str(), tag.to_str()) {
        (Ok(known), Ok(tag)) => known.split(',').any(|known| strong(known) == strong(tag)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_in_a_list_weak_or_not() {
        let tag = etag("7", false);
        for known in ["W/\"7\"", "\"7\"", "\"6\", W/\"7\""] {
            assert!(names(&HeaderValue::from_static(known), &tag), "{known}");
        }
        for other in ["W/\"7-joins\"", "\"77\"", "*", ""] {
            assert!(!names(&HeaderValue::from_static(other), &tag), "{other}");
        }
    }
}
