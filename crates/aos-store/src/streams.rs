//! Streams: the shape last seen of each, and how far it has been read. The cursor itself moves in `ingest`, with its data.

use crate::convert::{from_json, time, to_json, uncount};
use crate::db::{query, query_as};
use crate::error::Result;
use crate::tenant::TenantStore;
use aos_core::ConnectionId;
use aos_core::shape::StreamShape;
use chrono::{DateTime, Utc};
use serde::Serialize;
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
}

type Row = (Uuid, String, Option<String>, Option<String>, Option<String>, i64, i64, String, i64);

impl TenantStore<'_> {
    pub async fn stream(&self, connection: ConnectionId, name: &str) -> Result<Option<StreamState>> {
        let found = query_as::<Row>(
            "SELECT connection_id, name, shape, fingerprint, version, generation, records_read, status_text, updated_at
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
            "SELECT connection_id, name, shape, fingerprint, version, generation, records_read, status_text, updated_at
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

    /// Keeps the shape that was read, without touching the cursor.
    pub async fn save_stream_shape(&self, connection: ConnectionId, shape: &StreamShape) -> Result<()> {
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
        .bind(shape.fingerprint())
        .bind(self.now())
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
    let (connection, name, shape, fingerprint, version, generation, records_read, status_text, updated_at) = row;
    let shape = shape.map(|text| from_json(&text, "streams", "shape", &name)).transpose()?;
    Ok(StreamState {
        connection_id: ConnectionId(connection),
        name,
        shape,
        fingerprint,
        version,
        generation,
        records_read: uncount(records_read),
        status_text,
        updated_at: time(updated_at),
    })
}
