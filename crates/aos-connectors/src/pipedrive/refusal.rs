//! What Pipedrive's answers mean. A bad status says it, and so does `"success": false` with a good one.

use crate::rest::{Reply, Verdict, standard};
use serde::Deserialize;
use std::time::Duration;

#[derive(Deserialize)]
struct Said {
    #[serde(default = "yes")]
    success: bool,
}

fn yes() -> bool {
    true
}

pub(super) fn judge(reply: &Reply) -> Verdict {
    match reply.status.as_u16() {
        200..=299 => match serde_json::from_str::<Said>(reply.body().text()) {
            Ok(Said { success: false }) => Verdict::Trouble { said: reply.said() },
            // An answer that is no JSON is doubted by who takes it.
            _ => Verdict::Fine,
        },
        429 => Verdict::Wait(reply.retry_after.or_else(|| reset(reply))),
        _ => standard(reply),
    }
}

/// Reads how many seconds the burst limit needs to open again.
fn reset(reply: &Reply) -> Option<Duration> {
    Some(Duration::from_secs(reply.header("x-ratelimit-reset")?.parse().ok()?))
}
