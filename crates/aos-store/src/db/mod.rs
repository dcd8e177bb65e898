//! The two databases behind one face. A query is written once; what differs (bulk loads, locks, row security) is a `match`
//! on [`Tx`] in the function that needs it.

mod held;
mod postgres;
mod query;
mod snapshot;
mod sqlite;

pub(crate) use held::{Held, Parked};
pub(crate) use postgres::PostgresPools;
pub use postgres::{
    DatabaseError, MigrateOptions, Migrated, MigrationState, Pooler, PostgresOptions, RoleProblem, migrate,
    migration_states, schema_version,
};
pub(crate) use query::{Argument, query, query_as, query_scalar};
pub(crate) use snapshot::Snapshot;

use crate::unit;
use aos_core::fault;
use query::Query;
use sqlite::SqlitePools;
use sqlx::FromRow;
use sqlx::postgres::{PgArguments, PgConnection, PgRow, Postgres};
use sqlx::sqlite::{Sqlite, SqliteArguments, SqliteConnection, SqliteRow};
use std::future::Future;
use std::path::Path;
use tokio::sync::OwnedMutexGuard;
use tracing::{Instrument, Span, debug_span};
use uuid::Uuid;

/// What a row of either database can be read as.
pub(crate) trait Row:
    for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin + 'static
{
}

impl<R> Row for R where R: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin + 'static {}

/// The connections to the database.
#[derive(Debug)]
pub(crate) enum Pool {
    Sqlite(SqlitePools),
    Postgres(PostgresPools),
}

/// A transaction. Dropped without [`Tx::commit`], it leaves nothing.
#[derive(Debug)]
pub(crate) enum Tx {
    Sqlite(Held<Sqlite>),
    Postgres(Held<Postgres>, Prepared),
}

/// Whether statements may stay prepared on the server: not behind a pooler that hands every transaction another connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Prepared {
    Kept,
    Once,
}

/// Who a statement speaks for, which PostgreSQL's row security holds it to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Actor {
    Tenant(Uuid),
    /// The queries of `system`, on the few tables that cross tenants.
    System,
}

/// Reads, each in a short transaction of its own where the database wants to know the tenant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'s> {
    pub(crate) pool: &'s Pool,
    pub(crate) actor: Actor,
}

/// Reads as [`Reader`] does, in one round trip instead of three, for what is asked with every request: PostgreSQL is asked by a function of ours,
/// which names the tenant itself and whose plans the connection keeps.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AtOnce<'s> {
    pub(crate) reader: Reader<'s>,
    /// The same question as the query's, to PostgreSQL, with the same arguments.
    pub(crate) on_postgres: &'static str,
}

/// What rows can be fetched from: a transaction, or a reader.
pub(crate) trait Executor: Send {
    fn fetch_all<R: Row>(self, query: Query) -> impl Future<Output = Result<Vec<R>, sqlx::Error>> + Send;
    fn fetch_optional<R: Row>(self, query: Query) -> impl Future<Output = Result<Option<R>, sqlx::Error>> + Send;
}

impl Pool {
    pub(crate) async fn open_sqlite(path: &Path) -> crate::Result<Self> {
        Ok(Self::Sqlite(SqlitePools::open(path).await?))
    }

    pub(crate) async fn open_postgres(options: &PostgresOptions) -> crate::Result<Self> {
        Ok(Self::Postgres(PostgresPools::open(options).await?))
    }

    /// Tells whether no other process can be working on these rows: the embedded database lets in one at a time.
    pub(crate) fn is_this_process_alone(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }

    /// How statements are prepared.
    pub(crate) fn prepared(&self) -> Prepared {
        match self {
            Self::Sqlite(_) => Prepared::Kept,
            Self::Postgres(pools) => pools.prepared(),
        }
    }

    pub(crate) async fn begin(&self, actor: Actor) -> crate::Result<Tx> {
        self.begin_told(actor, "").await
    }

    /// Returns a pool of the same database whose connections are nobody else's, where connections belong to who made them.
    pub(crate) fn apart(self: &std::sync::Arc<Self>) -> std::sync::Arc<Self> {
        match &**self {
            // Each of its connections is a thread of its own.
            Self::Sqlite(_) => self.clone(),
            Self::Postgres(pools) => std::sync::Arc::new(Self::Postgres(pools.apart())),
        }
    }

    /// Begins a transaction with statements that PostgreSQL runs at its begin, in the same round trip. SQLite has one writer, who needs no
    /// locks and no advice.
    pub(crate) async fn begin_told(&self, actor: Actor, told: &'static str) -> crate::Result<Tx> {
        match unit::place(self, actor).await {
            Some(parked) => self.go_on(parked, actor, told).await,
            None => self.begin_own(actor, told).await,
        }
    }

