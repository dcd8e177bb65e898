//! Schedules that are due: their task is enqueued in the transaction that moves the schedule on.

use super::{Maintenance, Pause};
use aos_store::Store;
use std::time::Duration;

const LOOK_EVERY: Duration = Duration::from_millis(500);

pub(super) async fn run(store: &Store, maintenance: &Maintenance) -> (Pause, aos_store::Result<()>) {
    let result = store.system().run_due_schedules().await.map(|enqueued| {
        if enqueued > 0 {
            aos_core::fault::point("worker.scheduled");
            tracing::debug!(enqueued, "{enqueued} scheduled tasks were enqueued");
            maintenance.wake();
        }
    });
    (LOOK_EVERY, result)
}
