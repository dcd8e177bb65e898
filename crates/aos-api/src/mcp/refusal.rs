//! What the protocol's library refuses in words of its own becomes a problem like every other error that leaves here.

use crate::extract::{body_too_large, unsupported_media_type};
use crate::problem::{CONTENT_TYPE as PROBLEM, Problem};
use axum::http::StatusCode;
use axum::http::header::{ALLOW, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

/// Makes a problem of a refusal that is not said in JSON; every other answer stays as it is. `is_json` says whether the request's body was
/// called JSON.
pub(super) fn said(response: Response, is_json: bool) -> Response {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let is_said = [PROBLEM, "application/json", "text/event-stream"].iter().any(|known| kind.starts_with(known));
    if response.status().is_success() || is_said {
        return response;
    }
    let allowed = response.headers().get(ALLOW).cloned();
    let mut told = problem(response.status(), is_json).into_response();
    if let Some(allowed) = allowed {
        told.headers_mut().insert(ALLOW, allowed);
    }
    told
}

fn problem(status: StatusCode, is_json: bool) -> Problem {
    match status {
        // The library calls a body that it cannot read a media type that it does not know.
        StatusCode::UNSUPPORTED_MEDIA_TYPE if is_json => Problem::bad_request(
            "invalid_message",
            "the body is no message of JSON-RPC 2.0",
            "send one object with `jsonrpc`, `id`, `method` and `params`",
        ),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => unsupported_media_type(),
        StatusCode::PAYLOAD_TOO_LARGE => body_too_large(),
        StatusCode::NOT_ACCEPTABLE => Problem::new(
            status,
            "not_acceptable",
            "answers are JSON or events, and the header `Accept` does not name both",
            "send the header `Accept: application/json, text/event-stream`",
        ),
        StatusCode::METHOD_NOT_ALLOWED => Problem::new(
            status,
            "method_not_allowed",
            "no session is kept here, so that there is nothing to read from or to end",
            "send messages with POST",
        ),
        StatusCode::FORBIDDEN => Problem::new(
            status,
            "host_not_known",
            "the request is for a host, or comes from a page, that this server does not know",
            "use the server's own address, or let the operator list the host in `server.mcp_hosts`",
        ),
        status if status.is_server_error() => Problem::internal(),
        status => Problem::new(
            status,
            "invalid_message",
            "the request is none of the Model Context Protocol",
            "look at its headers and its message; docs/guides/mcp.md has an example",
        ),
    }
}
