//! What held at an earlier moment: the events of that time decide, as they did then. Nothing is kept for this beside the events.

use crate::convert::micros;
use crate::db::query_as;
use crate::error::{Error, Result};
use crate::page::{Page, PageOf};
use crate::tenant::TenantStore;
use aos_core::ConnectionId;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use uuid::Uuid;

/// One record of an entity as it was, with what each of its tables said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierRecord {
    pub record_id: String,
    pub connection_id: ConnectionId,
    /// By fragment; empty where the record was gone, or not there yet.
    pub fragments: Vec<EarlierFragment>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierFragment {
    pub fragment: String,
    /// A JSON object of the entity's fields.
    pub data: String,
    pub source_version: i64,
    pub mapping_version: u32,
}

type EventRow = (String, Uuid, String, String, String, i64, i64, i64);

impl TenantStore<'_> {
    /// Lists records of an entity as they were at a moment, in order of their id. Records that were gone then are left out, so that a page may
    /// be shorter than others, and even empty.
    ///
    /// For a look back now and then: it goes over the entity's events.
    pub async fn records_as_of(
        &self,
        entity: &str,
        connection: Option<ConnectionId>,
        at: DateTime<Utc>,
        page: Page,
    ) -> Result<PageOf<EarlierRecord>> {
        let after = page.after_text()?;
        let after = after.map(|key| {
            let (connection, record) = key.split_once('/').ok_or(Error::BadCursor)?;
            Ok::<_, Error>((connection.parse::<Uuid>().map_err(|_| Error::BadCursor)?, record.to_owned()))
        });
        let (after_connection, after_record) = after.transpose()?.unzip();
        let keys = query_as::<(String, Uuid)>(
            "SELECT DISTINCT record_id, connection_id
               FROM canonical_stream
              WHERE tenant_id = $1 AND entity = $2 AND emitted_at <= $3 AND ($4 IS NULL OR connection_id = $4)
                AND ($5 IS NULL OR record_id > $5 OR (record_id = $5 AND connection_id > $6))
              ORDER BY record_id, connection_id LIMIT $7",
        )
        .bind(self.id())
        .bind(entity)
        .bind(micros(at))
        .bind(connection.map(|id| id.0))
        .bind(after_record)
        .bind(after_connection)
        .bind(page.fetch())
        .fetch_all(self.reader())
        .await?;
        let keys = page.of(keys, |(record, connection)| format!("{connection}/{record}"));
        let (Some(first), Some(last)) = (keys.items.first(), keys.items.last()) else {
            return Ok(PageOf { items: Vec::new(), next_cursor: None });
        };
        let rows = query_as::<EventRow>(
            "SELECT record_id, connection_id, fragment, op, data, source_version, mapping_version, position
               FROM canonical_stream
              WHERE tenant_id = $1 AND record_id >= $2 AND record_id <= $3 AND entity = $4 AND emitted_at <= $5
                AND ($6 IS NULL OR connection_id = $6)",
        )
        .bind(self.id())
        .bind(&first.0)
        .bind(&last.0)
        .bind(entity)
        .bind(micros(at))
        .bind(connection.map(|id| id.0))
        .fetch_all(self.reader())
        .await?;
        let mut held: BTreeMap<(String, Uuid), BTreeMap<String, EventRow>> =
            keys.items.into_iter().map(|key| (key, BTreeMap::new())).collect();
        for row in rows {
            let Some(fragments) = held.get_mut(&(row.0.clone(), row.1)) else { continue };
            let weight = |row: &EventRow| (row.5, row.6, row.7);
            match fragments.get(&row.2) {
                Some(known) if weight(known) >= weight(&row) => {}
                _ => _ = fragments.insert(row.2.clone(), row),
            }
        }
        let record = |((record_id, connection), fragments): ((String, Uuid), BTreeMap<String, EventRow>)| {
            let live = fragments.into_values().filter(|row| row.3 == "upsert");
            let fragment = |row: EventRow| EarlierFragment {
                fragment: row.2,
                data: row.4,
                source_version: row.5,
                mapping_version: u32::try_from(row.6).unwrap_or_default(),
            };
            let fragments: Vec<EarlierFragment> = live.map(fragment).collect();
            EarlierRecord { record_id, connection_id: ConnectionId(connection), fragments }
        };
        let items = held.into_iter().map(record).filter(|record| !record.fragments.is_empty()).collect();
        Ok(PageOf { items, next_cursor: keys.next_cursor })
    }
}
