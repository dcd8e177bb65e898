//! One open database: its lockdown, its connections, and the tenant's handle on it.

use super::registry::{EngineOptions, lock};
use super::view::PageCache;
use super::{Error, Result, schema};
use aos_core::Ontology;
use aos_core::policy::Lens;
use duckdb::{Config, Connection};
use serde::Serialize;
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, RwLock};

/// Connections kept ready for readers; more are made when needed and closed after use.
const READERS_KEPT: usize = 4;

/// The files that are open in this process.
static OPEN_FILES: LazyLock<Mutex<HashSet<PathBuf>>> = LazyLock::new(Mutex::default);

/// The tenant's handle, for someone who sees its records through a lens. Cloning it is cheap; while one exists, its database stays
/// open.
#[derive(Clone)]
pub struct TenantEngine {
    pub(super) instance: Arc<Instance>,
    pub(super) lens: Lens,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct EntityCount {
    /// Unified records.
    pub records: u64,
    /// Rows of the sources behind them.
    pub rows: u64,
}

pub(super) struct Instance {
    pub path: PathBuf,
    pub options: EngineOptions,
    ontology: RwLock<Arc<Ontology>>,
    fingerprint: Mutex<String>,
    writer: Mutex<Connection>,
    /// Only ever cloned, so that a reader does not wait for the writer.
    root: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
    position: AtomicI64,
    version: AtomicU64,
    pub pages: Mutex<PageCache>,
    counts: Mutex<Option<(u64, BTreeMap<String, EntityCount>)>>,
    // Last: the claim ends after the connections are closed.
    _claim: Claim,
}

struct Claim(PathBuf);

impl Claim {
    fn new(path: &Path) -> Result<Self> {
        if !lock(&OPEN_FILES).insert(path.to_owned()) {
            return Err(Error::InUse { path: path.display().to_string() });
        }
        Ok(Self(path.to_owned()))
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        lock(&OPEN_FILES).remove(&self.0);
    }
}

impl Instance {
    pub fn open(folder: &Path, options: &EngineOptions, ontology: &Arc<Ontology>) -> Result<Self> {
        std::fs::create_dir_all(folder)?;
        let folder = folder.canonicalize()?;
        let path = folder.join("dcl.duckdb");
        let claim = Claim::new(&path)?;
        let (root, fingerprint, position) = match open_and_read(&path, options, ontology) {
            Ok(opened) => opened,
            Err(error) if is_locked(&error) => return Err(Error::InUse { path: path.display().to_string() }),
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "analytics cache cannot be read and is rebuilt");
                delete(&path);
                open_and_read(&path, options, ontology)?
            }
        };
        Ok(Self {
            writer: Mutex::new(root.try_clone()?),
            root: Mutex::new(root),
            readers: Mutex::default(),
            path,
            options: options.clone(),
            ontology: RwLock::new(ontology.clone()),
            fingerprint: Mutex::new(fingerprint),
            position: AtomicI64::new(position),
            version: AtomicU64::new(1),
            pages: Mutex::default(),
            counts: Mutex::default(),
            _claim: claim,
        })
    }

    /// Makes the database one of this ontology; when its tables change, it is emptied.
    pub fn adopt(&self, ontology: &Arc<Ontology>) -> Result<()> {
        if Arc::ptr_eq(&self.ontology(), ontology) {
            return Ok(());
        }
        let wanted = schema::fingerprint(ontology);
        let writer = self.writer();
        let mut fingerprint = lock(&self.fingerprint);
        if *fingerprint != wanted {
            tracing::info!(path = %self.path.display(), "analytics cache is emptied for another version of the ontology");
            recreate(&writer, ontology)?;
            *fingerprint = wanted;
            self.changed(0);
        }
        *self.ontology.write().unwrap_or_else(std::sync::PoisonError::into_inner) = ontology.clone();
        Ok(())
    }

    pub fn ontology(&self) -> Arc<Ontology> {
        self.ontology.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    pub fn writer(&self) -> MutexGuard<'_, Connection> {
        lock(&self.writer)
    }

    pub fn new_connection(&self) -> Result<Connection> {
        Ok(lock(&self.root).try_clone()?)
    }

    /// Runs a read on a connection whose prepared statements are kept.
    pub fn read<T>(&self, read: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let kept = lock(&self.readers).pop();
        let connection = match kept {
            Some(connection) => connection,
            None => self.new_connection()?,
        };
        let result = read(&connection);
        let mut readers = lock(&self.readers);
        if readers.len() < READERS_KEPT {
            readers.push(connection);
        }
        result
    }

    pub fn position(&self) -> i64 {
        self.position.load(Ordering::Acquire)
    }

    pub fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    /// Notes that the rows are now those up to `position`.
    pub fn changed(&self, position: i64) {
        self.position.store(position, Ordering::Release);
        self.version.fetch_add(1, Ordering::AcqRel);
        lock(&self.pages).clear();
    }
}

impl TenantEngine {
    pub(super) fn new(instance: Arc<Instance>, lens: Lens) -> Self {
        Self { instance, lens }
    }

    /// Returns the position of the last row that a refresh took; the next refresh needs the rows after it.
    pub fn position(&self) -> i64 {
        self.instance.position()
    }

    /// Returns a number that changes whenever a view may have changed.
    pub fn version(&self) -> u64 {
        self.instance.version()
    }

    /// Empties the database; the next refresh starts from the first row.
    pub fn reset(&self) -> Result<()> {
        let writer = self.instance.writer();
        recreate(&writer, &self.instance.ontology())?;
        self.instance.changed(0);
        Ok(())
    }

