//! `autonomos airbyte`: what an Airbyte server says of its syncs, and what a declared source asks for. Both are the operator's, of no tenant.

use crate::cli::{AirbyteArgs, AirbyteWhat};
use crate::compose;
use crate::settings::{AirbyteSettings, Settings};
use crate::show::{say, table};
use anyhow::{Context as _, bail};
use aos_connectors::airbyte::monitor::{Access, ConnectionSync, Monitor, Server};
use aos_connectors::airbyte::specification;
use aos_connectors::{Alone, Context, Notes, Secret, Secrets};
use aos_core::Clock;
use std::process::ExitCode;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

pub async fn run(args: &AirbyteArgs, settings: &Settings) -> anyhow::Result<ExitCode> {
    let clock = Clock::default();
    let net = aos_net::Client::new(compose::net(settings)?, clock.clone())?;
    match &args.what {
        AirbyteWhat::Syncs => syncs(&settings.airbyte, net, clock, args.json).await,
        AirbyteWhat::Spec { source } => spec(&settings.airbyte, source, net, clock).await,
    }
}

async fn syncs(settings: &AirbyteSettings, net: aos_net::Client, clock: Clock, json: bool) -> anyhow::Result<ExitCode> {
    if settings.url.is_empty() {
        bail!("no Airbyte server is configured; set [airbyte] url to the address of its public API");
    }
    let monitor = Monitor::new(server(settings), net, clock);
    let syncs = monitor.syncs().await.context("the Airbyte server cannot be asked")?;
    if json {
        say!("{}", serde_json::to_string_pretty(&syncs)?);
        return Ok(ExitCode::SUCCESS);
    }
    let mut out = table(["connection", "state", "last sync", "started", "took", "records", "bytes"]);
    for connection in &syncs.connections {
        out.add_row(row(connection));
    }
    say!("{out}");
    let more = if syncs.cut { ", there are more" } else { "" };
    say!("{} connections{more}", syncs.connections.len());
    Ok(ExitCode::SUCCESS)
}

/// A line of the table. What the server did not say stays empty.
fn row(connection: &ConnectionSync) -> [String; 7] {
    let number = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
    let last = connection.last.as_ref();
    [
        connection.name.clone(),
        connection.connection_status.clone(),
        last.map_or_else(|| "never".to_owned(), |last| last.status.clone()),
        last.and_then(|last| last.started_at).map(|at| at.format("%Y-%m-%d %H:%M:%SZ").to_string()).unwrap_or_default(),
        last.and_then(|last| last.duration_ms).map(|took| format!("{} s", took / 1000)).unwrap_or_default(),
        number(last.and_then(|last| last.records)),
        number(last.and_then(|last| last.bytes)),
    ]
}

/// The server that the operator has named.
pub fn server(settings: &AirbyteSettings) -> Server {
    let access = if !settings.client_id.is_empty() {
        Access::Application { id: settings.client_id.clone(), secret: Secret::new(&settings.client_secret) }
    } else if !settings.token.is_empty() {
        Access::Token(Secret::new(&settings.token))
    } else {
        Access::Open
    };
    let workspace = Some(settings.workspace.clone()).filter(|workspace| !workspace.is_empty());
    Server { url: settings.url.clone(), access, workspace }
}

async fn spec(
    settings: &AirbyteSettings,
    source: &str,
    net: aos_net::Client,
    clock: Clock,
) -> anyhow::Result<ExitCode> {
    let Some(program) = settings.sources.get(source) else {
        let known = settings.sources.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        bail!("[airbyte.sources] declares no {source}; it declares: {known}");
    };
    let context = Context {
        net,
        secrets: Secrets::default(),
        grants: None,
        pace: Arc::new(Alone::new(clock.clone())),
        cancel: CancellationToken::new(),
        clock,
        notes: Notes::unheard(),
    };
    let specification = specification(program, &context).await?;
    say!("{}", serde_json::to_string_pretty(&specification)?);
    Ok(ExitCode::SUCCESS)
}
