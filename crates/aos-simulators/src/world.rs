//! Everything the simulators of all vendors share: the account, the clock, who may call, what was counted, and the dials.

use crate::account::{Account, BROKEN_BYTE, Change, ChangeError};
use crate::auth::{Auth, Credentials};
use crate::chaos::{Chaos, Dice};
use crate::clock::Clock;
use crate::drift::{Drift, DriftError};
use crate::limits::Limits;
use crate::random::Random;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard};

/// How far the clock is off with the dial at full.
const CLOCK_SKEW_MAX_MS: f64 = 300_000.0;
/// So many changes may wait for their request.
const WAITING_MAX: usize = 10_000;

#[derive(Debug, Clone)]
pub struct Options {
    pub seed: u64,
    /// How many records each of the large streams has.
    pub size: u64,
    pub chaos: Chaos,
    /// What is drifted from the beginning, in this order.
    pub drift: Vec<Drift>,
    pub credentials: Credentials,
    /// How long an access token is good for.
    pub token_ttl_s: u32,
    /// Every limit is so many times the vendor's own.
    pub limit_factor: u64,
    /// Where the clock stands until it is moved, in milliseconds since 1970-01-01 UTC; none runs with this machine's.
    pub now_ms: Option<i64>,
    /// Whether `/_simulator` is served, by which anybody can change everything.
    pub control: bool,
    /// Whether to speak TLS, with a certificate of an authority that is made for this run.
    pub tls: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 1,
            size: 1_000,
            chaos: Chaos::default(),
            drift: Vec::new(),
            credentials: Credentials::default(),
            token_ttl_s: 1_800,
            limit_factor: 1,
            now_ms: None,
            control: false,
            tls: false,
        }
    }
}

#[derive(Debug)]
pub struct World {
    account: RwLock<Account>,
    pub clock: Clock,
    pub auth: Auth,
    pub limits: Limits,
    pub dice: Dice,
    pub seed: u64,
    pub tls: bool,
    chaos: Mutex<Chaos>,
    requests: AtomicU64,
    by_endpoint: Mutex<BTreeMap<String, u64>>,
    /// Changes that wait until so many requests were answered.
    waiting: Mutex<Vec<(u64, Change)>>,
    /// Streams that the caller's consent does not cover.
    forbidden: Mutex<BTreeSet<String>>,
    broken: AtomicBool,
    serial: AtomicU64,
}

impl World {
    pub fn new(mut account: Account, options: &Options) -> Result<Self, DriftError> {
        for drift in &options.drift {
            drift.apply(&mut account)?;
        }
        let direction = if Random::new(options.seed, "clock").below(2) == 0 { 1.0 } else { -1.0 };
        let ahead_ms = (direction * options.chaos.clock_skew * CLOCK_SKEW_MAX_MS) as i64;
        Ok(Self {
            account: RwLock::new(account),
            clock: Clock::new(options.now_ms, ahead_ms),
            auth: Auth::new(options.seed, options.credentials.clone(), options.token_ttl_s),
            limits: Limits::new(options.limit_factor),
            dice: Dice::new(options.seed),
            seed: options.seed,
            tls: options.tls,
            chaos: Mutex::new(options.chaos),
            requests: AtomicU64::new(0),
            by_endpoint: Mutex::default(),
            waiting: Mutex::default(),
            forbidden: Mutex::default(),
            broken: AtomicBool::new(false),
            serial: AtomicU64::new(0),
        })
    }

    pub fn account(&self) -> RwLockReadGuard<'_, Account> {
        self.account.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn chaos(&self) -> Chaos {
        *self.chaos.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn set_chaos(&self, chaos: Chaos) {
        *self.chaos.lock().unwrap_or_else(PoisonError::into_inner) = chaos;
    }

    pub fn drift(&self, drift: &Drift) -> Result<(), DriftError> {
        drift.apply(&mut self.account.write().unwrap_or_else(PoisonError::into_inner))
    }

    /// Applies a change now, stamped so many milliseconds ago, and earlier still where the dial says that it commits late.
    pub fn change(&self, change: &Change, ago_ms: i64) -> Result<Vec<u64>, ChangeError> {
        if let Change::Edit { set, .. } | Change::Add { set, .. } = change {
            let broken = set.values().any(|value| value.as_str().is_some_and(|text| text.contains(BROKEN_BYTE)));
            self.broken.fetch_or(broken, Ordering::Relaxed);
        }
        let at_ms = self.clock.now_ms() - ago_ms - self.dice.lateness_ms(&self.chaos());
        self.account.write().unwrap_or_else(PoisonError::into_inner).change(change, at_ms)
    }

    /// Whether some record holds bytes that are no UTF-8.
    pub fn is_broken(&self) -> bool {
        self.broken.load(Ordering::Relaxed)
    }

    /// Keeps a change until so many requests were answered, counted from the start.
    pub fn change_after(&self, requests: u64, change: Change) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < WAITING_MAX {
            waiting.push((requests, change));
        }
    }

    /// Counts a request and applies the changes that waited for it.
    pub fn count(&self, endpoint: &str) {
        let before = self.requests.fetch_add(1, Ordering::Relaxed);
        let mut counts = self.by_endpoint.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry(endpoint.to_owned()).or_default() += 1;
        drop(counts);
        let due: Vec<Change> = {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            let (due, rest) = waiting.drain(..).partition(|(requests, _)| *requests <= before);
            *waiting = rest;
            due.into_iter().map(|(_, change): (u64, Change)| change).collect()
        };
        // A change that fits no more, as its record is gone, is what it is: nothing happens.
        due.iter().for_each(|change| drop(self.change(change, 0)));
    }

    /// How many requests each endpoint was asked, refused ones too.
    pub fn requests(&self) -> BTreeMap<String, u64> {
        self.by_endpoint.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn forget_requests(&self) {
        self.by_endpoint.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    pub fn forbid(&self, stream: &str) {
        self.forbidden.lock().unwrap_or_else(PoisonError::into_inner).insert(stream.to_owned());
    }

    pub fn is_forbidden(&self, stream: &str) -> bool {
        self.forbidden.lock().unwrap_or_else(PoisonError::into_inner).contains(stream)
    }

    /// A number that no other answer has had: for request ids and locators.
    pub fn serial(&self) -> u64 {
        self.serial.fetch_add(1, Ordering::Relaxed)
    }

    /// How far behind a page of so many records the next one begins.
    pub fn step(&self, page: usize) -> usize {
        if page >= 2 && self.dice.repeats(&self.chaos()) { page / 2 } else { page }
    }

    /// Brings a page into another order, where the dial says so.
    pub fn reorder<T>(&self, page: &mut [T]) {
        self.dice.reorder(&self.chaos(), page);
    }

    /// The address that a caller has reached us by, without a path.
    pub fn origin(&self, headers: &axum::http::HeaderMap) -> String {
        let host = headers.get(axum::http::header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
        format!("{}://{host}", if self.tls { "https" } else { "http" })
    }
}
