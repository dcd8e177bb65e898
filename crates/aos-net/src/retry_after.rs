//! The `Retry-After` header (RFC 9110, section 10.2.3): a number of seconds or a date.

use chrono::{DateTime, Utc};
use std::time::Duration;

/// No server makes us wait longer than this.
pub const WAIT_MAX: Duration = Duration::from_secs(24 * 60 * 60);

/// Reads how long to wait from `now` on; nothing when the value is neither seconds nor a date.
pub fn parse(value: &str, now: DateTime<Utc>) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|digit| digit.is_ascii_digit()) {
        // More digits than fit is a long time, not an unreadable one.
        return Some(value.parse().map_or(WAIT_MAX, Duration::from_secs).min(WAIT_MAX));
    }
    let at = DateTime::<Utc>::from(httpdate::parse_http_date(value).ok()?);
    Some((at - now).to_std().unwrap_or_default().min(WAIT_MAX))
}
