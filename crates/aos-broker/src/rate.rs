//! Rates: how much may be done per time, smoothly, by the generic cell rate algorithm (GCRA; ITU-T I.371, annex A, as the "virtual
//! scheduling algorithm"). Each key keeps one instant, the *theoretical arrival time*, at which its bucket is full again.

use crate::{SystemBroker, TenantBroker, cut, lock};
use aos_core::TenantId;
use std::time::Duration;

/// So many per period; a full bucket holds `limit`, and refills evenly over the period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    pub limit: u32,
    pub period: Duration,
}

/// The answer, as the `RateLimit` header fields want it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    pub allowed: bool,
    pub limit: u32,
    /// What may be done at once after this.
    pub remaining: u32,
    /// Until the bucket is full again.
    pub reset_after: Duration,
    /// Until the same would be allowed; `None` when it is, or never will be because it costs more than the limit.
    pub retry_after: Option<Duration>,
}

impl TenantBroker<'_> {
    /// Takes `cost` out of this tenant's bucket of that name, if there is so much in it.
    ///
    /// While Redis is away each process limits by itself, from what it saw last: a limit is never open.
    pub async fn take_rate(&self, key: &str, quota: Quota, cost: u32) -> Verdict {
        take(self.inner, Some(self.scope.tenant_id()), key, quota, cost).await
    }
}

impl SystemBroker<'_> {
    /// Takes `cost` out of a bucket that belongs to no tenant, e.g. of an address; otherwise as [`TenantBroker::take_rate`].
    pub async fn take_rate(&self, key: &str, quota: Quota, cost: u32) -> Verdict {
        take(self.inner, None, key, quota, cost).await
    }
}

async fn take(inner: &crate::Inner, tenant: Option<TenantId>, key: &str, quota: Quota, cost: u32) -> Verdict {
    let (rates, now) = (&inner.local.rates, inner.clock.now());
    let bucket = (tenant, cut(key).to_owned());
    let shared = match &inner.redis {
        Some(redis) => redis.take_rate(&bucket, quota, cost).await.ok(),
        None => None,
    };
    let (allowed, backlog) = match shared {
        Some((allowed, backlog)) => {
            lock(rates).learn(bucket, backlog, now);
            (allowed, backlog)
        }
        None => lock(rates).take(bucket, quota, cost, now),
    };
    quota.verdict(cost, allowed, backlog)
}

impl Quota {
    /// Microseconds that one costs.
    pub(crate) fn step(self) -> u64 {
        let period = u64::try_from(self.period.as_micros()).unwrap_or(u64::MAX);
        (period / u64::from(self.limit.max(1))).max(1)
    }

    /// Microseconds that a full bucket costs.
    pub(crate) fn depth(self) -> u64 {
        self.step().saturating_mul(u64::from(self.limit))
    }

    /// Says what a backlog (microseconds until the bucket is full) means.
    fn verdict(self, cost: u32, allowed: bool, backlog: u64) -> Verdict {
        let left = self.depth().saturating_sub(backlog) / self.step();
        let wanted = self.step().saturating_mul(u64::from(cost)).saturating_add(backlog);
        let possible = cost <= self.limit;
        Verdict {
            allowed,
            limit: self.limit,
            remaining: u32::try_from(left).unwrap_or(u32::MAX),
            reset_after: Duration::from_micros(backlog),
            retry_after: (!allowed && possible).then(|| Duration::from_micros(wanted.saturating_sub(self.depth()))),
        }
    }
}
