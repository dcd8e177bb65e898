//! The end of a tenant, and its way out: everything of it removed and certified, everything of it in one archive.

mod archive;
mod certificate;
mod deletion;
mod export;

pub use archive::{ArchiveError, Manifest, Verified, verify};
pub use certificate::{Certificate, Covered, is_genuine};
pub use export::ExportReport;

/// What wakes the process that deletes tenants.
pub const WAKE_DELETIONS: &str = "tenant_deletions";
