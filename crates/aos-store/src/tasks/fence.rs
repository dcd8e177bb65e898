//! The fence: what an attempt writes is taken only while that attempt counts.

use super::TRIES;
use crate::db::{Actor, Tx, query_scalar};
use crate::error::{Error, Result};
use crate::tenant::TenantStore;
use aos_core::task::Fence;
use uuid::Uuid;

/// Who else may hold the attempt at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hold {
    Shared,
    Alone,
}

impl TenantStore<'_> {
    /// Begins a transaction for an attempt. The attempt is held: it is not canceled, finished or given to another worker before the
    /// transaction ends.
    pub(crate) async fn begin_for(&self, fence: Fence) -> Result<Tx> {
        self.begin_holding(fence, Hold::Shared).await
    }

    /// The same for a transaction that changes what the attempt tells about itself, one at a time.
    pub(super) async fn begin_alone_for(&self, fence: Fence) -> Result<Tx> {
        self.begin_holding(fence, Hold::Alone).await
    }

    async fn begin_holding(&self, fence: Fence, how: Hold) -> Result<Tx> {
        for _ in 1..TRIES {
            match self.begin_once(fence, how).await {
                Err(error) if error.is_contention() => {}
                done => return done,
            }
        }
        self.begin_once(fence, how).await
    }

    /// Begins a transaction that locks a task. Should this process fall silent in the middle of it, the server ends it, so that others can
    /// go on with the task.
    pub(super) async fn begin_brief(&self) -> Result<Tx> {
        let told = "SET LOCAL idle_in_transaction_session_timeout = '2s'";
        self.store.pool.begin_told(Actor::Tenant(self.id()), told).await
    }

    async fn begin_once(&self, fence: Fence, how: Hold) -> Result<Tx> {
        let mut tx = self.begin_brief().await?;
        hold(&mut tx, self.id(), fence, how).await?;
        Ok(tx)
    }
}

macro_rules! select_attempt {
    ($lock:literal) => {
        concat!(
            "SELECT TRUE FROM task_queue
              WHERE tenant_id = $1 AND id = $2 AND attempt = $3 AND worker_id IS NOT NULL AND NOT cancel_requested",
            $lock
        )
    };
}

/// Locks the attempt's row in the queue. SQLite has one writer anyway.
async fn hold(tx: &mut Tx, tenant: Uuid, fence: Fence, how: Hold) -> Result<()> {
    let sql = match (&tx, how) {
        (Tx::Sqlite(_), _) => select_attempt!(""),
        (Tx::Postgres(..), Hold::Shared) => select_attempt!(" FOR SHARE"),
        (Tx::Postgres(..), Hold::Alone) => select_attempt!(" FOR UPDATE"),
    };
    let held =
        query_scalar::<bool>(sql).bind(tenant).bind(fence.task.0).bind(i64::from(fence.attempt)).fetch_optional(tx);
    held.await?.map(|_| ()).ok_or(Error::StaleAttempt(fence))
}
