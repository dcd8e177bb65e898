//! Streams that were not read to their end for too long, of whatever tenant: each gets an alert, once, until it is read again.

use super::SystemStore;
use crate::convert::micros;
use crate::db::{query, query_as};
use crate::error::Result;
use std::time::Duration;
use uuid::Uuid;

const STALE: &str =
    "it was not read to its end for longer than it may be; look at its last run, or at the schedule that reads it";

/// How many alerts are raised in one transaction.
const STALE_MAX: i64 = 500;

impl SystemStore<'_> {
    /// Raises an alert for each stream that is older than its connection allows, or than `stale_after` where the connection says nothing, and
    /// returns how many are new. Paused connections are meant to grow old.
    pub async fn raise_stale_alerts(&self, stale_after: Duration) -> Result<u64> {
        let now = micros(self.store.clock.now());
        let mut tx = self.begin().await?;
        let stale = query_as::<(Uuid, Uuid, String)>(
            "SELECT s.tenant_id, s.connection_id, s.name
               FROM streams s
              WHERE s.watched AND COALESCE(s.completed_at, s.updated_at) < $1 - COALESCE(s.stale_after_us, $2)
                AND NOT EXISTS (SELECT 1 FROM connection_alerts a
                                 WHERE a.tenant_id = s.tenant_id AND a.connection_id = s.connection_id
                                   AND a.stream = s.name AND a.kind = 'stale')
              LIMIT $3",
        )
        .bind(now)
        .bind(i64::try_from(stale_after.as_micros()).unwrap_or(i64::MAX))
        .bind(STALE_MAX)
        .fetch_all(&mut tx)
        .await?;
        let mut raised = 0;
        for (tenant, connection, stream) in stale {
            let new = query(
                "INSERT INTO connection_alerts (tenant_id, connection_id, stream, kind, raised_at, message)
                 VALUES ($1, $2, $3, 'stale', $4, $5)
                 ON CONFLICT (tenant_id, connection_id, stream, kind) DO NOTHING",
            )
            .bind(tenant)
            .bind(connection)
            .bind(&stream)
            .bind(now)
            .bind(STALE)
            .execute(&mut tx)
            .await?;
            if new == 0 {
                continue;
            }
            raised += 1;
            query(
                r#"INSERT INTO connection_events (tenant_id, id, connection_id, stream, at, kind, message, detail)
                   VALUES ($1, $2, $3, $4, $5, 'alert_raised', $6, '{"alert":"stale"}')"#,
            )
            .bind(tenant)
            .bind(Uuid::now_v7())
            .bind(connection)
            .bind(&stream)
            .bind(now)
            .bind(STALE)
            .execute(&mut tx)
            .await?;
        }
        tx.commit().await?;
        Ok(raised)
    }
}
