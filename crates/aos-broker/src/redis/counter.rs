//! Counters in Redis.

use super::link::Away;
use super::{Redis, keys};
use crate::cut;
use redis::Script;
use std::sync::LazyLock;
use std::time::Duration;

static COUNT: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/count.lua")));

impl Redis {
    /// Counts; returns the count and how long it lasts.
    pub(crate) async fn count(&self, key: &str, window: Duration) -> Result<(u64, Duration), Away> {
        let mut call = COUNT.key(name(key));
        call.arg(millis(window));
        let (count, left): (u64, u64) = self.link.invoke(&call).await?;
        Ok((count, Duration::from_millis(left)))
    }

    pub(crate) async fn counted(&self, key: &str) -> Result<u64, Away> {
        let found: Option<u64> = self.link.query(redis::cmd("GET").arg(name(key))).await?;
        Ok(found.unwrap_or_default())
    }

    pub(crate) async fn reset(&self, key: &str) -> Result<(), Away> {
        self.link.query(redis::cmd("DEL").arg(name(key))).await
    }
}

fn name(key: &str) -> String {
    keys::named(None, "count", cut(key))
}

/// Milliseconds as Redis takes them: at least one, and no more than it can add to the time.
pub(super) fn millis(duration: Duration) -> u64 {
    const A_CENTURY: u64 = 100 * 366 * 24 * 3600 * 1000;
    u64::try_from(duration.as_millis()).unwrap_or(A_CENTURY).clamp(1, A_CENTURY)
}
