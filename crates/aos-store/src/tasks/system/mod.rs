//! Tasks across tenants: what workers and the chores of the queue do. Every statement here runs as the system role, which sees the
//! tables of tasks and of workers, and no other rows of tenants.

mod claim;
mod expire;
mod finish;
mod orphans;
mod rotate;
mod schedules;
mod workers;

pub use claim::{Claim, ClaimOptions};
pub use finish::{Finish, FinishedTask};
pub use rotate::Rotation;
pub use workers::{Renewed, WorkerRow};

use crate::db::{Actor, Tx};
use crate::error::Result;
use crate::system::SystemStore;

/// How PostgreSQL plans here: by keys. What it knows of tables that fill and empty within seconds is always wrong. Such plans look
/// expensive, but are not worth compiling. And a process that falls silent must not keep others from its tasks for long.
macro_rules! by_keys {
    ($then:literal) => {
        concat!(
            "SET LOCAL jit = off; SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; ",
            "SET LOCAL enable_mergejoin = off; SET LOCAL enable_bitmapscan = off; ",
            "SET LOCAL plan_cache_mode = force_generic_plan; ",
            "SET LOCAL idle_in_transaction_session_timeout = '2s'; ",
            $then
        )
    };
}

impl SystemStore<'_> {
    /// Begins a transaction that goes through tasks by their keys.
    async fn begin_tasks(&self) -> Result<Tx> {
        self.store.pool.begin_told(Actor::System, by_keys!("")).await
    }

    /// Begins a transaction that nobody else is in who claims, recovers or moves tasks.
    async fn begin_claim(&self) -> Result<Tx> {
        self.store.pool.begin_told(Actor::System, by_keys!("SELECT pg_advisory_xact_lock(7310, 1)")).await
    }

    /// Begins a transaction that nobody else is in who looks for schedules that are due.
    async fn begin_schedules(&self) -> Result<Tx> {
        self.store.pool.begin_told(Actor::System, "SELECT pg_advisory_xact_lock(7310, 2)").await
    }
}
