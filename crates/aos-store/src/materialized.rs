//! What holds now: the winning event of each fragment of each record, and how many there are. Written by `ingest` only.

use crate::convert::{time, uncount};
use crate::db::{Pool, query_as, query_scalar};
use crate::error::Result;
use crate::tenant::TenantStore;
use aos_core::ConnectionId;
use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

pub(crate) const MAX_CHANGES: u32 = 100_000;

/// One fragment of one record, as of its newest version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MaterializedRow {
    /// Position of the event that wrote it; grows with every change.
    pub position: i64,
    pub connection_id: ConnectionId,
    pub entity: String,
    pub record_id: String,
    pub fragment: String,
    pub deleted: bool,
    /// A JSON object of the entity's fields, as canonicalized.
    pub data: String,
    /// A JSON object of the columns without a rule.
    pub extras: String,
    pub source_version: i64,
    pub mapping_version: u32,
    pub segment_id: Uuid,
    pub raw_position: u64,
    pub updated_at: DateTime<Utc>,
}

/// What a change makes of one fragment of one record: all that a follower needs to hold the same rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Position of the event that made it; grows with every change.
    pub position: i64,
    pub connection_id: ConnectionId,
    pub entity: String,
    pub record_id: String,
    pub fragment: String,
    pub deleted: bool,
    /// A JSON object of the entity's fields, as canonicalized.
    pub data: String,
    pub source_version: i64,
    pub mapping_version: u32,
}

/// Where a tenant's stream ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Head {
    /// The greatest position there is; 0 when there is none.
    pub position: i64,
    /// Changes when rows vanished without a tombstone: whoever follows the stream must start again at 0.
    pub epoch: i64,
}

/// How many live rows (fragments) and records a connection has of an entity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EntityCount {
    pub connection_id: ConnectionId,
    pub entity: String,
    pub records: u64,
    pub rows: u64,
}

#[derive(sqlx::FromRow)]
struct Row {
    position: i64,
    connection_id: Uuid,
    entity: String,
    record_id: String,
    fragment: String,
    deleted: bool,
    data: String,
    extras: String,
    source_version: i64,
    mapping_version: i64,
    segment_id: Uuid,
    raw_position: i64,
    updated_at: i64,
}

type ChangeRow = (i64, Uuid, String, String, String, bool, String, i64, i64);

/// A row that holds and is not deleted, as a sweep compares it with what a read met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveRow {
    pub record_id: String,
    pub source_version: i64,
    pub mapping_version: u32,
}

