//! PostgreSQL: two roles, each with a pool. The application role sees one tenant at a time, which row security enforces; the
//! system role sees the few rows that cross tenants.

mod check;
mod guard;
mod migrate;
mod options;
mod refusal;
mod roles;
mod schema;

pub use migrate::{MigrateOptions, Migrated, MigrationState, migrate, migration_states};
pub use options::{Pooler, PostgresOptions};
pub use refusal::{DatabaseError, RoleProblem};
pub use schema::version as schema_version;

use super::{Actor, Prepared};
use crate::error::Result;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions, Postgres};
use sqlx::{AssertSqlSafe, Connection, Transaction};
use std::time::Duration;

/// Roles nobody signs in as; policies and rights are theirs, and the roles of the addresses are their members.
const APPLICATION_GROUP: &str = "autonomos_application_rights";
const SYSTEM_GROUP: &str = "autonomos_system_rights";
/// A session that began something and went silent gives its locks back after this.
const IDLE_IN_TRANSACTION: Duration = Duration::from_secs(60);
/// Connections of each role for a thread that keeps apart.
const APART: u32 = 2;
/// The longest that an answer is waited for, which is longer than a statement may take.
pub(super) const ANSWER_MAX: Duration = Duration::from_secs(600);
/// The longest that one statement may take, whatever the settings say.
const STATEMENT_MAX: Duration = Duration::from_secs(540);
/// A connection that was not used for this long is closed.
const IDLE: Duration = Duration::from_secs(300);

#[derive(Debug)]
pub(crate) struct PostgresPools {
    application: PgPool,
    system: PgPool,
    prepared: Prepared,
    /// Set in each transaction where a session's settings would be lost.
    settings: String,
}

/// A role the program signs in as.
struct Role {
    options: PgConnectOptions,
    group: &'static str,
    /// Where the operator wrote its address.
    variable: &'static str,
}

impl Role {
    fn name(&self) -> &str {
        // A hosted pooler's `role.project` is `role` to the server.
        let user = self.options.get_username();
        user.split_once('.').map_or(user, |(role, _)| role)
    }

    fn place(&self) -> String {
        options::place(&self.options)
    }
}

impl PostgresPools {
    /// Opens both pools, once it is clear that the database and the roles are what they have to be.
    pub(super) async fn open(wanted: &PostgresOptions) -> Result<Self> {
        let application = options::parse(&wanted.url, "DATABASE_URL")?;
        let system = options::system(&application, wanted.system_url.as_deref())?;
        let variable = if wanted.system_url.is_some() { "AUTONOMOS_SYSTEM_DATABASE_URL" } else { "DATABASE_URL" };
        let application = Role { options: application, group: APPLICATION_GROUP, variable: "DATABASE_URL" };
        let system = Role { options: system, group: SYSTEM_GROUP, variable };
        Ok(Self {
            application: open(application, wanted, wanted.max_connections).await?,
            system: open(system, wanted, wanted.max_system_connections).await?,
            prepared: match wanted.pooler {
                Pooler::Session => Prepared::Kept,
                Pooler::Transaction => Prepared::Once,
            },
            settings: match wanted.pooler {
                Pooler::Session => String::new(),
                Pooler::Transaction => format!(
                    "; SET LOCAL jit = off; SET LOCAL statement_timeout = {}; \
                     SET LOCAL idle_in_transaction_session_timeout = {}",
                    statement_timeout(wanted),
                    IDLE_IN_TRANSACTION.as_millis()
                ),
            },
        })
    }

    pub(super) fn prepared(&self) -> Prepared {
        self.prepared
    }

