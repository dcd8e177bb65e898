//! Counters with an end, e.g. of failed sign-ins per address.

use crate::{SystemBroker, lock};
use std::time::Duration;

impl SystemBroker<'_> {
    /// Counts one more under a key and returns how many there are. The count starts again `window` after its first.
    ///
    /// While Redis is away this process counts on from what it saw last. An emptied Redis begins anew.
    pub async fn count(&self, key: &str, window: Duration) -> u64 {
        let (counters, now) = (&self.inner.local.counters, self.inner.clock.now());
        let shared = match &self.inner.redis {
            Some(redis) => redis.count(key, window).await.ok(),
            None => None,
        };
        match shared {
            Some((count, left)) => {
                lock(counters).learn(key, count, left, now);
                count
            }
            None => lock(counters).count(key, window, now),
        }
    }

    /// Returns the count under a key without changing it. While Redis is away: what this process saw last.
    pub async fn counted(&self, key: &str) -> u64 {
        let shared = match &self.inner.redis {
            Some(redis) => redis.counted(key).await.ok(),
            None => None,
        };
        shared.unwrap_or_else(|| lock(&self.inner.local.counters).counted(key, self.inner.clock.now()))
    }

    /// Forgets the count under a key, e.g. after a right password. While Redis is away only this process forgets.
    pub async fn reset(&self, key: &str) {
        lock(&self.inner.local.counters).reset(key);
        if let Some(redis) = &self.inner.redis {
            // What could not be forgotten there ends with its window.
            let _ = redis.reset(key).await;
        }
    }
}
