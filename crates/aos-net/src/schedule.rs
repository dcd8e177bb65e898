//! When a delivery is tried again: the schedule that the Standard Webhooks specification gives as its example, over three days, with
//! jitter. Pure.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use std::time::Duration;

const SECOND: u64 = 1;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;

/// Seconds from one attempt to the next, after the first.
const DELAYS_S: [u64; 9] =
    [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR];

/// Attempts of one delivery, the first included.
pub const ATTEMPTS_MAX: u32 = DELAYS_S.len() as u32 + 1;

/// Up to this share of a delay is added to it, so that what failed together does not come back together.
const JITTER_PERCENT: u64 = 20;

/// Returns when to try again after `attempt` attempts (1: the first one failed) of which the last ended at `now`; nothing when there
/// is to be no further one. `retry_after` is what the endpoint asked for: it may only make the wait longer, up to a day.
///
/// The jitter is a function of delivery and attempt, so that asking twice gives the same time.
pub fn next_attempt(
    delivery: &str,
    attempt: u32,
    now: DateTime<Utc>,
    retry_after: Option<Duration>,
) -> Option<DateTime<Utc>> {
    let delay = Duration::from_secs(*DELAYS_S.get(usize::try_from(attempt.checked_sub(1)?).ok()?)?);
    let asked = retry_after.unwrap_or_default().min(crate::retry_after::WAIT_MAX);
    let jitter = delay.mul_f64(share(delivery, attempt) * JITTER_PERCENT as f64 / 100.0);
    Some(now + (delay.max(asked) + jitter))
}

/// A number from 0 to 1 that looks random.
fn share(delivery: &str, attempt: u32) -> f64 {
    let digest = Sha256::new().chain_update(attempt.to_be_bytes()).chain_update(delivery).finalize();
    f64::from(u16::from_be_bytes([digest[0], digest[1]])) / f64::from(u16::MAX)
}
