//! The bulk statements of ingest for SQLite: rows of anonymous `?` parameters (it looks named ones up one by one, which costs
//! more than the insert), in a few fixed sizes so that each statement is prepared once.

use super::{CurrentRow, Landing, Load, Place, held};
use crate::convert::count;
use crate::error::Result;
use crate::ingest::landing::Arrival;
use crate::ingest::merge::against;
use crate::rejections::RejectionRow;
use aos_core::event::Op;
use sqlx::{AssertSqlSafe, SqliteConnection};
use std::sync::Arc;

/// Rows per statement, greatest first; the last is 1.
const SIZES: [usize; 4] = [512, 64, 8, 1];

/// Rows of a first load that are inserted before their conflicts are settled.
const FIRST_ROWS: usize = 4096;

/// What an insert does with a row that is there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum OnConflict {
    Keep,
    Replace,
}

/// Inserts the events that are not known and returns how many there were. Their texts are taken out of the landing.
pub(super) async fn insert_events(tx: &mut SqliteConnection, load: &Load<'_>, landing: &mut Landing) -> Result<u64> {
    let (upsert, delete): (Arc<str>, Arc<str>) = ("upsert".into(), "delete".into());
    let mut inserted = 0;
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
                .bind(load.tenant)
                .bind(load.origin.connection.0)
                .bind(group.entity.clone())
                .bind(group.fragment.clone())
                .bind(load.origin.segment)
                .bind(load.emitted_at)
                .bind(load.run.0);
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
            inserted += query.execute(&mut *tx).await?.rows_affected();
        }
    }
    Ok(inserted)
}

