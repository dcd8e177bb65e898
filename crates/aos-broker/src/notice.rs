//! Notices that canonical events were committed up to a position: live fan-out to groups of consumers, each notice to one consumer of
//! a group, and to another one when that is gone.
//!
//! They carry positions only. A subscriber reads `canonical_stream` from its own offset in the store; a notice that is lost, repeated
//! or too old changes nothing but when it looks.

use crate::redis::{Bell, Redis};
use crate::{Error, Inner, Result, TenantBroker, lock};
use aos_core::TenantId;
use std::time::Duration;
use tokio::time::Instant;

/// Notices kept per tenant; about so many in Redis.
pub(crate) const MAX_NOTICES: usize = 1000;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NoticeId(pub(crate) String);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub id: NoticeId,
    /// The last position that was committed.
    pub position: i64,
}

/// One consumer of one group of a tenant's notices.
pub struct NoticeReader<'b> {
    inner: &'b Inner,
    tenant: TenantId,
    group: &'static str,
    consumer: String,
    bell: Option<Bell>,
}

impl<'b> TenantBroker<'b> {
    /// Tells that events were committed up to a position. While Redis is away: an error, and readers poll.
    pub async fn publish_position(&self, position: i64) -> Result<()> {
        let tenant = self.scope.tenant_id();
        match &self.inner.redis {
            None => lock(&self.inner.local.notices).publish(tenant, position),
            Some(redis) => redis.publish_position(tenant, position).await?,
        }
        Ok(())
    }

    /// Opens this tenant's notices for a consumer of a group. A new group begins with what is kept.
    ///
    /// Consumers of one group must have different names, and a process that comes back should have its old one.
    pub fn notices(&self, group: &'static str, consumer: &str) -> NoticeReader<'b> {
        let (tenant, consumer) = (self.scope.tenant_id(), crate::cut(consumer).to_owned());
        NoticeReader { inner: self.inner, tenant, group, consumer, bell: None }
    }
}

impl NoticeReader<'_> {
    /// Takes up to `max` new notices for this consumer; waits up to `block` for the first.
    ///
    /// While Redis is away it waits all the same, so that a loop around it does not spin, and returns an error.
    pub async fn read(&mut self, max: usize, block: Duration) -> Result<Vec<Notice>> {
        let deadline = Instant::now() + block;
        match &self.inner.redis {
            None => self.read_here(max, deadline).await,
            Some(redis) => self.read_there(redis, max, deadline).await,
        }
    }

    /// Says that notices were dealt with; what was said already is no error.
    pub async fn ack(&self, notices: &[NoticeId]) -> Result<()> {
        match &self.inner.redis {
            None => lock(&self.inner.local.notices).ack(self.tenant, self.group, notices),
            Some(redis) => redis.ack_notices(self.tenant, self.group, notices).await?,
        }
        Ok(())
    }

    /// Takes over up to `max` notices that another consumer of the group took at least `idle` ago and did not acknowledge.
    pub async fn claim_stale(&self, idle: Duration, max: usize) -> Result<Vec<Notice>> {
        match &self.inner.redis {
            None => {
                let (mut notices, now) = (lock(&self.inner.local.notices), self.inner.clock.now());
                Ok(notices.claim(self.tenant, self.group, idle, max, now))
            }
            Some(redis) => Ok(redis.claim_notices(self.tenant, self.group, &self.consumer, idle, max).await?),
        }
    }

    async fn read_here(&self, max: usize, deadline: Instant) -> Result<Vec<Notice>> {
        let mut bell = lock(&self.inner.local.notices).bell(self.tenant);
        loop {
            bell.mark_unchanged();
            let now = self.inner.clock.now();
            let found = lock(&self.inner.local.notices).read(self.tenant, self.group, max, now);
            if !found.is_empty() || tokio::time::timeout_at(deadline, bell.changed()).await.is_err() {
                return Ok(found);
            }
        }
    }

    async fn read_there(&mut self, redis: &Redis, max: usize, deadline: Instant) -> Result<Vec<Notice>> {
        let bell = match &mut self.bell {
            Some(bell) => bell,
            none => none.insert(redis.listen_for_notices(self.tenant).await),
        };
        loop {
            bell.quiet();
            let found = redis.read_notices(self.tenant, self.group, &self.consumer, max).await;
            let nothing = !matches!(&found, Ok(found) if !found.is_empty());
            // The bell also rings when Redis is back.
            if !nothing || tokio::time::timeout_at(deadline, bell.rung()).await.is_err() {
                return found.map_err(Error::from);
            }
        }
    }
}
