//! `autonomos audit`, as `--help` shows it.

use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct AuditArgs {
    #[command(subcommand)]
    pub action: AuditAction,
}

#[derive(Debug, Subcommand)]
pub enum AuditAction {
    /// Check an export, on any machine: that nothing in it was changed, removed, added or moved, and that its end is there
    Verify(AuditVerifyArgs),
    /// Write a tenant's audit trail as NDJSON, ended by a signed head
    Export(AuditExportArgs),
    /// Print the public key that exports are signed with
    Key,
}

#[derive(Debug, Args)]
pub struct AuditVerifyArgs {
    /// The export; `-` reads standard input
    #[arg(value_name = "EXPORT")]
    pub export: PathBuf,
    /// The public key of the installation, as `autonomos audit key` prints it: 64 hexadecimal digits, or a file with them
    #[arg(long, value_name = "KEY | FILE")]
    pub key: Option<String>,
    /// An export of before, which must be the beginning of this one: finds even what the holder of the signing key has changed since
    #[arg(long, value_name = "EXPORT")]
    pub earlier: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct AuditExportArgs {
    #[arg(long, default_value = "local")]
    pub tenant: String,
    /// The trail of the installation instead: who was not let in
    #[arg(long, conflicts_with = "tenant")]
    pub installation: bool,
    /// Where to write it [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}
