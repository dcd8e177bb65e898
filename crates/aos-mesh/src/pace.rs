//! The pace that all readers of one source account keep together, in whatever process: a rate in the broker for each of the account's limits,
//! and pauses that the source asked for, in the broker for speed and in the store for good.

use crate::Result;
use aos_broker::{Broker, Quota};
use aos_connectors::{Budget, Error, Limit, Notes, Pace};
use aos_core::TenantScope;
use aos_store::{SourceAccount, Store};
use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use rand::Rng;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

/// A turn waits so long at most; beyond, the run ends as throttled and its task goes on when the time has come.
const WAIT_MAX: Duration = Duration::from_secs(120);
/// Waiters do not all come back at the same moment: so much is added at most, as a share of the wait.
const JITTER: f64 = 0.1;
/// A wait as long as this is told to whoever watches.
const TELL_FROM: Duration = Duration::from_secs(5);

pub struct SharedPace {
    store: Store,
    broker: Broker,
    scope: TenantScope,
    budget: Budget,
    notes: Notes,
    cancel: CancellationToken,
    /// The longest pause this process knows of.
    paused_until: Mutex<Option<DateTime<Utc>>>,
    reached: AtomicBool,
}

impl SharedPace {
    pub(crate) async fn open(
        store: &Store,
        broker: &Broker,
        scope: &TenantScope,
        budget: Budget,
        notes: Notes,
        cancel: CancellationToken,
    ) -> Result<Self> {
        let known = store.tenant(scope).source_account(&budget.account).await?;
        Ok(Self {
            store: store.clone(),
            broker: broker.clone(),
            scope: scope.clone(),
            budget,
            notes,
            cancel,
            paused_until: Mutex::new(known.and_then(|known| known.paused_until)),
            reached: AtomicBool::new(false),
        })
    }

    pub(crate) fn account(&self) -> &str {
        &self.budget.account
    }

    /// Returns what is known of the account now.
    pub(crate) async fn state(&self) -> Result<Option<SourceAccount>> {
        Ok(self.store.tenant(&self.scope).source_account(&self.budget.account).await?)
    }

    /// Tells whether the source has answered anything well since this was opened.
    pub(crate) fn was_reached(&self) -> bool {
        self.reached.load(Ordering::Relaxed)
    }

    async fn take_turn(&self, limits: &[&str], cost: u32) -> Result<(), Error> {
        let since = Instant::now();
        let wanted: Vec<&Limit> = self
            .budget
            .limits
            .iter()
            .enumerate()
            .filter(|(index, limit)| *index == 0 || limits.contains(&&*limit.name))
            .map(|(_, limit)| limit)
            .collect();
        let mut taken = 0;
        loop {
            if self.cancel.is_cancelled() {
                return Err(Error::Canceled);
            }
            if let Some(pause) = self.pause_left().await {
                self.wait(pause, since).await?;
                continue;
            }
            // What was taken from one limit stays taken while the next is waited for.
            let Some(limit) = wanted.get(taken) else { return Ok(()) };
            let quota = Quota { limit: limit.requests, period: limit.per };
            let key = format!("source:{}:{}", self.budget.account, limit.name);
            let verdict = self.broker.tenant(&self.scope).take_rate(&key, quota, cost.min(limit.requests)).await;
            if verdict.allowed {
                taken += 1;
            } else {
                self.wait(verdict.retry_after.unwrap_or(limit.per), since).await?;
            }
        }
    }

    /// Waits, with some jitter, unless that would take longer than a run should stand still.
    async fn wait(&self, wait: Duration, since: Instant) -> Result<(), Error> {
        let now = self.store.clock().now();
        if since.elapsed() + wait > WAIT_MAX {
            let until = now + chrono::Duration::from_std(wait).unwrap_or(chrono::Duration::MAX);
            return Err(Error::RateLimited { until });
        }
        if wait >= TELL_FROM {
            self.notes.tell(&format!("waits {} s, as the source's limits ask", wait.as_secs()));
        }
        let jitter = rand::rng().random_range(0.0..JITTER);
        tokio::select! {
            () = self.cancel.cancelled() => Err(Error::Canceled),
            () = sleep(wait.mul_f64(1.0 + jitter)) => Ok(()),
        }
    }

    async fn pause_left(&self) -> Option<Duration> {
        let told = self.broker.tenant(&self.scope).cache_get(&self.pause_key()).await;
        let told = told
            .and_then(|bytes| String::from_utf8(bytes).ok()?.parse().ok())
            .and_then(DateTime::from_timestamp_micros);
        let until = {
            let mut known = self.paused_until.lock().unwrap_or_else(PoisonError::into_inner);
            *known = (*known).max(told);
            *known
        };
        (until? - self.store.clock().now()).to_std().ok().filter(|left| !left.is_zero())
    }