impl TenantStore<'_> {
    /// Lists which parts of records (entity, fragment) a stream has live rows of, with how many there are.
    pub async fn live_fragments(&self, connection: ConnectionId, stream: &str) -> Result<Vec<(String, String, u64)>> {
        let rows = query_as::<(String, String, i64)>(
            "SELECT entity, fragment, live_rows
               FROM entity_counts
              WHERE tenant_id = $1 AND connection_id = $2 AND live_rows > 0
              ORDER BY entity, fragment",
        )
        .bind(self.id())
        .bind(connection.0)
        .fetch_all(self.reader())
        .await?;
        // A long format has a fragment for each metric, named after the stream.
        let own =
            |fragment: &str| fragment.strip_prefix(stream).is_some_and(|rest| rest.is_empty() || rest.starts_with('#'));
        let rows = rows.into_iter().filter(|(_, fragment, _)| own(fragment));
        Ok(rows.map(|(entity, fragment, live)| (entity, fragment, uncount(live))).collect())
    }

    /// Lists live rows of one fragment that stood at a position of the tenant's stream, in order of their record, after a record; at most
    /// `limit`, and none only at the end.
    pub async fn live_rows(
        &self,
        connection: ConnectionId,
        (entity, fragment): (&str, &str),
        position_max: i64,
        after: &str,
        limit: u32,
    ) -> Result<Vec<LiveRow>> {
        let rows = query_as::<(String, i64, i64)>(
            "SELECT record_id, source_version, mapping_version
               FROM materialized
              WHERE tenant_id = $1 AND entity = $2 AND connection_id = $3 AND record_id > $4 AND fragment = $5
                AND NOT deleted AND position <= $6
              ORDER BY record_id LIMIT $7",
        )
        .bind(self.id())
        .bind(entity)
        .bind(connection.0)
        .bind(after)
        .bind(fragment)
        .bind(position_max)
        .bind(i64::from(limit.min(MAX_CHANGES)))
        .fetch_all(self.reader())
        .await?;
        let row = |(record_id, source_version, mapping_version)| LiveRow {
            record_id,
            source_version,
            mapping_version: u32::try_from(mapping_version).unwrap_or_default(),
        };
        Ok(rows.into_iter().map(row).collect())
    }

    /// Returns the live row of a stream's entity that changed last by its source's own word. For a look now and then: it goes over all of them.
    pub async fn newest_row(
        &self,
        connection: ConnectionId,
        entity: &str,
        fragment: &str,
    ) -> Result<Option<MaterializedRow>> {
        let record = query_scalar::<String>(
            "SELECT record_id
               FROM materialized
              WHERE tenant_id = $1 AND entity = $2 AND connection_id = $3 AND fragment = $4 AND NOT deleted
              ORDER BY source_version DESC, position DESC LIMIT 1",
        )
        .bind(self.id())
        .bind(entity)
        .bind(connection.0)
        .bind(fragment)
        .fetch_optional(self.reader())
        .await?;
        let Some(record) = record else { return Ok(None) };
        let fragments = self.fragments(entity, connection, &record).await?;
        Ok(fragments.into_iter().find(|row| row.fragment == fragment))
    }

    /// Lists what changed after a position, tombstones included, in order of position; at most `limit` rows, and none only when
    /// there are none.
    ///
    /// The events are gone through, and those are left out that hold no more: an index of what holds by position would have to be written
    /// twice with every row that is replaced.
    pub async fn changes_since(&self, position: i64, limit: u32) -> Result<Vec<Change>> {
        let limit = i64::from(limit.min(MAX_CHANGES));
        match self.reader().pool {
            Pool::Sqlite(_) => self.rows_after(position, limit).await,
            Pool::Postgres(_) => self.events_that_hold_after(position, limit).await,
        }
    }

    /// SQLite looks up what holds under the key of one event after the other, and stops when it has enough.
    async fn rows_after(&self, position: i64, limit: i64) -> Result<Vec<Change>> {
        let rows = query_as::<ChangeRow>(
            "SELECT e.position, e.connection_id, e.entity, e.record_id, e.fragment, e.op = 'delete', e.data,
                    e.source_version, e.mapping_version
               FROM canonical_stream e
              CROSS JOIN materialized m
              WHERE e.tenant_id = $1 AND e.position > $2
                AND m.tenant_id = e.tenant_id AND m.entity = e.entity AND m.connection_id = e.connection_id
                AND m.record_id = e.record_id AND m.fragment = e.fragment AND m.position = e.position
              ORDER BY e.position LIMIT $3",
        )
        .bind(self.id())
        .bind(position)
        .bind(limit)
        .fetch_all(self.reader())
        .await?;
        Ok(rows.into_iter().map(Change::from).collect())
    }

    /// Each step is a range of positions and `OFFSET 0` looks up each key on its own: with a `LIMIT` or a plain join PostgreSQL, which cannot
    /// guess how many hold, joins and sorts all that follows for every step.
    async fn events_that_hold_after(&self, position: i64, limit: i64) -> Result<Vec<Change>> {
        let head = self.max_position().await?;
        let mut after = position;
        while after < head {
            let until = after.saturating_add(limit.max(1)).min(head);
            let rows = query_as::<ChangeRow>(
                "SELECT e.position, e.connection_id, e.entity, e.record_id, e.fragment, e.op = 'delete', e.data,
                        e.source_version, e.mapping_version
                   FROM canonical_stream e
                  CROSS JOIN LATERAL (
                        SELECT m.position
                          FROM materialized m
                         WHERE m.tenant_id = e.tenant_id AND m.entity = e.entity AND m.connection_id = e.connection_id
                           AND m.record_id = e.record_id AND m.fragment = e.fragment
                        OFFSET 0) AS held
                  WHERE e.tenant_id = $1 AND e.position > $2 AND e.position <= $3 AND held.position = e.position
                  ORDER BY e.position",
            )
            .bind(self.id())
            .bind(after)
            .bind(until)
            .fetch_all(self.reader())
            .await?;
            if !rows.is_empty() {
                return Ok(rows.into_iter().map(Change::from).collect());
            }
            after = until;
        }
        Ok(Vec::new())
    }

    /// Returns every fragment of one record: what each of its tables says.
    pub async fn fragments(
        &self,
        entity: &str,
        connection: ConnectionId,
        record_id: &str,
    ) -> Result<Vec<MaterializedRow>> {
        let rows = query_as::<Row>(
            "SELECT m.position, m.connection_id, m.entity, m.record_id, m.fragment, m.deleted, e.data, e.extras,
                    m.source_version, m.mapping_version, e.segment_id, e.raw_position, m.updated_at
               FROM materialized m
               JOIN canonical_stream e ON e.tenant_id = m.tenant_id AND e.position = m.position
              WHERE m.tenant_id = $1 AND m.entity = $2 AND m.connection_id = $3 AND m.record_id = $4
              ORDER BY m.fragment",
        )
        .bind(self.id())
        .bind(entity)
        .bind(connection.0)
        .bind(record_id)
        .fetch_all(self.reader())
        .await?;
        Ok(rows.into_iter().map(MaterializedRow::from).collect())
    }

    /// Returns where the stream ends now.
    pub async fn head(&self) -> Result<Head> {
        let found = query_as::<(i64, i64)>("SELECT position, epoch FROM stream_heads WHERE tenant_id = $1")
            .bind(self.id())
            .fetch_optional(self.reader())
            .await?;
        Ok(found.map_or(Head::default(), |(position, epoch)| Head { position, epoch }))
    }

    /// Returns the greatest position there is.
    pub async fn max_position(&self) -> Result<i64> {
        Ok(self.head().await?.position)
    }

    /// Counts live records and rows per connection and entity.
    pub async fn counts(&self) -> Result<Vec<EntityCount>> {
        // Rows are counted as they change. Records equal rows where one table feeds the entity, which is nearly always;
        // only where several do are they looked at.
        let rows = query_as::<(Uuid, String, i64, i64)>(
            "SELECT c.connection_id, c.entity, CAST(SUM(c.live_rows) AS BIGINT),
                    CASE WHEN COUNT(*) = 1 THEN CAST(SUM(c.live_rows) AS BIGINT)
                         ELSE (SELECT COUNT(DISTINCT m.record_id)
                                 FROM materialized m
                                WHERE m.tenant_id = c.tenant_id AND m.entity = c.entity
                                  AND m.connection_id = c.connection_id AND NOT m.deleted)
                    END
               FROM entity_counts c
              WHERE c.tenant_id = $1 AND c.live_rows > 0
              GROUP BY c.tenant_id, c.connection_id, c.entity
              ORDER BY c.connection_id, c.entity",
        )
        .bind(self.id())
        .fetch_all(self.reader())
        .await?;
        let counts = rows.into_iter().map(|(connection, entity, rows, records)| EntityCount {
            connection_id: ConnectionId(connection),
            entity,
            records: uncount(records),
            rows: uncount(rows),
        });
        Ok(counts.collect())
    }
}

impl From<ChangeRow> for Change {
    fn from(row: ChangeRow) -> Self {
        let (position, connection, entity, record_id, fragment, deleted, data, source_version, mapping_version) = row;
        Self {
            position,
            connection_id: ConnectionId(connection),
            entity,
            record_id,
            fragment,
            deleted,
            data,
            source_version,
            mapping_version: u32::try_from(mapping_version).unwrap_or_default(),
        }
    }
}

impl From<Row> for MaterializedRow {
    fn from(row: Row) -> Self {
        Self {
            position: row.position,
            connection_id: ConnectionId(row.connection_id),
            entity: row.entity,
            record_id: row.record_id,
            fragment: row.fragment,
            deleted: row.deleted,
            data: row.data,
            extras: row.extras,
            source_version: row.source_version,
            mapping_version: u32::try_from(row.mapping_version).unwrap_or_default(),
            segment_id: row.segment_id,
            raw_position: uncount(row.raw_position),
            updated_at: time(row.updated_at),
        }
    }
}
