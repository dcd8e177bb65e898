//! The worker's own thread: its lease and the chores that every worker shares. Handlers never run here.

use crate::error::Error;
use crate::lease::Keeper;
use crate::maintenance::Maintenance;
use aos_store::Store;
use tokio::time::Instant;
use tokio_util::sync::{CancellationToken, DropGuard};

/// The thread, while it runs. Dropped, it ends: a worker that is gone for whatever reason must not keep what it held.
pub(crate) struct Housekeeping {
    stop: DropGuard,
    ended: tokio::sync::oneshot::Receiver<()>,
}

impl Housekeeping {
    /// Starts the thread. `since` is when the lease was asked for.
    pub fn start(store: &Store, keeper: Keeper, maintenance: Maintenance, since: Instant) -> Result<Self, Error> {
        let stop = CancellationToken::new();
        let (told, ended) = tokio::sync::oneshot::channel();
        let (store, stopping) = (store.clone(), stop.clone());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Error::Thread)?;
        let work = move || {
            runtime.block_on(async {
                // Connections belong to the runtime that made them; these are this thread's.
                let store = store.apart();
                let keeping = keeper.keep(store.clone(), since, stopping.clone());
                tokio::join!(keeping, maintenance.run(store.clone(), stopping));
            });
            let _ = told.send(());
        };
        std::thread::Builder::new().name("worker-lease".to_owned()).spawn(work).map_err(Error::Thread)?;
        Ok(Self { stop: stop.drop_guard(), ended })
    }

    /// Stops renewing and waits for the thread to end.
    pub async fn stop(self) {
        drop(self.stop);
        let _ = self.ended.await;
    }
}
