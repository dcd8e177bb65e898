//! How a tenant's queue stands now.

use crate::convert::{time, uncount};
use crate::db::query_as;
use crate::error::Result;
use crate::tenant::TenantStore;
use chrono::{DateTime, Utc};
use serde::Serialize;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct QueueStats {
    /// May begin now.
    pub waiting: u64,
    /// Wait for their time, or for their next attempt.
    pub delayed: u64,
    pub running: u64,
    /// Ended without success and can be replayed.
    pub failed: u64,
    pub canceled: u64,
    /// Since when the one that has waited longest could have begun.
    pub oldest_waiting_since: Option<DateTime<Utc>>,
    /// Tasks of this tenant that may run at a time, where the tenant has a limit of its own.
    pub max_running: Option<u32>,
}

type Row = (i64, i64, i64, Option<i64>, i64, i64, Option<i64>);

impl TenantStore<'_> {
    pub async fn queue_stats(&self) -> Result<QueueStats> {
        let (waiting, delayed, running, oldest, failed, canceled, max_running) = query_as::<Row>(
            "SELECT CAST(COALESCE(SUM(CASE WHEN q.ready THEN 1 ELSE 0 END), 0) AS BIGINT),
                    CAST(COALESCE(SUM(CASE WHEN NOT q.ready AND q.worker_id IS NULL THEN 1 ELSE 0 END), 0) AS BIGINT),
                    CAST(COALESCE(SUM(CASE WHEN q.worker_id IS NOT NULL THEN 1 ELSE 0 END), 0) AS BIGINT),
                    MIN(CASE WHEN q.ready THEN q.run_at END),
                    (SELECT COUNT(*) FROM unsuccessful_tasks u WHERE u.tenant_id = $1 AND u.state = 'failed'),
                    (SELECT COUNT(*) FROM unsuccessful_tasks u WHERE u.tenant_id = $1 AND u.state = 'canceled'),
                    (SELECT s.max_running FROM task_settings s WHERE s.tenant_id = $1)
               FROM task_queue q
              WHERE q.tenant_id = $1",
        )
        .bind(self.id())
        .fetch_one(self.reader())
        .await?;
        Ok(QueueStats {
            waiting: uncount(waiting),
            delayed: uncount(delayed),
            running: uncount(running),
            failed: uncount(failed),
            canceled: uncount(canceled),
            oldest_waiting_since: oldest.map(time),
            max_running: max_running.map(super::task::number),
        })
    }
}
