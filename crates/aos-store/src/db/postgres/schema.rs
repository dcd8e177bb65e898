//! Which migrations this program has, and which a database has seen.

use super::refusal::DatabaseError;
use crate::error::Result;
use sqlx::migrate::{Migration, Migrator};
use sqlx::postgres::PgConnection;

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");
pub(super) const TABLE: &str = "_sqlx_migrations";

/// Returns the number of this program's last migration, of either database.
pub fn version() -> i64 {
    known().last().map_or(0, |migration| migration.version)
}

/// Returns this program's migrations, in their order.
pub(super) fn known() -> &'static [Migration] {
    &MIGRATIONS.migrations
}

/// Returns the numbers of the migrations that were applied; none where there is no table of them.
///
/// Refuses a database that knows migrations this program does not, or knows them in another form.
pub(super) async fn applied(connection: &mut PgConnection, known: &[Migration]) -> Result<Vec<i64>> {
    let exists: bool = sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL")
        .persistent(false)
        .bind(TABLE)
        .fetch_one(&mut *connection)
        .await?;
    if !exists {
        return Ok(Vec::new());
    }
    let rows: Vec<(i64, Vec<u8>)> = sqlx::query_as("SELECT version, checksum FROM _sqlx_migrations ORDER BY version")
        .persistent(false)
        .fetch_all(connection)
        .await?;
    for (version, checksum) in &rows {
        match known.iter().find(|migration| migration.version == *version) {
            None => return Err(DatabaseError::NewerSchema { version: *version }.into()),
            Some(migration) if migration.checksum != *checksum => {
                return Err(DatabaseError::ChangedMigration { version: *version }.into());
            }
            Some(_) => {}
        }
    }
    Ok(rows.into_iter().map(|(version, _)| version).collect())
}

/// Refuses a database whose tables are older or newer than this program.
pub(super) async fn check(connection: &mut PgConnection) -> Result<()> {
    let (found, needed) = (applied(connection, known()).await?.len(), known().len());
    if found < needed {
        return Err(DatabaseError::OldSchema { found, needed }.into());
    }
    Ok(())
}
