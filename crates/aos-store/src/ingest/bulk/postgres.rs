//! The bulk statements of ingest for PostgreSQL: one array per column, unnested on the server. Measured, that is as fast as
//! `COPY` into a temporary table and an insert from there; `COPY` into the tables themselves is refused under row security.

use super::{CurrentRow, Landing, Load, Place};
use crate::convert::count;
use crate::error::Result;
use crate::ingest::landing::{Arrival, Group};
use crate::ingest::merge::{CurrentRows, is_surely_new};
use crate::rejections::RejectionRow;
use aos_core::event::Op;
use sqlx::PgConnection;

/// Rows per statement. The server keeps what it unnests in memory while it is small, and in a file when it is not.
const ROWS: usize = 1000;

macro_rules! insert_events {
    ($tail:literal) => {
        concat!(
            "INSERT INTO canonical_stream
                (tenant_id, connection_id, entity, fragment, segment_id, emitted_at, run_id, position, dedupe_key,
                 record_id, op, source_version, mapping_version, raw_position, data, extras)
             SELECT $1, $2, $3, $4, $5, $6, $7, v.*
               FROM UNNEST($8::bigint[], $9::bytea[], $10::text[], $11::text[], $12::bigint[], $13::bigint[],
                           $14::bigint[], $15::text[], $16::text[]) AS v",
            $tail
        )
    };
}
const INSERT_EVENTS: &str = insert_events!("");
const INSERT_EVENTS_NOT_KNOWN: &str = insert_events!(" ON CONFLICT (tenant_id, record_id, dedupe_key) DO NOTHING");

