//! Goes on with deletions of tenants, in every process that stays: those that an owner asked for, and those that were cut off.

use crate::compose::House;
use aos_dcl::tenancy::WAKE_DELETIONS;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// How often it looks when nobody wakes it. What a process keeps of a deleted tenant stays no longer than this.
const LOOK: Duration = Duration::from_secs(30);

/// Looks until it is stopped. What is cut off in the middle is gone on with later, here or elsewhere.
pub fn spawn(house: &House, stop: CancellationToken) -> JoinHandle<()> {
    let (dcl, broker) = (house.dcl.clone(), house.broker.clone());
    tokio::spawn(async move {
        let mut woken = broker.system().waiter(WAKE_DELETIONS);
        let look = async {
            loop {
                if let Err(error) = dcl.tidy_deleted_tenants().await {
                    tracing::warn!(%error, "deletions of tenants could not be looked at: {error}");
                }
                woken.wait(LOOK).await;
            }
        };
        stop.run_until_cancelled(look).await;
    })
}
