//! Shared ephemeral state: what processes tell each other and may forget. Topics, one-use tickets and counters, in this
//! process for now.
//!
//! Nothing here is the truth: whatever must not be lost is in the store, and a reader that missed something is told so and
//! reads it there. Everything is bounded.

mod counter;
mod ticket;
mod topic;

pub use topic::{Event, EventId, Message, Subscription, Topic};

use aos_core::tenant::Principal;
use aos_core::{Clock, Role, TenantId, TenantScope};
use chrono::Duration;
use std::sync::{Arc, Mutex, MutexGuard};

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the message is {size} bytes long, the limit is {limit}; say less, and let readers fetch the rest")]
    TooLarge { size: usize, limit: usize },
    #[error("{limit} tickets are waiting to be used; use one, or wait until they expire")]
    TooManyTickets { limit: usize },
}

/// The broker. Cloning it is cheap and gives the same broker. Its functions are async because other processes may come to
/// stand behind it.
#[derive(Clone)]
pub struct Broker {
    inner: Arc<Inner>,
}

struct Inner {
    clock: Clock,
    topics: Mutex<topic::Topics>,
    tickets: Mutex<ticket::Tickets>,
    counters: Mutex<counter::Counters>,
}

impl Broker {
    /// Opens a broker that lives and ends with this process.
    pub fn in_process(clock: Clock) -> Self {
        let inner = Inner { clock, topics: Mutex::default(), tickets: Mutex::default(), counters: Mutex::default() };
        Self { inner: Arc::new(inner) }
    }

    /// Opens one tenant's part of the broker.
    pub fn tenant(&self, scope: &TenantScope) -> TenantBroker<'_> {
        TenantBroker { inner: &self.inner, scope: scope.clone() }
    }

    /// Opens what is needed before a tenant is known: redeeming tickets and counting attempts.
    pub fn system(&self) -> SystemBroker<'_> {
        SystemBroker { inner: &self.inner }
    }
}

#[derive(Clone)]
pub struct TenantBroker<'b> {
    inner: &'b Inner,
    scope: TenantScope,
}

impl TenantBroker<'_> {
    /// Tells every subscriber of this tenant, and keeps the event for those who come back soon.
    pub async fn publish(&self, topic: Topic, payload: serde_json::Value) -> Result<EventId> {
        let (payload, at) = (topic::raw(&payload)?, self.inner.clock.now());
        let log = lock(&self.inner.topics).log(self.scope.tenant_id(), at);
        Ok(log.publish(topic, payload, at))
    }

    /// Follows this tenant's events: those after `after` that are still kept, then new ones; new ones only without it.
    pub async fn subscribe(&self, after: Option<EventId>) -> Subscription {
        let log = lock(&self.inner.topics).log(self.scope.tenant_id(), self.inner.clock.now());
        Subscription::new(log, after)
    }

    /// Issues a ticket that lets its bearer in as this scope, once, within `ttl` (at most five minutes).
    pub async fn issue_ticket(&self, ttl: Duration) -> Result<String> {
        lock(&self.inner.tickets).issue(&self.scope, ttl, self.inner.clock.now())
    }
}

pub struct SystemBroker<'b> {
    inner: &'b Inner,
}

impl SystemBroker<'_> {
    /// Takes a ticket for whom it was issued to. The same ticket is good for nothing afterwards.
    pub async fn redeem_ticket(&self, ticket: &str) -> Option<(TenantId, Principal, Role)> {
        lock(&self.inner.tickets).redeem(ticket, self.inner.clock.now())
    }

    /// Counts one more under a key and returns how many there are. The count starts again `window` after its first.
    pub async fn count(&self, key: &str, window: Duration) -> u64 {
        lock(&self.inner.counters).count(key, window, self.inner.clock.now())
    }

    /// Returns the count under a key without changing it.
    pub async fn counted(&self, key: &str) -> u64 {
        lock(&self.inner.counters).counted(key, self.inner.clock.now())
    }

    /// Forgets the count under a key, e.g. after a right password.
    pub async fn reset(&self, key: &str) {
        lock(&self.inner.counters).reset(key);
    }
}

/// Locks, also after a panic elsewhere: every change under these locks is complete in itself.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
