//! What each run saw of a stream: its shape in few words, and how that differs from what was accepted.

use crate::convert::{count, from_json, time, to_json, uncount};
use crate::db::{query, query_as};
use crate::error::Result;
use crate::page::{Page, PageOf};
use crate::tenant::TenantStore;
use aos_core::{ConnectionId, RunId};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

/// How many observations of a stream are kept.
const OBSERVATIONS_KEPT: i64 = 100;

/// What one run saw of a stream.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Observation {
    pub id: Uuid,
    pub run_id: RunId,
    pub at: DateTime<Utc>,
    pub epoch: i64,
    pub fingerprint: String,
    /// How many records were looked at.
    pub sampled: u64,
    pub shape: Value,
    pub changes: Value,
}

/// What is to be kept of what a run saw.
#[derive(Debug, Clone, PartialEq)]
pub struct NewObservation<'o> {
    pub run: RunId,
    pub fingerprint: &'o str,
    pub sampled: u64,
    pub shape: &'o Value,
    pub changes: &'o Value,
}

impl TenantStore<'_> {
    /// Keeps what a run saw, and forgets what was seen long ago.
    pub async fn add_observation(
        &self,
        connection: ConnectionId,
        stream: &str,
        new: &NewObservation<'_>,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        let epoch = self.profile_in(&mut tx, connection, stream).await?.map_or(0, |(epoch, _)| epoch);
        query(
            "INSERT INTO stream_observations
                (tenant_id, id, connection_id, stream, run_id, at, epoch, fingerprint, sampled, shape, changes)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(self.id())
        .bind(Uuid::now_v7())
        .bind(connection.0)
        .bind(stream)
        .bind(new.run.0)
        .bind(self.now())
        .bind(epoch)
        .bind(new.fingerprint)
        .bind(count(new.sampled))
        .bind(to_json(new.shape))
        .bind(to_json(new.changes))
        .execute(&mut tx)
        .await?;
        query(
            "DELETE FROM stream_observations
              WHERE tenant_id = $1 AND connection_id = $2 AND stream = $3
                AND id NOT IN (SELECT id FROM stream_observations
                                WHERE tenant_id = $1 AND connection_id = $2 AND stream = $3
                                ORDER BY id DESC LIMIT $4)",
        )
        .bind(self.id())
        .bind(connection.0)
        .bind(stream)
        .bind(OBSERVATIONS_KEPT)
        .execute(&mut tx)
        .await?;
        tx.commit().await
    }

    /// Lists what was seen of a stream, the newest first.
    pub async fn list_observations(
        &self,
        connection: ConnectionId,
        stream: &str,
        page: Page,
    ) -> Result<PageOf<Observation>> {
        type Row = (Uuid, Uuid, i64, i64, String, i64, String, String);
        let rows = query_as::<Row>(
            "SELECT id, run_id, at, epoch, fingerprint, sampled, shape, changes
               FROM stream_observations
              WHERE tenant_id = $1 AND connection_id = $2 AND stream = $3 AND ($4 IS NULL OR id < $4)
              ORDER BY id DESC LIMIT $5",
        )
        .bind(self.id())
        .bind(connection.0)
        .bind(stream)
        .bind(page.after_id()?)
        .bind(page.fetch())
        .fetch_all(self.reader())
        .await?;
        let observation = |(id, run, at, epoch, fingerprint, sampled, shape, changes): Row| {
            Ok(Observation {
                id,
                run_id: RunId(run),
                at: time(at),
                epoch,
                fingerprint,
                sampled: uncount(sampled),
                shape: from_json(&shape, "stream_observations", "shape", id)?,
                changes: from_json(&changes, "stream_observations", "changes", id)?,
            })
        };
        let items = rows.into_iter().map(observation).collect::<Result<_>>()?;
        Ok(page.of(items, |observation: &Observation| observation.id))
    }
}
