//! What Salesforce's answers mean, after its list of status codes and API exceptions. Refusals are a list of `{message, errorCode}`.

use crate::error::Error;
use crate::rest::{Reply, Verdict, standard};
use serde::Deserialize;
use std::time::Duration;

/// How long to stay away when the requests of the day are used up; they come back over the day.
const DAY_WAIT: Duration = Duration::from_secs(15 * 60);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Refused {
    #[serde(default)]
    error_code: String,
    #[serde(default)]
    message: String,
}

pub(super) fn judge(reply: &Reply) -> Verdict {
    if reply.status.is_success() {
        return Verdict::Fine;
    }
    let body = reply.body();
    let Some(refused) = serde_json::from_str::<Vec<Refused>>(body.text()).ok().and_then(|list| list.into_iter().next())
    else {
        return standard(reply);
    };
    let said = format!("{}: {}", refused.error_code, reply.said());
    match refused.error_code.as_str() {
        "INVALID_SESSION_ID" | "INVALID_AUTH_HEADER" => Verdict::Renew { said },
        "REQUEST_LIMIT_EXCEEDED" => Verdict::Wait(limit_wait(reply, &refused.message)),
        "SERVER_UNAVAILABLE" | "UNABLE_TO_LOCK_ROW" | "QUERY_TIMEOUT" | "UNKNOWN_EXCEPTION" => {
            Verdict::Trouble { said }
        }
        "API_DISABLED_FOR_ORG"
        | "API_CURRENTLY_DISABLED"
        | "FUNCTIONALITY_NOT_ENABLED"
        | "INSUFFICIENT_ACCESS"
        | "INSUFFICIENT_ACCESS_OR_READONLY"
        | "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY" => {
            Verdict::Refused(Error::MissingScope { what: "this".to_owned(), said })
        }
        "NOT_FOUND" | "INVALID_TYPE" | "ENTITY_IS_DELETED" => {
            Verdict::Refused(Error::Gone { what: "the object".to_owned(), said })
        }
        "INVALID_QUERY_LOCATOR" | "INVALIDJOB" => {
            Verdict::Refused(Error::Gone { what: "the place in the query".to_owned(), said })
        }
        _ if reply.status.is_server_error() || reply.status.as_u16() == 429 => standard(reply),
        _ => Verdict::Refused(Error::Refused { said }),
    }
}

/// The code stands for three limits: the requests of a day, those of now, and those of one user. Only the first takes long to pass.
fn limit_wait(reply: &Reply, message: &str) -> Option<Duration> {
    if reply.retry_after.is_some() {
        return reply.retry_after;
    }
    let usage = reply.header("sforce-limit-info").and_then(|info| info.split("api-usage=").nth(1));
    let numbers = usage.and_then(|usage| usage.split([',', ';', ' ']).next()?.split_once('/'));
    let spent = numbers.and_then(|(used, max)| Some(used.parse::<u64>().ok()? >= max.parse::<u64>().ok()?));
    (spent == Some(true) && !message.contains("Concurrent")).then_some(DAY_WAIT)
}
