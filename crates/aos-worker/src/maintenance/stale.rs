//! Streams that were not read to their end for too long: that nobody noticed is what the alert is for.

use super::{Maintenance, Pause};
use aos_store::Store;
use std::time::Duration;

const LOOK_EVERY: Duration = Duration::from_secs(60);

pub(super) async fn alert(store: &Store, maintenance: &Maintenance) -> (Pause, aos_store::Result<()>) {
    let result = store.system().raise_stale_alerts(maintenance.options.stale_after).await.map(|raised| {
        if raised > 0 {
            tracing::warn!(raised, "{raised} streams have become stale");
        }
    });
    (LOOK_EVERY, result)
}
