//! `autonomos keys`, as `--help` shows it.

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
#[command(
    after_help = "The keys sign access tokens. Running processes read them every 20 seconds; a new one signs from a minute after it was made, when \
                  all of them know it. With the embedded database, stop the server first."
)]
pub struct KeysArgs {
    /// Print JSON
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub action: KeysAction,
}

#[derive(Debug, Subcommand)]
pub enum KeysAction {
    /// List the keys, without what they are
    List,
    /// Let a new key sign; the old ones verify until the last token they signed has ended
    Rotate(RotateKeysArgs),
}

#[derive(Debug, Args)]
pub struct RotateKeysArgs {
    /// After a key was stolen: make the old keys, and every access token, useless at once. Sessions with a refresh token go on.
    #[arg(long)]
    pub forget_old: bool,
}
