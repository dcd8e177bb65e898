//! `autonomos tenant`, as `--help` shows it.

use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct TenantArgs {
    /// Print JSON
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub action: TenantAction,
}

#[derive(Debug, Subcommand)]
pub enum TenantAction {
    /// List the tenants
    List,
    /// Write everything a tenant has into one archive (.tar.zst), and read it back
    Export(TenantExportArgs),
    /// Compare every byte of an archive with its manifest
    Verify { archive: PathBuf },
    /// Check that a certificate is as this installation signed it
    Certificate(TenantCertificateArgs),
    /// Remove everything a tenant has, everywhere, and print a certificate
    Delete(TenantDeleteArgs),
    /// Go on with deletions that were cut off; running servers and workers do so by themselves
    Resume,
}

#[derive(Debug, Args)]
pub struct TenantExportArgs {
    /// Name or id of the tenant
    #[arg(long)]
    pub tenant: String,
    /// The archive, which must not exist yet
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

#[derive(Debug, Args)]
pub struct TenantCertificateArgs {
    /// The certificate, as `tenant delete` or the API gave it
    pub file: PathBuf,
    /// The installation's public key, as `autonomos audit key` prints it
    #[arg(long)]
    pub key: String,
}

#[derive(Debug, Args)]
pub struct TenantDeleteArgs {
    /// Name or id of the tenant
    #[arg(long)]
    pub tenant: String,
    /// The same once more: there is no way back
    #[arg(long, value_name = "TENANT")]
    pub confirm: String,
    /// Write the certificate into a file too
    #[arg(long, value_name = "FILE")]
    pub certificate: Option<PathBuf>,
}
