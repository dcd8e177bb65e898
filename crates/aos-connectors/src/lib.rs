//! Source systems as streams of records: one module per system, one small trait for all of them.
//!
//! A connector reads and reports; it maps nothing, stores nothing and keeps no cursor. It never writes to its source. What it may use
//! beside its own settings is its [`Context`].

pub mod airbyte;
mod connector;
mod consent;
mod context;
mod declaration;
pub mod dynamics;
mod error;
pub mod file;
mod grant;
pub mod hubspot;
#[cfg(feature = "mongodb")]
mod mongodb;
pub mod oauth;
mod pace;
mod page;
pub mod pipedrive;
mod postgres;
mod rest;
pub mod salesforce;
mod simulated;
mod stream;
mod supabase;
pub mod zendesk;

pub use connector::{Allowance, Answer, CheckReport, Connector, Cursor, Pages, ReadRequest, ReadWhat, Skipped};
pub use consent::{Asking, Consent};
pub use context::{Context, Notes, Secret, Secrets};
pub use declaration::{AuthKind, DECLARATIONS, Declaration, Operator, Setting, SettingKind, Settings, declaration};
pub use error::{Error, with_next_step};
pub use file::{AllowedRoots, Discovered, FileOptions, FileSource, SourceSpec, discover_sources};
pub use grant::{Grant, GrantState, GrantStore};
pub use pace::{Alone, Budget, Limit, Pace};
pub use page::{Checkpoint, Malformed, MalformedCode, RAW_EVIDENCE_MAX, ReadOptions, RecordPage, SourceCount};
pub use simulated::Simulated;
pub use stream::{Deletes, Field, Stream};
