//! What has been kept long enough: keys of idempotent enqueueing, and ended tasks with their logs.

use super::{Maintenance, Pause};
use aos_store::Store;
use std::time::Duration;

const LOOK_EVERY: Duration = Duration::from_secs(10 * 60);
/// While there is more, so that a long backlog goes in steps that hold nobody up.
const GO_ON_AFTER: Duration = Duration::from_millis(200);
const AT_ONCE: u32 = 1000;

pub(super) async fn expire(store: &Store, maintenance: &Maintenance) -> (Pause, aos_store::Result<()>) {
    match store.system().expire_tasks(maintenance.options.retention, AT_ONCE).await {
        Ok(removed) if removed >= u64::from(AT_ONCE) => (GO_ON_AFTER, Ok(())),
        done => (LOOK_EVERY, done.map(|_| ())),
    }
}
