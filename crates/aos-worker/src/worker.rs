//! A worker as others see it: made of a store, a broker and handlers, started, stopped, and summed up.

use crate::Result;
use crate::announce::Announcer;
use crate::error::Error;
use crate::handler::Registry;
use crate::housekeeping::Housekeeping;
use crate::lease::Lease;
use crate::maintenance::Maintenance;
use crate::options::WorkerOptions;
use crate::runner::Runner;
use crate::tasks::watch;
use aos_broker::Broker;
use aos_core::Clock;
use aos_store::Store;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// What a worker works with.
#[derive(Clone)]
pub struct WorkerParts {
    pub store: Store,
    pub broker: Broker,
    pub clock: Clock,
}

/// A worker that has not begun yet.
pub struct Worker {
    parts: WorkerParts,
    options: WorkerOptions,
    registry: Registry,
}

/// What a worker did, when it has ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    pub succeeded: u64,
    /// Attempts that failed, whether the task is tried again or not.
    pub failed: u64,
    pub canceled: u64,
    /// Given back unfinished, without counting the attempt.
    pub released: u64,
    /// Outcomes that counted no more, because the attempt had been taken over.
    pub refused: u64,
}

/// When a worker ends by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Until {
    Stopped,
    /// Nothing is left that could be run now.
    Empty,
}

impl Worker {
    pub fn new(parts: WorkerParts, options: WorkerOptions, registry: Registry) -> Self {
        let options = WorkerOptions { slots: options.slots.max(1), ..options };
        Self { parts, options, registry }
    }

    /// Works until stopped; then lets what runs come to its end for as long as the drain time allows, and gives back the rest.
    pub async fn run(self, stop: CancellationToken) -> Result<Summary> {
        self.work(stop, Until::Stopped).await
    }

    /// Works until nothing is left that could be run now.
    pub async fn run_once(self, stop: CancellationToken) -> Result<Summary> {
        self.work(stop, Until::Empty).await
    }

    async fn work(self, stop: CancellationToken, until: Until) -> Result<Summary> {
        let Self { parts, options, registry } = self;
        let asked = Instant::now();
        let system = parts.store.system();
        let slots = u32::try_from(options.slots).unwrap_or(u32::MAX);
        let worker = system.register_worker(&options.hostname, slots, options.lease).await.map_err(Error::SignOn)?;
        aos_core::fault::point("worker.signed_on");
        let (lease, keeper) = Lease::new(worker, &options);
        let maintenance = Maintenance { broker: parts.broker.clone(), options: options.clone() };
        let housekeeping = Housekeeping::start(&parts.store, keeper, maintenance, asked)?;
        let watching = registry.watched().map(|dcl| {
            let (dcl, store, broker) = (dcl.clone(), parts.store.clone(), parts.broker.clone());
            tokio::spawn(watch::run(dcl, store, broker, options.watch_interval, stop.child_token()))
        });
        let (announcer, telling) = Announcer::start(parts.broker.clone());
        tracing::info!(worker.id = %worker, slots, "worker {worker} takes tasks on {slots} slots");
        let runner = Runner::new(worker, parts.clone(), options, registry, announcer.clone());
        let (worker, summary) = runner.run(lease, stop, until).await;
        if let Some(watching) = watching {
            watching.abort();
        }
        housekeeping.stop().await;
        telling.abort();
        announcer.tell_all(&parts.broker).await;
        if let Err(error) = parts.store.system().retire_worker(worker).await {
            tracing::warn!(worker.id = %worker, %error, "the worker could not sign off; its lease runs out by itself: {error}");
        }
        tracing::info!(worker.id = %worker, ?summary, "worker {worker} has ended");
        Ok(summary)
    }
}
