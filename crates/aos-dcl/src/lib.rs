//! The data connection layer (DCL): connects sources through the mesh, unifies their entities in DuckDB, explains the picture.
//!
//! The engine is a cache of what the store holds; nothing is lost when it is deleted. The mesh never calls this crate.

pub mod agents;
pub mod connect;
pub mod connect_run;
pub mod connections;
pub mod engine;
pub mod ledger;
pub mod lineage;
pub mod preview;
pub mod schemas;
pub mod state;
pub mod tenancy;
pub mod views;

mod error;
pub mod flags;
mod fresh;
mod reset;
mod service;

pub use error::Error;
pub use service::{Dcl, DclOptions, TenantDcl};

pub type Result<T, E = Error> = std::result::Result<T, E>;
