//! Sends what nobody waits for: wake-ups, each channel at most once per round trip, and news that could not be told before.

use super::access;
use super::flag::announce;
use super::keys;
use super::link::Link;
use crate::local::Local;
use std::sync::Arc;
use uuid::Uuid;

/// Sends wake-ups for ever. One that cannot be sent is dropped: the others poll.
pub(super) async fn send(link: Arc<Link>, local: Arc<Local>, origin: Uuid) {
    loop {
        local.wakes.to_send.notified().await;
        for channel in local.wakes.take_unsent() {
            let message = format!("{origin} {channel}");
            let _ = link.query::<()>(redis::cmd("PUBLISH").arg(keys::WAKE).arg(message)).await;
        }
    }
}

/// Tells the others whose flags changed while Redis was away; what cannot be told stays for the next time.
pub(super) async fn send_flags(link: &Link, local: &Local, origin: Uuid) {
    let mut unsent = local.flags.take_unsent().into_iter();
    while let Some(tenant) = unsent.next() {
        if announce(link, origin, tenant).await.is_err() {
            local.flags.announce_later(tenant);
            unsent.by_ref().for_each(|tenant| local.flags.announce_later(tenant));
        }
    }
}

/// Tells the others in which tenants access changed while Redis was away; what cannot be told stays for the next time.
pub(super) async fn send_access(link: &Link, local: &Local, origin: Uuid) {
    let mut unsent = local.access.take_unsent().into_iter();
    while let Some(tenant) = unsent.next() {
        if access::announce(link, origin, tenant).await.is_err() {
            local.access.announce_later(tenant);
            unsent.by_ref().for_each(|tenant| local.access.announce_later(tenant));
        }
    }
}
