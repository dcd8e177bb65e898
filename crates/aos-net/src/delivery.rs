//! What became of something that was sent to an endpoint of a tenant, and with it what is to be done next.

use crate::error::{Error, Result};
use crate::response::Response;
use reqwest::StatusCode;
use std::fmt;
use std::time::Duration;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Delivered,
    /// Try again, not before `after` when the endpoint asked for it; `schedule::next_attempt` says when.
    Retry {
        after: Option<Duration>,
        reason: String,
    },
    /// Nothing was sent, because the host has failed too often of late; it says nothing new about the endpoint.
    Postponed {
        after: Duration,
        reason: String,
    },
    /// Trying again would change nothing.
    Dead {
        end: DeadEnd,
        reason: String,
    },
}

/// Why something is not tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeadEnd {
    /// The endpoint is no more and says so. It should be disabled, with a notice to its owner.
    Gone,
    /// The endpoint's address is not allowed.
    Blocked,
    /// The message cannot be sent as it is, or the endpoint will never take it.
    Rejected,
}

impl DeadEnd {
    /// Whether nothing more should be sent to the endpoint at all.
    pub fn disables_endpoint(self) -> bool {
        matches!(self, Self::Gone)
    }
}

impl fmt::Display for DeadEnd {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Gone => "gone",
            Self::Blocked => "blocked",
            Self::Rejected => "rejected",
        })
    }
}

/// Judges a status as the Standard Webhooks specification does: 2xx is delivered, 410 is the end of the endpoint, everything else is
/// tried again, redirects included (an endpoint's address is to be corrected, not followed).
pub fn classify(status: StatusCode, retry_after: Option<Duration>) -> Outcome {
    let reason = format!("the endpoint answers with status {}", status.as_u16());
    match status {
        _ if status.is_success() => Outcome::Delivered,
        StatusCode::GONE => Outcome::Dead { end: DeadEnd::Gone, reason },
        _ => Outcome::Retry { after: retry_after, reason },
    }
}

/// Judges a whole attempt. The body of a 2xx answer is not read.
pub async fn conclude(attempt: Result<Response>) -> Outcome {
    let mut response = match attempt {
        Ok(response) => response,
        Err(error) => return of_error(&error),
    };
    let outcome = classify(response.status(), response.retry_after());
    match outcome {
        Outcome::Delivered | Outcome::Postponed { .. } => outcome,
        Outcome::Retry { after, reason } => {
            Outcome::Retry { after, reason: with_words(reason, &response.excerpt().await) }
        }
        Outcome::Dead { end, reason } => Outcome::Dead { end, reason: with_words(reason, &response.excerpt().await) },
    }
}

pub(crate) fn of_error(error: &Error) -> Outcome {
    let reason = error.story();
    match error {
        Error::Blocked { .. } => Outcome::Dead { end: DeadEnd::Blocked, reason },
        Error::Url(_) | Error::Request(_) => Outcome::Dead { end: DeadEnd::Rejected, reason },
        Error::CircuitOpen { retry_in, .. } => Outcome::Postponed { after: *retry_in, reason },
        Error::Status { retry_after, .. } => Outcome::Retry { after: *retry_after, reason },
        _ => Outcome::Retry { after: None, reason },
    }
}

fn with_words(reason: String, words: &str) -> String {
    if words.is_empty() { reason } else { format!("{reason} and says: {words}") }
}
