//! What time it is for a simulated vendor: this machine's time, or a time that only moves when told to.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

#[derive(Debug)]
pub struct Clock {
    /// Where the clock stands still; none runs with this machine's.
    fixed_ms: Option<i64>,
    moved_ms: AtomicI64,
}

impl Clock {
    pub fn new(fixed_ms: Option<i64>, ahead_ms: i64) -> Self {
        Self { fixed_ms, moved_ms: AtomicI64::new(ahead_ms) }
    }

    /// Milliseconds since 1970-01-01 UTC.
    pub fn now_ms(&self) -> i64 {
        self.fixed_ms.unwrap_or_else(machine_ms) + self.moved_ms.load(Ordering::Relaxed)
    }

    pub fn advance_ms(&self, ms: i64) {
        self.moved_ms.fetch_add(ms, Ordering::Relaxed);
    }

    /// The time as an HTTP `Date` has it.
    pub fn http_date(&self) -> String {
        let ms = u64::try_from(self.now_ms()).unwrap_or(0);
        httpdate::fmt_http_date(UNIX_EPOCH + std::time::Duration::from_millis(ms))
    }
}

#[allow(clippy::disallowed_methods)] // A vendor has a clock of its own, and knows none of the product's.
fn machine_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
