//! What HubSpot's answers mean, after its page on errors: `{status, message, category, policyName, …}`.

use crate::error::Error;
use crate::rest::{Reply, Verdict, standard};
use serde::Deserialize;
use std::time::Duration;

/// How long to stay away when the requests of the day are used up; they come back at midnight of the account's time zone.
const DAY_WAIT: Duration = Duration::from_secs(15 * 60);

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Refused {
    category: String,
    policy_name: String,
    message: String,
}

pub(super) fn judge(reply: &Reply) -> Verdict {
    if reply.status.is_success() {
        return Verdict::Fine;
    }
    let refused: Refused = serde_json::from_str(reply.body().text()).unwrap_or_default();
    match (reply.status.as_u16(), refused.category.as_str()) {
        (429, _) if refused.policy_name == "DAILY" => Verdict::Wait(Some(reply.retry_after.unwrap_or(DAY_WAIT))),
        (429, _) => Verdict::Wait(reply.retry_after.or_else(|| interval(reply))),
        (401, _) | (_, "EXPIRED_AUTHENTICATION" | "INVALID_AUTHENTICATION") => Verdict::Renew { said: reply.said() },
        (403, _) | (_, "MISSING_SCOPES") => {
            Verdict::Refused(Error::MissingScope { what: "this object".to_owned(), said: reply.said() })
        }
        (_, "OBJECT_NOT_FOUND") | (400, "VALIDATION_ERROR") if is_no_type(&refused) => {
            Verdict::Refused(Error::Gone { what: "the object".to_owned(), said: reply.said() })
        }
        // Their gateway, when it is in trouble.
        (423 | 477 | 520..=530, _) => Verdict::Trouble { said: reply.said() },
        _ => standard(reply),
    }
}

/// A name that is no object type, or none of this account's, in the words of two of their services.
fn is_no_type(refused: &Refused) -> bool {
    refused.category == "OBJECT_NOT_FOUND" || refused.message.starts_with("Unable to infer object type")
}

/// The burst limit opens again within its interval; waiting a tenth of it several times finds the moment.
fn interval(reply: &Reply) -> Option<Duration> {
    let interval = reply.header("x-hubspot-ratelimit-interval-milliseconds")?.parse().ok()?;
    Some(Duration::from_millis(interval).min(Duration::from_secs(10)) / 10)
}
