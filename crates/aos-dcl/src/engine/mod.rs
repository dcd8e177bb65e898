//! The query engine: one DuckDB database per tenant, a cache of typed tables and unified views that is rebuilt from the store's
//! materialized rows whenever it is missing. The only place that opens DuckDB; it reads nothing from the store itself.
//!
//! Every call blocks: async callers use `spawn_blocking`.

mod batch;
mod cursor;
mod error;
mod functions;
mod golden;
mod golden_load;
mod golden_schema;
mod guard;
mod instance;
mod json;
mod keys;
mod query;
mod refresh;
mod registry;
mod schema;
mod unify;
mod value;
mod view;

pub use error::{Error, Result, Rule};
pub use golden::VersionedRecord;
pub use golden_load::GoldenMember;
pub use golden_schema::{golden_view, member_view};
pub use instance::{EntityCount, TenantEngine};
pub use query::{QueryColumn, QueryResult};
pub(crate) use refresh::GROUP_ROWS;
pub use refresh::{FragmentRow, Refreshed};
pub use registry::{Engine, EngineOptions};
pub use view::{Filter, FilterOp, Sort, ViewColumn, ViewPage, ViewQuery};

/// Returns the version of the DuckDB library that is linked, which also proves that it can be loaded and opened.
pub fn library_version() -> Result<String> {
    Ok(duckdb::Connection::open_in_memory()?.version()?)
}

#[cfg(test)]
mod tests;
