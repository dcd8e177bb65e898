//! Feature flags as they hold for a tenant, and what follows from a change.
//!
//! What was said is in the store; each process keeps it in mind for less than a second, and forgets it at once when it hears that it was
//! changed.

use crate::Result;
use crate::service::{TenantDcl, lock};
use aos_broker::{Broker, FlagChange, FlagChanges};
use aos_core::TenantId;
use aos_core::flag::{Flag, FlagState};
use aos_store::StoredFlag;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The longest that something is kept in mind, should the news of its change be lost.
const TRUST: Duration = Duration::from_millis(500);
const TENANTS_KNOWN_MAX: usize = 10_000;

/// What the operator has said about flags, for every tenant.
pub type FlagEnvironment = BTreeMap<Flag, bool>;

/// A flag as it holds, with who said so when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlagDetail {
    pub state: FlagState,
    pub stored: Option<StoredFlag>,
}

pub(crate) struct Flags {
    environment: FlagEnvironment,
    known: Mutex<Known>,
}

struct Known {
    news: FlagChanges,
    /// Counts what was heard, so that what was read before it is not taken for what holds after it.
    heard: u64,
    tenants: HashMap<TenantId, (Instant, Arc<Vec<StoredFlag>>)>,
}

impl Flags {
    pub fn new(environment: FlagEnvironment, broker: &Broker) -> Self {
        let known = Known { news: broker.system().flag_changes(), heard: 0, tenants: HashMap::new() };
        Self { environment, known: Mutex::new(known) }
    }
}

impl Flags {
    /// Returns what the operator has said about a flag, for every tenant.
    pub fn operator(&self, flag: Flag) -> Option<bool> {
        self.environment.get(&flag).copied()
    }
}

impl Known {
    /// Takes in what was heard, and returns what is known of a tenant.
    fn find(&mut self, tenant: TenantId) -> Option<Arc<Vec<StoredFlag>>> {
        while let Some(change) = self.news.try_next() {
            self.heard += 1;
            match change {
                FlagChange::Of { tenant, .. } => drop(self.tenants.remove(&tenant)),
                FlagChange::Missed => self.tenants.clear(),
            }
        }
        let (read_at, flags) = self.tenants.get(&tenant)?;
        (read_at.elapsed() < TRUST).then(|| flags.clone())
    }
}

impl TenantDcl {
    /// Answers whether a flag is on for this tenant.
    pub async fn flag(&self, flag: Flag) -> Result<bool> {
        let stored = self.stored_flags().await?;
        let said = stored.iter().find(|stored| stored.flag == flag).map(|stored| stored.value);
        Ok(flag.resolve(self.inner.flags.environment.get(&flag).copied(), said).value)
    }

    /// Returns every flag as it holds for this tenant.
    pub async fn flags(&self) -> Result<Vec<FlagDetail>> {
        // Whoever looks at them has perhaps just changed one.
        let stored = self.store().stored_flags().await?;
        let details = Flag::ALL.into_iter().map(|flag| {
            let stored = stored.iter().find(|stored| stored.flag == flag).cloned();
            let environment = self.inner.flags.environment.get(&flag).copied();
            FlagDetail { state: flag.resolve(environment, stored.as_ref().map(|stored| stored.value)), stored }
        });
        Ok(details.collect())
    }

    /// Sets a flag for this tenant, or with `None` forgets what was said of it, and tells every process.
    pub async fn set_flag(&self, flag: Flag, value: Option<bool>) -> Result<()> {
        self.store().put_flag(flag, value).await?;
        if flag == Flag::UseAamAsSource {
            self.renew_picture().await?;
        }
        let tenant = self.clone();
        aos_store::after_commit(async move {
            tenant.broker().announce_flags().await;
            if flag == Flag::UseAamAsSource {
                tenant.show_picture().await;
            }
        })
        .await;
        Ok(())
    }

    async fn stored_flags(&self) -> Result<Arc<Vec<StoredFlag>>> {
        let tenant = self.scope.tenant_id();
        let (found, heard) = {
            let mut known = lock(&self.inner.flags.known);
            (known.find(tenant), known.heard)
        };
        if let Some(found) = found {
            return Ok(found);
        }
        let read_at = Instant::now();
        let flags = Arc::new(self.store().stored_flags().await?);
        let mut known = lock(&self.inner.flags.known);
        if known.find(tenant).is_none() && known.heard == heard {
            if known.tenants.len() >= TENANTS_KNOWN_MAX {
                known.tenants.clear();
            }
            known.tenants.insert(tenant, (read_at, flags.clone()));
        }
        Ok(flags)
    }
}
