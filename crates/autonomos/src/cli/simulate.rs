//! `autonomos simulate`, as `--help` shows it.

use aos_simulators::Chaos;
use clap::{Args, Subcommand};
use std::path::PathBuf;
use std::time::Duration;

#[derive(Debug, Args)]
pub struct SimulateArgs {
    #[command(subcommand)]
    pub service: Service,
}

#[derive(Debug, Subcommand)]
pub enum Service {
    /// AOD (AOS Discover), as docs/guides/aod.md describes it
    Aod(AodArgs),
    /// Salesforce: REST API and Bulk API 2.0
    Salesforce(VendorArgs),
    /// HubSpot: CRM API v3, associations v4
    Hubspot(VendorArgs),
    /// Dynamics 365: Dataverse Web API
    Dynamics(VendorArgs),
    /// Pipedrive: API v1 and v2
    Pipedrive(VendorArgs),
    /// Zendesk: Support API, incremental exports
    Zendesk(VendorArgs),
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

#[derive(Debug, Args)]
pub struct VendorArgs {
    #[command(flatten)]
    pub dial: DialArgs,
    /// How many records each of the large streams has
    #[arg(long, default_value_t = 1_000, value_name = "N")]
    pub size: u64,
    /// Trouble and its share from 0 to 1, e.g. rate_limits=0.2; may be given several times, and `all=0.1` means every kind
    #[arg(long, value_name = "KIND=SHARE", value_parser = trouble)]
    pub chaos: Vec<(String, f64)>,
    /// A JSON file with a list of drifts that are applied at the start, as docs/guides/simulators.md describes them
    #[arg(long, value_name = "FILE")]
    pub drift: Option<PathBuf>,
    /// Multiplies every limit of the vendor
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub limit_factor: u64,
    /// Serves /_simulator too, by which anybody on this machine can change records, time and trouble
    #[arg(long)]
    pub control: bool,
    /// Speaks TLS and writes the certificate of its authority to this file
    #[arg(long, value_name = "FILE")]
    pub tls_authority: Option<PathBuf>,
    /// A PEM file with the public key of who may sign in by assertion (JWT bearer)
    #[arg(long, value_name = "FILE")]
    pub assertion_key: Option<PathBuf>,
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

impl DialArgs {
    pub fn chaos(&self) -> Chaos {
        Chaos { latency: Duration::from_millis(self.latency_ms), failure_share: self.failure_share, ..Chaos::default() }
    }
}

impl VendorArgs {
    pub fn chaos(&self) -> Chaos {
        let mut chaos = self.dial.chaos();
        for (kind, share) in &self.chaos {
            // The kind was looked up when it was read.
            chaos.set(kind, *share);
        }
        chaos
    }
}

fn share(text: &str) -> Result<f64, String> {
    let share: f64 = text.parse().map_err(|_| "a share is a number from 0 to 1".to_owned())?;
    if (0.0..=1.0).contains(&share) { Ok(share) } else { Err("a share is a number from 0 to 1".to_owned()) }
}

fn trouble(text: &str) -> Result<(String, f64), String> {
    let (kind, number) = text.split_once('=').ok_or_else(|| "say it as KIND=SHARE".to_owned())?;
    let share = share(number)?;
    if Chaos::default().set(kind, share) {
        Ok((kind.to_owned(), share))
    } else {
        Err(format!("there is no such kind; the kinds are all, {}", Chaos::KINDS.join(", ")))
    }
}
