//! Tasks whose worker is gone. The attempt that was lost counts: a task that takes its workers down with it comes to an end.

use super::super::rows::{self, Running, Wait};
use super::super::{followers, logs, moment};
use super::{finish, workers};
use crate::convert::micros;
use crate::db::{Actor, Tx, query_as};
use crate::error::Result;
use crate::runs;
use crate::system::SystemStore;
use aos_core::task::{LogLevel, TaskOutcome, WorkerId};
use std::collections::BTreeSet;
use uuid::Uuid;

/// How long a worker that is lost stays on the list, in microseconds.
const LOST_LIST_LIFE: i64 = 60 * 60 * 1_000_000;

macro_rules! select_running_of {
    ($condition:literal) => {
        concat!(
            "SELECT q.tenant_id, q.id, q.attempt, q.last_attempt, q.cancel_requested, t.max_attempts, t.backoff
               FROM task_queue q
               JOIN tasks t ON t.tenant_id = q.tenant_id AND t.id = q.id
              WHERE q.worker_id IS NOT NULL AND ",
            $condition
        )
    };
}

impl SystemStore<'_> {
    /// Takes up to so many tasks from workers whose leases have run out. They are queued again, or end, when they were canceled or have
    /// no attempt left. Returns how many there were.
    pub async fn recover_orphans(&self, limit: u32) -> Result<u64> {
        let mut tx = self.begin_claim().await?;
        let now = moment::now(&mut tx, &self.store.clock).await?;
        workers::mark_lost(&mut tx, now).await?;
        // What a lost attempt is writing just now is taken once that has ended; nobody who claims waits for it.
        let sql = match tx {
            Tx::Sqlite(_) => select_running_of!(
                "NOT EXISTS (SELECT 1 FROM workers w WHERE w.id = q.worker_id AND NOT w.lost) LIMIT $1"
            ),
            Tx::Postgres(..) => select_running_of!(
                "NOT EXISTS (SELECT 1 FROM workers w WHERE w.id = q.worker_id AND NOT w.lost) LIMIT $1
                 FOR UPDATE OF q SKIP LOCKED"
            ),
        };
        let orphans = query_as::<Running>(sql);
        let orphans = orphans.bind(i64::from(limit)).fetch_all(&mut tx).await?;
        let recovered = self.take_back(&mut tx, now, &orphans).await?;
        workers::forget_lost(&mut tx, now - LOST_LIST_LIFE).await?;
        tx.commit().await?;
        self.close_runs_of(orphans.iter().map(|orphan| orphan.tenant_id)).await?;
        Ok(recovered)
    }

    /// Ends the runs that lost, failed or canceled attempts have left open, as each of the tenants. Should this be cut off, the tenant's next
    /// connect makes up for it.
    pub(super) async fn close_runs_of(&self, tenants: impl Iterator<Item = Uuid>) -> Result<()> {
        for tenant in tenants.collect::<BTreeSet<_>>() {
            let mut tx = self.store.pool.begin(Actor::Tenant(tenant)).await?;
            runs::close_abandoned(&mut tx, tenant, micros(self.store.clock.now())).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Takes everything from one worker.
    pub(super) async fn recover_from(&self, tx: &mut Tx, worker: WorkerId) -> Result<()> {
        let now = moment::now(tx, &self.store.clock).await?;
        let orphans = query_as::<Running>(select_running_of!("q.worker_id = $1"));
        let orphans = orphans.bind(worker.0).fetch_all(&mut *tx).await?;
        self.take_back(tx, now, &orphans).await?;
        Ok(())
    }

    async fn take_back(&self, tx: &mut Tx, now: i64, orphans: &[Running]) -> Result<u64> {
        let clock = &self.store.clock;
        let generation = moment::generation(tx).await?;
        let mut ends = Vec::new();
        let mut recovered = 0;
        for orphan in orphans {
            let key = (orphan.tenant_id, orphan.id, orphan.attempt);
            if orphan.cancel_requested {
                ends.push(finish::end(key, &TaskOutcome::Canceled));
            } else if orphan.attempt >= orphan.last_attempt {
                let error = "its worker stopped answering during the last attempt it may have";
                let outcome = TaskOutcome::Failed { error: error.to_owned(), retryable: false, retry_in: None };
                ends.push(finish::end(key, &outcome));
            } else if rows::requeue(tx, key, Wait { generation, run_at: None, granted: 0 }).await? {
                let line = "the attempt was lost with its worker and is followed by another one";
                logs::note(tx, key, now, LogLevel::Warn, line).await?;
                recovered += 1;
            }
        }
        let ended = rows::end(tx, clock, &ends).await?;
        followers::enqueue(tx, clock, &ended).await?;
        Ok(recovered + ended.len() as u64)
    }
}
