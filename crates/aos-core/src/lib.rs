//! The pure heart of AutonomOS: what a tenant, an ontology, a record and a canonical event are, and the one function
//! that turns records into events.
//!
//! No I/O, no async, no wall clock: everything here is a value or a function of values.

pub mod audit;
pub mod barrier;
pub mod canonicalize;
pub mod clock;
pub mod drift;
pub mod event;
pub mod fault;
pub mod flag;
pub mod graph;
pub mod id;
pub mod json;
pub mod kind;
pub mod ledger;
pub mod mapping;
pub mod onboarding;
pub mod ontology;
pub mod parse;
pub mod policy;
pub mod record;
pub mod shape;
pub mod task;
pub mod tenant;
pub mod value;
pub mod vault;

pub use clock::Clock;
pub use id::{
    ApiKeyId, ConnectionId, IntentId, InvitationId, RunId, ScheduleId, SessionId, TaskId, TenantId, UserId, WorkerId,
};
pub use ontology::Ontology;
pub use tenant::{Role, TenantScope};
pub use value::Value;