    async fn begin_own(&self, actor: Actor, told: &'static str) -> crate::Result<Tx> {
        match self {
            Self::Sqlite(pools) => {
                let tx = pools.begin().await?;
                // Looked at once the writer is ours: who shuts a tenant out holds it.
                match actor {
                    Actor::Tenant(tenant) if pools.is_shut_out(tenant) => {
                        Err(crate::Error::NotFound(crate::Resource::Tenant(tenant.to_string())))
                    }
                    _ => Ok(Tx::Sqlite(Held::own(tx))),
                }
            }
            Self::Postgres(pools) => {
                Ok(Tx::Postgres(Held::own(pools.begin_told(actor, told).await?), pools.prepared()))
            }
        }
    }

    /// Begins a part of a unit of work, in the transaction there is or a new one.
    async fn go_on(&self, mut parked: OwnedMutexGuard<Parked>, actor: Actor, told: &'static str) -> crate::Result<Tx> {
        let tx = match parked.take(self.prepared()).await? {
            Some(tx) => tx,
            None => self.begin_own(actor, "").await?,
        };
        let mut tx = tx.lent_by(parked);
        tx.begin_part().await?;
        if matches!(self, Self::Postgres(_)) && !told.is_empty() {
            tx.tell(told).await?;
        }
        Ok(tx)
    }

    /// Returns the role, the open connections and the idle ones of each pool.
    pub(crate) fn sizes(&self) -> Vec<(&'static str, u32, usize)> {
        match self {
            Self::Sqlite(pools) => pools.sizes(),
            Self::Postgres(pools) => pools.sizes(),
        }
    }

    /// Lets no transaction of a tenant begin any more, where this process alone has the rows. On PostgreSQL the database sees to it.
    pub(crate) fn shut_out(&self, tenant: Uuid) {
        if let Self::Sqlite(pools) = self {
            pools.shut_out(tenant);
        }
    }

    /// Tidies up after a large load, where the database needs it.
    pub(crate) async fn finish_bulk(&self) -> crate::Result<()> {
        match self {
            Self::Sqlite(pools) => pools.finish_bulk().await,
            Self::Postgres(_) => Ok(()),
        }
    }

    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite(pools) => pools.close().await,
            Self::Postgres(pools) => pools.close().await,
        }
    }
}

impl Tx {
    /// Commits, after the audit trail was written, which locks the tenant's chain and so comes last. In a unit of work the transaction
    /// is parked instead.
    pub(crate) async fn commit(mut self) -> crate::Result<()> {
        if self.is_lent() {
            self.keep_part().await?;
            fault::point("store.part.kept");
            return Ok(());
        }
        crate::audit::write_trail(&mut self).await?;
        fault::point("store.commit.before");
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx, _) => tx.commit().await?,
        }
        fault::point("store.commit.after");
        Ok(())
    }

    async fn execute(&mut self, query: Query) -> Result<u64, sqlx::Error> {
        let span = span(&query);
        let done = async {
            match self {
                Self::Sqlite(tx) => sqlite(query)?.execute(&mut ***tx).await.map(|done| done.rows_affected()),
                Self::Postgres(tx, prepared) => {
                    answered(postgres(query, *prepared)?.execute(&mut ***tx)).await.map(|done| done.rows_affected())
                }
            }
        };
        done.instrument(span).await
    }
}

impl Executor for &mut Tx {
    async fn fetch_all<R: Row>(self, query: Query) -> Result<Vec<R>, sqlx::Error> {
        match self {
            Tx::Sqlite(tx) => all_sqlite(query, tx).await,
            Tx::Postgres(tx, prepared) => all_postgres(query, *prepared, tx).await,
        }
    }

    async fn fetch_optional<R: Row>(self, query: Query) -> Result<Option<R>, sqlx::Error> {
        match self {
            Tx::Sqlite(tx) => optional_sqlite(query, tx).await,
            Tx::Postgres(tx, prepared) => optional_postgres(query, *prepared, tx).await,
        }
    }
}

impl Reader<'_> {
    /// Takes the transaction of the unit of work at hand, where it has written something that a reader must see.
    async fn parked(&self) -> Result<Option<Tx>, sqlx::Error> {
        let Some(mut parked) = unit::reading_place(self.pool, self.actor) else { return Ok(None) };
        let tx = parked.take(self.pool.prepared()).await?;
        Ok(tx.map(|tx| tx.lent_by(parked)))
    }
}

impl Reader<'_> {
    /// A tenant that is being deleted sees nothing any more, as PostgreSQL's row security has it.
    fn sees_nothing(&self, pools: &SqlitePools) -> bool {
        matches!(self.actor, Actor::Tenant(tenant) if pools.is_shut_out(tenant))
    }
}