    /// Begins with statements that follow in the same round trip.
    pub(super) async fn begin_told(
        &self,
        actor: Actor,
        told: &'static str,
    ) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        self.begin_with(actor, "BEGIN ISOLATION LEVEL READ COMMITTED", told).await
    }

    pub(super) async fn begin_reading(&self, actor: Actor) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        self.begin_with(actor, "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY", "").await
    }

    /// Begins a transaction that sees the rows as of its first statement and changes none.
    pub(super) async fn begin_snapshot(&self, actor: Actor) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        self.begin_with(actor, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "").await
    }

    /// Begins and names the tenant in one round trip, in a task of its own: sqlx 0.9.0 gives a connection back with its
    /// transaction open when the future that begins it is dropped (launchbadge/sqlx#4385).
    ///
    /// Nothing has been done yet, so a connection that turns out to be dead is no failure: the next one is tried. After the
    /// server was restarted, every connection of the pool is dead.
    async fn begin_with(
        &self,
        actor: Actor,
        begin: &'static str,
        told: &'static str,
    ) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        let settings = &self.settings;
        let (pool, statement) = match actor {
            Actor::Tenant(id) => {
                (self.application.clone(), format!("{begin}{settings}; SET LOCAL aos.tenant_id = '{id}'"))
            }
            Actor::System => (self.system.clone(), format!("{begin}{settings}")),
        };
        let statement = if told.is_empty() { statement } else { format!("{statement}; {told}") };
        let begun = tokio::spawn(async move {
            let mut tries = pool.size() + 1;
            loop {
                match pool.begin_with(AssertSqlSafe(statement.clone())).await {
                    Err(error) if tries > 0 && is_lost(&error) => tries -= 1,
                    done => return done,
                }
            }
        });
        begun.await.unwrap_or(Err(sqlx::Error::PoolClosed))
    }

    /// A connection outside any transaction, for a statement that is one by itself and names its tenant.
    pub(super) async fn connection(&self, actor: Actor) -> Result<PoolConnection<Postgres>, sqlx::Error> {
        match actor {
            Actor::Tenant(_) => self.application.acquire().await,
            Actor::System => self.system.acquire().await,
        }
    }

    pub(super) fn sizes(&self) -> Vec<(&'static str, u32, usize)> {
        [("application", &self.application), ("system", &self.system)]
            .map(|(role, pool)| (role, pool.size(), pool.num_idle()))
            .into()
    }

    /// Returns pools of the same roles with few connections of their own, made when they are needed.
    pub(super) fn apart(&self) -> Self {
        let few = |pool: &PgPool| {
            pool.options().clone().max_connections(APART).connect_lazy_with(pool.connect_options().as_ref().clone())
        };
        Self {
            application: few(&self.application),
            system: few(&self.system),
            prepared: self.prepared,
            settings: self.settings.clone(),
        }
    }

    pub(super) async fn close(&self) {
        self.application.close().await;
        self.system.close().await;
    }
}

/// Tells whether a connection died, by the network or because the server ended it.
pub(super) fn is_lost(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) => true,
        // admin_shutdown, crash_shutdown, idle_session_timeout; and PgBouncer's for a server that went away.
        sqlx::Error::Database(error) => {
            matches!(error.code().as_deref(), Some("57P01" | "57P02" | "57P05" | "08P01" | "08006"))
        }
        _ => false,
    }
}

/// Checks the role on a connection of its own, then opens its pool.
async fn open(role: Role, wanted: &PostgresOptions, most: u32) -> Result<PgPool> {
    let options = session(&role.options, wanted);
    let first = tokio::time::timeout(wanted.acquire_timeout, PgConnection::connect_with(&options));
    let mut first = first
        .await
        .unwrap_or(Err(sqlx::Error::PoolTimedOut))
        .map_err(|error| refusal::connecting(error, &role.options, role.variable))?;
    check::check(&mut first, &role).await?;
    first.close().await?;
    let pool = PgPoolOptions::new()
        .max_connections(most)
        .acquire_timeout(wanted.acquire_timeout)
        .idle_timeout(IDLE)
        // Beginning a transaction is the test, and it is repeated; see `begin_with`.
        .test_before_acquire(false);
    Ok(pool.connect_lazy_with(options))
}

/// Adds what a session is to be like. A transaction pooler takes nothing of this; see [`PostgresPools::settings`].
fn session(options: &PgConnectOptions, wanted: &PostgresOptions) -> PgConnectOptions {
    let options = options.clone().application_name(&wanted.application_name);
    match wanted.pooler {
        Pooler::Session => options.options([
            // Compiling a statement takes longer than any of ours runs; bulk loads would be compiled for every page.
            ("jit", "off".to_owned()),
            ("statement_timeout", statement_timeout(wanted).to_string()),
            ("idle_in_transaction_session_timeout", IDLE_IN_TRANSACTION.as_millis().to_string()),
            // The locks of a machine that vanished are given back within a minute.
            ("tcp_keepalives_idle", "30".to_owned()),
            ("tcp_keepalives_interval", "10".to_owned()),
            ("tcp_keepalives_count", "3".to_owned()),
        ]),
        Pooler::Transaction => options.extra_float_digits(None).statement_cache_capacity(0),
    }
}

fn statement_timeout(wanted: &PostgresOptions) -> u128 {
    wanted.statement_timeout.clamp(Duration::from_millis(1), STATEMENT_MAX).as_millis()
}
