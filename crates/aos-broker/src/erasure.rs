//! Forgetting a tenant that was deleted.

use crate::{Result, SystemBroker, lock};
use aos_core::TenantId;

impl SystemBroker<'_> {
    /// Forgets everything of a tenant, here and in Redis. Returns how many keys Redis had.
    ///
    /// # Errors
    /// While Redis is away: what is there is not forgotten then.
    pub async fn erase(&self, tenant: TenantId) -> Result<u64> {
        self.forget_here(tenant);
        match &self.inner.redis {
            None => Ok(0),
            Some(redis) => Ok(redis.erase(tenant).await?),
        }
    }

    /// Forgets what this process has of a tenant.
    pub fn forget_here(&self, tenant: TenantId) {
        let local = &self.inner.local;
        lock(&local.topics).forget(tenant);
        lock(&local.cache).forget(tenant);
        lock(&local.tickets).forget(tenant);
        lock(&local.leases).forget(tenant);
        lock(&local.notices).forget(tenant);
        lock(&local.rates).forget(tenant);
    }

    /// Counts what Redis still has of a tenant.
    pub async fn left(&self, tenant: TenantId) -> Result<u64> {
        match &self.inner.redis {
            None => Ok(0),
            Some(redis) => Ok(redis.keys_of(tenant).await?.len() as u64),
        }
    }

    /// Says where this broker keeps what it is told: `redis` or `process`.
    pub fn place(&self) -> &'static str {
        if self.inner.redis.is_some() { "redis" } else { "process" }
    }
}
