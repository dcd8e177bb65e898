//! What time it is for tasks, and where the queue stands. On PostgreSQL the database's clock counts, so that machines whose clocks differ
//! agree on leases and due times; a fixed clock, which tests have, always counts.

use crate::convert::micros;
use crate::db::{Tx, query_scalar};
use crate::error::Result;
use aos_core::Clock;

/// The partition of tasks whose time has not come.
pub(super) const DELAYED: i64 = 3;

/// Returns the time to compare with, in microseconds, or `None` when the database shall take its own.
pub(super) fn given(tx: &Tx, clock: &Clock) -> Option<i64> {
    match (tx, clock) {
        (Tx::Postgres(..), Clock::System) => None,
        _ => Some(micros(clock.now())),
    }
}

pub(super) async fn now(tx: &mut Tx, clock: &Clock) -> Result<i64> {
    match given(tx, clock) {
        Some(now) => Ok(now),
        None => query_scalar("SELECT autonomos_now()").fetch_one(tx).await,
    }
}

/// Returns the partition that takes what is ready now.
pub(super) async fn generation(tx: &mut Tx) -> Result<i64> {
    match tx {
        Tx::Sqlite(_) => Ok(0),
        Tx::Postgres(..) => query_scalar("SELECT last_value FROM task_generation").fetch_one(tx).await,
    }
}
