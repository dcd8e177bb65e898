//! Leases, as a hint only: they save two processes from doing the same work, but never decide who may do it. A lease is lost when
//! Redis is emptied, and two can hold one after a failover. Every exclusive right is a row in the store, with a fencing token.

use crate::{Error, Result, TenantBroker, cut, lock};
use std::time::Duration;
use uuid::Uuid;

/// A lease that was taken. It ends by itself; dropping it does not give it back.
#[derive(Debug, PartialEq, Eq)]
pub struct Lease {
    name: String,
    token: Uuid,
}

impl TenantBroker<'_> {
    /// Takes the lease of that name for `ttl`, or returns `None` when somebody holds it. While Redis is away: an error.
    pub async fn try_lease(&self, name: &str, ttl: Duration) -> Result<Option<Lease>> {
        let tenant = self.scope.tenant_id();
        let lease = Lease { name: cut(name).to_owned(), token: Uuid::new_v4() };
        let taken = match &self.inner.redis {
            None => lock(&self.inner.local.leases).take(tenant, &lease.name, lease.token, ttl, self.inner.clock.now()),
            Some(redis) => redis.take_lease(tenant, &lease.name, lease.token, ttl).await.map_err(Error::from)?,
        };
        Ok(taken.then_some(lease))
    }

    /// Keeps a lease for another `ttl` from now; false when it was lost. While Redis is away: an error.
    pub async fn renew_lease(&self, lease: &Lease, ttl: Duration) -> Result<bool> {
        let tenant = self.scope.tenant_id();
        match &self.inner.redis {
            None => {
                Ok(lock(&self.inner.local.leases).renew(tenant, &lease.name, lease.token, ttl, self.inner.clock.now()))
            }
            Some(redis) => Ok(redis.renew_lease(tenant, &lease.name, lease.token, ttl).await?),
        }
    }

    /// Gives a lease back; false when it was lost. While Redis is away: an error, and the lease ends by itself.
    pub async fn release_lease(&self, lease: Lease) -> Result<bool> {
        let tenant = self.scope.tenant_id();
        match &self.inner.redis {
            None => {
                Ok(lock(&self.inner.local.leases).release(tenant, &lease.name, lease.token, self.inner.clock.now()))
            }
            Some(redis) => Ok(redis.release_lease(tenant, &lease.name, lease.token).await?),
        }
    }
}
