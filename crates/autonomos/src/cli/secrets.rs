//! `autonomos secrets`, as `--help` shows it.

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
#[command(
    after_help = "To change the master key while everything runs: put the new key before the old one, one a line, where every process reads it \
                  (a file or command is read again when it is needed; a variable needs a restart), run `rotate-master`, then take the old \
                  key away. docs/guides/operate.md has the steps."
)]
pub struct SecretsArgs {
    /// Print JSON
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub action: SecretsAction,
}

#[derive(Debug, Subcommand)]
pub enum SecretsAction {
    /// Print a new random master key; nothing is kept
    NewKey,
    /// Say where the master key comes from, and which master keys are in use
    Status,
    /// Wrap every data key with the present master key
    RotateMaster,
    /// Give a tenant, or all of them, a new data key and seal their secrets anew
    RotateTenant(RotateTenantArgs),
    /// List a tenant's secrets, without what they are
    List(TenantOfSecretsArgs),
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct RotateTenantArgs {
    #[arg(long)]
    pub tenant: Option<String>,
    /// Every tenant, and the installation itself
    #[arg(long)]
    pub all: bool,
}

#[derive(Debug, Args)]
pub struct TenantOfSecretsArgs {
    #[arg(long, default_value = "local")]
    pub tenant: String,
}
