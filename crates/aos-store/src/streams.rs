//! Streams: the shape last seen of each, and how far it has been read. The cursor itself moves in `ingest`, with its data.

use crate::convert::{from_json, micros, time, to_json, uncount};
use crate::db::{Tx, query, query_as};
use crate::error::Result;
use crate::tenant::TenantStore;
use aos_core::ConnectionId;
use aos_core::shape::StreamShape;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StreamState {
    pub connection_id: ConnectionId,
    pub name: String,
    /// The shape of what was last read; `None` until one was saved.
    pub shape: Option<StreamShape>,
    pub fingerprint: Option<String>,
    /// The source's version that has been read completely; `None` while there is none.
    pub version: Option<String>,
    pub generation: i64,
    pub records_read: u64,
    pub status_text: String,
    pub updated_at: DateTime<Utc>,
    /// What the source declares of it, as the mesh wrote it down.
    pub declared: Option<serde_json::Value>,
    /// The cursor at the end of the last complete read.
    pub cursor: Option<serde_json::Value>,
    /// A read that has not come to its end.
    pub reading: Option<StreamReading>,
    /// When it was last read to its end, and last read whole.
    pub completed_at: Option<DateTime<Utc>>,
    pub whole_at: Option<DateTime<Utc>>,
    /// Up to when deletes are known.
    pub deletes_known_at: Option<DateTime<Utc>>,
    /// The newest change that a complete read met, in microseconds since the epoch.
    pub newest_version: Option<i64>,
}

/// A read in its middle: enough to go on with it in another process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StreamReading {
    /// In the connector's words.
    pub cursor: serde_json::Value,
    pub mode: String,
    pub generation: i64,
    /// The mapping that its records were read under so far: another one is for all of them.
    pub mapping_version: u32,
    /// Records read so far, and the newest change among them.
    pub records: u64,
    #[serde(default)]
    pub newest_version: Option<i64>,
    pub started_at: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct Row {
    connection_id: Uuid,
    name: String,
    shape: Option<String>,
    fingerprint: Option<String>,
    version: Option<String>,
    generation: i64,
    records_read: i64,
    status_text: String,
    updated_at: i64,
    declared: Option<String>,
    cursor: Option<String>,
    reading: Option<String>,
    completed_at: Option<i64>,
    whole_at: Option<i64>,
    deletes_known_at: Option<i64>,
    newest_version: Option<i64>,
}

