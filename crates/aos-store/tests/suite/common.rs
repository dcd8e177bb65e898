//! What every test of the store needs: a store in a directory of its own, tenants, and pages to commit.
#![allow(dead_code)] // Each test file uses its part.

use aos_core::event::{CanonicalEvent, Code, Level, Op, Origin, Rejection};
use aos_core::ledger::Tally;
use aos_core::tenant::Principal;
use aos_core::vault::MasterKeys;
use aos_core::{Clock, ConnectionId, Role, RunId, TenantScope};
use aos_store::{
    Change, Connection, Keyring, MigrateOptions, NewConnection, PageCommit, PostgresOptions, Result, SegmentRow, Store,
    StreamDone, TenantStore,
};
use aos_testservers::{Database, Postgres};
use chrono::DateTime;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Which database the suite runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

pub struct TestStore {
    pub store: Store,
    pub clock: Clock,
    place: Place,
}

/// Where the rows are.
pub enum Place {
    Sqlite(tempfile::TempDir),
    Postgres(Database),
}

impl TestStore {
    pub async fn new() -> Self {
        let clock = Clock::fixed(DateTime::from_timestamp(1_700_000_000, 0).unwrap());
        let place = match crate::BACKEND {
            Backend::Sqlite => Place::Sqlite(tempfile::tempdir().unwrap()),
            Backend::Postgres => Place::Postgres(migrated_database()),
        };
        let store = place.open(&clock).await;
        Self { store, clock, place }
    }

    /// Opens the same rows again, as a new process would.
    pub async fn reopened(self) -> Self {
        self.store.close().await;
        let store = self.place.open(&self.clock).await;
        Self { store, ..self }
    }

    /// Opens the same rows beside this store, as another process does; with SQLite one process has them all, so it is this store again.
    pub async fn opened_beside(&self) -> Store {
        match &self.place {
            Place::Sqlite(_) => self.store.clone(),
            Place::Postgres(_) => self.place.open(&self.clock).await,
        }
    }

    /// Runs SQL as a BI tool would: past our doors. Gives the first column as text.
    pub async fn query(&self, sql: &str) -> Vec<String> {
        use sqlx::{Connection, Row};
        let directory = match &self.place {
            Place::Postgres(database) => return database.sql(sql).lines().map(str::to_owned).collect(),
            Place::Sqlite(directory) => directory,
        };
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(directory.path().join("store.db"));
        let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(&mut connection).await.unwrap();
        rows.iter().map(|row| row.try_get::<Option<String>, _>(0).unwrap().unwrap_or_default()).collect()
    }

    /// Returns the private database; only for tests of what PostgreSQL alone has.
    pub fn database(&self) -> &Database {
        match &self.place {
            Place::Postgres(database) => database,
            Place::Sqlite(_) => panic!("this test is for PostgreSQL"),
        }
    }

    pub async fn scope(&self, tenant: &str) -> TenantScope {
        let tenant = self.store.system().ensure_tenant(tenant).await.unwrap();
        establish(tenant.id)
    }
}

impl Place {
    async fn open(&self, clock: &Clock) -> Store {
        let store = match self {
            Self::Sqlite(directory) => Store::open(directory.path().join("store.db"), clock.clone()).await.unwrap(),
            Self::Postgres(database) => Store::open_postgres(&options(database), clock.clone()).await.unwrap(),
        };
        store.with_keyring(keyring(&"42".repeat(32)))
    }
}

/// Makes a ring of master keys, written as the operator does.
pub fn keyring(keys: &str) -> Keyring {
    let keys = keys.to_owned();
    Keyring::open(move || Ok(MasterKeys::parse(&keys)?)).unwrap()
}

pub fn options(database: &Database) -> PostgresOptions {
    PostgresOptions { max_connections: 5, ..PostgresOptions::new(database.url("app")) }
}

/// Returns the server, or ends the program: a machine without PostgreSQL leaves these tests out, and says so.
pub fn server() -> Postgres {
    Postgres::start().unwrap_or_else(|| {
        eprintln!("SKIPPED: there is no PostgreSQL 15 or newer on this machine (apt-get install postgresql)");
        std::process::exit(0)
    })
}

/// Returns a database with all tables, and the roles `app` and `app_system`.
pub fn migrated_database() -> Database {
    server().database(|database| {
        let wanted = migrate_options(database);
        // Tests are asynchronous already, and one runtime cannot wait inside another.
        let migrating = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(aos_store::migrate(&wanted)).unwrap();
        });
        migrating.join().unwrap();
    })
}

pub fn migrate_options(database: &Database) -> MigrateOptions {
    MigrateOptions {
        owner_url: database.owner_url(),
        application_url: Some(database.url("app")),
        system_url: None,
        allow_destructive: false,
    }
}

