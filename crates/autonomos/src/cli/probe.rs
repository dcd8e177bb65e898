//! `autonomos probe`, as `--help` shows it.

use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct ProbeArgs {
    #[command(subcommand)]
    pub what: Probe,
}

#[derive(Debug, Subcommand)]
pub enum Probe {
    /// Prove that tenants are kept apart: two throw-away tenants, of which one calls everything with what belongs to the other
    Isolation(IsolationArgs),
}

#[derive(Debug, Args)]
pub struct IsolationArgs {
    /// The deployment's address; this machine's own at the configured port when left out
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// A folder with tables on the deployment's machine, under one of its [sources] allowed_roots; without it nothing is tried that
    /// needs records
    #[arg(long, value_name = "DIR")]
    pub folder: Option<PathBuf>,
    /// Look behind the API, too: this machine has the deployment's settings, so that its database, lake and Redis can be opened
    #[arg(long)]
    pub local: bool,
    /// Print one JSON object: {findings: [{area, what, outcome, why?}], held, broken, not_covered}
    #[arg(long)]
    pub json: bool,
}
