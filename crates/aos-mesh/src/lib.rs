//! The mesh (AAM): reads connections, keeps what was read, says it in the ontology's words, and accounts for every record.
//!
//! Nothing here answers questions about the data, and nothing here knows who asks: see `aos-dcl` and `aos-api`.

pub mod plan;
pub mod stages;
mod sync;

mod error;

pub use error::Error;
pub use sync::{Mesh, Progress, SourceReport, Stage, StreamReport};

pub type Result<T, E = Error> = std::result::Result<T, E>;