#[allow(clippy::disallowed_methods)] // Tests stand in for the doors that may.
pub fn establish(tenant: aos_core::TenantId) -> TenantScope {
    TenantScope::establish(tenant, Principal::Local, Role::Owner)
}

#[allow(clippy::disallowed_methods)] // Tests stand in for the doors that may.
pub fn establish_user(tenant: aos_core::TenantId) -> TenantScope {
    TenantScope::establish(tenant, Principal::User(aos_core::UserId::new()), Role::Member)
}

/// A connection with a run on it, to commit pages for.
pub struct Source<'s> {
    pub store: TenantStore<'s>,
    pub connection: Connection,
    pub run: RunId,
    pub generation: i64,
}

pub async fn source<'s>(store: &'s Store, scope: &TenantScope, name: &str) -> Source<'s> {
    let store = store.tenant(scope);
    let connection = store.create_connection(new_connection(name)).await.unwrap();
    let run = store.start_run(connection.id, "trace").await.unwrap().id;
    Source { store, connection, run, generation: 1 }
}

pub fn new_connection(name: &str) -> NewConnection {
    NewConnection {
        name: name.into(),
        system: "salesforce".into(),
        connector: "file".into(),
        config: serde_json::json!({ "path": name }),
    }
}

impl Source<'_> {
    pub fn origin(&self) -> Origin {
        Origin {
            tenant: self.store.scope().tenant_id(),
            connection: self.connection.id,
            system: "salesforce".into(),
            stream: "Account".into(),
            trace_id: "trace".into(),
            emitted_at: DateTime::from_timestamp(1_700_000_000, 0).unwrap(),
            schema_version: "f".into(),
            segment: Uuid::from_u128(7),
            generation: self.generation,
        }
    }

    /// Commits events as a page of which each raw position is one record.
    pub async fn commit(&self, events: Vec<CanonicalEvent>) -> Result<Tally> {
        self.commit_with(events, None, |_| {}).await
    }

    pub async fn commit_with(
        &self,
        events: Vec<CanonicalEvent>,
        segment: Option<&SegmentRow>,
        change: impl FnOnce(&mut PageCommit<'_>),
    ) -> Result<Tally> {
        let origin = self.origin();
        let mut page = page(self.run, &origin, events);
        page.segment = segment;
        change(&mut page);
        self.store.commit_page(page).await
    }

    pub async fn next_run(&mut self) {
        self.run = self.store.start_run(self.connection.id, "trace").await.unwrap().id;
    }

    pub async fn rows(&self) -> Vec<Change> {
        self.store.changes_since(0, 10_000).await.unwrap()
    }

    /// Returns what holds of one record's only fragment.
    pub async fn held(&self, record: &str) -> Option<String> {
        let rows = self.store.fragments("account", self.connection.id, record).await.unwrap();
        assert!(rows.len() <= 1);
        rows.into_iter().next().map(|row| if row.deleted { "deleted".to_owned() } else { row.data })
    }
}

pub fn page<'a>(run: RunId, origin: &'a Origin, events: Vec<CanonicalEvent>) -> PageCommit<'a> {
    let mut records: Vec<_> = events.iter().map(|event| event.raw_position).collect();
    records.sort_unstable();
    records.dedup();
    PageCommit {
        run,
        origin,
        segment: None,
        read: records.len() as u64,
        unchanged: 0,
        events,
        rejections: Vec::new(),
        filtered: 0,
        rejected_records: 0,
        warnings: BTreeMap::new(),
        requests: 0,
        newest_before: None,
        reading: None,
        done: None,
    }
}

pub fn event(record: &str, raw_position: u64, source_version: i64, data: &str) -> CanonicalEvent {
    CanonicalEvent {
        entity: "account".into(),
        fragment: "Account".into(),
        op: Op::Upsert,
        record_id: record.into(),
        source_version,
        mapping_version: 1,
        raw_position,
        data: data.into(),
        extras: "{}".into(),
    }
}

pub fn delete(record: &str, raw_position: u64, source_version: i64) -> CanonicalEvent {
    CanonicalEvent { op: Op::Delete, ..event(record, raw_position, source_version, "{}") }
}

pub fn rejection(position: u64, raw: &str) -> Rejection {
    Rejection {
        level: Level::Record,
        code: Code::MissingKey,
        message: "the record has no key".into(),
        column: Some("Id".into()),
        raw: raw.into(),
        position,
    }
}

pub fn done(version: &str, generation: i64, records_read: u64) -> Option<StreamDone> {
    Some(StreamDone { version: version.into(), generation, records_read, whole: true, ..StreamDone::default() })
}

pub fn tally(read: u64, landed: u64, duplicate: u64) -> Tally {
    Tally { read, landed, duplicate, ..Tally::default() }
}

pub fn unknown_connection() -> ConnectionId {
    ConnectionId(Uuid::from_u128(99))
}
