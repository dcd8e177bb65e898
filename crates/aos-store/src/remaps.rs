//! Re-mappings of what is in the lake: how far each is, and what it is to do next.

use crate::convert::{time, uncount};
use crate::db::{Tx, query, query_as};
use crate::error::{Error, Resource, Result};
use crate::segments::StoredSegment;
use crate::tenant::TenantStore;
use aos_core::ConnectionId;
use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Remap {
    pub id: Uuid,
    pub connection_id: ConnectionId,
    pub stream: String,
    /// The version of the mapping that records get.
    pub version: u32,
    /// Records that were read in this epoch of the stream's shape or later are re-mapped.
    pub epoch: i64,
    /// `running`, `done`, or `superseded` by another change of the mapping.
    pub state: String,
    pub segments: u64,
    pub segments_done: u64,
    pub done_down_to: Option<Uuid>,
    /// Records looked at, and of these the ones that say something else now.
    pub records: u64,
    pub landed: u64,
    /// Rows that the new mapping gives no more, and those of them for which an earlier record holds again.
    pub removed: u64,
    pub restored: u64,
    pub created_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
}

/// A row that a re-mapping did not give again, with what held before records of its epoch were read.
#[derive(Debug, Clone, PartialEq)]
pub struct UngivenRow {
    pub entity: String,
    pub fragment: String,
    pub record_id: String,
    pub source_version: i64,
    /// Fields and extras of the newest event that is not of the epoch; none where there is none, or it was a delete.
    pub earlier: Option<(String, String)>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    connection_id: Uuid,
    stream: String,
    version: i64,
    epoch: i64,
    state: String,
    segments: i64,
    segments_done: i64,
    done_down_to: Option<Uuid>,
    records: i64,
    landed: i64,
    removed: i64,
    restored: i64,
    created_at: i64,
    finished_at: Option<i64>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, connection_id, stream, version, epoch, state, segments, segments_done, done_down_to, records, landed,
                    removed, restored, created_at, finished_at
               FROM remaps ",
            $rest
        )
    };
}

