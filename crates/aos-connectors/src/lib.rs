//! Source systems as streams of records: one module per system, one small trait for all of them.
//!
//! A connector reads and reports; it maps nothing, stores nothing and keeps no cursor. Everything here is synchronous: callers in an
//! async context use `spawn_blocking`, and a page is only read when it is asked for.

mod connector;
mod error;
pub mod file;

pub use connector::{
    CheckReport, Connector, Malformed, MalformedCode, Pages, RAW_EVIDENCE_MAX, ReadOptions, RecordPage, Skipped, Stream,
};
pub use error::Error;
pub use file::{AllowedRoots, Discovered, FileOptions, FileSource, SourceSpec, discover_sources};
