//! The two databases behind one face. A query is written once; what differs (bulk loads, locks, row security) is a `match`
//! on [`Tx`] in the function that needs it.

mod postgres;
mod query;
mod sqlite;

pub(crate) use postgres::PostgresPools;
pub use postgres::{
    DatabaseError, MigrateOptions, Migrated, MigrationState, Pooler, PostgresOptions, RoleProblem, migrate,
    migration_states,
};
pub(crate) use query::{Argument, query, query_as, query_scalar};

use aos_core::fault;
use query::Query;
use sqlite::SqlitePools;
use sqlx::postgres::{PgArguments, PgConnection, PgRow, Postgres};
use sqlx::sqlite::{Sqlite, SqliteArguments, SqliteConnection, SqliteRow};
use sqlx::{FromRow, Transaction};
use std::future::Future;
use std::path::Path;
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
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>, Prepared),
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

    pub(crate) async fn begin(&self, actor: Actor) -> crate::Result<Tx> {
        match self {
            Self::Sqlite(pools) => Ok(Tx::Sqlite(pools.begin().await?)),
            Self::Postgres(pools) => Ok(Tx::Postgres(pools.begin(actor).await?, pools.prepared())),
        }
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
        match self {
            Self::Sqlite(pools) => Ok(Tx::Sqlite(pools.begin().await?)),
            Self::Postgres(pools) => Ok(Tx::Postgres(pools.begin_told(actor, told).await?, pools.prepared())),
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
    pub(crate) async fn commit(self) -> crate::Result<()> {
        fault::point("store.commit.before");
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx, _) => answered(tx.commit()).await?,
        }
        fault::point("store.commit.after");
        Ok(())
    }

    async fn execute(&mut self, query: Query) -> Result<u64, sqlx::Error> {
        match self {
            Self::Sqlite(tx) => sqlite(query)?.execute(&mut **tx).await.map(|done| done.rows_affected()),
            Self::Postgres(tx, prepared) => {
                answered(postgres(query, *prepared)?.execute(&mut **tx)).await.map(|done| done.rows_affected())
            }
        }
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

impl Executor for Reader<'_> {
    async fn fetch_all<R: Row>(self, query: Query) -> Result<Vec<R>, sqlx::Error> {
        match self.pool {
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
        match self.pool {
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
    sqlite(query)?.try_map(|row| R::from_row(&row)).fetch_all(on).await
}

async fn optional_sqlite<R: Row>(query: Query, on: &mut SqliteConnection) -> Result<Option<R>, sqlx::Error> {
    sqlite(query)?.try_map(|row| R::from_row(&row)).fetch_optional(on).await
}

async fn all_postgres<R: Row>(query: Query, prepared: Prepared, on: &mut PgConnection) -> Result<Vec<R>, sqlx::Error> {
    answered(postgres(query, prepared)?.try_map(|row| R::from_row(&row)).fetch_all(on)).await
}

async fn optional_postgres<R: Row>(
    query: Query,
    prepared: Prepared,
    on: &mut PgConnection,
) -> Result<Option<R>, sqlx::Error> {
    answered(postgres(query, prepared)?.try_map(|row| R::from_row(&row)).fetch_optional(on)).await
}

/// Waits for an answer, but not for ever: a server that vanished from the network sends no word of it. The server's own limit
/// on statements is shorter.
async fn answered<T>(answer: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
    let waited = tokio::time::timeout(postgres::ANSWER_MAX, answer).await;
    waited.unwrap_or_else(|_| Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())))
}
