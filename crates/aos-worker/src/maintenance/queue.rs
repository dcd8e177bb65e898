//! The hot table is kept small, whatever old snapshots other sessions hold: see the store's rotation.

use super::Pause;
use aos_store::Store;
use std::time::Duration;

/// Some thousand tasks can end in this time, which is what a partition should hold; a look that finds nothing to do is one short query.
const LOOK_EVERY: Duration = Duration::from_millis(250);

pub(super) async fn rotate(store: &Store) -> (Pause, aos_store::Result<()>) {
    (LOOK_EVERY, store.system().rotate_queue().await.map(|_| ()))
}
