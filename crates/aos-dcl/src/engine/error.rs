//! What can go wrong in the engine, by what the caller can do about it.

use std::time::Duration;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no entity `{entity}`; the entities are {known}")]
    UnknownEntity { entity: String, known: String },
    #[error("{entity} has no field `{field}`; its fields are {known}")]
    UnknownField { entity: String, field: String, known: String },
    #[error("{entity}.{field} holds personal data, which you may not see, so nothing can be filtered or sorted by it")]
    Masked { entity: String, field: String },
    #[error("`{operator}` is not an operator; use eq, ne, lt, lte, gt, gte, contains or is_null")]
    UnknownOperator { operator: String },
    #[error("`{value}` is not a value for {field}, which is of type {kind}; {hint}")]
    BadValue { field: String, kind: &'static str, value: String, hint: &'static str },
    #[error("the cursor does not belong to this query; start again without a cursor")]
    BadCursor,
    /// The statement is not one that may be run here; nothing of it was run.
    #[error("{reason}")]
    Refused { rule: Rule, reason: String },
    /// The statement was allowed and DuckDB could not run it.
    #[error("{message}")]
    Failed { message: String },
    #[error("the query was stopped after {} ms; narrow it or aggregate more", .limit.as_millis())]
    TimedOut { limit: Duration },
    #[error("the query was stopped because it needs more than its share of memory; narrow it or aggregate more")]
    TooBig,
    #[error("{path} is open already, in this process or another; close the other one first")]
    InUse { path: String },
    #[error("the cache folder cannot be used: {0}; check that it exists and is writable")]
    Folder(#[from] std::io::Error),
    #[error("the analytics cache cannot be used; it may be deleted at any time and is then rebuilt")]
    Database(#[from] duckdb::Error),
}

/// What a statement that is refused goes against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Only one SELECT is run: nothing that changes, loads, copies, sets or explains, and no second statement.
    OneSelect,
    /// Only the tenant's views are read, by their plain names.
    Views,
    /// Only functions that compute are called.
    Functions,
    /// A statement is of a size that can be handled.
    Size,
}

impl Rule {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OneSelect => "one_select",
            Self::Views => "views",
            Self::Functions => "functions",
            Self::Size => "size",
        }
    }
}

pub type Result<T> = std::result::Result<T, Error>;
