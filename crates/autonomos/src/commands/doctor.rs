//! `autonomos doctor`: looks at everything the product needs here, and says what to do where something is missing.

use crate::cli::Cli;
use crate::compose::House;
use crate::exit;
use crate::settings::Settings;
use crate::show::say;
use aos_store::DataDir;
use std::process::ExitCode;

/// One look and what it found.
struct Finding {
    what: &'static str,
    result: Result<String, String>,
}

pub async fn run(cli: &Cli, settings: &Settings) -> anyhow::Result<ExitCode> {
    let data = cli.data_dir()?;
    let mut findings = vec![
        Finding {
            what: "query engine",
            result: aos_dcl::engine::library_version()
                .map(|version| format!("DuckDB {version}"))
                .map_err(|error| error.to_string()),
        },
        Finding { what: "web UI", result: web_ui() },
        Finding { what: "port", result: port(settings).await },
    ];
    let dir = if settings.database_is_embedded() { DataDir::open(&data) } else { DataDir::open_shared(&data) };
    match dir {
        Err(error) => findings.push(Finding { what: "data directory", result: Err(error.to_string()) }),
        Ok(dir) => {
            drop(dir);
            findings.push(Finding { what: "data directory", result: Ok(data.display().to_string()) });
            findings.push(Finding { what: "store, lake and engine", result: open(&data, settings).await });
        }
    }
    let mut sound = true;
    for finding in findings {
        match finding.result {
            Ok(found) => say!("ok       {}: {found}", finding.what),
            Err(problem) => {
                sound = false;
                say!("problem  {}: {problem}", finding.what);
            }
        }
    }
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::from(exit::FAILED) })
}

fn web_ui() -> Result<String, String> {
    if aos_api::ui_is_embedded() {
        Ok("embedded".to_owned())
    } else {
        Err("this binary was built without it; run `make ui` and build again".to_owned())
    }
}

async fn port(settings: &Settings) -> Result<String, String> {
    let listener =
        super::serve::bind(&settings.server.host, settings.server.port).await.map_err(|error| error.to_string())?;
    listener.local_addr().map(|address| format!("{address} is free")).map_err(|error| error.to_string())
}

async fn open(data: &std::path::Path, settings: &Settings) -> Result<String, String> {
    let house = House::open(data, settings).await.map_err(|error| format!("{error:#}"))?;
    let tenants = house.store.system().list_tenants().await.map_err(|error| error.to_string())?.len();
    let database = if settings.database_is_embedded() { "embedded" } else { "PostgreSQL" };
    let broker = match (settings.broker.url.is_empty(), house.broker.health()) {
        (true, _) => "in this process",
        (false, aos_broker::Health::Healthy) => "Redis",
        (false, aos_broker::Health::Degraded { reason, .. }) => return Err(format!("the broker is away: {reason}")),
    };
    Ok(format!("open, {tenants} tenants; database: {database}; broker: {broker}"))
}
