//! SQLite: one file, one writer, several readers.

use crate::error::{Error, Result};
use sqlx::migrate::Migrator;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Sqlite, Transaction};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::Mutex;
use uuid::Uuid;

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

const READERS: u32 = 4;
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(60);
const PAGE_BYTES: u32 = 16 * 1024;
/// A log longer than this is moved to the file beside the writing; longer than that, before the next writing begins.
const LOG_MOVED_BYTES: u64 = 96 * 1024 * 1024;
const LOG_MAX_BYTES: u64 = 1024 * 1024 * 1024;
/// What a log shrinks to once it was moved; must be less than [`LOG_MOVED_BYTES`].
const LOG_KEPT_BYTES: &str = "67108864";

#[derive(Debug)]
pub(crate) struct SqlitePools {
    writer: SqlitePool,
    readers: SqlitePool,
    log: Log,
    /// Tenants that are being deleted, or were.
    shut_out: Arc<RwLock<HashSet<Uuid>>>,
}

/// The write-ahead log. Its transfer waits for the disk twice, so a task of its own does it while writing goes on.
#[derive(Debug, Clone)]
struct Log {
    path: PathBuf,
    mover: SqlitePool,
    moving: Arc<Mutex<()>>,
}

impl SqlitePools {
    /// Opens the file, creating it where needed, and brings its tables to this version.
    pub(super) async fn open(path: &Path) -> Result<Self> {
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
            .pragma("wal_autocheckpoint", "0")
            .pragma("journal_size_limit", LOG_KEPT_BYTES);
        let pool = |most| SqlitePoolOptions::new().max_connections(most).acquire_timeout(ACQUIRE_TIMEOUT);
        let writer = pool(1).connect_with(writing).await?;
        MIGRATIONS.run(&writer).await.map_err(Error::of_migration)?;
        let mover = pool(1).connect_lazy_with(options.clone());
        let reading = options.pragma("cache_size", "-16384").pragma("query_only", "on").row_buffer_size(512);
        let readers = pool(READERS).connect_lazy_with(reading);
        let mut log = path.as_os_str().to_owned();
        log.push("-wal");
        let log = Log { path: log.into(), mover, moving: Arc::default() };
        let gone = sqlx::query_scalar("SELECT tenant FROM tenant_deletions").fetch_all(&readers).await?;
        let shut_out = Arc::new(RwLock::new(gone.into_iter().collect()));
        Ok(Self { writer, readers, log, shut_out })
    }

    pub(super) async fn reader(&self) -> Result<PoolConnection<Sqlite>, sqlx::Error> {
        self.readers.acquire().await
    }

    /// Begins a transaction that sees the rows as of its first statement and changes none.
    pub(super) async fn begin_reading(&self) -> Result<Transaction<'static, Sqlite>> {
        let readers = self.readers.clone();
        let begun = tokio::spawn(async move { readers.begin().await }).await;
        Ok(begun.unwrap_or(Err(sqlx::Error::PoolClosed))?)
    }

    /// Begins a transaction in a task of its own: sqlx 0.9.0 gives a connection back with its transaction open when the
    /// future that begins it is dropped (launchbadge/sqlx#4385).
    pub(super) async fn begin(&self) -> Result<Transaction<'static, Sqlite>> {
        self.log.keep_short().await;
        let writer = self.writer.clone();
        let begun = tokio::spawn(async move { writer.begin().await }).await;
        Ok(begun.unwrap_or(Err(sqlx::Error::PoolClosed))?)
    }

    pub(super) fn sizes(&self) -> Vec<(&'static str, u32, usize)> {
        [("writer", &self.writer), ("reader", &self.readers)]
            .map(|(role, pool)| (role, pool.size(), pool.num_idle()))
            .into()
    }

    /// Lets no transaction of a tenant begin any more.
    pub(super) fn shut_out(&self, tenant: Uuid) {
        self.shut_out.write().unwrap_or_else(PoisonError::into_inner).insert(tenant);
    }

    pub(super) fn is_shut_out(&self, tenant: Uuid) -> bool {
        self.shut_out.read().unwrap_or_else(PoisonError::into_inner).contains(&tenant)
    }

    /// Moves the whole log into the file and empties it, as far as readers allow.
    pub(super) async fn finish_bulk(&self) -> Result<()> {
        let _one_at_a_time = self.log.moving.lock().await;
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&self.log.mover).await?;
        Ok(())
    }

    pub(super) async fn close(&self) {
        self.log.mover.close().await;
        self.readers.close().await;
        self.writer.close().await;
    }
}

impl Log {
    /// Has a long log moved, waiting for it only when it has become far too long. A failure leaves the log as it is, where
    /// nothing is lost and the next writer tries again.
    async fn keep_short(&self) {
        let bytes = std::fs::metadata(&self.path).map_or(0, |file| file.len());
        if bytes > LOG_MAX_BYTES {
            let moving = self.moving.clone().lock_owned().await;
            self.start_moving(moving).await.ok();
        } else if bytes > LOG_MOVED_BYTES
            && let Ok(moving) = self.moving.clone().try_lock_owned()
        {
            self.start_moving(moving);
        }
    }

    fn start_moving(&self, moving: tokio::sync::OwnedMutexGuard<()>) -> tokio::task::JoinHandle<()> {
        let mover = self.mover.clone();
        tokio::spawn(async move {
            let _until_done = moving;
            if let Err(error) = sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(&mover).await {
                tracing::warn!(%error, "the database's log could not be moved to its file: {error}");
            }
        })
    }
}
