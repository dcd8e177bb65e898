//! The bulk statements of ingest. They differ between databases and are written in `sqlite` and `postgres`; what is done with
//! them is here, once.

mod postgres;
mod sqlite;

use super::landing::{Arrival, Group, Landing};
use super::merge::{Current, CurrentRows, against};
use crate::convert::micros;
use crate::db::{Tx, query, query_scalar};
use crate::error::Result;
use crate::tenant::TenantStore;
use aos_core::RunId;
use aos_core::event::{Op, Origin};
use compact_str::CompactString;
use std::collections::HashSet;
use std::sync::Arc;
use uuid::Uuid;

/// Winners inserted at once on a first load, where a conflict is told by the count.
const FIRST_ROWS: usize = 4096;

/// What all rows of a page share.
struct Load<'a> {
    tenant: Uuid,
    origin: &'a Origin,
    run: RunId,
    emitted_at: i64,
    now: i64,
}

/// Where rows of `materialized` go: the part of their key that they share.
#[derive(Clone, Copy)]
struct Place<'a> {
    entity: &'a Arc<str>,
    fragment: &'a Arc<str>,
}

/// What an insert does with a row that is there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum OnConflict {
    Keep,
    Replace,
}

/// A row of `materialized`, as read: record id, source version, mapping version, content hash, position, deleted.
type CurrentRow = (String, i64, i64, i64, i64, bool);

impl TenantStore<'_> {
    /// Appends the events that are not known and returns how many there were.
    pub(super) async fn insert_events(
        &self,
        tx: &mut Tx,
        origin: &Origin,
        run: RunId,
        landing: &mut Landing,
    ) -> Result<u64> {
        let load = self.load(origin, run);
        let sent: u64 = landing.groups.iter().map(|group| group.arrivals.len() as u64).sum();
        let inserted = match tx {
            Tx::Sqlite(tx) => sqlite::insert_events(tx, &load, landing).await?,
            Tx::Postgres(tx, _) => postgres::insert_events(tx, &load, landing).await?,
        };
        if inserted < sent {
            let taken = query_scalar::<i64>(
                "SELECT position FROM canonical_stream WHERE tenant_id = $1 AND position > $2",
            )
            .bind(self.id())
            .bind(landing.base())
            .fetch_all(&mut *tx)
            .await?;
            landing.keep_inserted(&HashSet::from_iter(taken));
        }
        Ok(inserted)
    }

    /// Reads what is materialized under the keys, one map per group.
    pub(super) async fn current_rows(
        &self,
        tx: &mut Tx,
        origin: &Origin,
        run: RunId,
        keys: Vec<(Arc<str>, Arc<str>, Vec<CompactString>)>,
    ) -> Result<Vec<CurrentRows>> {
        let load = self.load(origin, run);
        let mut found = Vec::with_capacity(keys.len());
        for (entity, fragment, ids) in keys {
            let ids: Vec<_> = ids.iter().map(CompactString::as_str).collect();
            let place = Place { entity: &entity, fragment: &fragment };
            found.push(current(tx, &load, place, &ids).await?);
        }
        Ok(found)
    }

    /// Brings what holds up to date with the events that landed, and the counts of live rows with it.
    pub(super) async fn materialize(
        &self,
        tx: &mut Tx,
        origin: &Origin,
        run: RunId,
        landing: &Landing,
        insert_first: bool,
    ) -> Result<()> {
        let load = self.load(origin, run);
        for group in &landing.groups {
            let winners = group.winners();
            let place = Place { entity: &group.entity, fragment: &group.fragment };
            let mut change = 0;
            if insert_first {
                // A first load: nearly every key is new, and a conflict is told by the count.
                for part in winners.chunks(FIRST_ROWS) {
                    let new = insert(tx, &load, place, part, OnConflict::Keep).await?;
                    change += if new == part.len() as u64 {
                        part.iter().filter(|row| row.op == Op::Upsert).count() as i64
                    } else {
                        resolve(tx, &load, place, landing.base(), part).await?
                    };
                }
            } else {
                let (hold, by) = against(&winners, &group.current);
                insert(tx, &load, place, &hold, OnConflict::Replace).await?;
                change = by;
            }
            if change != 0 {
                count_rows(tx, &load, group, change).await?;
            }
        }
        Ok(())
    }

    fn load<'a>(&self, origin: &'a Origin, run: RunId) -> Load<'a> {
        Load { tenant: self.id(), origin, run, emitted_at: micros(origin.emitted_at), now: self.now() }
    }
}

/// Settles a part of which some keys were there before; the others have just been inserted.
async fn resolve(tx: &mut Tx, load: &Load<'_>, place: Place<'_>, base: i64, part: &[&Arrival]) -> Result<i64> {
    let ids: Vec<_> = part.iter().map(|row| row.record_id.as_str()).collect();
    let mut current = current(tx, load, place, &ids).await?;
    current.retain(|_, row| row.position <= base);
    let (hold, change) = against(part, &current);
    let replaced: Vec<_> = hold.into_iter().filter(|row| current.contains_key(&row.record_id)).collect();
    insert(tx, load, place, &replaced, OnConflict::Replace).await?;
    Ok(change)
}

async fn current(tx: &mut Tx, load: &Load<'_>, place: Place<'_>, ids: &[&str]) -> Result<CurrentRows> {
    let rows = match tx {
        Tx::Sqlite(tx) => sqlite::current(tx, load, place, ids).await?,
        Tx::Postgres(tx, _) => postgres::current(tx, load, place, ids).await?,
    };
    let rows = rows.into_iter().map(|row| {
        let (record_id, source_version, mapping_version, content_hash, position, deleted) = row;
        let mapping_version = u32::try_from(mapping_version).unwrap_or_default();
        (record_id.into(), Current { source_version, mapping_version, content_hash, position, deleted })
    });
    Ok(rows.collect())
}

/// Writes rows of `materialized` and returns how many.
async fn insert(
    tx: &mut Tx,
    load: &Load<'_>,
    place: Place<'_>,
    rows: &[&Arrival],
    on_conflict: OnConflict,
) -> Result<u64> {
    match tx {
        Tx::Sqlite(tx) => sqlite::insert(tx, load, place, rows, on_conflict).await,
        Tx::Postgres(tx, _) => postgres::insert(tx, load, place, rows, on_conflict).await,
    }
}

async fn count_rows(tx: &mut Tx, load: &Load<'_>, group: &Group, change: i64) -> Result<()> {
    query(
        "INSERT INTO entity_counts (tenant_id, connection_id, entity, fragment, live_rows)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (tenant_id, connection_id, entity, fragment) DO UPDATE
            SET live_rows = entity_counts.live_rows + excluded.live_rows",
    )
    .bind(load.tenant)
    .bind(load.origin.connection.0)
    .bind(group.entity.clone())
    .bind(group.fragment.clone())
    .bind(change)
    .execute(tx)
    .await?;
    Ok(())
}
