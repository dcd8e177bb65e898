//! The audit trail: one chain for each tenant, and one of the installation for those who were not let in.
//!
//! Entries are written by the acts themselves, in their transactions. What is recorded: whatever someone asked for, page by page what a
//! connect took in, and who was refused. What is not: how the machinery keeps itself going (leases, attempts, progress, offsets).

mod chain;
mod read;
mod trail;

pub(crate) use chain::Chain;
pub use chain::Looked;
pub use read::{AuditEntry, AuditFilter};
pub use trail::traced;
pub(crate) use trail::{Draft, write_trail};
