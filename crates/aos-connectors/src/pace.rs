//! Politeness: each request takes its turn, so that all readers of one source account together stay within what it allows.

use crate::error::Error;
use aos_core::Clock;
use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use std::borrow::Cow;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// What a source account allows, as its vendor documents it. Whoever reads the same account, in whatever process, shares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// Tells accounts apart: the host, and what names the account there. Never a secret.
    pub account: String,
    /// The first one counts for every request, each other one for requests that name it.
    pub limits: Vec<Limit>,
}

/// So many requests per time, spread evenly once the first burst is spent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// What kind of request it is about, e.g. `search`; `all` for the first one.
    pub name: Cow<'static, str>,
    pub requests: u32,
    pub per: Duration,
}

impl Limit {
    pub fn new(name: &'static str, requests: u32, per: Duration) -> Self {
        Self { name: Cow::Borrowed(name), requests, per }
    }
}

/// Who says when the next request may be sent.
pub trait Pace: Send + Sync {
    /// Waits until a request may be sent, which counts against the account's first limit and those named; `cost` requests at once for what
    /// the vendor counts as several. Waiting is normal; an error says that the wait would be longer than a run should last.
    ///
    /// # Errors
    /// [`Error::RateLimited`] when the account stays closed for longer, [`Error::Canceled`].
    fn turn<'a>(&'a self, limits: &'a [&'a str], cost: u32) -> BoxFuture<'a, Result<(), Error>>;

    /// Keeps every reader of the account away for this long: the source asked for it (`Retry-After`), or says that nothing is left.
    fn pause<'a>(&'a self, wait: Duration) -> BoxFuture<'a, ()>;

    /// Tells how an answer went that says something about the source's health: false for a failed connection or a status of 5xx.
    fn answered(&self, well: bool);
}

/// The pace of a reader that shares its source with nobody: no limits, but pauses are kept. For tests and single looks.
#[derive(Debug)]
pub struct Alone {
    clock: Clock,
    until: Mutex<Option<DateTime<Utc>>>,
}

/// A pause longer than this is an error and not a wait.
const WAIT_MAX: Duration = Duration::from_secs(60);

impl Alone {
    pub fn new(clock: Clock) -> Self {
        Self { clock, until: Mutex::new(None) }
    }
}

impl Pace for Alone {
    fn turn<'a>(&'a self, _limits: &'a [&'a str], _cost: u32) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            let until = *self.until.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(until) = until else { return Ok(()) };
            let wait = (until - self.clock.now()).to_std().unwrap_or_default();
            if wait > WAIT_MAX {
                return Err(Error::RateLimited { until });
            }
            tokio::time::sleep(wait).await;
            Ok(())
        })
    }

    fn pause<'a>(&'a self, wait: Duration) -> BoxFuture<'a, ()> {
        let wait = chrono::Duration::from_std(wait).unwrap_or(chrono::Duration::MAX);
        let until = self.clock.now().checked_add_signed(wait).unwrap_or(DateTime::<Utc>::MAX_UTC);
        let mut known = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        *known = Some(known.map_or(until, |known| known.max(until)));
        Box::pin(std::future::ready(()))
    }

    fn answered(&self, _well: bool) {}
}