impl TenantStore<'_> {
    pub async fn stream(&self, connection: ConnectionId, name: &str) -> Result<Option<StreamState>> {
        let found = query_as::<Row>(
            "SELECT connection_id, name, shape, fingerprint, version, generation, records_read, status_text, updated_at,
                    declared, cursor, reading, completed_at, whole_at, deletes_known_at, newest_version
               FROM streams
              WHERE tenant_id = $1 AND connection_id = $2 AND name = $3",
        )
        .bind(self.id())
        .bind(connection.0)
        .bind(name)
        .fetch_optional(self.reader())
        .await?;
        found.map(state).transpose()
    }

    /// Lists the streams of one connection by name.
    pub async fn list_streams(&self, connection: ConnectionId) -> Result<Vec<StreamState>> {
        self.streams_of(Some(connection)).await
    }

    /// Lists the streams of all connections, by connection and name.
    pub async fn list_all_streams(&self) -> Result<Vec<StreamState>> {
        self.streams_of(None).await
    }

    async fn streams_of(&self, connection: Option<ConnectionId>) -> Result<Vec<StreamState>> {
        let rows = query_as::<Row>(
            "SELECT connection_id, name, shape, fingerprint, version, generation, records_read, status_text, updated_at,
                    declared, cursor, reading, completed_at, whole_at, deletes_known_at, newest_version
               FROM streams
              WHERE tenant_id = $1 AND ($2 IS NULL OR connection_id = $2)
              ORDER BY connection_id, name",
        )
        .bind(self.id())
        .bind(connection.map(|id| id.0))
        .fetch_all(self.reader())
        .await?;
        rows.into_iter().map(state).collect()
    }

    /// Keeps the shape that was read, without touching the cursor. The fingerprint is the shape's own, or that of what the source declares.
    pub async fn save_stream_shape(
        &self,
        connection: ConnectionId,
        shape: &StreamShape,
        fingerprint: &str,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        query(
            "INSERT INTO streams (tenant_id, connection_id, name, shape, fingerprint, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (tenant_id, connection_id, name) DO UPDATE
                SET shape = excluded.shape, fingerprint = excluded.fingerprint, updated_at = excluded.updated_at",
        )
        .bind(self.id())
        .bind(connection.0)
        .bind(&shape.stream)
        .bind(to_json(shape))
        .bind(fingerprint)
        .bind(self.now())
        .execute(&mut tx)
        .await?;
        tx.commit().await
    }

    /// Keeps what the source declares of its streams, without touching shapes and cursors. Streams that it names no more stay as they were.
    pub async fn save_declared(
        &self,
        connection: ConnectionId,
        declared: &[(String, serde_json::Value)],
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        for (name, declared) in declared {
            query(
                "INSERT INTO streams (tenant_id, connection_id, name, declared, updated_at)
                 VALUES ($1, $2, $3, $4, $5)
                 ON CONFLICT (tenant_id, connection_id, name) DO UPDATE SET declared = excluded.declared
                  WHERE streams.declared IS NULL OR streams.declared <> excluded.declared",
            )
            .bind(self.id())
            .bind(connection.0)
            .bind(name)
            .bind(to_json(declared))
            .bind(self.now())
            .execute(&mut tx)
            .await?;
        }
        self.copy_watch(&mut tx, connection).await?;
        tx.commit().await
    }

    /// Copies to a connection's streams after how long they are stale, and whether anybody wants to know: not while it is paused.
    pub(crate) async fn copy_watch(&self, tx: &mut Tx, connection: ConnectionId) -> Result<()> {
        query(
            "UPDATE streams
                SET stale_after_us = (SELECT stale_after_us FROM connections
                                       WHERE tenant_id = $1 AND id = $2),
                    watched = EXISTS (SELECT 1 FROM connections
                                       WHERE tenant_id = $1 AND id = $2 AND paused_at IS NULL AND deleted_at IS NULL)
              WHERE tenant_id = $1 AND connection_id = $2",
        )
        .bind(self.id())
        .bind(connection.0)
        .execute(&mut *tx)
        .await?;
        Ok(())
    }

    /// Says that nothing is new in streams that were read to their end before: what is held is as fresh as it can be.
    pub async fn confirm_streams(&self, connection: ConnectionId, names: &[&str]) -> Result<()> {
        if names.is_empty() {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        for name in names {
            query(
                "UPDATE streams SET completed_at = $4
                  WHERE tenant_id = $1 AND connection_id = $2 AND name = $3 AND completed_at < $4",
            )
            .bind(self.id())
            .bind(connection.0)
            .bind(*name)
            .bind(self.now())
            .execute(&mut tx)
            .await?;
        }
        tx.commit().await
    }

    /// Forgets where a read stood that is not to go on: the next one begins anew. The cursor of the last complete read stays.
    pub async fn drop_reading(&self, connection: ConnectionId, name: &str) -> Result<()> {
        let mut tx = self.begin().await?;
        query("UPDATE streams SET reading = NULL WHERE tenant_id = $1 AND connection_id = $2 AND name = $3")
            .bind(self.id())
            .bind(connection.0)
            .bind(name)
            .execute(&mut tx)
            .await?;
        tx.commit().await
    }

    /// Says that deletes of a stream are known up to a moment: what a sweep of its keys finds out.
    pub async fn set_deletes_known(&self, connection: ConnectionId, name: &str, at: DateTime<Utc>) -> Result<()> {
        let mut tx = self.begin().await?;
        query("UPDATE streams SET deletes_known_at = $4 WHERE tenant_id = $1 AND connection_id = $2 AND name = $3")
            .bind(self.id())
            .bind(connection.0)
            .bind(name)
            .bind(micros(at))
            .execute(&mut tx)
            .await?;
        tx.commit().await
    }

    /// Says in words how the stream is doing, e.g. why it could not be read.
    pub async fn set_stream_status(&self, connection: ConnectionId, name: &str, status_text: &str) -> Result<()> {
        let mut tx = self.begin().await?;
        query(
            "INSERT INTO streams (tenant_id, connection_id, name, status_text, updated_at)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (tenant_id, connection_id, name) DO UPDATE
                SET status_text = excluded.status_text, updated_at = excluded.updated_at",
        )
        .bind(self.id())
        .bind(connection.0)
        .bind(name)
        .bind(status_text)
        .bind(self.now())
        .execute(&mut tx)
        .await?;
        tx.commit().await
    }
}

fn state(row: Row) -> Result<StreamState> {
    let name = row.name;
    let shape = row.shape.map(|text| from_json(&text, "streams", "shape", &name)).transpose()?;
    let declared = row.declared.map(|text| from_json(&text, "streams", "declared", &name)).transpose()?;
    let cursor = row.cursor.map(|text| from_json(&text, "streams", "cursor", &name)).transpose()?;
    let reading = row.reading.map(|text| from_json(&text, "streams", "reading", &name)).transpose()?;
    Ok(StreamState {
        connection_id: ConnectionId(row.connection_id),
        name,
        shape,
        fingerprint: row.fingerprint,
        version: row.version,
        generation: row.generation,
        records_read: uncount(row.records_read),
        status_text: row.status_text,
        updated_at: time(row.updated_at),
        declared,
        cursor,
        reading,
        completed_at: row.completed_at.map(time),
        whole_at: row.whole_at.map(time),
        deletes_known_at: row.deletes_known_at.map(time),
        newest_version: row.newest_version,
    })
}