impl Executor for Reader<'_> {
    async fn fetch_all<R: Row>(self, query: Query) -> Result<Vec<R>, sqlx::Error> {
        if let Some(mut tx) = self.parked().await? {
            let rows = tx.fetch_all(query).await?;
            tx.give_back();
            return Ok(rows);
        }
        match self.pool {
            Pool::Sqlite(pool) if self.sees_nothing(pool) => Ok(Vec::new()),
            Pool::Sqlite(pool) => all_sqlite(query, &mut *pool.reader().await?).await,
            Pool::Postgres(pool) => {
                let read = async |query| {
                    let mut tx = pool.begin_reading(self.actor).await?;
                    let rows = all_postgres(query, pool.prepared(), &mut tx).await?;
                    answered(tx.commit()).await.map(|()| rows)
                };
                match read(query.clone()).await {
                    // A read does nothing, so it can be done again.
                    Err(error) if postgres::is_lost(&error) => read(query).await,
                    done => done,
                }
            }
        }
    }

    async fn fetch_optional<R: Row>(self, query: Query) -> Result<Option<R>, sqlx::Error> {
        if let Some(mut tx) = self.parked().await? {
            let row = tx.fetch_optional(query).await?;
            tx.give_back();
            return Ok(row);
        }
        match self.pool {
            Pool::Sqlite(pool) if self.sees_nothing(pool) => Ok(None),
            Pool::Sqlite(pool) => optional_sqlite(query, &mut *pool.reader().await?).await,
            Pool::Postgres(pool) => {
                let read = async |query| {
                    let mut tx = pool.begin_reading(self.actor).await?;
                    let row = optional_postgres(query, pool.prepared(), &mut tx).await?;
                    answered(tx.commit()).await.map(|()| row)
                };
                match read(query.clone()).await {
                    Err(error) if postgres::is_lost(&error) => read(query).await,
                    done => done,
                }
            }
        }
    }
}

impl Executor for AtOnce<'_> {
    async fn fetch_all<R: Row>(self, query: Query) -> Result<Vec<R>, sqlx::Error> {
        let Self { reader, on_postgres } = self;
        let Pool::Postgres(pool) = reader.pool else { return reader.fetch_all(query).await };
        if let Some(mut tx) = reader.parked().await? {
            let rows = tx.fetch_all(query).await?;
            tx.give_back();
            return Ok(rows);
        }
        let query = query.worded(on_postgres);
        let read = async |query| {
            let mut connection = pool.connection(reader.actor).await?;
            all_postgres(query, pool.prepared(), &mut connection).await
        };
        match read(query.clone()).await {
            // A read does nothing, so it can be done again.
            Err(error) if postgres::is_lost(&error) => read(query).await,
            done => done,
        }
    }

    async fn fetch_optional<R: Row>(self, query: Query) -> Result<Option<R>, sqlx::Error> {
        Ok(self.fetch_all(query).await?.into_iter().next())
    }
}

fn sqlite(query: Query) -> Result<sqlx::query::Query<'static, Sqlite, SqliteArguments>, sqlx::Error> {
    let arguments = Query::encode::<SqliteArguments>(query.arguments)?;
    Ok(sqlx::query_with(query.sql, arguments))
}

fn postgres(
    query: Query,
    prepared: Prepared,
) -> Result<sqlx::query::Query<'static, Postgres, PgArguments>, sqlx::Error> {
    let arguments = Query::encode::<PgArguments>(query.arguments)?;
    Ok(sqlx::query_with(query.sql, arguments).persistent(prepared == Prepared::Kept))
}

async fn all_sqlite<R: Row>(query: Query, on: &mut SqliteConnection) -> Result<Vec<R>, sqlx::Error> {
    let span = span(&query);
    sqlite(query)?.try_map(|row| R::from_row(&row)).fetch_all(on).instrument(span).await
}

async fn optional_sqlite<R: Row>(query: Query, on: &mut SqliteConnection) -> Result<Option<R>, sqlx::Error> {
    let span = span(&query);
    sqlite(query)?.try_map(|row| R::from_row(&row)).fetch_optional(on).instrument(span).await
}

async fn all_postgres<R: Row>(query: Query, prepared: Prepared, on: &mut PgConnection) -> Result<Vec<R>, sqlx::Error> {
    let span = span(&query);
    answered(postgres(query, prepared)?.try_map(|row| R::from_row(&row)).fetch_all(on)).instrument(span).await
}

async fn optional_postgres<R: Row>(
    query: Query,
    prepared: Prepared,
    on: &mut PgConnection,
) -> Result<Option<R>, sqlx::Error> {
    let span = span(&query);
    answered(postgres(query, prepared)?.try_map(|row| R::from_row(&row)).fetch_optional(on)).instrument(span).await
}

/// Makes the span of a statement: its text as it is written in this crate, never its arguments.
fn span(query: &Query) -> Span {
    debug_span!("sql", db.query.text = query.sql.as_str())
}

/// Waits for an answer, but not for ever: a server that vanished from the network sends no word of it. The server's own limit
/// on statements is shorter.
async fn answered<T>(answer: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
    let waited = tokio::time::timeout(postgres::ANSWER_MAX, answer).await;
    waited.unwrap_or_else(|_| Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())))
}
