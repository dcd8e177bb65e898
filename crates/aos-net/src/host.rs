//! What is known of the hosts that were called: how many requests are under way to each, and whether it works. Per tenant, so that
//! one tenant's broken endpoint on a shared host costs no other tenant its turn.

use crate::circuit::{Circuit, CircuitState, Rules, Verdict};
use crate::config::NetConfig;
use crate::error::{Error, Phase, Result};
use aos_core::TenantId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// Hosts that are remembered. Above it those that nobody calls at the moment are forgotten, the ones that work first.
const HOSTS_MAX: usize = 1024;

/// Whose calls (none: the operator's own), and where to: scheme, host and port.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct HostKey {
    pub tenant: Option<TenantId>,
    pub origin: String,
}

pub(crate) struct Hosts {
    known: Mutex<HashMap<HostKey, Arc<Host>>>,
    concurrent: usize,
    rules: Rules,
}

pub(crate) struct Host {
    origin: String,
    places: Arc<Semaphore>,
    circuit: Mutex<Circuit>,
    rules: Rules,
}

/// A host as seen from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostStatus {
    /// Scheme, host and port.
    pub origin: String,
    pub in_flight: usize,
    pub circuit: CircuitState,
}

impl Hosts {
    pub fn new(config: &NetConfig) -> Self {
        let rules = Rules {
            failures_to_open: config.failures_to_open,
            open_for: config.open_for,
            open_for_max: config.open_for_max,
        };
        Self { known: Mutex::default(), concurrent: config.concurrent_per_host.max(1), rules }
    }

    pub fn host(&self, key: HostKey) -> Arc<Host> {
        let mut known = lock(&self.known);
        if known.len() >= HOSTS_MAX && !known.contains_key(&key) {
            known.retain(|_, host| Arc::strong_count(host) > 1 || !lock(&host.circuit).is_at_rest());
            if known.len() >= HOSTS_MAX {
                known.retain(|_, host| Arc::strong_count(host) > 1);
            }
        }
        let new = || {
            let places = Arc::new(Semaphore::new(self.concurrent));
            let circuit = Mutex::new(Circuit::new());
            Arc::new(Host { origin: key.origin.clone(), places, circuit, rules: self.rules })
        };
        known.entry(key.clone()).or_insert_with(new).clone()
    }

    pub fn statuses(&self, tenant: Option<TenantId>) -> Vec<HostStatus> {
        let now = Instant::now();
        let known = lock(&self.known);
        let mut statuses: Vec<_> = known
            .iter()
            .filter(|(key, _)| key.tenant == tenant)
            .map(|(key, host)| HostStatus {
                origin: key.origin.clone(),
                in_flight: self.concurrent - host.places.available_permits(),
                circuit: lock(&host.circuit).state(now),
            })
            .collect();
        statuses.sort_by(|left, right| left.origin.cmp(&right.origin));
        statuses
    }

    /// Counts the hosts, of all tenants, that are left alone at the moment.
    pub fn open_circuits(&self) -> usize {
        let now = Instant::now();
        let closed = |host: &&Arc<Host>| matches!(lock(&host.circuit).state(now), CircuitState::Closed { .. });
        let known = lock(&self.known);
        known.len() - known.values().filter(closed).count()
    }
}

impl Host {
    /// Waits for a place until the deadline, and asks the circuit.
    ///
    /// # Errors
    /// [`Error::CircuitOpen`] at once, [`Error::Timeout`] in phase `Queue`.
    pub async fn enter(self: &Arc<Self>, deadline: Instant) -> Result<Pass> {
        let asked = Instant::now();
        let refused = |retry_in| Error::CircuitOpen { origin: self.origin.clone(), retry_in };
        if let Some(wait) = lock(&self.circuit).wait(asked, &self.rules) {
            return Err(refused(wait));
        }
        let late =
            || Error::Timeout { origin: self.origin.clone(), phase: Phase::Queue, waited: Instant::now() - asked };
        let waiting = tokio::time::timeout_at(deadline, self.places.clone().acquire_owned());
        let place = waiting.await.ok().and_then(std::result::Result::ok).ok_or_else(late)?;
        // It may have opened while we waited.
        let trial = lock(&self.circuit).admit(Instant::now(), &self.rules).map_err(refused)?;
        Ok(Pass { host: self.clone(), trial, verdict: Verdict::Nothing, _place: place })
    }
}

/// A request that may go: its place, and what it will tell the circuit when it is dropped.
pub(crate) struct Pass {
    host: Arc<Host>,
    trial: bool,
    verdict: Verdict,
    _place: OwnedSemaphorePermit,
}

impl Pass {
    /// Notes that the head of an answer is there; what comes of it is decided by `conclude`.
    pub fn answered(&mut self) {
        lock(&self.host.circuit).answered();
    }

    pub fn conclude(&mut self, verdict: Verdict) {
        self.verdict = verdict;
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        lock(&self.host.circuit).settle(self.verdict, self.trial, Instant::now(), &self.host.rules);
    }
}

/// No state here is ever half changed, so a panic elsewhere does not spoil it.
fn lock<T>(state: &Mutex<T>) -> MutexGuard<'_, T> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
