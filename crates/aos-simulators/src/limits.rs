//! Counts what a vendor allows in a span of time.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// A limit: so many units in every window of so many milliseconds, counted from the first one used.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    pub name: &'static str,
    pub units: u64,
    pub window_ms: i64,
}

/// What is left of a limit after a request.
#[derive(Debug, Clone, Copy)]
pub struct Left {
    pub limit: u64,
    pub remaining: u64,
    pub resets_in_ms: i64,
    /// The request was one too many, and was not counted.
    pub exceeded: bool,
}

impl Left {
    pub fn resets_in_s(&self) -> i64 {
        (self.resets_in_ms + 999) / 1000
    }
}

#[derive(Debug)]
pub struct Limits {
    /// Every limit is so many times the vendor's own.
    factor: u64,
    used: Mutex<HashMap<&'static str, (i64, u64)>>,
}

impl Limits {
    pub fn new(factor: u64) -> Self {
        Self { factor: factor.max(1), used: Mutex::default() }
    }

    /// Uses `cost` units of a limit.
    pub fn spend(&self, limit: Limit, cost: u64, now_ms: i64) -> Left {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, units) = used.entry(limit.name).or_insert((now_ms, 0));
        if now_ms - *since >= limit.window_ms || now_ms < *since {
            (*since, *units) = (now_ms, 0);
        }
        let allowed = limit.units.saturating_mul(self.factor);
        let exceeded = *units + cost > allowed;
        if !exceeded {
            *units += cost;
        }
        Left {
            limit: allowed,
            remaining: allowed.saturating_sub(*units),
            resets_in_ms: *since + limit.window_ms - now_ms,
            exceeded,
        }
    }

    /// Uses up what is left of every limit that was counted so far.
    pub fn exhaust(&self, now_ms: i64) {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.values_mut().for_each(|used| *used = (now_ms, u64::MAX / 2));
    }
}