macro_rules! insert_rows {
    ($tail:literal) => {
        concat!(
            "INSERT INTO materialized
                (tenant_id, entity, connection_id, fragment, updated_at, record_id, source_version, mapping_version,
                 content_hash, position, deleted)
             SELECT $1, $2, $3, $4, $5, v.*
               FROM UNNEST($6::text[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::boolean[]) AS v",
            $tail
        )
    };
}
const INSERT_ROWS: &str = insert_rows!("");
const REPLACE_ROWS: &str = insert_rows!(
    " ON CONFLICT (tenant_id, entity, connection_id, record_id, fragment) DO UPDATE
         SET source_version = excluded.source_version, mapping_version = excluded.mapping_version,
             content_hash = excluded.content_hash, position = excluded.position,
             deleted = excluded.deleted, updated_at = excluded.updated_at"
);

/// Reads what is materialized under the keys.
///
/// The server has no statistics while a table fills, and then reads all rows of the entity for every page unless each key is
/// looked up on its own, which `OFFSET 0` makes it do.
pub(super) async fn current(
    tx: &mut PgConnection,
    load: &Load<'_>,
    place: Place<'_>,
    ids: &[&str],
) -> Result<Vec<CurrentRow>> {
    // In the order of the index, neighbours are met together.
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    let (Some(least), Some(greatest)) = (ids.first(), ids.last()) else { return Ok(Vec::new()) };
    if !any_between(tx, load, place, least, greatest).await? {
        return Ok(Vec::new());
    }
    let rows = sqlx::query_as(
        "SELECT held.*
           FROM UNNEST($5::text[]) AS key (record_id)
          CROSS JOIN LATERAL (
                SELECT record_id, source_version, mapping_version, content_hash, position, deleted
                  FROM materialized
                 WHERE tenant_id = $1 AND entity = $2 AND connection_id = $3 AND fragment = $4
                   AND record_id = key.record_id
                OFFSET 0) AS held",
    )
    .persistent(load.kept)
    .bind(load.tenant)
    .bind(&**place.entity)
    .bind(load.origin.connection.0)
    .bind(&**place.fragment)
    .bind(ids)
    .fetch_all(tx)
    .await?;
    Ok(rows)
}

/// Tells whether anything is held between the least and the greatest key: an export is often sorted, and then a page of new
/// records lies beyond all that are held, which is one look instead of one per record.
async fn any_between(
    tx: &mut PgConnection,
    load: &Load<'_>,
    place: Place<'_>,
    least: &str,
    greatest: &str,
) -> Result<bool> {
    // By bytes, as the keys were compared here.
    let found = sqlx::query_scalar(
        "SELECT EXISTS (
                SELECT FROM materialized
                 WHERE tenant_id = $1 AND entity = $2 AND connection_id = $3
                   AND record_id COLLATE \"C\" BETWEEN $4 AND $5)",
    )
    .persistent(load.kept)
    .bind(load.tenant)
    .bind(&**place.entity)
    .bind(load.origin.connection.0)
    .bind(least)
    .bind(greatest)
    .fetch_one(tx)
    .await?;
    Ok(found)
}

/// Inserts the events that are not known and returns how many there were. Their texts are taken out of the landing.
pub(super) async fn insert_events(tx: &mut PgConnection, load: &Load<'_>, landing: &mut Landing) -> Result<u64> {
    let mut inserted = 0;
    for Group { entity, fragment, arrivals, current } in &mut landing.groups {
        for part in arrivals.chunks_mut(ROWS) {
            // Looking for a conflict costs as much as an index; where there can be none, none is looked for.
            let new = current.as_ref().is_some_and(|held| part.iter().all(|arrival| is_surely_new(held, arrival)));
            let done = sqlx::query(if new { INSERT_EVENTS } else { INSERT_EVENTS_NOT_KNOWN })
                .persistent(load.kept)
                .bind(load.tenant)
                .bind(load.origin.connection.0)
                .bind(&**entity)
                .bind(&**fragment)
                .bind(load.origin.segment)
                .bind(load.emitted_at)
                .bind(load.run.0)
                .bind(column(part, |arrival| arrival.position))
                .bind(column(part, |arrival| arrival.dedupe_key))
                .bind(column(part, |arrival| arrival.record_id.as_str()))
                .bind(column(part, |arrival| op_word(arrival.op)))
                .bind(column(part, |arrival| arrival.source_version))
                .bind(column(part, |arrival| i64::from(arrival.mapping_version)))
                .bind(column(part, |arrival| count(arrival.raw_position)))
                .bind(part.iter_mut().map(|arrival| std::mem::take(&mut arrival.data)).collect::<Vec<_>>())
                .bind(part.iter_mut().map(|arrival| std::mem::take(&mut arrival.extras)).collect::<Vec<_>>())
                .execute(&mut *tx)
                .await?;
            inserted += done.rows_affected();
        }
    }
    Ok(inserted)
}

/// Writes rows of `materialized`: those under new keys, and those that take the place of one that is there.
pub(super) async fn write_rows(
    tx: &mut PgConnection,
    load: &Load<'_>,
    place: Place<'_>,
    rows: &[&Arrival],
    held: &CurrentRows,
) -> Result<()> {
    let (replacing, new): (Vec<&Arrival>, Vec<&Arrival>) =
        rows.iter().copied().partition(|row| held.contains_key(&row.record_id));
    write(tx, load, place, INSERT_ROWS, &new).await?;
    replace(tx, load, place, &replacing).await
}

/// Writes rows, over those that are there.
pub(super) async fn replace(tx: &mut PgConnection, load: &Load<'_>, place: Place<'_>, rows: &[&Arrival]) -> Result<()> {
    write(tx, load, place, REPLACE_ROWS, rows).await
}

async fn write(
    tx: &mut PgConnection,
    load: &Load<'_>,
    place: Place<'_>,
    sql: &'static str,
    rows: &[&Arrival],
) -> Result<()> {
    for part in rows.chunks(ROWS) {
        sqlx::query(sql)
            .persistent(load.kept)
            .bind(load.tenant)
            .bind(&**place.entity)
            .bind(load.origin.connection.0)
            .bind(&**place.fragment)
            .bind(load.now)
            .bind(column(part, |row| row.record_id.as_str()))
            .bind(column(part, |row| row.source_version))
            .bind(column(part, |row| i64::from(row.mapping_version)))
            .bind(column(part, |row| row.content_hash))
            .bind(column(part, |row| row.position))
            .bind(column(part, |row| row.op == Op::Delete))
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}

/// Inserts the rejections whose evidence is not known.
pub(super) async fn insert_rejections(
    tx: &mut PgConnection,
    load: &Load<'_>,
    rejections: &[RejectionRow<'_>],
) -> Result<()> {
    for part in rejections.chunks(ROWS) {
        sqlx::query(
            "INSERT INTO rejections
                (tenant_id, connection_id, stream, run_id, created_at, id, level, code, message, column_name, raw,
                 position, evidence_hash)
             SELECT $1, $2, $3, $4, $5, v.*
               FROM UNNEST($6::uuid[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::bigint[],
                           $13::bigint[]) AS v
             ON CONFLICT (tenant_id, connection_id, stream, evidence_hash) DO NOTHING",
        )
        .persistent(load.kept)
        .bind(load.tenant)
        .bind(load.origin.connection.0)
        .bind(&load.origin.stream)
        .bind(load.run.0)
        .bind(load.now)
        .bind(column(part, |row| row.id))
        .bind(column(part, |row| row.level))
        .bind(column(part, |row| row.code))
        .bind(column(part, |row| &*row.message))
        .bind(column(part, |row| row.column.as_deref()))
        .bind(column(part, |row| &*row.raw))
        .bind(column(part, |row| row.position))
        .bind(column(part, |row| row.evidence_hash))
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

fn column<'r, R, T>(rows: &'r [R], value: impl Fn(&'r R) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}

fn op_word(op: Op) -> &'static str {
    match op {
        Op::Upsert => "upsert",
        Op::Delete => "delete",
    }
}
