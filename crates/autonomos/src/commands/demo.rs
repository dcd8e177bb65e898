//! `autonomos demo`: the product on the sample sources, on this machine only.

use crate::cli::{Cli, DemoArgs};
use crate::commands::serve::{bind, serve};
use crate::compose::House;
use crate::demo;
use crate::settings::Settings;
use crate::show::{Watcher, say};
use aos_core::kind::Unify;
use aos_dcl::connect::ConnectRequest;
use aos_dcl::samples::WantedSamples;
use std::process::ExitCode;

pub async fn run(cli: &Cli, args: &DemoArgs, settings: &Settings) -> anyhow::Result<ExitCode> {
    let listener = bind("127.0.0.1", args.port.unwrap_or(settings.server.port)).await?;
    let house = House::open(&cli.data_dir()?, settings).await?;
    let (scope, login) = demo::sign_up(&house).await?;
    let tenant = house.dcl.tenant(&scope);
    // What else was connected to the demo is read by its own schedule: it may be out of reach, and nobody waits for that here.
    let mut sources = Vec::new();
    for sample in tenant.add_samples(WantedSamples { samples: None, simulated: &[] }).await? {
        if tenant.connection(sample).await?.paused.is_none() {
            sources.push(sample.to_string());
        }
    }
    let request = ConnectRequest { sources: Some(sources), agents: None };
    let watcher = Watcher::new(false);
    let report = tenant.connect(request, move |progress| watcher.tell(&progress)).await?;
    let totals = &report.ledger.totals;
    let mapped = report.tables.iter().flat_map(|table| &table.columns).filter(|column| column.field.is_some()).count();
    let records: u64 = report.entities.values().map(|entity| entity.records).sum();
    say!(
        "\n{} sources, {} tables, {mapped} columns mapped, {records} unified records in {} ms",
        report.sources.len(),
        report.tables.len(),
        report.elapsed_ms
    );
    say!(
        "ledger: read {} = landed {} + duplicate {} + filtered {} + rejected {} ({})",
        totals.read,
        totals.landed,
        totals.duplicate,
        totals.filtered,
        totals.rejected,
        if totals.balanced { "balanced" } else { "NOT BALANCED" }
    );
    let unified = tenant.unify(&Unify::default()).await?;
    let entities = || unified.entities.values();
    let things: u64 = entities().map(|entity| entity.golden_records).sum();
    let uncertain: u64 = entities().map(|entity| entity.uncertain).sum();
    say!(
        "unified: {} records are {things} things that stand in several; {uncertain} that may be one wait for review",
        unified.links + things
    );
    say!("\nlistening on http://{}", listener.local_addr()?);
    say!("login: {}", login.email);
    say!("password: {}", login.password);
    say!("\nCtrl-C stops it. Everything is kept in {}", house.data.path().display());
    serve(house, settings, listener, Some(login), true).await
}
