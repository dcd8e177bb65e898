//! `autonomos connection` and `autonomos intent`, as `--help` shows them.

use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct ConnectionArgs {
    #[arg(long, global = true, default_value = "local")]
    pub tenant: String,
    /// Print JSON
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub action: ConnectionAction,
}

#[derive(Debug, Subcommand)]
pub enum ConnectionAction {
    /// List the connections, each with how it stands
    List,
    /// Show one connection, by its name or id
    Show { name: String },
    /// Look whether the source answers, without reading it
    Check { name: String },
    /// Read one connection; on PostgreSQL a worker does it
    Sync(ConnectionSyncArgs),
    /// Let a read go on that waits because of what it costs
    Confirm { name: String },
    /// Let the owner of the account give leave in a browser on this machine
    Authorize(ConnectionAuthorizeArgs),
    /// Forget what the owner gave leave for, and tell the vendor
    Forget { name: String },
}

#[derive(Debug, Args)]
pub struct ConnectionSyncArgs {
    pub name: String,
    /// incremental, full, backfill or keys
    #[arg(long, default_value = "incremental")]
    pub mode: String,
    /// Only this stream; may be repeated
    #[arg(long = "stream", value_name = "STREAM")]
    pub streams: Vec<String>,
    /// With --mode backfill and one stream: only this column; may be repeated
    #[arg(long = "column", value_name = "COLUMN")]
    pub columns: Vec<String>,
    /// What a read does not meet is gone, however much it is
    #[arg(long)]
    pub accept_loss: bool,
}

#[derive(Debug, Args)]
pub struct ConnectionAuthorizeArgs {
    pub name: String,
    /// The port on 127.0.0.1 that the vendor sends the browser back to; the application registered there names
    /// http://127.0.0.1:PORT/callback
    #[arg(long, default_value_t = 5001)]
    pub port: u16,
}

#[derive(Debug, Args)]
pub struct IntentArgs {
    #[arg(long, global = true, default_value = "local")]
    pub tenant: String,
    /// Print JSON
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub action: IntentAction,
}

#[derive(Debug, Subcommand)]
pub enum IntentAction {
    /// List what is proposed to be connected, newest first
    List {
        /// Only those in this state, e.g. sampled
        #[arg(long)]
        state: Option<String>,
    },
    /// Show one proposal with everything that became of it
    Show { id: String },
    /// Propose sources: a JSON object or list in a file, or - for the standard input; a worker looks into them
    Propose { file: PathBuf },
    /// Let a proposal that was looked into be read
    Promote {
        id: String,
        #[arg(long)]
        reason: Option<String>,
    },
    /// Turn a proposal down
    Reject {
        id: String,
        #[arg(long)]
        reason: Option<String>,
    },
    /// Look again into a proposal that failed
    Retry { id: String },
}
