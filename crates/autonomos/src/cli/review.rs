//! `autonomos review`, as `--help` shows it.

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub struct ReviewArgs {
    #[arg(long, global = true, default_value = "local")]
    pub tenant: String,
    /// Print JSON
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub action: ReviewAction,
}

#[derive(Debug, Subcommand)]
pub enum ReviewAction {
    /// List what waits for a decision: what breaks something first, then what has waited longest
    List(ReviewListArgs),
    /// Show one item: what has changed, which repairs there are, and what the likeliest would do
    Show(ReviewShowArgs),
    /// Approve items: the mapping changes, and the affected past is mapped anew
    Approve(ReviewApproveArgs),
    /// Reject items: what they propose is wrong
    Reject(ReviewRejectArgs),
    /// Take back what was approved, for every record it touched
    Undo { id: String },
}

#[derive(Debug, Args)]
pub struct ReviewListArgs {
    /// Only items in this state: open, approved, rejected, undone, expired or superseded
    #[arg(long, default_value = "open")]
    pub state: String,
    /// Only items of this kind, e.g. drift
    #[arg(long)]
    pub kind: Option<String>,
    /// Only items about this stream
    #[arg(long)]
    pub stream: Option<String>,
    /// How many at most
    #[arg(long, default_value_t = 50, value_name = "N")]
    pub limit: u32,
}

#[derive(Debug, Args)]
pub struct ReviewShowArgs {
    pub id: String,
    /// Try this one of the repairs, counted from 0
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub candidate: usize,
    /// Try what it would do to repair nothing and take what is seen as it is
    #[arg(long, conflicts_with = "candidate")]
    pub accept: bool,
    /// On how many of the latest raw records
    #[arg(long, default_value_t = 5_000, value_name = "N")]
    pub records: u64,
}

#[derive(Debug, Args)]
pub struct ReviewApproveArgs {
    #[arg(value_name = "ID", required = true)]
    pub ids: Vec<String>,
    /// Which of the repairs, counted from 0
    #[arg(long, value_name = "N", conflicts_with = "accept")]
    pub candidate: Option<usize>,
    /// Repair nothing: what is seen is as it should be
    #[arg(long)]
    pub accept: bool,
}

#[derive(Debug, Args)]
pub struct ReviewRejectArgs {
    #[arg(value_name = "ID", required = true)]
    pub ids: Vec<String>,
    /// Why
    #[arg(long)]
    pub reason: Option<String>,
}
