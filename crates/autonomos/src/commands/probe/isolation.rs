//! `autonomos probe isolation`: proves on a running deployment that tenants are kept apart.

use crate::cli::{Cli, IsolationArgs};
use crate::compose::House;
use crate::exit;
use crate::settings::Settings;
use crate::show::{aside, say};
use anyhow::Context;
use aos_core::Clock;
use aos_lake::Lake;
use aos_net::{Client, Method, NetConfig, Request};
use aos_probe::{Answer, Call, Caller, CallerError, Doors, Options, Outcome, Pair, Report};
use serde_json::json;
use std::process::ExitCode;

pub async fn run(cli: &Cli, args: &IsolationArgs, settings: &Settings) -> anyhow::Result<ExitCode> {
    let url = match &args.url {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => format!("http://{}:{}", settings.server.host, settings.server.port),
    };
    let deployment = Deployment { url, client: client()? };
    let folder = args.folder.as_ref().map(|folder| folder.display().to_string());
    let (mut report, pair) = aos_probe::probe(&deployment, &Options::new(folder)).await?;
    if args.local {
        behind(cli, settings, &pair, &mut report).await;
    }
    for left in pair.remove(&deployment).await? {
        aside(format_args!("a tenant of the probe is left: {left}"));
    }
    if args.json {
        let (broken, not_covered) = (report.broken().count(), report.not_covered().count());
        let held = report.findings.len() - broken - not_covered;
        let all = json!({ "deployment": deployment.url, "held": held, "broken": broken, "not_covered": not_covered, "findings": report.findings });
        say!("{}", serde_json::to_string_pretty(&all)?);
    } else {
        say!("{report}");
    }
    Ok(if report.is_sound() { ExitCode::SUCCESS } else { ExitCode::from(exit::FAILED) })
}

/// A deployment at an address that the operator named.
struct Deployment {
    url: String,
    client: Client,
}

impl Caller for Deployment {
    async fn call(&self, call: Call) -> Result<Answer, CallerError> {
        let mut request =
            Request::new(Method::from_bytes(call.method.as_bytes())?, &format!("{}{}", self.url, call.path))?;
        for (name, value) in &call.headers {
            request = request.header(name, value)?;
        }
        if let Some(token) = &call.token {
            request = request.bearer(token)?;
        }
        if let Some(body) = &call.body {
            request = request.json(body)?;
        }
        let response = self.client.send(request).await?;
        let status = response.status().as_u16();
        let retry_after_s = response.retry_after().map(|wait| wait.as_secs());
        let body = String::from_utf8_lossy(&response.bytes().await?).into_owned();
        Ok(Answer { status, retry_after_s, body })
    }
}

/// Makes a client that goes wherever the operator sends it.
fn client() -> anyhow::Result<Client> {
    let everywhere = ["0.0.0.0/0", "::/0"].iter().map(|network| network.parse());
    let allow_private = everywhere.collect::<Result<_, _>>().context("every network")?;
    Ok(Client::new(NetConfig { allow_private, ..NetConfig::default() }, Clock::default())?)
}

/// Opens what lies behind the API and looks at it.
async fn behind(cli: &Cli, settings: &Settings, pair: &Pair, report: &mut Report) {
    if settings.database_is_embedded() {
        let why = "the embedded database is for one process, which is the server; on a PostgreSQL this is covered";
        report.add("store", "opening what lies behind the API", Outcome::NotCovered(why.to_owned()));
        return;
    }
    if let Err(why) = look(cli, settings, pair, report).await {
        report.add("store", "opening what lies behind the API", Outcome::NotCovered(format!("{why:#}")));
    }
}

async fn look(cli: &Cli, settings: &Settings, pair: &Pair, report: &mut Report) -> anyhow::Result<()> {
    let house = House::open(&cli.data_dir()?, settings).await?;
    let lake = Lake::open(house.data.lake()).context("the lake cannot be opened")?;
    let (acme, globex) = (house.scope_of(&pair.acme.id).await?, house.scope_of(&pair.globex.id).await?);
    let doors = Doors { store: &house.store, broker: &house.broker, lake: Some(&lake), acme, globex };
    aos_probe::look_behind(&doors, report).await;
    Ok(())
}
