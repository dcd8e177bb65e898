//! `autonomos simulate`, as `--help` shows it.

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub struct SimulateArgs {
    #[command(subcommand)]
    pub service: Service,
}

#[derive(Debug, Subcommand)]
pub enum Service {
    /// AOD (AOS Discover), as docs/guides/aod.md describes it
    Aod(AodArgs),
}

#[derive(Debug, Args)]
pub struct AodArgs {
    #[command(flatten)]
    pub dial: DialArgs,
    /// How many systems the estate of each tenant has
    #[arg(long, default_value_t = 60, value_name = "N")]
    pub systems: u32,
    /// The bearer token that callers must send; none asks for none
    #[arg(long)]
    pub token: Option<String>,
}

/// What every simulated service can be told.
#[derive(Debug, Args)]
pub struct DialArgs {
    /// Port on 127.0.0.1; 0 takes any free one
    #[arg(long, default_value_t = 0)]
    pub port: u16,
    /// What it invents is drawn from this number
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub seed: u64,
    /// Share of requests, from 0 to 1, that fail
    #[arg(long, default_value_t = 0.0, value_name = "SHARE", value_parser = share)]
    pub failure_share: f64,
    /// How much later every answer comes
    #[arg(long, default_value_t = 0, value_name = "MS")]
    pub latency_ms: u64,
}

fn share(text: &str) -> Result<f64, String> {
    let share: f64 = text.parse().map_err(|_| "a share is a number from 0 to 1".to_owned())?;
    if (0.0..=1.0).contains(&share) { Ok(share) } else { Err("a share is a number from 0 to 1".to_owned()) }
}
