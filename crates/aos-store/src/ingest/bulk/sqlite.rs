//! The bulk statements of ingest for SQLite: rows of anonymous `?` parameters (it looks named ones up one by one, which costs
//! more than the insert), in a few fixed sizes so that each statement is prepared once.

use super::{Arrival, CurrentRow, Landing, Load, OnConflict, Place};
use crate::convert::count;
use crate::error::Result;
use aos_core::event::Op;
use sqlx::{AssertSqlSafe, SqliteConnection};
use std::sync::Arc;

/// Rows per statement, greatest first; the last is 1.
const SIZES: [usize; 4] = [512, 64, 8, 1];

/// Inserts the events that are not known and returns how many there were. Their texts are taken out of the landing.
pub(super) async fn insert_events(
    tx: &mut SqliteConnection,
    load: &Load<'_>,
    landing: &mut Landing,
) -> Result<u64> {
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

pub(super) async fn insert(
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
