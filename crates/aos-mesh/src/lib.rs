//! The mesh (AAM): reads connections, keeps what was read, says it in the ontology's words, and accounts for every record.
//!
//! Nothing here answers questions about the data, and nothing here knows who asks: see `aos-dcl` and `aos-api`.

mod advice;
pub mod drift;
mod grants;
mod pace;
pub mod plan;
mod sample;
mod secrets;
mod source;
mod stages;
pub mod sync;
mod words;

mod error;

pub use advice::Advice;
pub use error::Error;
pub use grants::{change as kept_grant, opened as opened_grant};
pub use sample::{StreamSample, sample};
pub use secrets::{
    KEPT, Locator, LocatorError, PRINCIPALS, SecretPlaces, ServicePrincipal, TokenLife, Vault, VaultSettings,
    is_like_a_locator,
};
pub use source::{Source, Sources, declared, settings};
pub use sync::{
    AWAITS_CONFIRMATION, Mesh, Progress, SourceReport, Stage, StreamReport, SyncMode, SyncRequest, Vocabulary,
};

pub type Result<T, E = Error> = std::result::Result<T, E>;
