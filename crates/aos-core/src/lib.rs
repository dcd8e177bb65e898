//! The pure heart of AutonomOS: what a tenant, an ontology, a record and a canonical event are, and the one function
//! that turns records into events.
//!
//! No I/O, no async, no wall clock: everything here is a value or a function of values.

pub mod canonicalize;
pub mod clock;
pub mod event;
pub mod graph;
pub mod id;
pub mod ledger;
pub mod mapping;
pub mod ontology;
pub mod parse;
pub mod record;
pub mod shape;
pub mod tenant;
pub mod value;

pub use clock::Clock;
pub use id::{ConnectionId, RunId, TenantId, UserId};
pub use ontology::Ontology;
pub use tenant::{Role, TenantScope};
pub use value::Value;
