//! `autonomos probe functional`: one record of a source, followed all the way.

use crate::cli::{Cli, FunctionalArgs};
use crate::compose::House;
use crate::exit;
use crate::settings::{Settings, Words};
use crate::show::say;
use anyhow::Context;
use aos_core::TenantScope;
use aos_dcl::connections::ConnectionRequest;
use aos_dcl::probe::{FunctionalProbe, suggested};
use aos_simulators::{Options, Simulator, Vendor};
use aos_store::{MAX_LIMIT, Page};
use serde_json::json;
use std::process::ExitCode;

/// What the simulated source is called, and where its secret is.
const SIMULATED: &str = "simulated-salesforce";
const SECRET: &str = "AUTONOMOS_PROBE_SECRET";
const STREAM: &str = "Opportunity";
/// Records of each large stream of the simulated source.
const SIZE: u64 = 200;

pub async fn run(cli: &Cli, args: &FunctionalArgs, settings: &Settings) -> anyhow::Result<ExitCode> {
    let probe = if args.simulator {
        simulated(settings).await?
    } else {
        let house = House::open(&cli.data_dir()?, settings).await?;
        let scope = house.known_scope(&args.tenant).await?;
        let (connection, stream) = chosen(&house, &scope, args).await?;
        house.dcl.tenant(&scope).probe_functional(&connection, &stream).await?
    };
    if args.json {
        say!("{}", serde_json::to_string_pretty(&probe)?);
    } else {
        print(&probe);
    }
    Ok(if probe.passed { ExitCode::SUCCESS } else { ExitCode::from(exit::FAILED) })
}

/// Takes what was asked for, or what there is.
async fn chosen(house: &House, scope: &TenantScope, args: &FunctionalArgs) -> anyhow::Result<(String, String)> {
    if let (Some(connection), Some(stream)) = (&args.connection, &args.stream) {
        return Ok((connection.clone(), stream.clone()));
    }
    let all = house.dcl.tenant(scope).list_connections(Page::first(MAX_LIMIT)).await?.items;
    let wanted = all.iter().filter(|known| args.connection.as_ref().is_none_or(|name| *name == known.name));
    let found = wanted.filter_map(|known| Some((known.name.clone(), suggested(known)?.to_owned()))).next();
    let (connection, stream) = found.context(
        "there is no connection with a stream that feeds an entity; add one and sync it, or name --connection and --stream",
    )?;
    Ok((connection, args.stream.clone().unwrap_or(stream)))
}

/// Plays a Salesforce on this machine and probes a connection to it, with nothing of this installation but its program.
async fn simulated(settings: &Settings) -> anyhow::Result<FunctionalProbe> {
    let options = Options { size: SIZE, ..Options::default() };
    let source = Simulator::start(Vendor::Salesforce, &options).await?;
    let data = std::env::temp_dir().join(format!("autonomos-probe-{}", std::process::id()));
    let probe = probe_at(&data, settings, source.url(), &options).await;
    // What is left of a probe that failed half-way is of no use to anybody.
    let _ = std::fs::remove_dir_all(&data);
    probe
}

async fn probe_at(
    data: &std::path::Path,
    settings: &Settings,
    url: &str,
    options: &Options,
) -> anyhow::Result<FunctionalProbe> {
    let mut settings = settings.clone();
    settings.database.url = String::new();
    settings.broker.url = String::new();
    settings.net.allow_private = Words::List(vec!["127.0.0.0/8".to_owned()]);
    let secret = [(SECRET.to_owned(), options.credentials.client_secret.clone())];
    let house = House::open_with(data, &settings, secret).await?;
    let scope = house.local_scope("probe").await?;
    let tenant = house.dcl.tenant(&scope);
    let config = json!({
        "auth": "client_credentials",
        "login_url": url,
        "client_id": options.credentials.client_id,
        "client_secret": format!("env:{SECRET}"),
        "objects": [STREAM],
    });
    let request = json!({ "name": SIMULATED, "connector": "salesforce", "config": config });
    let request: ConnectionRequest = serde_json::from_value(request)?;
    tenant.add_connection(request).await?;
    Ok(tenant.probe_functional(SIMULATED, STREAM).await?)
}

fn print(probe: &FunctionalProbe) {
    for step in &probe.steps {
        let verdict = if step.passed { "PASS" } else { "FAIL" };
        say!("{verdict} {:<12} {:>6} ms  {}", step.step, step.elapsed_ms, step.detail);
    }
    let verdict = if probe.passed { "PASS" } else { "FAIL" };
    say!("{verdict} {} of {}", probe.stream, probe.connection);
}
