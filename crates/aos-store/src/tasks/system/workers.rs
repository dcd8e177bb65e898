//! Workers and their leases. A worker that did not renew in time has lost its tasks; it is told so when it renews the next time.

use super::super::moment;
use crate::convert::time;
use crate::db::{Tx, query, query_as, query_scalar};
use crate::error::{Error, Result};
use crate::system::SystemStore;
use aos_core::TenantId;
use aos_core::task::{Fence, TaskId, WorkerId};
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::time::Duration;
use uuid::Uuid;

const HOSTNAME_BYTES_MAX: usize = 255;

/// A process that runs tasks.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WorkerRow {
    pub id: WorkerId,
    pub hostname: String,
    pub slots: u32,
    pub started_at: DateTime<Utc>,
    pub lease_until: DateTime<Utc>,
    /// Whether its tasks were given to others.
    pub lost: bool,
    pub running: u64,
}

/// What a renewal brings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Renewed {
    /// Running attempts of this worker that somebody canceled.
    pub canceled: Vec<(TenantId, Fence)>,
    /// Whether the lease had run out before: whatever this worker was running counts as lost.
    pub lost: bool,
}

impl SystemStore<'_> {
    /// Adds a worker with a lease that begins now. It is to be renewed three times in its length.
    pub async fn register_worker(&self, hostname: &str, slots: u32, lease: Duration) -> Result<WorkerId> {
        let id = WorkerId::new();
        let mut tx = self.begin().await?;
        let now = moment::now(&mut tx, &self.store.clock).await?;
        query("INSERT INTO workers (id, hostname, slots, started_at, lease_until) VALUES ($1, $2, $3, $4, $5)")
            .bind(id.0)
            .bind(super::super::task::kept_text(hostname, HOSTNAME_BYTES_MAX))
            .bind(i64::from(slots))
            .bind(now)
            .bind(until(now, lease))
            .execute(&mut tx)
            .await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Renews a lease and says which of the worker's attempts are to be stopped. A worker whose lease had run out may go on, but what
    /// it was running is others' then.
    ///
    /// # Errors
    /// [`Error::UnknownWorker`] when it was retired, or has been lost for long.
    pub async fn renew_worker(&self, worker: WorkerId, lease: Duration) -> Result<Renewed> {
        let mut tx = self.begin_tasks().await?;
        let now = moment::now(&mut tx, &self.store.clock).await?;
        let renewed = query("UPDATE workers SET lease_until = $2 WHERE id = $1 AND lease_until > $3 AND NOT lost")
            .bind(worker.0)
            .bind(until(now, lease))
            .bind(now)
            .execute(&mut tx)
            .await?;
        if renewed == 0 {
            drop(tx);
            return self.renew_lost(worker, lease).await;
        }
        tx.commit().await?;
        let canceled = query_as::<(Uuid, Uuid, i64)>(
            "SELECT tenant_id, id, attempt FROM task_queue WHERE worker_id = $1 AND cancel_requested",
        );
        let canceled = canceled.bind(worker.0).fetch_all(self.reader()).await?;
        Ok(Renewed { canceled: canceled.into_iter().map(fence).collect(), lost: false })
    }

    async fn renew_lost(&self, worker: WorkerId, lease: Duration) -> Result<Renewed> {
        let mut tx = self.begin_claim().await?;
        self.recover_from(&mut tx, worker).await?;
        let now = moment::now(&mut tx, &self.store.clock).await?;
        let renewed = query("UPDATE workers SET lease_until = $2, lost = FALSE WHERE id = $1")
            .bind(worker.0)
            .bind(until(now, lease))
            .execute(&mut tx)
            .await?;
        if renewed == 0 {
            return Err(Error::UnknownWorker(worker));
        }
        tx.commit().await?;
        Ok(Renewed { canceled: Vec::new(), lost: true })
    }

    /// Takes a worker that has ended from the list. What it still runs counts as lost and goes to others.
    pub async fn retire_worker(&self, worker: WorkerId) -> Result<()> {
        let mut tx = self.begin_claim().await?;
        self.recover_from(&mut tx, worker).await?;
        query("DELETE FROM workers WHERE id = $1").bind(worker.0).execute(&mut tx).await?;
        tx.commit().await
    }

    /// Lists the workers there are, the longest running first.
    pub async fn list_workers(&self) -> Result<Vec<WorkerRow>> {
        let rows = query_as::<(Uuid, String, i64, i64, i64, bool, i64)>(
            "SELECT w.id, w.hostname, w.slots, w.started_at, w.lease_until, w.lost,
                    (SELECT COUNT(*) FROM task_queue q WHERE q.worker_id = w.id) AS running
               FROM workers w
              ORDER BY w.started_at, w.id",
        );
        let rows = rows.fetch_all(self.reader()).await?;
        let workers = rows.into_iter().map(|(id, hostname, slots, started_at, lease_until, lost, running)| WorkerRow {
            id: WorkerId(id),
            hostname,
            slots: super::super::task::number(slots),
            started_at: time(started_at),
            lease_until: time(lease_until),
            lost,
            running: crate::convert::uncount(running),
        });
        Ok(workers.collect())
    }
}

/// Marks the workers whose leases have run out. One that is renewing just now is left for the next time: the renewal may count.
pub(super) async fn mark_lost(tx: &mut Tx, now: i64) -> Result<()> {
    let sql = match tx {
        Tx::Sqlite(_) => "UPDATE workers SET lost = TRUE WHERE lease_until <= $1 AND NOT lost",
        Tx::Postgres(..) => {
            "UPDATE workers SET lost = TRUE
              WHERE id IN (SELECT id FROM workers WHERE lease_until <= $1 AND NOT lost FOR UPDATE SKIP LOCKED)"
        }
    };
    query(sql).bind(now).execute(tx).await?;
    Ok(())
}

/// Forgets workers that have been lost since before `then` and run nothing.
pub(super) async fn forget_lost(tx: &mut Tx, then: i64) -> Result<()> {
    let forgotten = query_scalar::<Uuid>(
        "SELECT id FROM workers
          WHERE lost AND lease_until < $1 AND NOT EXISTS (SELECT 1 FROM task_queue q WHERE q.worker_id = workers.id)",
    );
    for worker in forgotten.bind(then).fetch_all(&mut *tx).await? {
        query("DELETE FROM workers WHERE id = $1 AND lost").bind(worker).execute(tx).await?;
    }
    Ok(())
}

fn until(now: i64, lease: Duration) -> i64 {
    now.saturating_add(i64::try_from(lease.as_micros()).unwrap_or(i64::MAX))
}

pub(super) fn fence((tenant, task, attempt): (Uuid, Uuid, i64)) -> (TenantId, Fence) {
    (TenantId(tenant), Fence { task: TaskId(task), attempt: super::super::task::number(attempt) })
}
