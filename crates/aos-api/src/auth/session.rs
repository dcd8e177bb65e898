//! What is known about those who were let in between two looks at the store. Sessions are established in `middleware/auth.rs`.

use aos_broker::{AccessChange, AccessChanges};
use aos_core::{TenantId, TenantScope};
use chrono::{DateTime, Utc};
use moka::sync::Cache;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::watch;
use uuid::Uuid;

const SESSIONS_REMEMBERED_MAX: u64 = 50_000;
/// Tenants whose changes are told apart; beyond it everything is forgotten at once.
const TENANTS_MAX: usize = 100_000;

/// Someone who was let in.
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    pub scope: TenantScope,
    /// Names the session of a user or of a program, or the API key.
    pub id: Uuid,
    /// None for a key that does not expire.
    pub expires_at: Option<DateTime<Utc>>,
}

/// What someone is remembered by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Name {
    Session(Uuid),
    /// The session of a program that acts for somebody.
    Program(Uuid),
    /// The digest of an API key.
    Key(String),
}

/// Remembers for a short while that a session was found to stand, so that not every request asks the store.
///
/// A change of who may act in a tenant is heard from the broker, and what is remembered of the tenant is then forgotten. Where the news
/// does not arrive, the memory fades.
pub struct Sessions {
    standing: Cache<(TenantId, Name), (Moment, Arc<Session>)>,
    changes: RwLock<Changes>,
    /// Tells those who listen live to look whether they still may.
    news: watch::Sender<()>,
}

/// A point in time between two changes. What was looked up before one is not remembered after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    everywhere: u64,
    in_tenant: u64,
}

#[derive(Default)]
struct Changes {
    everywhere: u64,
    in_tenants: HashMap<TenantId, u64>,
}

impl Session {
    pub fn is_over(&self, now: DateTime<Utc>) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}

impl Sessions {
    pub fn new(trust: Duration) -> Self {
        let standing = Cache::builder().max_capacity(SESSIONS_REMEMBERED_MAX).time_to_live(trust).build();
        Self { standing, changes: RwLock::default(), news: watch::Sender::new(()) }
    }

    /// Returns the moment at which a look at the store begins.
    pub fn moment(&self, tenant: TenantId) -> Moment {
        let changes = self.changes.read().unwrap_or_else(PoisonError::into_inner);
        let in_tenant = changes.in_tenants.get(&tenant).copied().unwrap_or_default();
        Moment { everywhere: changes.everywhere, in_tenant }
    }

    pub fn find(&self, tenant: TenantId, name: Name) -> Option<Arc<Session>> {
        let (seen, session) = self.standing.get(&(tenant, name))?;
        (seen == self.moment(tenant)).then_some(session)
    }

    /// Remembers what was found by a look that began at a moment.
    pub fn remember(&self, name: Name, seen: Moment, session: &Arc<Session>) {
        self.standing.insert((session.scope.tenant_id(), name), (seen, Arc::clone(session)));
    }

    /// Forgets what is remembered of a tenant.
    pub fn forget(&self, tenant: TenantId) {
        let mut changes = self.changes.write().unwrap_or_else(PoisonError::into_inner);
        if changes.in_tenants.len() >= TENANTS_MAX {
            changes.in_tenants.clear();
            changes.everywhere += 1;
        }
        *changes.in_tenants.entry(tenant).or_default() += 1;
        drop(changes);
        self.news.send_replace(());
    }

    fn forget_all(&self) {
        self.changes.write().unwrap_or_else(PoisonError::into_inner).everywhere += 1;
        self.news.send_replace(());
    }

    /// Wakes whoever waits on it when somebody's rights may have changed, in whatever tenant.
    pub fn changes(&self) -> watch::Receiver<()> {
        self.news.subscribe()
    }

    /// Forgets what changes, until the broker is gone.
    pub async fn follow(self: Arc<Self>, mut changes: AccessChanges) {
        while let Some(change) = changes.next().await {
            match change {
                AccessChange::Of(tenant) => self.forget(tenant),
                AccessChange::Missed => self.forget_all(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aos_core::Role;
    use aos_core::tenant::Principal;

    #[allow(clippy::disallowed_methods)] // Tests may say who someone is.
    fn someone(tenant: TenantId) -> Arc<Session> {
        let scope = TenantScope::establish(tenant, Principal::Local, Role::Owner);
        Arc::new(Session { scope, id: Uuid::nil(), expires_at: None })
    }

    #[test]
    fn what_was_looked_up_before_a_change_is_not_remembered_after_it() {
        let (sessions, acme, globex) = (Sessions::new(Duration::from_secs(60)), TenantId::new(), TenantId::new());
        let name = || Name::Session(Uuid::nil());
        let remember = |tenant| sessions.remember(name(), sessions.moment(tenant), &someone(tenant));
        remember(acme);
        remember(globex);
        let before = sessions.moment(acme);
        sessions.forget(acme);
        assert!(sessions.find(acme, name()).is_none() && sessions.find(globex, name()).is_some());
        sessions.remember(name(), before, &someone(acme));
        assert!(sessions.find(acme, name()).is_none(), "its look began before the change");
        remember(acme);
        assert!(sessions.find(acme, name()).is_some());
        sessions.forget_all();
        assert!(sessions.find(acme, name()).is_none() && sessions.find(globex, name()).is_none());
    }
}
