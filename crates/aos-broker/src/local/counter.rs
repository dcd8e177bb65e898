//! Counters in this process.

use super::ends_at;
use crate::cut;
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use std::time::Duration;

const MAX_KEYS: usize = 100_000;

#[derive(Default)]
pub(crate) struct Counters {
    counters: HashMap<String, Counter>,
}

#[derive(Clone, Copy)]
struct Counter {
    count: u64,
    expires_at: DateTime<Utc>,
}

impl Counters {
    pub(crate) fn count(&mut self, key: &str, window: Duration, now: DateTime<Utc>) -> u64 {
        let fresh = Counter { count: 0, expires_at: ends_at(now, window) };
        let counter = self.entry(key, fresh, now);
        if counter.expires_at <= now {
            *counter = fresh;
        }
        counter.count += 1;
        counter.count
    }

    /// Takes over a count from elsewhere, which ends after `left`.
    pub(crate) fn learn(&mut self, key: &str, count: u64, left: Duration, now: DateTime<Utc>) {
        let learned = Counter { count, expires_at: ends_at(now, left) };
        *self.entry(key, learned, now) = learned;
    }

    pub(crate) fn counted(&self, key: &str, now: DateTime<Utc>) -> u64 {
        self.counters.get(cut(key)).filter(|counter| counter.expires_at > now).map_or(0, |counter| counter.count)
    }

    pub(crate) fn reset(&mut self, key: &str) {
        self.counters.remove(cut(key));
    }

    fn entry(&mut self, key: &str, fresh: Counter, now: DateTime<Utc>) -> &mut Counter {
        let key = cut(key);
        if !self.counters.contains_key(key) && self.counters.len() >= MAX_KEYS {
            self.make_room(now);
        }
        self.counters.entry(key.to_owned()).or_insert(fresh)
    }

    /// Forgets what has ended; when that is not enough, the tenth that counted least. Somebody who floods us with keys
    /// cannot thereby clear a count that has grown.
    fn make_room(&mut self, now: DateTime<Utc>) {
        self.counters.retain(|_, counter| counter.expires_at > now);
        if self.counters.len() < MAX_KEYS {
            return;
        }
        let mut counts: Vec<u64> = self.counters.values().map(|counter| counter.count).collect();
        let tenth = MAX_KEYS / 10;
        let (_, limit, _) = counts.select_nth_unstable(tenth);
        let (limit, mut leave) = (*limit, tenth);
        self.counters.retain(|_, counter| {
            let forget = leave > 0 && counter.count <= limit;
            leave -= usize::from(forget);
            !forget
        });
    }
}
