//! The canonical stream, read: every event that ever landed, in order. Written by `ingest` only.

use crate::convert::{from_word, time, uncount};
use crate::db::query_as;
use crate::error::Result;
use crate::tenant::TenantStore;
use aos_core::event::Op;
use aos_core::{ConnectionId, RunId};
use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

const MAX_EVENTS: u32 = 10_000;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StoredEvent {
    pub position: i64,
    pub connection_id: ConnectionId,
    pub entity: String,
    pub record_id: String,
    pub fragment: String,
    pub op: Op,
    pub source_version: i64,
    pub mapping_version: u32,
    pub segment_id: Uuid,
    pub raw_position: u64,
    pub emitted_at: DateTime<Utc>,
    pub run_id: RunId,
    pub data: String,
    pub extras: String,
}

#[derive(sqlx::FromRow)]
struct Row {
    position: i64,
    connection_id: Uuid,
    entity: String,
    record_id: String,
    fragment: String,
    op: String,
    source_version: i64,
    mapping_version: i64,
    segment_id: Uuid,
    raw_position: i64,
    emitted_at: i64,
    run_id: Uuid,
    data: String,
    extras: String,
}

impl TenantStore<'_> {
    /// Lists events after a position, of one entity or of all; at most `limit`.
    pub async fn list_events(&self, after: i64, limit: u32, entity: Option<&str>) -> Result<Vec<StoredEvent>> {
        let rows = query_as::<Row>(
            "SELECT position, connection_id, entity, record_id, fragment, op, source_version, mapping_version,
                    segment_id, raw_position, emitted_at, run_id, data, extras
               FROM canonical_stream
              WHERE tenant_id = $1 AND position > $2 AND ($3 IS NULL OR entity = $3)
              ORDER BY position LIMIT $4",
        )
        .bind(self.id())
        .bind(after)
        .bind(entity)
        .bind(i64::from(limit.min(MAX_EVENTS)))
        .fetch_all(self.reader())
        .await?;
        rows.into_iter().map(StoredEvent::try_from).collect()
    }

    /// Lists the latest events, newest first, of one entity or of all, and of one connection or of all; at most `limit`.
    pub async fn list_latest_events(
        &self,
        entity: Option<&str>,
        connection: Option<ConnectionId>,
        limit: u32,
    ) -> Result<Vec<StoredEvent>> {
        let rows = query_as::<Row>(
            "SELECT position, connection_id, entity, record_id, fragment, op, source_version, mapping_version,
                    segment_id, raw_position, emitted_at, run_id, data, extras
               FROM canonical_stream
              WHERE tenant_id = $1 AND ($2 IS NULL OR entity = $2) AND ($3 IS NULL OR connection_id = $3)
              ORDER BY position DESC LIMIT $4",
        )
        .bind(self.id())
        .bind(entity)
        .bind(connection.map(|id| id.0))
        .bind(i64::from(limit.min(MAX_EVENTS)))
        .fetch_all(self.reader())
        .await?;
        rows.into_iter().map(StoredEvent::try_from).collect()
    }

    /// Lists the history of one record, oldest first; at most `limit` events.
    pub async fn record_history(
        &self,
        entity: &str,
        connection: ConnectionId,
        record_id: &str,
        limit: u32,
    ) -> Result<Vec<StoredEvent>> {
        let rows = query_as::<Row>(
            "SELECT position, connection_id, entity, record_id, fragment, op, source_version, mapping_version,
                    segment_id, raw_position, emitted_at, run_id, data, extras
               FROM canonical_stream
              WHERE tenant_id = $1 AND record_id = $2 AND entity = $3 AND connection_id = $4
              ORDER BY position LIMIT $5",
        )
        .bind(self.id())
        .bind(record_id)
        .bind(entity)
        .bind(connection.0)
        .bind(i64::from(limit.min(MAX_EVENTS)))
        .fetch_all(self.reader())
        .await?;
        rows.into_iter().map(StoredEvent::try_from).collect()
    }
}

impl TryFrom<Row> for StoredEvent {
    type Error = crate::Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            position: row.position,
            connection_id: ConnectionId(row.connection_id),
            entity: row.entity,
            record_id: row.record_id,
            fragment: row.fragment,
            op: from_word(row.op, "canonical_stream", "op", row.position)?,
            source_version: row.source_version,
            mapping_version: u32::try_from(row.mapping_version).unwrap_or_default(),
            segment_id: row.segment_id,
            raw_position: uncount(row.raw_position),
            emitted_at: time(row.emitted_at),
            run_id: RunId(row.run_id),
            data: row.data,
            extras: row.extras,
        })
    }
}