impl TenantStore<'_> {
    pub async fn remap(&self, id: Uuid) -> Result<Option<Remap>> {
        let found = query_as::<Row>(select!("WHERE tenant_id = $1 AND id = $2"));
        Ok(found.bind(self.id()).bind(id).fetch_optional(self.reader()).await?.map(Remap::from))
    }

    /// Lists the re-mappings that are not at their end, the oldest first.
    pub async fn running_remaps(&self) -> Result<Vec<Uuid>> {
        let running =
            query_as::<(Uuid,)>("SELECT id FROM remaps WHERE tenant_id = $1 AND state = 'running' ORDER BY id");
        Ok(running.bind(self.id()).fetch_all(self.reader()).await?.into_iter().map(|(id,)| id).collect())
    }

    /// Lists the re-mappings of a stream, the newest first.
    pub async fn list_remaps(&self, connection: ConnectionId, stream: &str, limit: u32) -> Result<Vec<Remap>> {
        let rows = query_as::<Row>(select!(
            "WHERE tenant_id = $1 AND connection_id = $2 AND stream = $3 ORDER BY id DESC LIMIT $4"
        ));
        let rows = rows.bind(self.id()).bind(connection.0).bind(stream).bind(i64::from(limit));
        Ok(rows.fetch_all(self.reader()).await?.into_iter().map(Remap::from).collect())
    }

    /// Returns the newest segment of an epoch or later ones that lies before another; none when there is none left.
    pub async fn segment_before(
        &self,
        connection: ConnectionId,
        stream: &str,
        epoch: i64,
        before: Option<Uuid>,
    ) -> Result<Option<StoredSegment>> {
        let found = query_as::<(Uuid,)>(
            "SELECT id FROM segments
              WHERE tenant_id = $1 AND connection_id = $2 AND stream = $3 AND epoch >= $4 AND ($5 IS NULL OR id < $5)
              ORDER BY id DESC LIMIT 1",
        );
        let found = found.bind(self.id()).bind(connection.0).bind(stream).bind(epoch).bind(before);
        match found.fetch_optional(self.reader()).await? {
            Some((id,)) => self.segment(id).await,
            None => Ok(None),
        }
    }

    /// Lists rows of one part of records that are live, came from an epoch or later ones, and have an older version of the mapping: what a
    /// re-mapping did not give. In order of their record, after one.
    pub async fn ungiven_rows(
        &self,
        remap: &Remap,
        (entity, fragment): (&str, &str),
        after: &str,
        limit: u32,
    ) -> Result<Vec<UngivenRow>> {
        let rows = query_as::<(String, i64, i64)>(
            "SELECT m.record_id, m.source_version, m.position
               FROM materialized m
               JOIN canonical_stream e ON e.tenant_id = m.tenant_id AND e.position = m.position
               JOIN segments s ON s.tenant_id = m.tenant_id AND s.id = e.segment_id
              WHERE m.tenant_id = $1 AND m.entity = $2 AND m.connection_id = $3 AND m.record_id > $4 AND m.fragment = $5
                AND NOT m.deleted AND m.mapping_version < $6 AND s.epoch >= $7
              ORDER BY m.record_id LIMIT $8",
        )
        .bind(self.id())
        .bind(entity)
        .bind(remap.connection_id.0)
        .bind(after)
        .bind(fragment)
        .bind(i64::from(remap.version))
        .bind(remap.epoch)
        .bind(i64::from(limit))
        .fetch_all(self.reader())
        .await?;
        let mut ungiven = Vec::with_capacity(rows.len());
        for (record_id, source_version, position) in rows {
            let earlier = query_as::<(String, String, String)>(
                "SELECT e.op, e.data, e.extras
                   FROM canonical_stream e
                   LEFT JOIN segments s ON s.tenant_id = e.tenant_id AND s.id = e.segment_id
                  WHERE e.tenant_id = $1 AND e.record_id = $2 AND e.entity = $3 AND e.connection_id = $4
                    AND e.fragment = $5 AND e.position < $6 AND COALESCE(s.epoch, -1) < $7
                  ORDER BY e.source_version DESC, e.mapping_version DESC, e.position DESC LIMIT 1",
            )
            .bind(self.id())
            .bind(&record_id)
            .bind(entity)
            .bind(remap.connection_id.0)
            .bind(fragment)
            .bind(position)
            .bind(remap.epoch)
            .fetch_optional(self.reader())
            .await?;
            let earlier = earlier.filter(|(op, ..)| op == "upsert").map(|(_, data, extras)| (data, extras));
            let (entity, fragment) = (entity.to_owned(), fragment.to_owned());
            ungiven.push(UngivenRow { entity, fragment, record_id, source_version, earlier });
        }
        Ok(ungiven)
    }

    /// Ends a re-mapping that has come to its end.
    pub async fn finish_remap(&self, id: Uuid) -> Result<()> {
        let mut tx = self.begin().await?;
        query(
            "UPDATE remaps SET state = 'done', finished_at = $3 WHERE tenant_id = $1 AND id = $2 AND state = 'running'",
        )
        .bind(self.id())
        .bind(id)
        .bind(self.now())
        .execute(&mut tx)
        .await?;
        tx.commit().await
    }

    /// Reads a re-mapping that goes on, and holds it until the end of the transaction.
    ///
    /// # Errors
    /// [`Error::MappingChanged`] when it goes on no more.
    pub(crate) async fn remap_in(&self, tx: &mut Tx, id: Uuid) -> Result<Remap> {
        query("UPDATE remaps SET state = state WHERE tenant_id = $1 AND id = $2")
            .bind(self.id())
            .bind(id)
            .execute(&mut *tx)
            .await?;
        let found = query_as::<Row>(select!("WHERE tenant_id = $1 AND id = $2"));
        let remap = found.bind(self.id()).bind(id).fetch_optional(tx).await?.map(Remap::from);
        let remap = remap.ok_or_else(|| Error::NotFound(Resource::Remap(id.to_string())))?;
        if remap.state != "running" {
            return Err(Error::MappingChanged { stream: remap.stream, version: remap.version });
        }
        Ok(remap)
    }
}

impl From<Row> for Remap {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            connection_id: ConnectionId(row.connection_id),
            stream: row.stream,
            version: u32::try_from(row.version).unwrap_or_default(),
            epoch: row.epoch,
            state: row.state,
            segments: uncount(row.segments),
            segments_done: uncount(row.segments_done),
            done_down_to: row.done_down_to,
            records: uncount(row.records),
            landed: uncount(row.landed),
            removed: uncount(row.removed),
            restored: uncount(row.restored),
            created_at: time(row.created_at),
            finished_at: row.finished_at.map(time),
        }
    }
}
