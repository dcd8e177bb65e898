//! What the API counts. Labels are words of the program, so that their number has an end.

use axum::http::Method;
use std::time::Duration;

/// Counts an answered request. The route is the router's pattern.
pub(crate) fn answered(method: &Method, route: &str, status: u16, took: Duration) {
    let method = match method.as_str() {
        known @ ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS") => known.to_owned(),
        _ => "OTHER".to_owned(),
    };
    let labels = [("method", method), ("route", route.to_owned()), ("status", status.to_string())];
    metrics::histogram!("autonomos_http_request_duration_seconds", &labels).record(took);
}
