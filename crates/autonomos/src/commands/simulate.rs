//! `autonomos simulate`: a service that AutonomOS talks to, played on this machine only.

use crate::cli::{AodArgs, Service, SimulateArgs, VendorArgs};
use crate::commands::serve::{bind, told_to_stop};
use crate::show::say;
use anyhow::Context;
use aos_simulators::{Credentials, Drift, Options, Simulator, Vendor, aod};
use std::path::Path;
use std::process::ExitCode;

pub async fn run(args: &SimulateArgs) -> anyhow::Result<ExitCode> {
    match &args.service {
        Service::Aod(args) => play_aod(args).await,
        Service::Salesforce(args) => play(Vendor::Salesforce, args).await,
        Service::Hubspot(args) => play(Vendor::Hubspot, args).await,
        Service::Dynamics(args) => play(Vendor::Dynamics, args).await,
        Service::Pipedrive(args) => play(Vendor::Pipedrive, args).await,
        Service::Zendesk(args) => play(Vendor::Zendesk, args).await,
    }
}

async fn play_aod(args: &AodArgs) -> anyhow::Result<ExitCode> {
    let dial = &args.dial;
    let options =
        aod::Options { seed: dial.seed, systems: args.systems, token: args.token.clone(), chaos: dial.chaos() };
    let listener = bind("127.0.0.1", dial.port).await?;
    say!("AOD simulator, seed {}, listening on http://{}", dial.seed, listener.local_addr()?);
    say!(
        "name it in the settings: [aod] url = \"http://{}\", [net] allow_private = [\"127.0.0.1/32\"]",
        listener.local_addr()?
    );
    axum::serve(listener, aod::router(options)).with_graceful_shutdown(told_to_stop()).await?;
    Ok(ExitCode::SUCCESS)
}

async fn play(vendor: Vendor, args: &VendorArgs) -> anyhow::Result<ExitCode> {
    let credentials =
        Credentials { assertion_key: args.assertion_key.as_deref().map(read).transpose()?, ..Credentials::default() };
    let options = Options {
        seed: args.dial.seed,
        size: args.size,
        chaos: args.chaos(),
        drift: args.drift.as_deref().map(drifts).transpose()?.unwrap_or_default(),
        credentials,
        limit_factor: args.limit_factor,
        control: args.control,
        tls: args.tls_authority.is_some(),
        ..Options::default()
    };
    let simulator = Simulator::new(vendor, &options)?;
    if let (Some(path), Some(pem)) = (&args.tls_authority, simulator.authority_pem()) {
        std::fs::write(path, pem).with_context(|| format!("cannot write {}", path.display()))?;
    }
    let listener = bind("127.0.0.1", args.dial.port).await?;
    let scheme = if options.tls { "https" } else { "http" };
    say!("{} simulator, seed {}, listening on {scheme}://{}", vendor.name(), options.seed, listener.local_addr()?);
    let known = &options.credentials;
    say!(
        "client id {}, client secret {}, user {}, refresh token {}, token without an end {}",
        known.client_id,
        known.client_secret,
        known.username,
        known.refresh_token,
        known.static_token
    );
    say!("let AutonomOS reach it by the setting [net] allow_private = [\"127.0.0.1/32\"]");
    simulator.serve(listener, told_to_stop()).await?;
    Ok(ExitCode::SUCCESS)
}

fn drifts(path: &Path) -> anyhow::Result<Vec<Drift>> {
    serde_json::from_str(&read(path)?).with_context(|| format!("{} is no list of drifts", path.display()))
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}
