//! `autonomos airbyte`.

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub struct AirbyteArgs {
    #[command(subcommand)]
    pub what: AirbyteWhat,
    /// Print one JSON object
    #[arg(long, global = true)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum AirbyteWhat {
    /// Show the last sync of each connection of the Airbyte server in [airbyte] url
    Syncs,
    /// Show which configuration a source of [airbyte.sources] takes
    Spec {
        /// Its name there
        source: String,
    },
}
