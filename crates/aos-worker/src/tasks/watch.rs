//! Looks at the files of watched connections, and enqueues a sync of those that came or changed. Every worker looks; that one connection is
//! read by one task at a time is held by the sync's exclusive right.

use aos_broker::Broker;
use aos_core::kind::{self, Sync, WAKE};
use aos_core::task::NewTask;
use aos_core::tenant::Principal;
use aos_core::{ConnectionId, Role, TenantScope};
use aos_dcl::Dcl;
use aos_store::{Error, Store};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Looks every so often, until stopped. A file that was written to since the look before is left to the next one: it may not be whole yet.
pub(crate) async fn run(dcl: Dcl, store: Store, broker: Broker, interval: Duration, stop: CancellationToken) {
    let mut failing = false;
    while stop.run_until_cancelled(tokio::time::sleep(interval)).await.is_some() {
        match look(&dcl, &store, &broker, interval).await {
            Ok(()) => failing = false,
            // Told once, not at every look.
            Err(error) if !failing => {
                failing = true;
                tracing::warn!(%error, "watched files cannot be looked at, which is tried again: {error}");
            }
            Err(_) => {}
        }
    }
}

async fn look(dcl: &Dcl, store: &Store, broker: &Broker, interval: Duration) -> aos_store::Result<()> {
    let mut after = None;
    loop {
        let page = store.system().watched_connections(after).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(*last);
        for (tenant, connection) in page {
            #[allow(clippy::disallowed_methods)] // The worker: it acts for whoever wanted the connection to be watched.
            let scope = TenantScope::establish(tenant, Principal::Local, Role::Member);
            look_at(dcl, store, broker, &scope, connection, interval).await;
        }
    }
}

/// A connection that cannot be looked at is no reason not to look at the others.
async fn look_at(
    dcl: &Dcl,
    store: &Store,
    broker: &Broker,
    scope: &TenantScope,
    connection: ConnectionId,
    settled: Duration,
) {
    let files = match dcl.tenant(scope).changed_files(connection, settled).await {
        Ok(files) => files,
        Err(error) => {
            tracing::warn!(%connection, %error, "the files of connection {connection} cannot be looked at: {error}");
            return;
        }
    };
    if files.is_empty() {
        return;
    }
    let read = files.len();
    let payload = Sync { connection: connection.to_string(), streams: files, ..Sync::default() };
    let enqueued = match serde_json::to_value(payload) {
        Ok(payload) => {
            let exclusive = Some(kind::sync_right(connection));
            store.tenant(scope).enqueue_task(NewTask { exclusive, ..NewTask::new(kind::SYNC, payload) }).await
        }
        Err(error) => {
            tracing::error!(%connection, %error, "a sync cannot be written down: {error}");
            return;
        }
    };
    match enqueued {
        Ok(_) => {
            tracing::info!(%connection, read, "{read} watched files of connection {connection} have changed and are read");
            broker.system().wake(WAKE);
        }
        // It is being read; what is new then still is so at the next look.
        Err(Error::TaskActive { .. }) => {}
        Err(error) => {
            tracing::warn!(%connection, %error, "a sync of connection {connection} cannot be enqueued: {error}");
        }
    }
}
