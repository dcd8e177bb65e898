//! The binary: settings, composition, commands. What the product does lives in the crates below.

mod cli;
mod compose;
mod deletions;
mod demo;
mod exit;
mod knowledge;
mod master_key;
mod models;
mod samples;
mod settings;
mod show;
mod simulated;
mod telemetry;

mod commands {
    pub mod airbyte;
    pub mod ask;
    pub mod audit;
    pub mod connect;
    pub mod connection;
    pub mod demo;
    pub mod doctor;
    pub mod drift;
    pub mod intent;
    pub mod kb;
    pub mod keys;
    pub mod r#match;
    pub mod mcp;
    pub mod migrate;
    pub mod ontology;
    pub mod pii;
    pub mod probe;
    pub mod query;
    pub mod review;
    pub mod secrets;
    pub mod serve;
    pub mod simulate;
    pub mod tasks;
    pub mod tenant;
    pub mod unify;
    pub mod worker;
}

use clap::Parser;
use cli::{Cli, Command, DriftCommand, Probe};
use std::process::ExitCode;

/// Reading a source makes and frees small texts by the million, in Rust, SQLite and DuckDB alike; glibc's own allocator takes a sixth of the time.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    if matches!(cli.command, Command::ReadPdf) {
        return knowledge::read_pdf();
    }
    match run(cli) {
        Ok(code) => code,
        Err(error) => exit::report(&error),
    }
}

fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let settings = settings::Settings::load(&cli.data_dir()?, cli.config.as_deref())?;
    let mut telemetry = telemetry::Telemetry::start(&settings, cli.command.logs_to_stderr_only())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let code = runtime.block_on(async {
        telemetry.run(&aos_core::Clock::default())?;
        let code = match &cli.command {
            Command::Demo(args) => commands::demo::run(&cli, args, &settings).await,
            Command::Serve(args) => commands::serve::run(&cli, args, &settings).await,
            Command::Worker(args) => commands::worker::run(&cli, args, &settings).await,
            Command::Connect(args) => commands::connect::run(&cli, args, &settings).await,
            Command::Match(args) => commands::r#match::run(args),
            Command::Unify(args) => commands::unify::run(args),
            Command::Drift(args) => match &args.command {
                DriftCommand::Diff(args) => commands::drift::diff(args),
            },
            Command::Review(args) => commands::review::run(&cli, args, &settings).await,
            Command::Pii(args) => commands::pii::run(args, &settings),
            Command::Kb(args) => commands::kb::run(&cli, args, &settings).await,
            Command::Connection(args) => commands::connection::run(&cli, args, &settings).await,
            Command::Intent(args) => commands::intent::run(&cli, args, &settings).await,
            Command::Ask(args) => commands::ask::run(&cli, args, &settings).await,
            Command::Query(args) => commands::query::run(&cli, args, &settings).await,
            Command::Mcp(args) => commands::mcp::run(&cli, args, &settings).await,
            Command::Ontology(args) => commands::ontology::run(&cli, args, &settings).await,
            Command::Tasks(args) => commands::tasks::run(&cli, args, &settings).await,
            Command::Keys(args) => commands::keys::run(&cli, args, &settings).await,
            Command::Secrets(args) => commands::secrets::run(&cli, args, &settings).await,
            Command::Tenant(args) => commands::tenant::run(&cli, args, &settings).await,
            Command::Audit(args) => commands::audit::run(&cli, args, &settings).await,
            Command::Airbyte(args) => commands::airbyte::run(args, &settings).await,
            Command::Simulate(args) => commands::simulate::run(args).await,
            Command::Migrate(args) => commands::migrate::run(&cli, args, &settings).await,
            Command::Probe(args) => match &args.what {
                Probe::Isolation(args) => commands::probe::isolation::run(&cli, args, &settings).await,
                Probe::Functional(args) => commands::probe::functional::run(&cli, args, &settings).await,
            },
            Command::ReadPdf => Ok(knowledge::read_pdf()),
            Command::Doctor => commands::doctor::run(&cli, &settings).await,
            Command::Openapi => {
                show::say!("{}", aos_api::openapi().to_pretty_json()?);
                Ok(ExitCode::SUCCESS)
            }
        };
        telemetry.finish().await;
        code
    });
    // Threads that are still reading a huge file must not keep a finished command alive.
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    code
}
