//! The database connections: one writer, several readers, one file. The only place that says which database it is;
//! every other file speaks of [`Db`] and [`Tx`].

use crate::error::{Error, Result};
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use std::path::Path;
use std::time::Duration;

pub(crate) type Db = sqlx::Sqlite;
pub(crate) type Tx = sqlx::Transaction<'static, Db>;

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

const READERS: u32 = 4;
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(60);
const PAGE_BYTES: u32 = 16 * 1024;
/// Pages of log before a commit moves them to the file: 64 MiB. Fewer would write a hot page several times.
const CHECKPOINT_PAGES: &str = "4096";

#[derive(Debug)]
pub(crate) enum Pool {
    Sqlite { writer: SqlitePool, readers: SqlitePool },
}

impl Pool {
    /// Opens the file, creating it where needed, and brings its tables to this version.
    pub(crate) async fn open_sqlite(path: &Path) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .page_size(PAGE_BYTES)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(BUSY_TIMEOUT)
            .foreign_keys(true)
            .pragma("temp_store", "memory");
        // One writer connection: writers queue in the pool, where waiting is fair, instead of at the file's lock.
        let writing = options
            .clone()
            .pragma("cache_size", "-65536")
            .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
            .pragma("journal_size_limit", "67108864");
        let writer =
            SqlitePoolOptions::new().max_connections(1).acquire_timeout(ACQUIRE_TIMEOUT).connect_with(writing).await?;
        MIGRATIONS.run(&writer).await.map_err(Error::Migration)?;
        let reading = options.pragma("cache_size", "-16384").pragma("query_only", "on").row_buffer_size(512);
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_lazy_with(reading);
        Ok(Self::Sqlite { writer, readers })
    }

    pub(crate) fn readers(&self) -> &sqlx::Pool<Db> {
        match self {
            Self::Sqlite { readers, .. } => readers,
        }
    }

    pub(crate) fn writer(&self) -> &sqlx::Pool<Db> {
        match self {
            Self::Sqlite { writer, .. } => writer,
        }
    }

    /// Begins a transaction in a task of its own: sqlx 0.9.0 gives a connection back with its transaction open when the
    /// future that begins it is dropped (launchbadge/sqlx#4385).
    pub(crate) async fn begin(&self) -> Result<Tx> {
        let writer = self.writer().clone();
        let begun = tokio::spawn(async move { writer.begin().await }).await;
        Ok(begun.unwrap_or(Err(sqlx::Error::PoolClosed))?)
    }

    /// Moves the log into the file and empties it, as far as readers allow.
    pub(crate) async fn checkpoint(&self) -> Result<()> {
        match self {
            Self::Sqlite { writer, .. } => sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(writer).await?,
        };
        Ok(())
    }

    pub(crate) async fn close(&self) {
        self.readers().close().await;
        self.writer().close().await;
    }
}
