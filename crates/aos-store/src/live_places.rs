//! Where the raw records lie that live rows were made of: which segment of the lake, and which record of it.

use crate::convert::uncount;
use crate::db::query_as;
use crate::error::Result;
use crate::materialized::MAX_CHANGES;
use crate::tenant::TenantStore;
use aos_core::ConnectionId;
use sqlx::AssertSqlSafe;
use std::ops::Range;
use uuid::Uuid;

/// How many records are looked up in one statement.
const RECORDS_AT_ONCE: usize = 500;

/// Where the raw record of a live row lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LivePlace {
    pub record_id: String,
    pub segment_id: Uuid,
    pub raw_position: u64,
}

type Row = (String, Uuid, i64);

impl TenantStore<'_> {
    /// Lists where the raw records of one fragment's live rows lie, in order of their record, after a record; at most `limit`, and none only
    /// at the end.
    pub async fn live_places(
        &self,
        connection: ConnectionId,
        (entity, fragment): (&str, &str),
        after: &str,
        limit: u32,
    ) -> Result<Vec<LivePlace>> {
        let rows = query_as::<Row>(
            "SELECT m.record_id, e.segment_id, e.raw_position
               FROM materialized m
               JOIN canonical_stream e ON e.tenant_id = m.tenant_id AND e.position = m.position
              WHERE m.tenant_id = $1 AND m.entity = $2 AND m.connection_id = $3 AND m.record_id > $4
                AND m.fragment = $5 AND NOT m.deleted
              ORDER BY m.record_id LIMIT $6",
        )
        .bind(self.id())
        .bind(entity)
        .bind(connection.0)
        .bind(after)
        .bind(fragment)
        .bind(i64::from(limit.min(MAX_CHANGES)))
        .fetch_all(self.reader())
        .await?;
        Ok(rows.into_iter().map(place).collect())
    }

    /// Finds where the raw records of some live rows of one fragment lie, as far as they were read in some epochs of their stream.
    pub async fn find_live_places(
        &self,
        connection: ConnectionId,
        (entity, fragment): (&str, &str),
        record_ids: &[&str],
        epochs: &Range<i64>,
    ) -> Result<Vec<LivePlace>> {
        let mut found = Vec::with_capacity(record_ids.len());
        for some in record_ids.chunks(RECORDS_AT_ONCE) {
            let names: Vec<String> = (7..7 + some.len()).map(|number| format!("${number}")).collect();
            let sql = format!(
                "SELECT m.record_id, e.segment_id, e.raw_position
                   FROM materialized m
                   JOIN canonical_stream e ON e.tenant_id = m.tenant_id AND e.position = m.position
                   JOIN segments s ON s.tenant_id = e.tenant_id AND s.id = e.segment_id
                  WHERE m.tenant_id = $1 AND m.entity = $2 AND m.connection_id = $3 AND m.fragment = $4 AND NOT m.deleted
                    AND s.epoch >= $5 AND s.epoch < $6 AND m.record_id IN ({})",
                names.join(", ")
            );
            let mut query = query_as::<Row>(AssertSqlSafe(sql))
                .bind(self.id())
                .bind(entity)
                .bind(connection.0)
                .bind(fragment)
                .bind(epochs.start)
                .bind(epochs.end);
            for id in some {
                query = query.bind(*id);
            }
            found.extend(query.fetch_all(self.reader()).await?.into_iter().map(place));
        }
        Ok(found)
    }
}

fn place((record_id, segment_id, raw_position): Row) -> LivePlace {
    LivePlace { record_id, segment_id, raw_position: uncount(raw_position) }
}
