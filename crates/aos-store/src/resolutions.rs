//! How far each entity's records have been compared with each other: whether what golden records say is of today.

use crate::convert::{count, time, uncount};
use crate::db::{query, query_as, query_scalar};
use crate::error::Result;
use crate::materialized::Head;
use crate::tenant::TenantStore;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// The latest comparison of an entity's records that came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resolution {
    /// The last change that it has seen.
    pub head: Head,
    /// How many records it compared.
    pub records: u64,
    /// What came of it; none where that was not noted.
    pub pairs: Option<ComparedPairs>,
    pub ended_at: DateTime<Utc>,
}

/// What a comparison said of pairs of records.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ComparedPairs {
    /// Records that are the same thing as another one, less one for each thing.
    pub links: u64,
    /// Pairs that a person should look at, in the queue or not.
    pub uncertain: u64,
}

impl TenantStore<'_> {
    /// Notes that all records of an entity up to a change have been compared, also when nothing came of it.
    pub async fn note_resolution(&self, entity: &str, head: Head, records: u64, pairs: ComparedPairs) -> Result<()> {
        let mut tx = self.begin().await?;
        query(
            "INSERT INTO resolutions (tenant_id, entity, position, epoch, records, ended_at, links, uncertain)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (tenant_id, entity)
             DO UPDATE SET position = excluded.position, epoch = excluded.epoch, records = excluded.records,
                           ended_at = excluded.ended_at, links = excluded.links, uncertain = excluded.uncertain",
        )
        .bind(self.id())
        .bind(entity)
        .bind(head.position)
        .bind(head.epoch)
        .bind(count(records))
        .bind(self.now())
        .bind(count(pairs.links))
        .bind(count(pairs.uncertain))
        .execute(&mut tx)
        .await?;
        tx.commit().await
    }

    /// Lists the latest resolution of each entity that was ever resolved.
    pub async fn resolutions(&self) -> Result<BTreeMap<String, Resolution>> {
        let rows = query_as::<(String, i64, i64, i64, i64, Option<i64>, Option<i64>)>(
            "SELECT entity, position, epoch, records, ended_at, links, uncertain FROM resolutions WHERE tenant_id = $1",
        )
        .bind(self.id())
        .fetch_all(self.reader())
        .await?;
        let resolution = |(entity, position, epoch, records, ended_at, links, uncertain)| {
            let head = Head { position, epoch };
            let pairs = |(links, uncertain)| ComparedPairs { links: uncount(links), uncertain: uncount(uncertain) };
            let pairs = Option::zip(links, uncertain).map(pairs);
            (entity, Resolution { head, records: uncount(records), pairs, ended_at: time(ended_at) })
        };
        Ok(rows.into_iter().map(resolution).collect())
    }

    /// Answers whether any record of an entity came, changed or went after a change.
    pub async fn has_changed_since(&self, entity: &str, position: i64) -> Result<bool> {
        let changed = query_scalar::<i64>(
            "SELECT e.position
               FROM canonical_stream e
               JOIN materialized m ON m.tenant_id = e.tenant_id AND m.entity = e.entity AND m.connection_id = e.connection_id
                                  AND m.record_id = e.record_id AND m.fragment = e.fragment AND m.position = e.position
              WHERE e.tenant_id = $1 AND e.position > $2 AND e.entity = $3
              ORDER BY e.position LIMIT 1",
        )
        .bind(self.id())
        .bind(position)
        .bind(entity)
        .fetch_optional(self.reader())
        .await?;
        Ok(changed.is_some())
    }
}
