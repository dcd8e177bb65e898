//! The cache of this process: bounded in bytes over all tenants.

use super::ends_at;
use aos_core::TenantId;
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use std::time::Duration;

const MAX_BYTES: usize = 64 * 1024 * 1024;
/// What an entry costs beside its key and value, about.
const ENTRY_BYTES: usize = 128;

#[derive(Default)]
pub(crate) struct Cache {
    entries: HashMap<(TenantId, String), Entry>,
    bytes: usize,
}

struct Entry {
    value: Vec<u8>,
    ends_at: DateTime<Utc>,
}

impl Cache {
    pub(crate) fn put(&mut self, tenant: TenantId, key: &str, value: &[u8], ttl: Duration, now: DateTime<Utc>) {
        self.remove(tenant, key);
        self.bytes += size(key, value);
        let entry = Entry { value: value.to_vec(), ends_at: ends_at(now, ttl) };
        self.entries.insert((tenant, key.to_owned()), entry);
        if self.bytes > MAX_BYTES {
            self.make_room(now);
        }
    }

    pub(crate) fn get(&self, tenant: TenantId, key: &str, now: DateTime<Utc>) -> Option<Vec<u8>> {
        let entry = self.entries.get(&(tenant, key.to_owned()))?;
        (entry.ends_at > now).then(|| entry.value.clone())
    }

    pub(crate) fn remove(&mut self, tenant: TenantId, key: &str) {
        if let Some(entry) = self.entries.remove(&(tenant, key.to_owned())) {
            self.bytes -= size(key, &entry.value);
        }
    }

    pub(crate) fn forget(&mut self, tenant: TenantId) {
        self.entries.retain(|(of, _), _| *of != tenant);
        self.measure();
    }

    /// Forgets what has ended; when that is not enough, the half that ends first.
    fn make_room(&mut self, now: DateTime<Utc>) {
        self.entries.retain(|_, entry| entry.ends_at > now);
        self.measure();
        if self.bytes > MAX_BYTES {
            let mut ends: Vec<_> = self.entries.values().map(|entry| entry.ends_at).collect();
            let half = ends.len() / 2;
            let (_, middle, _) = ends.select_nth_unstable(half);
            let (middle, mut leave) = (*middle, half.max(1));
            self.entries.retain(|_, entry| {
                let forget = leave > 0 && entry.ends_at <= middle;
                leave -= usize::from(forget);
                !forget
            });
            self.measure();
        }
    }

    fn measure(&mut self) {
        self.bytes = self.entries.iter().map(|((_, key), entry)| size(key, &entry.value)).sum();
    }
}

fn size(key: &str, value: &[u8]) -> usize {
    key.len() + value.len() + ENTRY_BYTES
}
