//! The data connection layer (DCL): connects sources through the mesh, unifies their entities in DuckDB, explains the picture.
//!
//! The engine is a cache of what the store holds; nothing is lost when it is deleted. The mesh never calls this crate.

pub mod agents;
pub mod airbyte;
pub mod connect;
pub mod connect_run;
pub mod connections;
pub mod connectors;
pub mod consent;
pub mod debug;
pub mod drift;
pub mod engine;
pub mod golden;
pub mod grounds;
pub mod health;
pub mod held_reads;
pub mod ledger;
pub mod lineage;
pub mod mappings;
pub mod memory;
pub mod onboarding;
pub mod overdue;
pub mod preview;
pub mod principals;
pub mod probe;
pub mod proposals;
pub mod review;
pub mod samples;
pub mod schemas;
pub mod state;
pub mod sync;
pub mod tenancy;
pub mod views;
pub mod watch;

mod credentials;
mod error;
pub mod flags;
mod fresh;
mod reset;
mod service;

pub use aos_mesh::{Advice, SecretPlaces, ServicePrincipal, Vault, VaultSettings};
pub use error::Error;
pub use service::{Dcl, DclOptions, TenantDcl};

pub type Result<T, E = Error> = std::result::Result<T, E>;
