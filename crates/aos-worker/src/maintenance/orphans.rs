//! Tasks whose worker is gone: given to others, or to the dead letters when they have used up their attempts.

use super::{Maintenance, Pause};
use aos_store::Store;
use std::time::Duration;

/// A lost task is found this long after its lease ran out, at the latest.
const LOOK_EVERY: Duration = Duration::from_millis(400);
/// Taken over in one transaction.
const AT_ONCE: u32 = 500;

pub(super) async fn recover(store: &Store, maintenance: &Maintenance) -> (Pause, aos_store::Result<()>) {
    let recovered = store.system().recover_orphans(AT_ONCE).await;
    let result = recovered.map(|tasks| {
        if tasks > 0 {
            aos_core::fault::point("worker.orphans");
            tracing::warn!(tasks, "{tasks} tasks were taken from workers that are gone");
            maintenance.wake();
        }
    });
    (LOOK_EVERY, result)
}
