//! What stands behind the question mark, and the members of a form; and answers in JSON.

use crate::auth::{Form, basic};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

/// The pairs of a query, decoded, in their order.
#[derive(Debug, Clone, Default)]
pub struct Query(Vec<(String, String)>);

impl Query {
    pub fn of(query: Option<&str>) -> Self {
        Self(form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect())
    }

    /// The first value of a name that is not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(found, value)| found == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// All values of a name, those within one value parted by commas.
    pub fn list(&self, name: &str) -> Vec<&str> {
        let values = self.0.iter().filter(|(found, _)| found == name);
        values.flat_map(|(_, value)| value.split(',')).map(str::trim).filter(|item| !item.is_empty()).collect()
    }

    pub fn number(&self, name: &str) -> Option<u64> {
        self.get(name)?.parse().ok()
    }

    pub fn is_true(&self, name: &str) -> bool {
        self.get(name) == Some("true") || self.get(name) == Some("1")
    }

    /// Writes the same query with one pair in place of all pairs of these names.
    pub fn with(&self, name: &str, value: &str, without: &[&str]) -> String {
        let mut out = form_urlencoded::Serializer::new(String::new());
        for (found, value) in &self.0 {
            if found != name && !without.contains(&found.as_str()) {
                out.append_pair(found, value);
            }
        }
        out.append_pair(name, value).finish()
    }
}

/// Reads what a token endpoint was sent: a form or JSON, with the client's name and secret in it or in `Authorization: Basic`.
pub fn form(headers: &HeaderMap, body: &[u8]) -> Form {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut form = if text(header::CONTENT_TYPE).starts_with("application/json") {
        let object = serde_json::from_slice::<serde_json::Map<String, Value>>(body).unwrap_or_default();
        object.into_iter().filter_map(|(name, value)| Some((name, value.as_str()?.to_owned()))).collect()
    } else {
        form_urlencoded::parse(body).into_owned().collect::<Form>()
    };
    if let Some((client, secret)) = basic(text(header::AUTHORIZATION)) {
        form.insert("client_id".to_owned(), client);
        form.insert("client_secret".to_owned(), secret);
    }
    form
}

/// An answer whose body is JSON already.
pub fn json_text(status: StatusCode, text: String) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json;charset=utf-8")], text).into_response()
}

pub fn json(status: StatusCode, value: &Value) -> Response {
    json_text(status, value.to_string())
}

/// Sends a person's browser back with what consenting gave.
pub fn redirect(to: &str, pairs: &[(&str, &str)]) -> Response {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in pairs {
        query.append_pair(name, value);
    }
    let joint = if to.contains('?') { '&' } else { '?' };
    (StatusCode::FOUND, [(header::LOCATION, format!("{to}{joint}{}", query.finish()))]).into_response()
}
