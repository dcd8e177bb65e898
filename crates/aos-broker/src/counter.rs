//! Counters with an end, e.g. of failed sign-ins per address.

use chrono::{DateTime, Duration, Utc};
use std::collections::HashMap;

const MAX_KEYS: usize = 100_000;
const MAX_KEY_BYTES: usize = 512;

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
        let key = cut(key);
        if !self.counters.contains_key(key) && self.counters.len() >= MAX_KEYS {
            self.make_room(now);
        }
        let fresh = Counter { count: 0, expires_at: now + window };
        let counter = self.counters.entry(key.to_owned()).or_insert(fresh);
        if counter.expires_at <= now {
            *counter = fresh;
        }
        counter.count += 1;
        counter.count
    }

    pub(crate) fn counted(&self, key: &str, now: DateTime<Utc>) -> u64 {
        self.counters.get(cut(key)).filter(|counter| counter.expires_at > now).map_or(0, |counter| counter.count)
    }

    pub(crate) fn reset(&mut self, key: &str) {
        self.counters.remove(cut(key));
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

fn cut(key: &str) -> &str {
    &key[..key.floor_char_boundary(MAX_KEY_BYTES)]
}