pub(super) async fn current(
    tx: &mut SqliteConnection,
    load: &Load<'_>,
    place: Place<'_>,
    ids: &[&str],
) -> Result<Vec<CurrentRow>> {
    let mut rows = Vec::with_capacity(ids.len());
    for part in parts(ids) {
        let sql = repeated(
            "SELECT record_id, source_version, mapping_version, content_hash, position, deleted
               FROM materialized
              WHERE tenant_id = ? AND entity = ? AND connection_id = ? AND fragment = ? AND record_id IN (",
            "?",
            part.len(),
            ")",
        );
        let mut query = sqlx::query_as::<_, CurrentRow>(sql)
            .bind(load.tenant)
            .bind(place.entity.clone())
            .bind(load.origin.connection.0)
            .bind(place.fragment.clone());
        for id in part {
            query = query.bind((*id).to_owned());
        }
        rows.extend(query.fetch_all(&mut *tx).await?);
    }
    Ok(rows)
}

/// Tells whether under the key of each event a live row of the same version and an older mapping is held.
pub(super) async fn all_replace_older(
    tx: &mut SqliteConnection,
    load: &Load<'_>,
    place: Place<'_>,
    arrivals: &[Arrival],
    mapping_version: u32,
) -> Result<bool> {
    for part in parts(arrivals) {
        let sql = repeated(
            "SELECT count(*) FROM (VALUES ",
            "(?,?)",
            part.len(),
            ") AS v CROSS JOIN materialized m
              WHERE m.tenant_id = ? AND m.entity = ? AND m.connection_id = ? AND m.fragment = ? AND m.mapping_version < ?
                AND m.record_id = v.column1 AND m.source_version = v.column2 AND NOT m.deleted",
        );
        let mut query = sqlx::query_scalar::<_, i64>(sql);
        for arrival in part {
            query = query.bind(arrival.record_id.as_str().to_owned()).bind(arrival.source_version);
        }
        let older: i64 = query
            .bind(load.tenant)
            .bind(place.entity.clone())
            .bind(load.origin.connection.0)
            .bind(place.fragment.clone())
            .bind(i64::from(mapping_version))
            .fetch_one(&mut *tx)
            .await?;
        if count(part.len() as u64) != older {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Inserts rows of which nearly every key is new: a conflict is told by the count, and settled then. Returns by how much the
/// live rows change.
pub(super) async fn insert_first(
    tx: &mut SqliteConnection,
    load: &Load<'_>,
    place: Place<'_>,
    winners: &[&Arrival],
    base: i64,
) -> Result<i64> {
    let mut change = 0;
    for part in winners.chunks(FIRST_ROWS) {
        let new = insert(tx, load, place, part, OnConflict::Keep).await?;
        change += if new == part.len() as u64 {
            part.iter().filter(|row| row.op == Op::Upsert).count() as i64
        } else {
            resolve(tx, load, place, base, part).await?
        };
    }
    Ok(change)
}

/// Settles a part of which some keys were there before; the others have just been inserted.
async fn resolve(
    tx: &mut SqliteConnection,
    load: &Load<'_>,
    place: Place<'_>,
    base: i64,
    part: &[&Arrival],
) -> Result<i64> {
    let ids: Vec<_> = part.iter().map(|row| row.record_id.as_str()).collect();
    let mut current = held(current(tx, load, place, &ids).await?);
    current.retain(|_, row| row.position <= base);
    let (hold, change) = against(part, &current);
    let replaced: Vec<_> = hold.into_iter().filter(|row| current.contains_key(&row.record_id)).collect();
    replace(tx, load, place, &replaced).await?;
    Ok(change)
}

/// Writes rows, over those that are there.
pub(super) async fn replace(
    tx: &mut SqliteConnection,
    load: &Load<'_>,
    place: Place<'_>,
    rows: &[&Arrival],
) -> Result<()> {
    insert(tx, load, place, rows, OnConflict::Replace).await?;
    Ok(())
}

/// Writes rows and returns how many.
async fn insert(
    tx: &mut SqliteConnection,
    load: &Load<'_>,
    place: Place<'_>,
    rows: &[&Arrival],
    on_conflict: OnConflict,
) -> Result<u64> {
    let tail = match on_conflict {
        OnConflict::Keep => {
            ") AS v WHERE TRUE ON CONFLICT (tenant_id, entity, connection_id, record_id, fragment) DO NOTHING"
        }
        OnConflict::Replace => {
            ") AS v WHERE TRUE ON CONFLICT (tenant_id, entity, connection_id, record_id, fragment) DO UPDATE
                SET source_version = excluded.source_version, mapping_version = excluded.mapping_version,
                    content_hash = excluded.content_hash, position = excluded.position,
                    deleted = excluded.deleted, updated_at = excluded.updated_at"
        }
    };
    let mut written = 0;
    for part in parts(rows) {
        let sql = repeated(
            "INSERT INTO materialized
                (tenant_id, entity, connection_id, fragment, updated_at, record_id, source_version, mapping_version,
                 content_hash, position, deleted)
             SELECT ?, ?, ?, ?, ?, v.column1, v.column2, v.column3, v.column4, v.column5, v.column6
               FROM (VALUES ",
            "(?,?,?,?,?,?)",
            part.len(),
            tail,
        );
        let mut query = sqlx::query(sql)
            .bind(load.tenant)
            .bind(place.entity.clone())
            .bind(load.origin.connection.0)
            .bind(place.fragment.clone())
            .bind(load.now);
        for row in part {
            query = query
                .bind(row.record_id.as_str().to_owned())
                .bind(row.source_version)
                .bind(i64::from(row.mapping_version))
                .bind(row.content_hash)
                .bind(row.position)
                .bind(row.op == Op::Delete);
        }
        written += query.execute(&mut *tx).await?.rows_affected();
    }
    Ok(written)
}

/// Inserts the rejections whose evidence is not known.
pub(super) async fn insert_rejections(
    tx: &mut SqliteConnection,
    load: &Load<'_>,
    rejections: &[RejectionRow<'_>],
) -> Result<()> {
    for part in parts(rejections) {
        let sql = repeated(
            "INSERT INTO rejections
                (tenant_id, connection_id, stream, run_id, created_at, id, level, code, message, column_name, raw,
                 position, evidence_hash)
             SELECT ?, ?, ?, ?, ?, v.column1, v.column2, v.column3, v.column4, v.column5, v.column6, v.column7,
                    v.column8
               FROM (VALUES ",
            "(?,?,?,?,?,?,?,?)",
            part.len(),
            ") AS v WHERE TRUE ON CONFLICT (tenant_id, connection_id, stream, evidence_hash) DO NOTHING",
        );
        let mut query = sqlx::query(sql)
            .bind(load.tenant)
            .bind(load.origin.connection.0)
            .bind(load.origin.stream.clone())
            .bind(load.run.0)
            .bind(load.now);
        for row in part {
            query = query
                .bind(row.id)
                .bind(row.level)
                .bind(row.code)
                .bind(row.message.to_string())
                .bind(row.column.as_deref().map(str::to_owned))
                .bind(row.raw.to_string())
                .bind(row.position)
                .bind(row.evidence_hash);
        }
        query.execute(&mut *tx).await?;
    }
    Ok(())
}

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
