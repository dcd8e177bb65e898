//! The bulk statements of ingest. They differ between databases and are written in `sqlite` and `postgres`; what is done with
//! them is here, once.

mod postgres;
mod sqlite;

use super::landing::{Group, Landing};
use super::merge::{Current, CurrentRows, against};
use crate::convert::micros;
use crate::db::{Prepared, Tx, query, query_scalar};
use crate::error::Result;
use crate::rejections::RejectionRow;
use crate::tenant::TenantStore;
use aos_core::RunId;
use aos_core::event::{Origin, Rejection};
use compact_str::CompactString;
use std::collections::HashSet;
use std::sync::Arc;
use uuid::Uuid;

/// What all rows of a page share.
struct Load<'a> {
    tenant: Uuid,
    origin: &'a Origin,
    run: RunId,
    emitted_at: i64,
    now: i64,
    /// Whether statements stay prepared on the server.
    kept: bool,
}

/// Where rows of `materialized` go: the part of their key that they share.
#[derive(Clone, Copy)]
struct Place<'a> {
    entity: &'a Arc<str>,
    fragment: &'a Arc<str>,
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
        let load = self.load(tx, origin, run);
        let sent: u64 = landing.groups.iter().map(|group| group.arrivals.len() as u64).sum();
        let inserted = match tx {
            Tx::Sqlite(tx) => sqlite::insert_events(tx, &load, landing).await?,
            Tx::Postgres(tx, _) => postgres::insert_events(tx, &load, landing).await?,
        };
        if inserted < sent {
            let taken =
                query_scalar::<i64>("SELECT position FROM canonical_stream WHERE tenant_id = $1 AND position > $2")
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
        let load = self.load(tx, origin, run);
        let mut found = Vec::with_capacity(keys.len());
        for (entity, fragment, ids) in keys {
            let ids: Vec<_> = ids.iter().map(CompactString::as_str).collect();
            let place = Place { entity: &entity, fragment: &fragment };
            found.push(match tx {
                Tx::Sqlite(tx) => held(sqlite::current(tx, &load, place, &ids).await?),
                Tx::Postgres(tx, _) => held(postgres::current(tx, &load, place, &ids).await?),
            });
        }
        Ok(found)
    }

    /// Tells whether each event says anew, under another mapping, what is held and live in the same version: then all of them hold, and no
    /// count changes. Most of what is mapped anew is so, and SQLite counts it for a fraction of what reading the rows takes; PostgreSQL wants
    /// the rows in any case, to tell which are to be updated.
    pub(super) async fn all_replace_older(
        &self,
        tx: &mut Tx,
        origin: &Origin,
        run: RunId,
        landing: &Landing,
        mapping_version: u32,
    ) -> Result<bool> {
        if landing.has_deletes() {
            return Ok(false);
        }
        let load = self.load(tx, origin, run);
        let Tx::Sqlite(tx) = tx else { return Ok(false) };
        for group in &landing.groups {
            let place = Place { entity: &group.entity, fragment: &group.fragment };
            if !sqlite::all_replace_older(tx, &load, place, &group.arrivals, mapping_version).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Writes what a page says over rows that are there, of which is known that all yield to it.
    pub(super) async fn replace_rows(&self, tx: &mut Tx, origin: &Origin, run: RunId, landing: &Landing) -> Result<()> {
        let load = self.load(tx, origin, run);
        for group in &landing.groups {
            let place = Place { entity: &group.entity, fragment: &group.fragment };
            match tx {
                Tx::Sqlite(tx) => sqlite::replace(tx, &load, place, &group.winners()).await?,
                Tx::Postgres(tx, _) => postgres::replace(tx, &load, place, &group.winners()).await?,
            }
        }
        Ok(())
    }

    /// Brings what holds up to date with the events that landed, and the counts of live rows with it.
    pub(super) async fn materialize(&self, tx: &mut Tx, origin: &Origin, run: RunId, landing: &Landing) -> Result<()> {
        let (load, nothing) = (self.load(tx, origin, run), CurrentRows::default());
        for group in &landing.groups {
            let winners = group.winners();
            let place = Place { entity: &group.entity, fragment: &group.fragment };
            let change = match (&mut *tx, &group.current) {
                (Tx::Sqlite(tx), None) => sqlite::insert_first(tx, &load, place, &winners, landing.base()).await?,
                (tx, held) => {
                    let held = held.as_ref().unwrap_or(&nothing);
                    let (hold, change) = against(&winners, held);
                    match tx {
                        Tx::Sqlite(tx) => sqlite::replace(tx, &load, place, &hold).await?,
                        Tx::Postgres(tx, _) => postgres::write_rows(tx, &load, place, &hold, held).await?,
                    }
                    change
                }
            };
            if change != 0 {
                count_rows(tx, &load, group, change).await?;
            }
        }
        Ok(())
    }

    /// Keeps rejections with their evidence; those that are known stay as they are.
    pub(super) async fn insert_rejections(
        &self,
        tx: &mut Tx,
        origin: &Origin,
        run: RunId,
        rejections: &[Rejection],
    ) -> Result<()> {
        let load = self.load(tx, origin, run);
        let rows: Vec<_> = rejections.iter().map(RejectionRow::from).collect();
        match tx {
            Tx::Sqlite(tx) => sqlite::insert_rejections(tx, &load, &rows).await,
            Tx::Postgres(tx, _) => postgres::insert_rejections(tx, &load, &rows).await,
        }
    }

    fn load<'a>(&self, tx: &Tx, origin: &'a Origin, run: RunId) -> Load<'a> {
        Load {
            tenant: self.id(),
            origin,
            run,
            emitted_at: micros(origin.emitted_at),
            now: self.now(),
            kept: matches!(tx, Tx::Postgres(_, Prepared::Kept)),
        }
    }
}

/// Reads rows of `materialized` as what is held under their keys.
fn held(rows: Vec<CurrentRow>) -> CurrentRows {
    let rows = rows.into_iter().map(|row| {
        let (record_id, source_version, mapping_version, content_hash, position, deleted) = row;
        let mapping_version = u32::try_from(mapping_version).unwrap_or_default();
        (record_id.into(), Current { source_version, mapping_version, content_hash, position, deleted })
    });
    rows.collect()
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
