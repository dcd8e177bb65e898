//! Redis, or Valkey, as the place that processes share. The only module that knows the client library.
//!
//! Two connections per process: one for questions (`link.rs`), shared by everybody, and one that listens (`ear.rs`), because replies
//! and news on one connection would share an output buffer that the server limits. `keeper.rs` makes both, looks after them and makes
//! them again; what nobody waits for is sent by `herald.rs`.
//!
//! The library's own connection manager is not used: it says nothing about health, stays broken for good after a refusal that is not
//! an input/output error ("max number of clients reached"), and finds out about a lost connection from the next caller.
//!
//! Keys of a tenant begin with `aos:{<tenant>}:`. In a cluster the braces keep what belongs together on one node.

mod access;
mod cache;
mod connect;
mod counter;
mod ear;
mod erasure;
mod flag;
mod herald;
mod keeper;
mod keys;
mod lease;
mod link;
mod notice;
mod rate;
mod ticket;
mod topic;

pub(crate) use ear::Bell;

use crate::local::Local;
use crate::{Health, OpenError, RedisConfig};
use aos_core::Clock;
use ear::Ear;
use link::Link;
use std::sync::Arc;
use tokio_util::sync::{CancellationToken, DropGuard};
use uuid::Uuid;

pub(crate) struct Redis {
    link: Arc<Link>,
    ear: Arc<Ear>,
    local: Arc<Local>,
    /// Names this process in what it tells, so that it does not listen to itself.
    origin: Uuid,
    ended: CancellationToken,
    /// Ends the tasks behind this when the broker is dropped.
    _end: DropGuard,
}

impl Redis {
    pub(crate) async fn open(config: RedisConfig, local: Arc<Local>, clock: Clock) -> Result<Self, OpenError> {
        let dialler = connect::Dialler::new(config)?;
        let link = Arc::new(Link::new(clock));
        let (ear, orders) = Ear::new();
        let ear = Arc::new(ear);
        let first = match dialler.first_contact().await? {
            Ok(lines) => Some(lines),
            Err(reason) => {
                tracing::warn!(reason, "Redis is not there yet, so this process begins by itself: {reason}");
                link.down(&reason);
                None
            }
        };
        let (origin, ended) = (Uuid::new_v4(), CancellationToken::new());
        let keeper = keeper::Keeper { dialler, link: link.clone(), ear: ear.clone(), local: local.clone(), origin };
        // The first lines are taken up before anybody asks, so that a broker that could be opened is healthy from the start.
        let attending = keeper.take_up(first).await;
        tokio::spawn(ended.clone().run_until_cancelled_owned(keeper.keep(attending, orders)));
        let sending = herald::send(link.clone(), local.clone(), origin);
        tokio::spawn(ended.clone().run_until_cancelled_owned(sending));
        Ok(Self { link, ear, local, origin, _end: ended.clone().drop_guard(), ended })
    }

    pub(crate) fn health(&self) -> Health {
        self.link.health()
    }
}
