//! What a token endpoint's refusal means for the grant, in the words of RFC 6749 (section 5.2) and of vendors who have others.

use crate::grant::GrantState;
use aos_net::StatusCode;
use serde::Deserialize;
use std::time::Duration;

const SAID_CHARS_MAX: usize = 300;

/// Why there is no token. What it says is the vendor's own text, without ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("{vendor} no longer accepts the grant ({why}); connect the account again")]
    Revoked { vendor: &'static str, why: String },
    #[error("{vendor} cannot give a token at the moment ({why}); it is tried again")]
    Transient { vendor: &'static str, why: String, retry_after: Option<Duration> },
    #[error("{vendor} refuses the application ({why}); check its client id, secret, scopes and redirect address")]
    Permanent { vendor: &'static str, why: String },
}

impl Refusal {
    pub(super) fn state(&self) -> GrantState {
        match self {
            Self::Revoked { .. } => GrantState::Revoked,
            Self::Transient { .. } => GrantState::Transient,
            Self::Permanent { .. } => GrantState::Permanent,
        }
    }

    pub(super) fn why(&self) -> &str {
        match self {
            Self::Revoked { why, .. } | Self::Transient { why, .. } | Self::Permanent { why, .. } => why,
        }
    }
}

impl From<Refusal> for crate::Error {
    fn from(refusal: Refusal) -> Self {
        let said = refusal.to_string();
        match refusal {
            Refusal::Revoked { .. } | Refusal::Permanent { .. } => Self::Unauthorized { said },
            Refusal::Transient { .. } => Self::Transient { said },
        }
    }
}

/// The members in which vendors say what is wrong.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Refused {
    error: Option<String>,
    error_description: Option<String>,
    /// HubSpot's own, e.g. `BAD_REFRESH_TOKEN`.
    status: Option<String>,
    message: Option<String>,
}

// What says that the owner, not the application, has to act.
const REVOKED: [&str; 7] = [
    "invalid_grant",
    "interaction_required",
    "consent_required",
    "login_required",
    "BAD_REFRESH_TOKEN",
    "BAD_AUTH_CODE",
    "MISSING_REFRESH_TOKEN",
];

pub(super) fn refusal(
    vendor: &'static str,
    status: StatusCode,
    retry_after: Option<Duration>,
    body: &str,
    secrets: &[&str],
) -> Refusal {
    let refused: Refused = serde_json::from_str(body).unwrap_or_default();
    let code = refused.error.or(refused.status).unwrap_or_default();
    let words = refused.error_description.or(refused.message).unwrap_or_default();
    let why = shown(&format!("status {} {code} {words}", status.as_u16()), secrets);
    let busy = status == StatusCode::TOO_MANY_REQUESTS
        || status == StatusCode::REQUEST_TIMEOUT
        || status.is_server_error()
        || matches!(code.as_str(), "temporarily_unavailable" | "server_error" | "slow_down")
        // Salesforce answers with 400 invalid_grant when one user logs in too often in an hour, and with 403 when its limits are used up.
        || words.contains("rate exceeded")
        || body.contains("REQUEST_LIMIT_EXCEEDED");
    if busy {
        Refusal::Transient { vendor, why, retry_after }
    } else if REVOKED.contains(&code.as_str()) {
        Refusal::Revoked { vendor, why }
    } else {
        Refusal::Permanent { vendor, why }
    }
}

/// Makes one line of what the vendor says, without what we had said.
fn shown(text: &str, secrets: &[&str]) -> String {
    let hidden = secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret, "[hidden]"));
    hidden.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(SAID_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(status: u16, body: &str) -> Refusal {
        refusal("example", StatusCode::from_u16(status).unwrap(), None, body, &["sesame"])
    }

    #[test]
    fn a_refusal_is_revoked_transient_or_permanent_by_what_the_vendor_says() {
        use Refusal::{Permanent, Revoked, Transient};
        assert!(matches!(judged(400, r#"{"error":"invalid_grant","error_description":"expired"}"#), Revoked { .. }));
        assert!(matches!(judged(400, r#"{"status":"BAD_REFRESH_TOKEN","message":"missing"}"#), Revoked { .. }));
        assert!(matches!(judged(400, r#"{"error":"invalid_client"}"#), Permanent { .. }));
        assert!(matches!(judged(401, "no JSON at all"), Permanent { .. }));
        assert!(matches!(judged(503, "<html>"), Transient { .. }));
        assert!(matches!(judged(429, ""), Transient { .. }));
        let busy = r#"{"error":"invalid_grant","error_description":"login rate exceeded"}"#;
        assert!(matches!(judged(400, busy), Transient { .. }));
    }

    #[test]
    fn what_the_vendor_repeats_of_our_secrets_is_not_shown() {
        let refused = judged(400, r#"{"error":"invalid_client","error_description":"bad secret sesame"}"#);
        assert!(!refused.to_string().contains("sesame"), "{refused}");
        assert!(refused.to_string().contains("[hidden]"));
    }
}
