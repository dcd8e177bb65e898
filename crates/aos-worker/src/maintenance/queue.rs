//! The hot table is kept small, whatever old snapshots other sessions hold: see the store's rotation.

use super::Pause;
use aos_store::Store;
use std::time::Duration;

const LOOK_EVERY: Duration = Duration::from_secs(2);

pub(super) async fn rotate(store: &Store) -> (Pause, aos_store::Result<()>) {
    (LOOK_EVERY, store.system().rotate_queue().await.map(|_| ()))
}
