//! Chores that keep the queue whole. Every worker offers to do them; the store lets one process at a time do each.

mod checkpoints;
mod expiry;
mod orphans;
mod queue;
mod schedules;
mod stale;

use crate::options::WorkerOptions;
use aos_broker::Broker;
use aos_core::kind::WAKE;
use aos_store::Store;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// What chores work with.
#[derive(Clone)]
pub(crate) struct Maintenance {
    pub broker: Broker,
    pub options: WorkerOptions,
}

/// When a chore is done again.
type Pause = Duration;

impl Maintenance {
    /// Does every chore until stopped. One that fails is done again at its next time.
    pub async fn run(self, store: Store, stop: CancellationToken) {
        let told = checkpoints::Told::default();
        tokio::join!(
            repeat("audit heads", &stop, || checkpoints::sign(&store, &told)),
            repeat("orphans", &stop, || orphans::recover(&store, &self)),
            repeat("schedules", &stop, || schedules::run(&store, &self)),
            repeat("queue", &stop, || queue::rotate(&store)),
            repeat("expiry", &stop, || expiry::expire(&store, &self)),
            repeat("stale", &stop, || stale::alert(&store, &self)),
        );
    }

    fn wake(&self) {
        self.broker.system().wake(WAKE);
    }
}

async fn repeat<F>(name: &'static str, stop: &CancellationToken, mut chore: impl FnMut() -> F)
where
    F: Future<Output = (Pause, aos_store::Result<()>)>,
{
    let mut failing = false;
    loop {
        let (pause, result) = tokio::select! {
            () = stop.cancelled() => return,
            done = chore() => done,
        };
        match result {
            Ok(()) => failing = false,
            // Told once, not at every repetition.
            Err(error) if !failing => {
                failing = true;
                tracing::warn!(chore = name, %error, "the chore `{name}` failed and is tried again: {error}");
            }
            Err(_) => {}
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}
