//! A private PostgreSQL server, shared by all test processes that run at the same time, and a database of its own for each test.
//!
//! The server listens on a socket in a directory of this user's only. Whoever uses it holds a shared lock on a file; the
//! operating system releases it also when a test dies. A watchdog (`sh`, `flock`) stops the server and removes its files once
//! nobody has held the lock for a while.

mod cluster;
mod own;
mod programs;

pub use own::OwnPostgres;
pub(crate) use programs::instead_of_root;

use cluster::Cluster;
use std::sync::atomic::{AtomicU32, Ordering};

/// A database of its own on the shared server, dropped with this value.
pub struct Database {
    server: Postgres,
    name: String,
}

/// The shared server. It stays while any value of this type lives in any process.
#[derive(Clone)]
pub struct Postgres {
    cluster: std::sync::Arc<Cluster>,
}

/// Who may do everything on the private server.
const SUPERUSER: &str = "postgres";
/// The one password on the private server.
pub(crate) const PASSWORD: &str = "private";

impl Postgres {
    /// Starts the server or joins the one that runs already; `None` when this machine has no PostgreSQL 15 or newer.
    ///
    /// `AOS_TEST_POSTGRES` names the directory of the programs; when it is set, they must be there.
    pub fn start() -> Option<Self> {
        let programs = programs::find()?;
        Some(Self { cluster: std::sync::Arc::new(Cluster::join(programs)) })
    }

    /// Creates an empty database that belongs to a new role without any privilege but this: as a cautious operator would.
    pub fn empty_database(&self) -> Database {
        let name = unique("empty");
        self.create_owner("owner");
        self.sql("postgres", &format!("CREATE DATABASE {name} OWNER owner"));
        Database { server: self.clone(), name }
    }

    /// Creates a database as `fill` leaves one: filled once per build of the test program, then copied.
    pub fn database(&self, fill: impl FnOnce(&Database)) -> Database {
        let template = format!("template_{:016x}_{}", program_fingerprint(), removed_guard());
        self.cluster.once(&template, || {
            self.create_owner("owner");
            self.sql("postgres", &format!("DROP DATABASE IF EXISTS {template}"));
            self.sql("postgres", &format!("CREATE DATABASE {template} OWNER owner"));
            let filled = Database { server: self.clone(), name: template.clone() };
            fill(&filled);
            std::mem::forget(filled); // Not dropped: it is the template.
            self.sql("postgres", &format!("ALTER DATABASE {template} ALLOW_CONNECTIONS FALSE"));
        });
        let name = unique("test");
        self.sql("postgres", &format!("CREATE DATABASE {name} OWNER owner TEMPLATE {template}"));
        Database { server: self.clone(), name }
    }

    /// Creates a role that may create roles, but is no superuser, if there is none of the name.
    fn create_owner(&self, name: &str) {
        self.sql(
            "postgres",
            &format!(
                "DO $$ BEGIN CREATE ROLE {name} LOGIN CREATEROLE PASSWORD '{PASSWORD}';
                       EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
            ),
        );
    }

    /// Runs SQL as superuser and returns what it prints: values without frame, a row per line.
    pub fn sql(&self, database: &str, sql: &str) -> String {
        self.cluster.psql(SUPERUSER, database, sql).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// Returns the directory of the server's socket, for programs that ask for a host.
    pub fn socket_dir(&self) -> &std::path::Path {
        self.cluster.socket_dir()
    }
}

impl Database {
    /// Returns the address of this database for a role whose password is the private server's one.
    pub fn url(&self, role: &str) -> String {
        self.url_with_password(role, PASSWORD)
    }

    pub fn url_with_password(&self, role: &str, password: &str) -> String {
        let host = self.server.socket_dir().display().to_string().replace('/', "%2F");
        format!("postgres://{role}:{password}@{host}/{}", self.name)
    }

    /// Returns the address for the role that owns this database and may create roles.
    pub fn owner_url(&self) -> String {
        self.url("owner")
    }

    pub fn superuser_url(&self) -> String {
        self.url(SUPERUSER)
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn server(&self) -> &Postgres {
        &self.server
    }

    /// Runs SQL in this database as superuser, past row security.
    pub fn sql(&self, sql: &str) -> String {
        self.server.sql(&self.name, sql)
    }

    /// Runs SQL as some role; what PostgreSQL says against it is the error.
    pub fn sql_as(&self, role: &str, sql: &str) -> Result<String, String> {
        self.server.cluster.psql(role, &self.name, sql)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // A test that failed has said enough.
        let _ = self.server.cluster.psql(
            SUPERUSER,
            "postgres",
            &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name),
        );
    }
}

fn unique(prefix: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("{prefix}_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Names the guard that this program runs without, when a script has taken one away: it fills databases otherwise then.
#[allow(clippy::disallowed_methods)] // Scripts tell tests by the environment.
fn removed_guard() -> String {
    std::env::var("AOS_WITHOUT_GUARD").unwrap_or_default()
}

/// Tells builds of the test program apart, and with them what they fill a database with.
fn program_fingerprint() -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let program = std::env::current_exe().expect("the test program");
    let built = std::fs::metadata(&program).and_then(|file| file.modified()).expect("its time");
    let mut hasher = DefaultHasher::new();
    (program, built).hash(&mut hasher);
    hasher.finish()
}
