//! Buckets of rates in this process.

use crate::rate::Quota;
use aos_core::TenantId;
use chrono::{DateTime, Utc};
use std::collections::HashMap;

const MAX_KEYS: usize = 100_000;

/// Whose bucket, and its name; no tenant for what belongs to none.
pub(crate) type Bucket = (Option<TenantId>, String);

/// For each bucket the instant, in microseconds since the epoch, at which it is full again.
#[derive(Default)]
pub(crate) struct Rates {
    full_at: HashMap<Bucket, u64>,
}

impl Rates {
    /// Takes from a bucket; returns whether there was enough, and the microseconds until it is full. `scripts/rate.lua` does the same.
    pub(crate) fn take(&mut self, bucket: Bucket, quota: Quota, cost: u32, now: DateTime<Utc>) -> (bool, u64) {
        let now = micros(now);
        let backlog = self.full_at.get(&bucket).map_or(0, |full_at| full_at.saturating_sub(now));
        let wanted = backlog.saturating_add(quota.step().saturating_mul(u64::from(cost)));
        if wanted > quota.depth() {
            return (false, backlog);
        }
        self.keep(bucket, now, wanted);
        (true, wanted)
    }

    pub(crate) fn forget(&mut self, tenant: TenantId) {
        self.full_at.retain(|(of, _), _| *of != Some(tenant));
    }

    /// Takes over what is known elsewhere about a bucket.
    pub(crate) fn learn(&mut self, bucket: Bucket, backlog: u64, now: DateTime<Utc>) {
        self.keep(bucket, micros(now), backlog);
    }

    fn keep(&mut self, bucket: Bucket, now: u64, backlog: u64) {
        if !self.full_at.contains_key(&bucket) && self.full_at.len() >= MAX_KEYS {
            self.make_room(now);
        }
        self.full_at.insert(bucket, now.saturating_add(backlog));
    }

    /// Forgets full buckets; when that is not enough, the tenth that is fullest. A flood of keys empties no bucket that was used up.
    fn make_room(&mut self, now: u64) {
        self.full_at.retain(|_, full_at| *full_at > now);
        if self.full_at.len() < MAX_KEYS {
            return;
        }
        let mut instants: Vec<u64> = self.full_at.values().copied().collect();
        let tenth = MAX_KEYS / 10;
        let (_, limit, _) = instants.select_nth_unstable(tenth);
        let (limit, mut leave) = (*limit, tenth);
        self.full_at.retain(|_, full_at| {
            let forget = leave > 0 && *full_at <= limit;
            leave -= usize::from(forget);
            !forget
        });
    }
}

fn micros(at: DateTime<Utc>) -> u64 {
    u64::try_from(at.timestamp_micros()).unwrap_or_default()
}
