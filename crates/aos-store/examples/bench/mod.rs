//! What the measurements of tasks share: a private PostgreSQL with all tables, and what it costs in processor time.

use aos_core::tenant::Principal;
use aos_core::{Clock, Role, TenantScope};
use aos_store::{MigrateOptions, PostgresOptions, Store};
use aos_testservers::{Database, Postgres};
use std::time::Duration;

pub type Result<T, E = Box<dyn std::error::Error + Send + Sync>> = std::result::Result<T, E>;

/// A store on a database of its own, which goes with this value.
pub struct Bench {
    pub store: Store,
    pub database: Database,
}

impl Bench {
    pub async fn start() -> Result<Self> {
        let server =
            Postgres::start().ok_or("PostgreSQL 15 or newer is missing; install it (apt-get install postgresql)")?;
        let database = tokio::task::block_in_place(|| server.empty_database());
        let migrating = MigrateOptions {
            owner_url: database.owner_url(),
            application_url: Some(database.url("app")),
            system_url: None,
            allow_destructive: false,
        };
        aos_store::migrate(&migrating).await?;
        let options = PostgresOptions { max_connections: 8, ..PostgresOptions::new(database.url("app")) };
        let store = Store::open_postgres(&options, Clock::System).await?;
        Ok(Self { store, database })
    }

    pub async fn scope(&self, tenant: &str) -> Result<TenantScope> {
        let tenant = self.store.system().ensure_tenant(tenant).await?;
        #[allow(clippy::disallowed_methods)] // A local command.
        Ok(TenantScope::establish(tenant.id, Principal::Local, Role::Owner))
    }

    /// Returns the processor time that the database's sessions have taken so far. Sessions must stay open between two calls.
    #[allow(dead_code)] // One of the two measurements asks.
    pub fn server_cpu(&self) -> Result<Duration> {
        let pids = self
            .database
            .sql("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
        pids.lines().map(|pid| cpu_of(pid.trim())).sum()
    }
}

/// Returns the processor time of a process, user and system. Linux counts it in hundredths of a second.
#[allow(dead_code)] // One of the two measurements asks.
pub fn cpu_of(pid: &str) -> Result<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let fields: Vec<_> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = fields[11].parse::<u64>()? + fields[12].parse::<u64>()?;
    Ok(Duration::from_millis(ticks * 10))
}
