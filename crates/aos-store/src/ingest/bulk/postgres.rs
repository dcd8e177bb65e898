//! The bulk statements of ingest for PostgreSQL: one array per column, unnested on the server.

use super::{Arrival, CurrentRow, Landing, Load, OnConflict, Place};
use crate::convert::count;
use crate::error::Result;
use aos_core::event::Op;
use sqlx::PgConnection;

/// Rows per statement.
const ROWS: usize = 5000;

/// Inserts the events that are not known and returns how many there were. Their texts are taken out of the landing.
pub(super) async fn insert_events(tx: &mut PgConnection, load: &Load<'_>, landing: &mut Landing) -> Result<u64> {
    let mut inserted = 0;
    for group in &mut landing.groups {
        for part in group.arrivals.chunks_mut(ROWS) {
            let done = sqlx::query(
                "INSERT INTO canonical_stream
                    (tenant_id, connection_id, entity, fragment, segment_id, emitted_at, run_id, position, dedupe_key,
                     record_id, op, source_version, mapping_version, raw_position, data, extras)
                 SELECT $1, $2, $3, $4, $5, $6, $7, v.*
                   FROM UNNEST($8::bigint[], $9::bytea[], $10::text[], $11::text[], $12::bigint[], $13::bigint[],
                               $14::bigint[], $15::text[], $16::text[]) AS v
                 ON CONFLICT (tenant_id, record_id, dedupe_key) DO NOTHING",
            )
            .bind(load.tenant)
            .bind(load.origin.connection.0)
            .bind(&*group.entity)
            .bind(&*group.fragment)
            .bind(load.origin.segment)
            .bind(load.emitted_at)
            .bind(load.run.0)
            .bind(column(part, |arrival| arrival.position))
            .bind(column(part, |arrival| arrival.dedupe_key.to_vec()))
            .bind(column(part, |arrival| arrival.record_id.to_string()))
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

pub(super) async fn current(
    tx: &mut PgConnection,
    load: &Load<'_>,
    place: Place<'_>,
    ids: &[&str],
) -> Result<Vec<CurrentRow>> {
    let rows = sqlx::query_as(
        "SELECT record_id, source_version, mapping_version, content_hash, position, deleted
           FROM materialized
          WHERE tenant_id = $1 AND entity = $2 AND connection_id = $3 AND fragment = $4 AND record_id = ANY($5)",
    )
    .bind(load.tenant)
    .bind(&**place.entity)
    .bind(load.origin.connection.0)
    .bind(&**place.fragment)
    .bind(ids)
    .fetch_all(tx)
    .await?;
    Ok(rows)
}

pub(super) async fn insert(
    tx: &mut PgConnection,
    load: &Load<'_>,
    place: Place<'_>,
    rows: &[&Arrival],
    on_conflict: OnConflict,
) -> Result<u64> {
    let sql = match on_conflict {
        OnConflict::Keep => concat!(
            "INSERT INTO materialized
                (tenant_id, entity, connection_id, fragment, updated_at, record_id, source_version, mapping_version,
                 content_hash, position, deleted)
             SELECT $1, $2, $3, $4, $5, v.*
               FROM UNNEST($6::text[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::boolean[]) AS v
             ON CONFLICT (tenant_id, entity, connection_id, record_id, fragment) ",
            "DO NOTHING"
        ),
        OnConflict::Replace => concat!(
            "INSERT INTO materialized
                (tenant_id, entity, connection_id, fragment, updated_at, record_id, source_version, mapping_version,
                 content_hash, position, deleted)
             SELECT $1, $2, $3, $4, $5, v.*
               FROM UNNEST($6::text[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::boolean[]) AS v
             ON CONFLICT (tenant_id, entity, connection_id, record_id, fragment) ",
            "DO UPDATE
                SET source_version = excluded.source_version, mapping_version = excluded.mapping_version,
                    content_hash = excluded.content_hash, position = excluded.position,
                    deleted = excluded.deleted, updated_at = excluded.updated_at"
        ),
    };
    let mut written = 0;
    for part in rows.chunks(ROWS) {
        let done = sqlx::query(sql)
            .bind(load.tenant)
            .bind(&**place.entity)
            .bind(load.origin.connection.0)
            .bind(&**place.fragment)
            .bind(load.now)
            .bind(column(part, |row| row.record_id.to_string()))
            .bind(column(part, |row| row.source_version))
            .bind(column(part, |row| i64::from(row.mapping_version)))
            .bind(column(part, |row| row.content_hash))
            .bind(column(part, |row| row.position))
            .bind(column(part, |row| row.op == Op::Delete))
            .execute(&mut *tx)
            .await?;
        written += done.rows_affected();
    }
    Ok(written)
}

fn column<R, T>(rows: &[R], value: impl Fn(&R) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}

fn op_word(op: Op) -> &'static str {
    match op {
        Op::Upsert => "upsert",
        Op::Delete => "delete",
    }
}
