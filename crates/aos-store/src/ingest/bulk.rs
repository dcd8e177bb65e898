//! The bulk statements of ingest. They differ between databases, so they are written here and nowhere else: for SQLite, rows
//! of anonymous `?` parameters (it looks named ones up one by one, which costs more than the insert), in a few fixed sizes
//! so that each statement is prepared once.

use super::landing::{Arrival, Landing};
use super::merge::{Current, CurrentRows, against};
use crate::convert::{count, micros};
use crate::error::Result;
use crate::pool::Tx;
use crate::tenant::TenantStore;
use aos_core::RunId;
use aos_core::event::{Op, Origin};
use compact_str::CompactString;
use sqlx::AssertSqlSafe;
use std::collections::HashSet;
use std::sync::Arc;

/// Rows per statement, greatest first; the last is 1.
const SIZES: [usize; 4] = [512, 64, 8, 1];

/// Cuts a list into parts of the known sizes.
fn parts<T>(mut rest: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let size = SIZES.into_iter().find(|size| *size <= rest.len())?;
        let (part, after) = rest.split_at(size);
        rest = after;
        Some(part)
    })
}

/// Writes a statement with `row` repeated. Everything in it is a constant of this file.
fn repeated(head: &str, row: &str, times: usize, tail: &str) -> AssertSqlSafe<String> {
    let mut sql = String::with_capacity(head.len() + (row.len() + 1) * times + tail.len());
    sql.push_str(head);
    for at in 0..times {
        if at > 0 {
            sql.push(',');
        }
        sql.push_str(row);
    }
    sql.push_str(tail);
    AssertSqlSafe(sql)
}

