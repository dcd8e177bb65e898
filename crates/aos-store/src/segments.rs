//! The manifest of the lake: which segments there are and what they hold. The bytes are the lake's.

use crate::convert::{count, time, uncount};
use crate::db::{Tx, query, query_as};
use crate::error::Result;
use crate::tenant::TenantStore;
use aos_core::event::Origin;
use aos_core::{ConnectionId, RunId};
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::ops::Range;
use uuid::Uuid;

/// A segment to be recorded with the page that was read into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentRow {
    pub id: Uuid,
    /// Where it lies in the lake, relative to the tenant's part.
    pub path: String,
    pub records: u64,
    /// Records that could not be read, kept beside the others.
    pub malformed: u64,
    pub bytes: u64,
    /// Size before compression: what a reader may expect at most.
    pub raw_bytes: u64,
    pub checksum: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StoredSegment {
    pub id: Uuid,
    pub connection_id: ConnectionId,
    pub stream: String,
    pub run_id: RunId,
    pub path: String,
    pub records: u64,
    /// Records that could not be read, kept beside the others.
    pub malformed: u64,
    pub bytes: u64,
    /// Size before compression: what a reader may expect at most.
    pub raw_bytes: u64,
    pub checksum: String,
    pub generation: i64,
    pub created_at: DateTime<Utc>,
}

type Row = (Uuid, Uuid, String, Uuid, String, i64, i64, i64, i64, String, i64, i64);

impl TenantStore<'_> {
    pub async fn segment(&self, id: Uuid) -> Result<Option<StoredSegment>> {
        let found = query_as::<Row>(
            "SELECT id, connection_id, stream, run_id, path, records, malformed, bytes, raw_bytes, checksum,
                    generation, created_at
               FROM segments
              WHERE tenant_id = $1 AND id = $2",
        )
        .bind(self.id())
        .bind(id)
        .fetch_optional(self.reader())
        .await?;
        Ok(found.map(stored))
    }

    /// Lists a connection's segments in order of creation.
    pub async fn list_segments(&self, connection: ConnectionId) -> Result<Vec<StoredSegment>> {
        let rows = query_as::<Row>(
            "SELECT id, connection_id, stream, run_id, path, records, malformed, bytes, raw_bytes, checksum,
                    generation, created_at
               FROM segments
              WHERE tenant_id = $1 AND connection_id = $2
              ORDER BY id",
        )
        .bind(self.id())
        .bind(connection.0)
        .fetch_all(self.reader())
        .await?;
        Ok(rows.into_iter().map(stored).collect())
    }

    /// Lists the newest segments of a stream that were read in some of its epochs, the newest first.
    pub async fn recent_segments(
        &self,
        connection: ConnectionId,
        stream: &str,
        epochs: &Range<i64>,
        limit: u32,
    ) -> Result<Vec<StoredSegment>> {
        let rows = query_as::<Row>(
            "SELECT id, connection_id, stream, run_id, path, records, malformed, bytes, raw_bytes, checksum,
                    generation, created_at
               FROM segments
              WHERE tenant_id = $1 AND connection_id = $2 AND stream = $3 AND epoch >= $4 AND epoch < $5
              ORDER BY id DESC LIMIT $6",
        )
        .bind(self.id())
        .bind(connection.0)
        .bind(stream)
        .bind(epochs.start)
        .bind(epochs.end)
        .bind(i64::from(limit))
        .fetch_all(self.reader())
        .await?;
        Ok(rows.into_iter().map(stored).collect())
    }

    pub(crate) async fn insert_segment(
        &self,
        tx: &mut Tx,
        origin: &Origin,
        run: RunId,
        segment: &SegmentRow,
    ) -> Result<()> {
        // Several pages may be read from one segment; each commit of them names it.
        query(
            "INSERT INTO segments
                (tenant_id, id, connection_id, stream, run_id, path, records, malformed, bytes, raw_bytes, checksum,
                 generation, created_at, epoch)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,
                     COALESCE((SELECT p.epoch FROM stream_profiles p
                                WHERE p.tenant_id = $1 AND p.connection_id = $3 AND p.stream = $4), 0))
             ON CONFLICT (tenant_id, id) DO NOTHING",
        )
        .bind(self.id())
        .bind(segment.id)
        .bind(origin.connection.0)
        .bind(&origin.stream)
        .bind(run.0)
        .bind(&segment.path)
        .bind(count(segment.records))
        .bind(count(segment.malformed))
        .bind(count(segment.bytes))
        .bind(count(segment.raw_bytes))
        .bind(&segment.checksum)
        .bind(origin.generation)
        .bind(self.now())
        .execute(&mut *tx)
        .await?;
        Ok(())
    }
}

fn stored(row: Row) -> StoredSegment {
    let (id, connection, stream, run, path, records, malformed, bytes, raw_bytes, checksum, generation, created_at) =
        row;
    StoredSegment {
        id,
        connection_id: ConnectionId(connection),
        stream,
        run_id: RunId(run),
        path,
        records: uncount(records),
        malformed: uncount(malformed),
        bytes: uncount(bytes),
        raw_bytes: uncount(raw_bytes),
        checksum,
        generation,
        created_at: time(created_at),
    }
}
