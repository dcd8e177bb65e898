//! How the whole installation stands, for whoever watches over it. Counts only; no tenant is named.

use crate::Store;
use crate::convert::{time, uncount};
use crate::db::query_as;
use crate::error::Result;
use crate::system::SystemStore;
use chrono::{DateTime, Utc};

/// Tasks of all tenants that have not ended, and deletions that have not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueDepth {
    pub ready: u64,
    /// Wait for their time, or for their next attempt.
    pub delayed: u64,
    pub running: u64,
    /// Since when the one that has waited longest could have begun.
    pub oldest_ready: Option<DateTime<Utc>>,
    /// Tenants that are being deleted.
    pub deletions: u64,
}

/// The connections that are open to the database under one role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connections {
    pub role: &'static str,
    pub idle: u32,
    pub used: u32,
}

impl SystemStore<'_> {
    pub async fn queue_depth(&self) -> Result<QueueDepth> {
        let (ready, delayed, running, oldest, deletions) = query_as::<(i64, i64, i64, Option<i64>, i64)>(
            "SELECT CAST(COALESCE(SUM(CASE WHEN ready THEN 1 ELSE 0 END), 0) AS BIGINT),
                    CAST(COALESCE(SUM(CASE WHEN NOT ready AND worker_id IS NULL THEN 1 ELSE 0 END), 0) AS BIGINT),
                    CAST(COALESCE(SUM(CASE WHEN worker_id IS NOT NULL THEN 1 ELSE 0 END), 0) AS BIGINT),
                    MIN(CASE WHEN ready THEN run_at END),
                    (SELECT COUNT(*) FROM tenant_deletions WHERE finished_at IS NULL)
               FROM task_queue",
        )
        .fetch_one(self.reader())
        .await?;
        Ok(QueueDepth {
            ready: uncount(ready),
            delayed: uncount(delayed),
            running: uncount(running),
            oldest_ready: oldest.map(time),
            deletions: uncount(deletions),
        })
    }
}

impl Store {
    /// Counts the connections of this process.
    pub fn connections(&self) -> Vec<Connections> {
        let count = |(role, size, idle): (&'static str, u32, usize)| {
            let idle = u32::try_from(idle).unwrap_or(size).min(size);
            Connections { role, idle, used: size - idle }
        };
        self.pool.sizes().into_iter().map(count).collect()
    }
}
