//! The deployment guard: says what pending migrations would lose of what is there, so that nobody loses it without having said so.

mod loss;
mod words;

use crate::error::Result;
use loss::{Loss, losses};
use sqlx::migrate::Migration;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection};

/// Larger tables are not counted, which would hold up their users, but estimated.
const COUNTED_MAX: f32 = 100_000.0;
/// Type changes that keep every value, besides those to `text` and to `numeric` without limits.
const WIDER: [(&str, &[&str]); 6] = [
    ("smallint", &["integer", "int", "int4", "bigint", "int8"]),
    ("integer", &["bigint", "int8"]),
    ("real", &["double precision", "float8"]),
    ("character varying", &["varchar", "character varying"]),
    ("date", &["timestamp", "timestamptz", "timestamp with time zone", "timestamp without time zone"]),
    ("json", &["jsonb"]),
];

/// Describes what the migrations would lose; empty when nothing that is there would be lost.
///
/// Tables and columns that are not there, or hold nothing, are no loss.
pub(super) async fn describe(owner: &mut PgConnection, migrations: &[&Migration]) -> Result<Vec<String>> {
    let mut described = Vec::new();
    for migration in migrations {
        for loss in losses(migration.sql.as_str()) {
            if let Some(what) = weigh(owner, &loss).await? {
                described.push(format!("{}: {what}", super::migrate::name(migration)));
            }
        }
    }
    Ok(described)
}

async fn weigh(owner: &mut PgConnection, loss: &Loss) -> Result<Option<String>> {
    Ok(match loss {
        Loss::Block(what) => Some(format!("a block of code that {what}")),
        Loss::Schema(schema) => Some(format!("everything in schema {schema}")),
        Loss::Table(table) => count(owner, table, None).await?.map(|rows| format!("table {table} with {rows} rows")),
        Loss::Rows(table) => count(owner, table, None).await?.map(|rows| format!("rows of {table}, which has {rows}")),
        Loss::Column { table, column } => {
            let values = count(owner, table, Some(column)).await?;
            values.map(|values| format!("column {table}.{column} with {values} values"))
        }
        Loss::Retyped { table, column, to } => match kind(owner, table, column).await? {
            Some(from) if !is_wider(&from, to) => {
                let values = count(owner, table, Some(column)).await?;
                values.map(|values| format!("column {table}.{column}, {values} values from {from} to {to}"))
            }
            _ => None,
        },
    })
}

/// Counts the rows of a table, or those that have a value in a column; none when there are none.
async fn count(owner: &mut PgConnection, table: &str, column: Option<&str>) -> Result<Option<String>> {
    let found: Option<(String, f32, bool, bool)> = sqlx::query_as(
        "SELECT c.oid::REGCLASS::TEXT, c.reltuples, c.relforcerowsecurity,
                $2 IS NULL OR EXISTS (SELECT 1 FROM pg_attribute a
                                       WHERE a.attrelid = c.oid AND a.attname = $2 AND NOT a.attisdropped)
           FROM pg_class c
          WHERE c.oid = to_regclass($1)",
    )
    .bind(quoted(table))
    .bind(column)
    .fetch_optional(&mut *owner)
    .await?;
    let Some((place, estimate, forced, true)) = found else { return Ok(None) };
    if estimate > COUNTED_MAX {
        return Ok(Some(format!("about {estimate:.0}")));
    }
    let mut tx = owner.begin().await?;
    if forced {
        // The owner is held to row security as well and would count nothing. Rolled back below.
        sqlx::query("SET LOCAL lock_timeout = '10s'").execute(&mut *tx).await?;
        let lift = AssertSqlSafe(format!("ALTER TABLE {place} NO FORCE ROW LEVEL SECURITY"));
        sqlx::query(lift).execute(&mut *tx).await?;
    }
    let counted = column.map_or("*".to_owned(), quoted);
    let rows: i64 = sqlx::query_scalar(AssertSqlSafe(format!("SELECT COUNT({counted}) FROM {place}")))
        .persistent(false)
        .fetch_one(&mut *tx)
        .await?;
    tx.rollback().await?;
    Ok((rows > 0).then(|| rows.to_string()))
}

/// Returns the type of a column as PostgreSQL writes it.
async fn kind(owner: &mut PgConnection, table: &str, column: &str) -> Result<Option<String>> {
    let found = sqlx::query_scalar(
        "SELECT format_type(atttypid, atttypmod)
           FROM pg_attribute
          WHERE attrelid = to_regclass($1) AND attname = $2 AND NOT attisdropped",
    )
    .bind(quoted(table))
    .bind(column)
    .fetch_optional(owner)
    .await?;
    Ok(found)
}

fn is_wider(from: &str, to: &str) -> bool {
    let whole_numbers = ["smallint", "integer", "bigint", "numeric"];
    from == to
        || to == "text"
        || (to == "numeric" && whole_numbers.iter().any(|number| from.starts_with(number)))
        || WIDER.iter().any(|(narrow, wide)| *narrow == from && wide.contains(&to))
}

/// Quotes a name, part by part, so that it is found as it was written.
fn quoted(name: &str) -> String {
    let parts: Vec<_> = name.split('.').map(|part| format!("\"{}\"", part.replace('"', "\"\""))).collect();
    parts.join(".")
}
