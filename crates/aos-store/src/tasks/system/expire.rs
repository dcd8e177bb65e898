//! What has been kept long enough: ended tasks with their logs, and keys.

use super::super::enqueue::KEY_LIFE;
use super::super::moment;
use crate::db::{Tx, query, query_scalar};
use crate::error::Result;
use crate::system::SystemStore;
use std::time::Duration;
use uuid::Uuid;

/// Ids begin with the time at which they were given; no two machines' clocks are further apart than this, in microseconds.
const CLOCKS_DIFFER: i64 = 60 * 60 * 1_000_000;

impl SystemStore<'_> {
    /// Removes tasks that ended longer ago than `retention` (which counts as a day at least) with their logs, and keys that have expired;
    /// at most `limit` of each. Returns how many tasks were removed.
    pub async fn expire_tasks(&self, retention: Duration, limit: u32) -> Result<u64> {
        let mut tx = self.begin_tasks().await?;
        let now = moment::now(&mut tx, &self.store.clock).await?;
        let limit = u64::from(limit);
        expire_keys(&mut tx, now, limit).await?;
        let before = now - i64::try_from(retention.as_micros()).unwrap_or(i64::MAX).max(KEY_LIFE);
        let mut removed = 0;
        let mut after = Uuid::nil();
        while removed < limit {
            let next =
                query_scalar::<Uuid>("SELECT tenant_id FROM tasks WHERE tenant_id > $1 ORDER BY tenant_id LIMIT 1");
            let Some(tenant) = next.bind(after).fetch_optional(&mut tx).await? else { break };
            removed += expire_of(&mut tx, tenant, before, limit - removed).await?;
            after = tenant;
        }
        tx.commit().await?;
        Ok(removed)
    }
}

async fn expire_keys(tx: &mut Tx, now: i64, limit: u64) -> Result<()> {
    query(
        "DELETE FROM task_keys
          WHERE (tenant_id, key) IN (
                SELECT tenant_id, key FROM task_keys WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)",
    )
    .bind(now)
    .bind(crate::convert::count(limit))
    .execute(tx)
    .await?;
    Ok(())
}

/// Removes ended tasks of one tenant. Those that may be old enough are found by their ids, which begin with the time.
async fn expire_of(tx: &mut Tx, tenant: Uuid, before: i64, limit: u64) -> Result<u64> {
    let expired = query_scalar::<Uuid>(
        "SELECT id FROM tasks
          WHERE tenant_id = $1 AND id < $2 AND state IS NOT NULL AND finished_at < $3
          ORDER BY id LIMIT $4",
    )
    .bind(tenant)
    .bind(id_at(before.saturating_add(CLOCKS_DIFFER)))
    .bind(before)
    .bind(crate::convert::count(limit))
    .fetch_all(&mut *tx)
    .await?;
    for task in &expired {
        for sql in [
            "DELETE FROM task_logs WHERE tenant_id = $1 AND task_id = $2",
            "DELETE FROM unsuccessful_tasks WHERE tenant_id = $1 AND state IN ('failed', 'canceled') AND task_id = $2",
            "DELETE FROM tasks WHERE tenant_id = $1 AND id = $2",
        ] {
            query(sql).bind(tenant).bind(*task).execute(tx).await?;
        }
    }
    Ok(expired.len() as u64)
}

/// Returns an id that sorts behind all that were given before a time, in microseconds.
fn id_at(micros: i64) -> Uuid {
    let millis = u128::try_from(micros / 1000).unwrap_or_default();
    Uuid::from_u128(millis << 80)
}
