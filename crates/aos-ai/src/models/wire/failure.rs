//! What a provider means by an answer that is none.

use super::{Endpoint, text};
use crate::models::error::ModelError;
use serde_json::Value;
use std::time::Duration;

/// How much of a provider's words is shown.
const SAID_CHARS_MAX: usize = 300;

/// Makes an error of a status that is not 2xx. `asked_to_wait` is what the header `Retry-After` says.
pub fn failure(endpoint: &Endpoint, status: u16, body: &[u8], asked_to_wait: Option<Duration>) -> ModelError {
    let provider = endpoint.provider.as_str();
    let parsed: Value =
        std::str::from_utf8(body).ok().and_then(|text| aos_core::json::read(text).ok()).unwrap_or_default();
    let error = parsed.get("error").unwrap_or(&parsed);
    let said = endpoint.hidden(&message(error).unwrap_or_else(|| String::from_utf8_lossy(body).into_owned()));
    let said = short(&said);
    match status {
        429 if is_quota(error) => ModelError::QuotaSpent { provider, said },
        429 => ModelError::RateLimited { provider, retry_after: asked_to_wait.or_else(|| retry_delay(error)) },
        // 529 is Anthropic's "overloaded".
        503 | 529 if asked_to_wait.is_some() => ModelError::RateLimited { provider, retry_after: asked_to_wait },
        408 | 409 | 500.. => ModelError::Failing { provider, status, said },
        _ => ModelError::Refused { provider, status, said },
    }
}

/// Reads an error that came in the middle of a stream.
pub fn of_event(error: &Value) -> (u16, String) {
    let status = match text(error, "/type") {
        Some("overloaded_error") => 529,
        _ => error.get("code").and_then(Value::as_u64).and_then(|code| u16::try_from(code).ok()).unwrap_or(500),
    };
    (status, short(&message(error).unwrap_or_else(|| error.to_string())))
}

fn message(error: &Value) -> Option<String> {
    text(error, "/message").or_else(|| error.as_str()).map(str::to_owned)
}

fn is_quota(error: &Value) -> bool {
    let says = |path: &str| text(error, path) == Some("insufficient_quota");
    says("/code") || says("/type")
}

/// Gemini says in the body how long to wait: `{"@type": ".../google.rpc.RetryInfo", "retryDelay": "17s"}`.
fn retry_delay(error: &Value) -> Option<Duration> {
    let details = error.get("details")?.as_array()?;
    let delay = details.iter().find_map(|detail| text(detail, "/retryDelay"))?;
    let seconds: f64 = delay.strip_suffix('s')?.parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

fn short(said: &str) -> String {
    let words =
        said.split(|letter: char| letter.is_whitespace() || letter.is_control()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ").chars().take(SAID_CHARS_MAX).collect()
}
