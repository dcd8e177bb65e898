//! PostgreSQL: two roles, each with a pool. The application role sees one tenant at a time, which row security enforces; the
//! system role sees the few tables that cross tenants.

use super::{Actor, Prepared};
use sqlx::postgres::{PgPool, Postgres};
use sqlx::{AssertSqlSafe, Transaction};

#[derive(Debug)]
pub(crate) struct PostgresPools {
    application: PgPool,
    system: PgPool,
    prepared: Prepared,
}

impl PostgresPools {
    pub(super) fn new(application: PgPool, system: PgPool, prepared: Prepared) -> Self {
        Self { application, system, prepared }
    }

    pub(super) fn prepared(&self) -> Prepared {
        self.prepared
    }

    pub(super) async fn begin(&self, actor: Actor) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        self.begin_with(actor, "BEGIN").await
    }

    pub(super) async fn begin_reading(&self, actor: Actor) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        self.begin_with(actor, "BEGIN READ ONLY").await
    }

    /// Begins and names the tenant in one round trip, in a task of its own: sqlx 0.9.0 gives a connection back with its
    /// transaction open when the future that begins it is dropped (launchbadge/sqlx#4385).
    async fn begin_with(
        &self,
        actor: Actor,
        begin: &'static str,
    ) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        let (pool, statement) = match actor {
            Actor::Tenant(id) => {
                (self.application.clone(), format!("{begin}; SELECT set_config('aos.tenant_id', '{id}', TRUE)"))
            }
            Actor::System => (self.system.clone(), begin.to_owned()),
        };
        let begun = tokio::spawn(async move { pool.begin_with(AssertSqlSafe(statement)).await }).await;
        begun.unwrap_or(Err(sqlx::Error::PoolClosed))
    }

    pub(super) async fn close(&self) {
        self.application.close().await;
        self.system.close().await;
    }
}
