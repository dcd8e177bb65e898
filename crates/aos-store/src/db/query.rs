//! A query written once for both databases: `$1` placeholders, arguments kept as values until it is known who answers.

use super::{Executor, Row, Tx};
use crate::error::{NulInText, Result};
use aos_core::barrier::{Guard, stands};
use sqlx::{Arguments, AssertSqlSafe, SqlSafeStr, SqlStr};
use std::marker::PhantomData;
use std::sync::Arc;
use uuid::Uuid;

/// An argument of a query. A missing one keeps its type, which PostgreSQL wants to know.
#[derive(Debug, Clone)]
pub(crate) enum Argument {
    Uuid(Option<Uuid>),
    Integer(Option<i64>),
    Real(Option<f64>),
    Boolean(Option<bool>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
}

#[derive(Debug, Clone)]
pub(crate) struct Query {
    pub(super) sql: SqlStr,
    pub(super) arguments: Vec<Argument>,
}

/// A query whose rows are read as `R`.
#[derive(Debug)]
pub(crate) struct QueryAs<R> {
    query: Query,
    row: PhantomData<fn() -> R>,
}

/// A query whose rows have one column.
#[derive(Debug)]
pub(crate) struct QueryScalar<T> {
    query: Query,
    column: PhantomData<fn() -> T>,
}

pub(crate) fn query(sql: impl SqlSafeStr) -> Query {
    let sql = sql.into_sql_str();
    let sql = if stands(Guard::StoreScope) { sql } else { of_every_tenant(sql) };
    Query { sql, arguments: Vec::new() }
}

/// Makes a statement one about all tenants' rows, which is what a test does to see that another one notices.
fn of_every_tenant(sql: SqlStr) -> SqlStr {
    AssertSqlSafe(sql.as_str().replace("tenant_id = $1", "tenant_id <> $1 IS NOT NULL")).into_sql_str()
}

pub(crate) fn query_as<R>(sql: impl SqlSafeStr) -> QueryAs<R> {
    QueryAs { query: query(sql), row: PhantomData }
}

pub(crate) fn query_scalar<T>(sql: impl SqlSafeStr) -> QueryScalar<T> {
    QueryScalar { query: query(sql), column: PhantomData }
}

impl Query {
    pub(crate) fn bind(mut self, argument: impl Into<Argument>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// Runs it and returns how many rows it changed.
    pub(crate) async fn execute(self, tx: &mut Tx) -> Result<u64> {
        Ok(tx.execute(self).await?)
    }

    /// The same arguments for other words.
    pub(super) fn worded(self, sql: &'static str) -> Self {
        Self { sql: sql.into_sql_str(), ..self }
    }

    /// Writes the arguments in the form of one database.
    pub(super) fn encode<A: Arguments>(arguments: Vec<Argument>) -> Result<A, sqlx::Error>
    where
        Option<Uuid>: for<'t> sqlx::Encode<'t, A::Database> + sqlx::Type<A::Database>,
        Option<i64>: for<'t> sqlx::Encode<'t, A::Database> + sqlx::Type<A::Database>,
        Option<f64>: for<'t> sqlx::Encode<'t, A::Database> + sqlx::Type<A::Database>,
        Option<bool>: for<'t> sqlx::Encode<'t, A::Database> + sqlx::Type<A::Database>,
        Option<String>: for<'t> sqlx::Encode<'t, A::Database> + sqlx::Type<A::Database>,
        Option<Vec<u8>>: for<'t> sqlx::Encode<'t, A::Database> + sqlx::Type<A::Database>,
    {
        let mut encoded = A::default();
        encoded.reserve(arguments.len(), 0);
        for argument in arguments {
            if let Argument::Text(Some(text)) = &argument
                && text.contains('\0')
            {
                return Err(sqlx::Error::Encode(NulInText.into()));
            }
            match argument {
                Argument::Uuid(value) => encoded.add(value),
                Argument::Integer(value) => encoded.add(value),
                Argument::Real(value) => encoded.add(value),
                Argument::Boolean(value) => encoded.add(value),
                Argument::Text(value) => encoded.add(value),
                Argument::Bytes(value) => encoded.add(value),
            }
            .map_err(sqlx::Error::Encode)?;
        }
        Ok(encoded)
    }
}

impl<R: Row> QueryAs<R> {
    pub(crate) fn bind(mut self, argument: impl Into<Argument>) -> Self {
        self.query.arguments.push(argument.into());
        self
    }

    pub(crate) async fn fetch_all(self, on: impl Executor) -> Result<Vec<R>> {
        Ok(on.fetch_all(self.query).await?)
    }

    pub(crate) async fn fetch_optional(self, on: impl Executor) -> Result<Option<R>> {
        Ok(on.fetch_optional(self.query).await?)
    }

    pub(crate) async fn fetch_one(self, on: impl Executor) -> Result<R> {
        Ok(self.fetch_optional(on).await?.ok_or(sqlx::Error::RowNotFound)?)
    }
}

impl<T> QueryScalar<T>
where
    (T,): Row,
{
    pub(crate) fn bind(mut self, argument: impl Into<Argument>) -> Self {
        self.query.arguments.push(argument.into());
        self
    }

    pub(crate) async fn fetch_all(self, on: impl Executor) -> Result<Vec<T>> {
        let rows: Vec<(T,)> = on.fetch_all(self.query).await?;
        Ok(rows.into_iter().map(|(column,)| column).collect())
    }

    pub(crate) async fn fetch_optional(self, on: impl Executor) -> Result<Option<T>> {
        let row: Option<(T,)> = on.fetch_optional(self.query).await?;
        Ok(row.map(|(column,)| column))
    }

    pub(crate) async fn fetch_one(self, on: impl Executor) -> Result<T> {
        Ok(self.fetch_optional(on).await?.ok_or(sqlx::Error::RowNotFound)?)
    }
}

/// Says which Rust types become which argument, missing ones too.
macro_rules! arguments {
    ($($from:ty => $kind:ident, $value:ident => $to:expr;)*) => {$(
        impl From<$from> for Argument {
            fn from($value: $from) -> Self {
                Self::$kind(Some($to))
            }
        }
        impl From<Option<$from>> for Argument {
            fn from(value: Option<$from>) -> Self {
                Self::$kind(value.map(|$value| $to))
            }
        }
    )*};
}

arguments! {
    Uuid => Uuid, value => value;
    i64 => Integer, value => value;
    f64 => Real, value => value;
    bool => Boolean, value => value;
    String => Text, value => value;
    &String => Text, value => value.clone();
    &str => Text, value => value.to_owned();
    Arc<str> => Text, value => value.to_string();
    Vec<u8> => Bytes, value => value;
}