    /// Counts the records and rows of every entity.
    pub fn counts(&self) -> Result<BTreeMap<String, EntityCount>> {
        let version = self.version();
        if let Some((of, counts)) = &*lock(&self.instance.counts)
            && *of == version
        {
            return Ok(counts.clone());
        }
        let ontology = self.instance.ontology();
        let parts: Vec<String> = ontology
            .entities
            .keys()
            .map(|entity| {
                format!(
                    "SELECT {}, (SELECT count(*) FROM main.{}), (SELECT count(*) FROM {})",
                    schema::literal(entity),
                    schema::quoted(entity),
                    schema::fragments_table(entity),
                )
            })
            .collect();
        let counts = self.instance.read(|connection| {
            let mut statement = connection.prepare(&parts.join(" UNION ALL "))?;
            let rows = statement.query_map([], |row| {
                let (records, rows): (i64, i64) = (row.get(1)?, row.get(2)?);
                Ok((row.get(0)?, EntityCount { records: records.unsigned_abs(), rows: rows.unsigned_abs() }))
            })?;
            Ok(rows.collect::<duckdb::Result<BTreeMap<String, EntityCount>>>()?)
        })?;
        *lock(&self.instance.counts) = Some((version, counts.clone()));
        Ok(counts)
    }
}

type Opened = (Connection, String, i64);

fn open_and_read(path: &Path, options: &EngineOptions, ontology: &Ontology) -> duckdb::Result<Opened> {
    let connection = open_locked_down(path, options)?;
    let wanted = schema::fingerprint(ontology);
    let known = connection.query_row(
        "SELECT count(*) FROM duckdb_tables() WHERE schema_name = 'internal' AND table_name = 'meta'",
        [],
        |row| row.get::<_, i64>(0),
    )?;
    if known == 0 {
        recreate(&connection, ontology)?;
        return Ok((connection, wanted, 0));
    }
    let (fingerprint, position) =
        connection.query_row("SELECT fingerprint, position FROM internal.meta", [], |row| {
            Ok((row.get::<_, String>(0)?, row.get(1)?))
        })?;
    if fingerprint != wanted {
        tracing::info!(path = %path.display(), "analytics cache was built for another ontology and is emptied");
        recreate(&connection, ontology)?;
        return Ok((connection, wanted, 0));
    }
    Ok((connection, wanted, position))
}

/// Opens a database that cannot reach anything but its own file and temporary folder, whatever SQL it is given. Everything is
/// set before the configuration is locked, for the writer as well.
///
/// DuckDB makes plans with what it knows of the values at that moment, and keeps a prepared statement's plan while rows come: one that was made
/// on an empty table squeezes every text into a byte when it sorts, and shows pieces of memory. So plans are made without such knowledge.
fn open_locked_down(path: &Path, options: &EngineOptions) -> duckdb::Result<Connection> {
    let config = Config::default()
        .with("threads", options.threads.max(1).to_string())?
        .with("memory_limit", format!("{}MB", options.memory_limit_mb.max(32)))?
        .with("autoinstall_known_extensions", "false")?
        .with("autoload_known_extensions", "false")?
        .with("allow_community_extensions", "false")?
        .with("preserve_insertion_order", "false")?;
    let connection = Connection::open_with_flags(path, config)?;
    connection.execute_batch(&format!(
        "SET temp_directory = {};
         SET max_temp_directory_size = '{}MB';
         SET GLOBAL TimeZone = 'UTC';
         SET disabled_optimizers = 'statistics_propagation,compressed_materialization';
         SET enable_external_access = false;
         SET lock_configuration = true;",
        schema::literal(&path.with_extension("tmp").display().to_string()),
        options.temp_limit_mb,
    ))?;
    Ok(connection)
}

fn recreate(connection: &Connection, ontology: &Ontology) -> duckdb::Result<()> {
    let views: Vec<String> = {
        let mut statement =
            connection.prepare("SELECT view_name FROM duckdb_views() WHERE schema_name = 'main' AND NOT internal")?;
        statement.query_map([], |row| row.get(0))?.collect::<duckdb::Result<_>>()?
    };
    let drops: String = views.iter().map(|view| format!("DROP VIEW main.{};", schema::quoted(view))).collect();
    in_transaction(connection, || {
        connection.execute_batch(&format!(
            "{drops} DROP SCHEMA IF EXISTS masked CASCADE; DROP SCHEMA IF EXISTS internal CASCADE;"
        ))?;
        connection.execute_batch(&schema::create(ontology))
    })
}

/// Runs `work` as one transaction; an error undoes all of it.
pub(super) fn in_transaction<T, E: From<duckdb::Error>>(
    connection: &Connection,
    work: impl FnOnce() -> std::result::Result<T, E>,
) -> std::result::Result<T, E> {
    connection.execute_batch("BEGIN TRANSACTION")?;
    match work() {
        Ok(done) => {
            connection.execute_batch("COMMIT")?;
            Ok(done)
        }
        Err(error) => {
            if let Err(rollback) = connection.execute_batch("ROLLBACK") {
                tracing::warn!(%rollback, "a transaction was not rolled back; it had ended already");
            }
            Err(error)
        }
    }
}

fn is_locked(error: &duckdb::Error) -> bool {
    error.to_string().contains("Could not set lock")
}

fn delete(path: &Path) {
    for leftover in [path.to_owned(), path.with_extension("duckdb.wal")] {
        if let Err(error) = std::fs::remove_file(&leftover)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(path = %leftover.display(), %error, "a broken cache file cannot be deleted");
        }
    }
}
