//! A cache of a tenant's bytes, each with an end. A miss is always possible.

use crate::{Error, Result, TenantBroker, cut, lock};
use std::time::Duration;

/// The largest value that is kept.
const MAX_VALUE_BYTES: usize = 256 * 1024;

impl TenantBroker<'_> {
    /// Keeps a value for `ttl`. While Redis is away nothing is kept.
    pub async fn cache_put(&self, key: &str, value: &[u8], ttl: Duration) -> Result<()> {
        if value.len() > MAX_VALUE_BYTES {
            return Err(Error::TooLarge { size: value.len(), limit: MAX_VALUE_BYTES });
        }
        let (tenant, key) = (self.scope.tenant_id(), cut(key));
        match &self.inner.redis {
            None => lock(&self.inner.local.cache).put(tenant, key, value, ttl, self.inner.clock.now()),
            // A value that was not kept is a miss later.
            Some(redis) => drop(redis.cache_put(tenant, key, value, ttl).await),
        }
        Ok(())
    }

    /// Returns a value that is kept. While Redis is away there is none.
    pub async fn cache_get(&self, key: &str) -> Option<Vec<u8>> {
        let (tenant, key) = (self.scope.tenant_id(), cut(key));
        match &self.inner.redis {
            None => lock(&self.inner.local.cache).get(tenant, key, self.inner.clock.now()),
            Some(redis) => redis.cache_get(tenant, key).await.ok().flatten(),
        }
    }

    /// Forgets a value. An error when Redis is away: the value may be seen again, until its end.
    pub async fn cache_remove(&self, key: &str) -> Result<()> {
        let (tenant, key) = (self.scope.tenant_id(), cut(key));
        match &self.inner.redis {
            None => lock(&self.inner.local.cache).remove(tenant, key),
            Some(redis) => redis.cache_remove(tenant, key).await?,
        }
        Ok(())
    }
}