impl TenantStore<'_> {
    /// Appends the events that are not known and returns how many there were.
    pub(super) async fn insert_events(
        &self,
        tx: &mut Tx,
        origin: &Origin,
        run: RunId,
        landing: &mut Landing,
    ) -> Result<u64> {
        let (upsert, delete): (Arc<str>, Arc<str>) = ("upsert".into(), "delete".into());
        let (mut sent, mut inserted) = (0, 0);
        for group in &mut landing.groups {
            let mut rest = group.arrivals.as_mut_slice();
            while let Some(size) = SIZES.into_iter().find(|size| *size <= rest.len()) {
                let (part, after) = rest.split_at_mut(size);
                rest = after;
                let sql = repeated(
                    "INSERT INTO canonical_stream
                        (tenant_id, connection_id, entity, fragment, segment_id, emitted_at, run_id, position, dedupe_key,
                         record_id, op, source_version, mapping_version, raw_position, data, extras)
                     SELECT ?, ?, ?, ?, ?, ?, ?, v.column1, v.column2, v.column3, v.column4, v.column5, v.column6,
                            v.column7, v.column8, v.column9
                       FROM (VALUES ",
                    "(?,?,?,?,?,?,?,?,?)",
                    part.len(),
                    ") AS v WHERE TRUE ON CONFLICT (tenant_id, record_id, dedupe_key) DO NOTHING",
                );
                let mut query = sqlx::query(sql)
                    .bind(self.id())
                    .bind(origin.connection.0)
                    .bind(group.entity.clone())
                    .bind(group.fragment.clone())
                    .bind(origin.segment)
                    .bind(micros(origin.emitted_at))
                    .bind(run.0);
                for arrival in part.iter_mut() {
                    query = query
                        .bind(arrival.position)
                        .bind(arrival.dedupe_key.to_vec())
                        .bind(arrival.record_id.as_str().to_owned())
                        .bind(if arrival.op == Op::Upsert { upsert.clone() } else { delete.clone() })
                        .bind(arrival.source_version)
                        .bind(i64::from(arrival.mapping_version))
                        .bind(count(arrival.raw_position))
                        .bind(std::mem::take(&mut arrival.data))
                        .bind(std::mem::take(&mut arrival.extras));
                }
                sent += part.len() as u64;
                inserted += query.execute(&mut **tx).await?.rows_affected();
            }
        }
        if inserted < sent {
            let taken = sqlx::query_scalar::<_, i64>(
                "SELECT position FROM canonical_stream WHERE tenant_id = $1 AND position > $2",
            )
            .bind(self.id())
            .bind(landing.base())
            .fetch_all(&mut **tx)
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
        keys: Vec<(Arc<str>, Arc<str>, Vec<CompactString>)>,
    ) -> Result<Vec<CurrentRows>> {
        let mut found = Vec::with_capacity(keys.len());
        for (entity, fragment, ids) in keys {
            let ids: Vec<_> = ids.iter().map(CompactString::as_str).collect();
            found.push(self.current_of(tx, origin, &entity, &fragment, &ids).await?);
        }
        Ok(found)
    }

    async fn current_of(
        &self,
        tx: &mut Tx,
        origin: &Origin,
        entity: &Arc<str>,
        fragment: &Arc<str>,
        ids: &[&str],
    ) -> Result<CurrentRows> {
        let mut rows = CurrentRows::with_capacity(ids.len());
        for part in parts(ids) {
            let sql = repeated(
                "SELECT record_id, source_version, mapping_version, content_hash, position, deleted
                   FROM materialized
                  WHERE tenant_id = ? AND entity = ? AND connection_id = ? AND fragment = ? AND record_id IN (",
                "?",
                part.len(),
                ")",
            );
            let mut query = sqlx::query_as::<_, (String, i64, i64, i64, i64, bool)>(sql)
                .bind(self.id())
                .bind(entity.clone())
                .bind(origin.connection.0)
                .bind(fragment.clone());
            for id in part {
                query = query.bind((*id).to_owned());
            }
            for row in query.fetch_all(&mut **tx).await? {
                let (record_id, source_version, mapping_version, content_hash, position, deleted) = row;
                let mapping_version = u32::try_from(mapping_version).unwrap_or_default();
                let current = Current { source_version, mapping_version, content_hash, position, deleted };
                rows.insert(record_id.into(), current);
            }
        }
        Ok(rows)
    }

    /// Brings what holds up to date with the events that landed, and the counts of live rows with it.
    pub(super) async fn materialize(
        &self,
        tx: &mut Tx,
        origin: &Origin,
        landing: &Landing,
        insert_first: bool,
    ) -> Result<()> {
        for group in &landing.groups {
            let winners = group.winners();
            let mut change = 0;
            if insert_first {
                // A first load: nearly every key is new, and a conflict is told by the count.
                for part in parts(&winners) {
                    let new = self.insert_rows(tx, origin, &group.entity, &group.fragment, part, "NOTHING").await?;
                    if new == part.len() as u64 {
                        change += part.iter().filter(|row| row.op == Op::Upsert).count() as i64;
                        continue;
                    }
                    change += self.resolve(tx, origin, landing.base(), group, part).await?;
                }
            } else {
                let (hold, by) = against(&winners, &group.current);
                self.upsert_rows(tx, origin, &group.entity, &group.fragment, &hold).await?;
                change = by;
            }
            if change != 0 {
                self.count_rows(tx, origin, &group.entity, &group.fragment, change).await?;
            }
        }
        Ok(())
    }

    /// Settles a part of which some keys were there before; the others have just been inserted.
    async fn resolve(
        &self,
        tx: &mut Tx,
        origin: &Origin,
        base: i64,
        group: &super::landing::Group,
        part: &[&Arrival],
    ) -> Result<i64> {
        let ids: Vec<_> = part.iter().map(|row| row.record_id.as_str()).collect();
        let mut current = self.current_of(tx, origin, &group.entity, &group.fragment, &ids).await?;
        current.retain(|_, row| row.position <= base);
        let (hold, change) = against(part, &current);
        let replaced: Vec<_> = hold.into_iter().filter(|row| current.contains_key(&row.record_id)).collect();
        self.upsert_rows(tx, origin, &group.entity, &group.fragment, &replaced).await?;
        Ok(change)
    }

    async fn upsert_rows(
        &self,
        tx: &mut Tx,
        origin: &Origin,
        entity: &Arc<str>,
        fragment: &Arc<str>,
        rows: &[&Arrival],
    ) -> Result<()> {
        for part in parts(rows) {
            let update =
                "UPDATE SET source_version = excluded.source_version, mapping_version = excluded.mapping_version,
                          content_hash = excluded.content_hash, position = excluded.position,
                          deleted = excluded.deleted, updated_at = excluded.updated_at";
            self.insert_rows(tx, origin, entity, fragment, part, update).await?;
        }
        Ok(())
    }

    async fn insert_rows(
        &self,
        tx: &mut Tx,
        origin: &Origin,
        entity: &Arc<str>,
        fragment: &Arc<str>,
        rows: &[&Arrival],
        on_conflict: &str,
    ) -> Result<u64> {
        let sql = repeated(
            "INSERT INTO materialized
                (tenant_id, entity, connection_id, fragment, updated_at, record_id, source_version, mapping_version,
                 content_hash, position, deleted)
             SELECT ?, ?, ?, ?, ?, v.column1, v.column2, v.column3, v.column4, v.column5, v.column6
               FROM (VALUES ",
            "(?,?,?,?,?,?)",
            rows.len(),
            &[") AS v WHERE TRUE ON CONFLICT (tenant_id, entity, connection_id, record_id, fragment) DO ", on_conflict]
                .concat(),
        );
        let mut query = sqlx::query(sql)
            .bind(self.id())
            .bind(entity.clone())
            .bind(origin.connection.0)
            .bind(fragment.clone())
            .bind(self.now());
        for row in rows {
            query = query
                .bind(row.record_id.as_str().to_owned())
                .bind(row.source_version)
                .bind(i64::from(row.mapping_version))
                .bind(row.content_hash)
                .bind(row.position)
                .bind(row.op == Op::Delete);
        }
        Ok(query.execute(&mut **tx).await?.rows_affected())
    }

    async fn count_rows(
        &self,
        tx: &mut Tx,
        origin: &Origin,
        entity: &Arc<str>,
        fragment: &Arc<str>,
        change: i64,
    ) -> Result<()> {
        sqlx::query(
            "INSERT INTO entity_counts (tenant_id, connection_id, entity, fragment, live_rows)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (tenant_id, connection_id, entity, fragment) DO UPDATE
                SET live_rows = entity_counts.live_rows + excluded.live_rows",
        )
        .bind(self.id())
        .bind(origin.connection.0)
        .bind(entity.clone())
        .bind(fragment.clone())
        .bind(change)
        .execute(&mut **tx)
        .await?;
        Ok(())
    }
}
