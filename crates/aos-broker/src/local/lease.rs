//! Leases in this process.

use super::ends_at;
use aos_core::TenantId;
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use std::time::Duration;
use uuid::Uuid;

/// Leases that have ended are forgotten when there are more than this.
const SWEEP_ABOVE: usize = 10_000;

#[derive(Default)]
pub(crate) struct Leases {
    held: HashMap<(TenantId, String), Held>,
}

struct Held {
    token: Uuid,
    ends_at: DateTime<Utc>,
}

impl Leases {
    pub(crate) fn take(
        &mut self,
        tenant: TenantId,
        name: &str,
        token: Uuid,
        ttl: Duration,
        now: DateTime<Utc>,
    ) -> bool {
        if self.held.len() > SWEEP_ABOVE {
            self.held.retain(|_, held| held.ends_at > now);
        }
        let key = (tenant, name.to_owned());
        let free = self.held.get(&key).is_none_or(|held| held.ends_at <= now);
        if free {
            self.held.insert(key, Held { token, ends_at: ends_at(now, ttl) });
        }
        free
    }

    pub(crate) fn forget(&mut self, tenant: TenantId) {
        self.held.retain(|(of, _), _| *of != tenant);
    }

    pub(crate) fn renew(
        &mut self,
        tenant: TenantId,
        name: &str,
        token: Uuid,
        ttl: Duration,
        now: DateTime<Utc>,
    ) -> bool {
        let held = self.held.get_mut(&(tenant, name.to_owned()));
        let mine = held.filter(|held| held.token == token && held.ends_at > now);
        mine.map(|held| held.ends_at = ends_at(now, ttl)).is_some()
    }

    pub(crate) fn release(&mut self, tenant: TenantId, name: &str, token: Uuid, now: DateTime<Utc>) -> bool {
        let key = (tenant, name.to_owned());
        let mine = self.held.get(&key).is_some_and(|held| held.token == token && held.ends_at > now);
        if mine {
            self.held.remove(&key);
        }
        mine
    }
}