    fn pause_key(&self) -> String {
        format!("source-pause:{}", self.budget.account)
    }

    async fn keep_pause(&self, wait: Duration) {
        let now = self.store.clock().now();
        let until = now + chrono::Duration::from_std(wait).unwrap_or(chrono::Duration::days(1));
        {
            let mut known = self.paused_until.lock().unwrap_or_else(PoisonError::into_inner);
            *known = (*known).max(Some(until));
        }
        let micros = until.timestamp_micros().to_string();
        let told = self.broker.tenant(&self.scope).cache_put(&self.pause_key(), micros.as_bytes(), wait).await;
        let kept = self.store.tenant(&self.scope).pause_account(&self.budget.account, until).await;
        // This process keeps the pause by itself; the others learn of it with their next request.
        if let Err(error) = told.map_err(|error| error.to_string()).and(kept.map_err(|error| error.to_string())) {
            tracing::warn!(account = self.budget.account, %error, "a pause could not be told to other processes: {error}");
        }
    }
}

impl Pace for SharedPace {
    fn turn<'a>(&'a self, limits: &'a [&'a str], cost: u32) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(self.take_turn(limits, cost))
    }

    fn pause<'a>(&'a self, wait: Duration) -> BoxFuture<'a, ()> {
        Box::pin(self.keep_pause(wait))
    }

    fn answered(&self, well: bool) {
        if well {
            self.reached.store(true, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aos_core::tenant::Principal;
    use aos_core::{Clock, Role};

    struct Office {
        store: Store,
        broker: Broker,
        scope: TenantScope,
        _folder: tempfile::TempDir,
    }

    impl Office {
        async fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let store = Store::open(folder.path().join("store.db"), Clock::default()).await.unwrap();
            let tenant = store.system().ensure_tenant("acme").await.unwrap().id;
            #[allow(clippy::disallowed_methods)] // Tests say who they are.
            let scope = TenantScope::establish(tenant, Principal::Local, Role::Owner);
            Self { store, broker: Broker::in_process(Clock::default()), scope, _folder: folder }
        }

        /// A reader of the one account, as another process would open it.
        async fn reader(&self) -> SharedPace {
            let limits = vec![
                Limit::new("all", 100, Duration::from_secs(1)),
                Limit::new("search", 2, Duration::from_millis(400)),
            ];
            let budget = Budget { account: "crm.example/acme".into(), limits };
            let (notes, cancel) = (Notes::unheard(), CancellationToken::new());
            SharedPace::open(&self.store, &self.broker, &self.scope, budget, notes, cancel).await.unwrap()
        }
    }

    #[tokio::test]
    async fn readers_of_one_account_share_what_it_allows() {
        let office = Office::new().await;
        let (one, other) = (office.reader().await, office.reader().await);
        let begun = Instant::now();
        for _ in 0..2 {
            one.turn(&["search"], 1).await.unwrap();
            other.turn(&["search"], 1).await.unwrap();
        }
        assert!(
            begun.elapsed() >= Duration::from_millis(350),
            "two were allowed at once, the others waited their turn"
        );
        let begun = Instant::now();
        one.turn(&[], 1).await.unwrap();
        assert!(begun.elapsed() < Duration::from_millis(200), "what is not named is not waited for");
    }

    #[tokio::test]
    async fn a_pause_that_one_reader_is_told_holds_all_of_them() {
        let office = Office::new().await;
        let (told, other) = (office.reader().await, office.reader().await);
        told.pause(Duration::from_millis(300)).await;
        let begun = Instant::now();
        other.turn(&[], 1).await.unwrap();
        assert!(begun.elapsed() >= Duration::from_millis(250));
        // One that is longer than a run should stand still is an end, and outlives whoever was told.
        told.pause(Duration::from_secs(3600)).await;
        let until = match other.turn(&[], 1).await.unwrap_err() {
            Error::RateLimited { until } => until,
            other => panic!("{other}"),
        };
        assert!(until > office.store.clock().now() + chrono::Duration::minutes(59));
        let later = Office { broker: Broker::in_process(Clock::default()), ..office };
        assert!(matches!(later.reader().await.turn(&[], 1).await, Err(Error::RateLimited { .. })));
    }

    #[tokio::test]
    async fn a_reader_that_is_canceled_waits_no_longer() {
        let office = Office::new().await;
        let reader = office.reader().await;
        reader.pause(Duration::from_secs(100)).await;
        reader.cancel.cancel();
        assert!(matches!(reader.turn(&[], 1).await, Err(Error::Canceled)));
    }
}
