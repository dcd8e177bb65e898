//! One tenant's rows as of one moment, read as JSON in one long transaction that changes nothing.

use super::{Actor, Pool, Prepared, Row, all_postgres, all_sqlite, query};
use crate::Result;
use futures_util::TryStreamExt;
use sqlx::postgres::Postgres;
use sqlx::sqlite::Sqlite;
use sqlx::{AssertSqlSafe, Transaction};
use uuid::Uuid;

/// Rows that PostgreSQL hands over at once.
const FETCH: usize = 1000;

pub(crate) struct Snapshot {
    tenant: Uuid,
    tx: Reading,
}

enum Reading {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>, Prepared),
}

impl Snapshot {
    pub(crate) async fn begin(pool: &Pool, tenant: Uuid) -> Result<Self> {
        let tx = match pool {
            Pool::Sqlite(pools) => Reading::Sqlite(pools.begin_reading().await?),
            Pool::Postgres(pools) => {
                Reading::Postgres(pools.begin_snapshot(Actor::Tenant(tenant)).await?, pools.prepared())
            }
        };
        Ok(Self { tenant, tx })
    }

    /// Lists the tables of tenants that may be read, and their columns in order.
    pub(crate) async fn tables(&mut self) -> Result<Vec<(String, Vec<String>)>> {
        let rows: Vec<(String, String)> = match &mut self.tx {
            Reading::Sqlite(tx) => {
                let sql = "SELECT m.name, (SELECT group_concat(c.name, ',') FROM (SELECT name FROM pragma_table_info(m.name) ORDER BY cid) c)
                             FROM sqlite_master m
                            WHERE m.type = 'table' AND EXISTS (SELECT 1 FROM pragma_table_info(m.name) c WHERE c.name = 'tenant_id')
                            ORDER BY m.name";
                read(all_sqlite(query(sql), tx).await)?
            }
            Reading::Postgres(tx, prepared) => {
                let sql = "SELECT c.relname::TEXT,
                                  (SELECT string_agg(k.attname, ',' ORDER BY k.attnum)
                                     FROM pg_attribute k
                                    WHERE k.attrelid = c.oid AND k.attnum > 0 AND NOT k.attisdropped)
                             FROM pg_class c
                             JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
                            WHERE c.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = to_regclass('audit'))
                              AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND has_table_privilege(c.oid, 'SELECT')
                            ORDER BY c.relname";
                read(all_postgres(query(sql), *prepared, tx).await)?
            }
        };
        let split = |(table, columns): (String, String)| (table, columns.split(',').map(str::to_owned).collect());
        Ok(rows.into_iter().map(split).collect())
    }

    /// Visits the rows of a table, each as a JSON object. Bytes are written in hexadecimal, identifiers as UUIDs.
    pub(crate) async fn rows(
        &mut self,
        table: &str,
        columns: &[&str],
        visit: &mut (dyn FnMut(&str) -> Result<()> + Send),
    ) -> Result<()> {
        let tenant = self.tenant;
        match &mut self.tx {
            Reading::Sqlite(tx) => {
                let pairs: Vec<_> = columns.iter().map(|column| sqlite_pair(column)).collect();
                let sql = format!("SELECT json_object({}) FROM \"{table}\" WHERE tenant_id = $1", pairs.join(", "));
                let mut rows = sqlx::query_scalar::<_, String>(AssertSqlSafe(sql)).bind(tenant).fetch(&mut **tx);
                while let Some(row) = rows.try_next().await? {
                    visit(&row)?;
                }
            }
            Reading::Postgres(tx, _) => {
                let names: Vec<_> = columns.iter().map(|column| format!("\"{column}\"")).collect();
                // A cursor takes no arguments; an identifier is written as nothing but hexadecimal digits.
                let declare = format!(
                    "DECLARE exported NO SCROLL CURSOR FOR
                     SELECT row_to_json(r)::TEXT FROM (SELECT {} FROM \"{table}\" WHERE tenant_id = '{tenant}') r",
                    names.join(", ")
                );
                sqlx::query(AssertSqlSafe(declare)).persistent(false).execute(&mut **tx).await?;
                let fetch = format!("FETCH {FETCH} FROM exported");
                loop {
                    let fetch = sqlx::query_scalar::<_, String>(AssertSqlSafe(fetch.clone())).persistent(false);
                    let rows = fetch.fetch_all(&mut **tx).await?;
                    for row in &rows {
                        visit(row)?;
                    }
                    if rows.len() < FETCH {
                        break;
                    }
                }
                sqlx::query("CLOSE exported").persistent(false).execute(&mut **tx).await?;
            }
        }
        Ok(())
    }
}

fn read<R: Row>(rows: Result<Vec<R>, sqlx::Error>) -> Result<Vec<R>> {
    Ok(rows?)
}

/// Writes the name and the value of a column for `json_object`, which takes no bytes.
fn sqlite_pair(column: &str) -> String {
    let hex = format!("lower(hex(\"{column}\"))");
    let part = |from: u8, length: u8| format!("substr({hex}, {from}, {length})");
    let uuid = [part(1, 8), part(9, 4), part(13, 4), part(17, 4), part(21, 12)].join(" || '-' || ");
    format!(
        "'{column}', CASE WHEN typeof(\"{column}\") <> 'blob' THEN \"{column}\" WHEN length(\"{column}\") = 16 THEN {uuid} ELSE {hex} END"
    )
}
