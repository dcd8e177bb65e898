//! The news that a tenant's feature flags have changed. What they are now is in the store.
//!
//! The news may be missed, so each change also raises a number that can be asked for: who keeps flags in memory reads them again when
//! it hears the news, and when the number is not the one it saw, which it looks at now and then.

use crate::{Error, Result, SystemBroker, TenantBroker, lock};
use aos_core::TenantId;
use std::collections::{HashMap, HashSet};
use std::sync::Mutex;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

/// News a listener may be behind; it then hears that it missed some.
const MAX_WAITING: usize = 256;
/// Tenants whose news waits for Redis to be back. More are told by the lapse of time.
const MAX_UNSENT: usize = 100_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlagChange {
    /// This tenant's flags changed. The number is `None` while Redis is away: read the flags in any case.
    Of { tenant: TenantId, generation: Option<u64> },
    /// Some news was missed: any tenant's flags may have changed.
    Missed,
}

/// Hears the news of all tenants.
pub struct FlagChanges {
    news: broadcast::Receiver<FlagChange>,
}

pub(crate) struct Flags {
    news: broadcast::Sender<FlagChange>,
    /// Each tenant's number, where this process is the only one.
    generations: Mutex<HashMap<TenantId, u64>>,
    unsent: Mutex<HashSet<TenantId>>,
}

impl TenantBroker<'_> {
    /// Tells every process that this tenant's flags have changed; after the change is committed.
    ///
    /// While Redis is away this process hears it, and the others do as soon as Redis is back.
    pub async fn announce_flags(&self) {
        let (tenant, flags) = (self.scope.tenant_id(), &self.inner.local.flags);
        let generation = match &self.inner.redis {
            None => Some(flags.raise(tenant)),
            Some(redis) => match redis.announce_flags(tenant).await {
                Ok(generation) => Some(generation),
                Err(_) => {
                    flags.announce_later(tenant);
                    None
                }
            },
        };
        flags.tell(FlagChange::Of { tenant, generation });
    }

    /// Returns the number of this tenant's last announced change; 0 when none is known. Equal numbers mean: nothing changed.
    pub async fn flags_generation(&self) -> Result<u64> {
        let tenant = self.scope.tenant_id();
        match &self.inner.redis {
            None => Ok(self.inner.local.flags.generation(tenant)),
            Some(redis) => redis.flags_generation(tenant).await.map_err(Error::from),
        }
    }
}

impl SystemBroker<'_> {
    /// Listens for changes of any tenant's flags. After a connection was lost and found again, it says that some were missed.
    pub fn flag_changes(&self) -> FlagChanges {
        FlagChanges { news: self.inner.local.flags.news.subscribe() }
    }
}

impl FlagChanges {
    /// Returns the next change that is there already; `None` when there is none.
    pub fn try_next(&mut self) -> Option<FlagChange> {
        match self.news.try_recv() {
            Ok(change) => Some(change),
            Err(TryRecvError::Lagged(_)) => Some(FlagChange::Missed),
            Err(TryRecvError::Empty | TryRecvError::Closed) => None,
        }
    }

    /// Waits for the next change; `None` once the broker is gone.
    pub async fn next(&mut self) -> Option<FlagChange> {
        match self.news.recv().await {
            Ok(change) => Some(change),
            Err(RecvError::Lagged(_)) => Some(FlagChange::Missed),
            Err(RecvError::Closed) => None,
        }
    }
}

impl Default for Flags {
    fn default() -> Self {
        Self { news: broadcast::Sender::new(MAX_WAITING), generations: Mutex::default(), unsent: Mutex::default() }
    }
}

impl Flags {
    pub(crate) fn tell(&self, change: FlagChange) {
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

    fn raise(&self, tenant: TenantId) -> u64 {
        let mut generations = lock(&self.generations);
        let generation = generations.entry(tenant).or_default();
        *generation += 1;
        *generation
    }

    fn generation(&self, tenant: TenantId) -> u64 {
        lock(&self.generations).get(&tenant).copied().unwrap_or_default()
    }
}
