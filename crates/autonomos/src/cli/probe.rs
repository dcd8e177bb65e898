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
    /// Follow the newest record of a source all the way: read, canonical, materialized, in the view
    Functional(FunctionalArgs),
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

#[derive(Debug, Args)]
pub struct FunctionalArgs {
    /// The connection to probe; the first one that feeds opportunities when left out
    #[arg(long, value_name = "NAME")]
    pub connection: Option<String>,
    /// Its stream; one that feeds opportunities, or else any, when left out
    #[arg(long, value_name = "NAME")]
    pub stream: Option<String>,
    /// The tenant it belongs to
    #[arg(long, default_value = "local")]
    pub tenant: String,
    /// Play the source, too: a simulated Salesforce on this machine, in a data directory of its own that is removed afterwards
    #[arg(long, conflicts_with_all = ["connection", "stream", "tenant"])]
    pub simulator: bool,
    /// Print one JSON object: {connection, stream, steps: [{step, passed, detail, elapsed_ms}], passed}
    #[arg(long)]
    pub json: bool,
}
