//! Shared ephemeral state: what processes tell each other and may forget. Live events, wake-ups, notices of change positions,
//! hints of leases, rates, counters, one-use tickets, a cache and the news that flags or access changed; in this process, or in a Redis or
//! Valkey that several processes share.
//!
//! Nothing here is the truth: whatever must not be lost is in the store, and a reader that missed something is told so and
//! reads it there. Everything is bounded, in size and in time. A Redis that is away never stops the work: every method says what
//! it does then, [`Broker::health`] says since when and why, and the connection heals by itself.

mod access;
mod cache;
mod config;
mod counter;
mod erasure;
mod error;
mod flag;
mod health;
mod lease;
mod local;
mod notice;
mod rate;
mod redis;
mod ticket;
mod topic;
mod wake;

pub use access::{AccessChange, AccessChanges};
pub use config::{BrokerConfig, RedisConfig};
pub use error::{Error, OpenError, Result};
pub use flag::{FlagChange, FlagChanges};
pub use health::Health;
pub use lease::Lease;
pub use notice::{Notice, NoticeId, NoticeReader};
pub use rate::{Quota, Verdict};
pub use topic::{Event, EventId, Message, Subscription, Topic};
pub use wake::Waiter;

use aos_core::barrier::{Guard, stands};
use aos_core::{Clock, TenantId, TenantScope};
use local::Local;
use redis::Redis;
use std::sync::{Arc, Mutex, MutexGuard};

/// The broker. Cloning it is cheap and gives the same broker.
#[derive(Clone)]
pub struct Broker {
    inner: Arc<Inner>,
}

struct Inner {
    clock: Clock,
    /// What lives in this process: everything, or what bridges the time in which Redis is away.
    local: Arc<Local>,
    redis: Option<Redis>,
}

impl Broker {
    /// Opens a broker that lives and ends with this process.
    pub fn in_process(clock: Clock) -> Self {
        let local = Arc::new(Local::beginning_at(clock.now()));
        Self { inner: Arc::new(Inner { clock, local, redis: None }) }
    }

    /// Opens the broker that the configuration names.
    ///
    /// A Redis that cannot be reached at this moment is no error: the broker begins degraded and heals by itself. What does not
    /// heal is refused: a URL that cannot be read, a TLS certificate that is not trusted, a wrong password, a server too old.
    pub async fn open(config: BrokerConfig, clock: Clock) -> Result<Self, OpenError> {
        let BrokerConfig::Redis(config) = config else { return Ok(Self::in_process(clock)) };
        let local = Arc::new(Local::beginning_at(clock.now()));
        let redis = Some(Redis::open(config, local.clone(), clock.clone()).await?);
        Ok(Self { inner: Arc::new(Inner { clock, local, redis }) })
    }

    /// Says whether what processes tell each other arrives. A broker in this process is always healthy.
    pub fn health(&self) -> Health {
        self.inner.redis.as_ref().map_or(Health::Healthy, Redis::health)
    }

    /// Opens one tenant's part of the broker.
    pub fn tenant(&self, scope: &TenantScope) -> TenantBroker<'_> {
        let scope = match stands(Guard::BrokerKey) {
            true => scope.clone(),
            #[allow(clippy::disallowed_methods)]
            // Nobody is let in: this is how a test takes the tenant out of every name.
            false => TenantScope::establish(TenantId(uuid::Uuid::nil()), scope.principal(), scope.role()),
        };
        TenantBroker { inner: &self.inner, scope }
    }

    /// Opens what is needed before a tenant is known, or concerns none: redeeming tickets, counting attempts, waking workers.
    pub fn system(&self) -> SystemBroker<'_> {
        SystemBroker { inner: &self.inner }
    }
}

/// One tenant's part of the broker.
#[derive(Clone)]
pub struct TenantBroker<'b> {
    inner: &'b Inner,
    scope: TenantScope,
}

/// The part of the broker that belongs to no tenant.
pub struct SystemBroker<'b> {
    inner: &'b Inner,
}

/// Locks, also after a panic elsewhere: every change under these locks is complete in itself.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Cuts a name to what is kept of it.
fn cut(name: &str) -> &str {
    const MAX_NAME_BYTES: usize = 512;
    &name[..name.floor_char_boundary(MAX_NAME_BYTES)]
}
