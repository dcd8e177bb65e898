//! The news that who may act in a tenant has changed: a session or a key was revoked, a role changed, a member is gone. Who that is now
//! is in the store; whoever remembers it for a while forgets what it remembers of the tenant.

use crate::{SystemBroker, TenantBroker, lock};
use aos_core::TenantId;
use std::collections::HashSet;
use std::sync::Mutex;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

/// News a listener may be behind; it then hears that it missed some.
const MAX_WAITING: usize = 1024;
/// Tenants whose news waits for Redis to be back. For more, the others' memory fades by itself.
const MAX_UNSENT: usize = 100_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessChange {
    Of(TenantId),
    /// Some news was missed: it may have changed in any tenant.
    Missed,
}

/// Hears the news of all tenants.
pub struct AccessChanges {
    news: broadcast::Receiver<AccessChange>,
}

pub(crate) struct Access {
    news: broadcast::Sender<AccessChange>,
    unsent: Mutex<HashSet<TenantId>>,
}

impl TenantBroker<'_> {
    /// Tells every process that who may act in this tenant has changed; after the change is committed.
    ///
    /// While Redis is away this process hears it, and the others do as soon as Redis is back.
    pub async fn announce_access(&self) {
        let (tenant, access) = (self.scope.tenant_id(), &self.inner.local.access);
        if let Some(redis) = &self.inner.redis
            && redis.announce_access(tenant).await.is_err()
        {
            access.announce_later(tenant);
        }
        access.tell(AccessChange::Of(tenant));
    }
}

impl SystemBroker<'_> {
    /// Listens for changes in any tenant. After a connection was lost and found again, it says that some were missed.
    pub fn access_changes(&self) -> AccessChanges {
        AccessChanges { news: self.inner.local.access.news.subscribe() }
    }
}

impl AccessChanges {
    /// Waits for the next change; `None` once the broker is gone.
    pub async fn next(&mut self) -> Option<AccessChange> {
        match self.news.recv().await {
            Ok(change) => Some(change),
            Err(RecvError::Lagged(_)) => Some(AccessChange::Missed),
            Err(RecvError::Closed) => None,
        }
    }
}

impl Default for Access {
    fn default() -> Self {
        Self { news: broadcast::Sender::new(MAX_WAITING), unsent: Mutex::default() }
    }
}

impl Access {
    pub(crate) fn tell(&self, change: AccessChange) {
        // An error says that nobody listens.
        let _ = self.news.send(change);
    }

    pub(crate) fn take_unsent(&self) -> HashSet<TenantId> {
        std::mem::take(&mut lock(&self.unsent))
    }

    pub(crate) fn announce_later(&self, tenant: TenantId) {
        let mut unsent = lock(&self.unsent);
        if unsent.len() < MAX_UNSENT {
            unsent.insert(tenant);
        }
    }
}
