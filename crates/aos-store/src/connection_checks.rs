//! Looks at sources: whether they answered, and how long that took. The latest ones of each connection are kept.

use crate::convert::time;
use crate::db::{query, query_as};
use crate::error::Result;
use crate::tenant::TenantStore;
use aos_core::ConnectionId;
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::time::Duration;
use uuid::Uuid;

/// How many looks at one connection are kept.
const CHECKS_KEPT: i64 = 100;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConnectionCheck {
    pub connection_id: ConnectionId,
    pub at: DateTime<Utc>,
    pub ok: bool,
    pub latency: Duration,
    /// The kind of problem, for programs; none when it went well.
    pub code: Option<String>,
    pub message: String,
}

/// A look that was just taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCheck {
    pub latency: Duration,
    /// The kind of problem; none when it went well.
    pub code: Option<&'static str>,
    pub message: String,
}

type Row = (Uuid, i64, bool, i64, Option<String>, String);

impl TenantStore<'_> {
    /// Keeps a look at a source, and forgets the oldest ones.
    pub async fn save_check(&self, connection: ConnectionId, check: &NewCheck) -> Result<()> {
        let mut tx = self.begin().await?;
        query(
            "INSERT INTO connection_checks (tenant_id, id, connection_id, at, ok, latency_us, code, message)
             SELECT tenant_id, $2, id, $4, $5, $6, $7, $8 FROM connections
              WHERE tenant_id = $1 AND id = $3 AND deleted_at IS NULL",
        )
        .bind(self.id())
        .bind(Uuid::now_v7())
        .bind(connection.0)
        .bind(self.now())
        .bind(check.code.is_none())
        .bind(i64::try_from(check.latency.as_micros()).unwrap_or(i64::MAX))
        .bind(check.code)
        .bind(&check.message)
        .execute(&mut tx)
        .await?;
        query(
            "DELETE FROM connection_checks
              WHERE tenant_id = $1
                AND id IN (SELECT id FROM connection_checks
                            WHERE tenant_id = $1 AND connection_id = $2
                            ORDER BY id DESC LIMIT 1000 OFFSET $3)",
        )
        .bind(self.id())
        .bind(connection.0)
        .bind(CHECKS_KEPT)
        .execute(&mut tx)
        .await?;
        tx.commit().await
    }

    /// Lists the latest looks at a connection, newest first.
    pub async fn list_checks(&self, connection: ConnectionId) -> Result<Vec<ConnectionCheck>> {
        self.checks(Some(connection)).await
    }

    /// Lists the latest looks at every connection, newest first.
    pub async fn list_all_checks(&self) -> Result<Vec<ConnectionCheck>> {
        self.checks(None).await
    }

    async fn checks(&self, connection: Option<ConnectionId>) -> Result<Vec<ConnectionCheck>> {
        let rows = query_as::<Row>(
            "SELECT connection_id, at, ok, latency_us, code, message
               FROM connection_checks
              WHERE tenant_id = $1 AND ($2 IS NULL OR connection_id = $2)
              ORDER BY id DESC",
        )
        .bind(self.id())
        .bind(connection.map(|id| id.0))
        .fetch_all(self.reader())
        .await?;
        let check = |(connection, at, ok, latency_us, code, message): Row| ConnectionCheck {
            connection_id: ConnectionId(connection),
            at: time(at),
            ok,
            latency: Duration::from_micros(latency_us.unsigned_abs()),
            code,
            message,
        };
        Ok(rows.into_iter().map(check).collect())
    }
}
