//! The command line, as `--help` shows it.

mod airbyte;
mod ask;
mod audit;
mod connection;
mod kb;
mod keys;
mod mcp;
mod migrate;
mod pii;
mod probe;
mod review;
mod secrets;
mod simulate;
mod tasks;
mod tenant;
mod unify;

pub use airbyte::{AirbyteArgs, AirbyteWhat};
pub use ask::AskArgs;
pub use audit::{AuditAction, AuditArgs, AuditExportArgs, AuditVerifyArgs};
pub use connection::{ConnectionAction, ConnectionArgs, ConnectionSyncArgs, IntentAction, IntentArgs};
pub use kb::{KbAction, KbAddArgs, KbArgs, KbSearchArgs};
pub use keys::{KeysAction, KeysArgs};
pub use mcp::{McpAction, McpArgs, McpAuth, McpClient, McpServeArgs};
pub use migrate::MigrateArgs;
pub use pii::{PiiAction, PiiArgs, PiiFormat, PiiScanArgs};
pub use probe::{FunctionalArgs, IsolationArgs, Probe, ProbeArgs};
pub use review::{ReviewAction, ReviewApproveArgs, ReviewArgs, ReviewListArgs, ReviewRejectArgs, ReviewShowArgs};
pub use secrets::{SecretsAction, SecretsArgs};
pub use simulate::{AodArgs, Service, SimulateArgs, VendorArgs};
pub use tasks::{TaskFilterArgs, TaskReplayArgs, TasksAction, TasksArgs};
pub use tenant::{TenantAction, TenantArgs, TenantCertificateArgs, TenantDeleteArgs, TenantExportArgs};
pub use unify::UnifyArgs;

use clap::{Args, Parser, Subcommand};
use std::path::{Path, PathBuf};

#[derive(Debug, Parser)]
#[command(
    name = "autonomos",
    version,
    about = "Connects the systems a company runs, says them in one ontology, and shows one explained picture.",
    after_help = "Exit codes: 0 done · 1 failed · 2 wrong usage · 3 a source or table cannot be read · 4 the data directory is in use · \
                  5 the port is in use · 6 done, but some tables could not be read or the ledger does not balance · 7 a breaking change was found · 8 the database cannot be used as it is · 9 an export of the audit trail is not sound · 11 `pii scan --check` found something · 10 a question is not answered\n\n\
                  Start with `autonomos demo`, or with your own files: `autonomos connect ./exports`."
)]
pub struct Cli {
    /// Where everything is kept [default: the user's data directory]
    #[arg(long, global = true, env = "AUTONOMOS_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// A settings file; see autonomos.default.toml [default: autonomos.toml in the data directory]
    #[arg(long, global = true, env = "AUTONOMOS_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start on the sample sources, with a login, on this machine only
    Demo(DemoArgs),
    /// Start the server
    Serve(ServeArgs),
    /// Run tasks beside other processes on the same PostgreSQL
    Worker(WorkerArgs),
    /// Read your own files, map them, unify them, and print what came out
    Connect(ConnectArgs),
    /// Match the columns of a table to an ontology or to another table, without keeping anything
    Match(MatchArgs),
    /// Find the rows of some files that are one thing, without keeping anything
    Unify(UnifyArgs),
    /// Say what changed between two versions of a source, and what would repair it
    Drift(DriftArgs),
    /// Decide what waits for a person: look at repairs, approve, reject, take back
    Review(ReviewArgs),
    /// Look after connections: how they stand, reading one, its owner's leave, what it may spend
    Connection(ConnectionArgs),
    /// Decide what is proposed to be connected
    Intent(IntentArgs),
    /// Ask the unified views in words: answered with a receipt, or refused with what is missing
    Ask(AskArgs),
    /// Ask the unified views in SQL (read-only)
    Query(QueryArgs),
    /// The knowledge base: add documents, search them, list and remove them
    Kb(KbArgs),
    /// Personal data: find it in a file, or take it out
    Pii(PiiArgs),
    /// Let agents on this machine ask: print the settings of their clients, or answer them
    Mcp(McpArgs),
    /// Show a tenant's ontology, or add fields and entities to it
    Ontology(OntologyArgs),
    /// Look at a tenant's tasks, cancel them, or run failed ones again
    Tasks(TasksArgs),
    /// Change the keys that sign access tokens
    Keys(KeysArgs),
    /// The keys that seal secrets: look at them and change them while everything runs
    Secrets(SecretsArgs),
    /// Tenants: list them, export one whole, delete one with a certificate
    Tenant(TenantArgs),
    /// The audit trail: export it, and check an export anywhere
    Audit(AuditArgs),
    /// Look at an Airbyte server's syncs, or at what a declared Airbyte source asks for
    Airbyte(AirbyteArgs),
    /// Play a service that AutonomOS talks to, for trying things out
    Simulate(SimulateArgs),
    /// Bring a PostgreSQL database to this version: tables, row security, roles
    Migrate(MigrateArgs),
    /// Prove on a running deployment what it promises
    Probe(ProbeArgs),
    /// Read a PDF from standard input; this program starts itself so, within limits
    #[command(hide = true)]
    ReadPdf,
    /// Check that this machine and data directory are fit, and say what to do if not
    Doctor,
    /// Print the API description (OpenAPI 3.1)
    Openapi,
}

#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Port on 127.0.0.1; 0 takes any free one
    #[arg(long)]
    pub port: Option<u16>,
}

#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Address to listen on
    #[arg(long)]
    pub host: Option<String>,
    /// Port to listen on; 0 takes any free one
    #[arg(long)]
    pub port: Option<u16>,
    /// Run no tasks in this process; `autonomos worker` must run them then
    #[arg(long)]
    pub no_worker: bool,
}

#[derive(Debug, Args)]
#[command(
    after_help = "On SIGTERM or Ctrl-C it takes no further tasks, waits for those that run, gives back what is left, and ends. \
                        A second signal ends it at once; what ran is then begun again elsewhere when its lease has run out."
)]
pub struct WorkerArgs {
    /// How many tasks run at the same time [default: the setting worker.slots]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=4096))]
    pub slots: Option<u16>,
    /// Run what can be run now, then end
    #[arg(long)]
    pub once: bool,
    /// How long running tasks are waited for when it is told to stop [default: the setting worker.drain_timeout_s]
    #[arg(long, value_name = "SECONDS")]
    pub drain_timeout: Option<u64>,
}

#[derive(Debug, Args)]
pub struct ConnectArgs {
    /// Files, folders or patterns: each sub-folder is a source, each file a table
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// The tenant that the data belongs to; made when there is none of that name
    #[arg(long, default_value = "local")]
    pub tenant: String,
    /// How many unified rows of each entity to print
    #[arg(long, default_value_t = 5, value_name = "N")]
    pub rows: usize,
    /// Print one JSON object; its form is described in docs/schemas/connect.schema.json
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct MatchArgs {
    /// The table: CSV, TSV, JSON, NDJSON or Parquet; a header without rows is enough
    pub table: PathBuf,
    /// An ontology (.yaml) or another table; the shipped ontology when left out
    #[arg(long, value_name = "ONTOLOGY.yaml | TABLE")]
    pub to: Option<PathBuf>,
    /// How many candidates to show per column
    #[arg(long, default_value_t = 3, value_name = "K")]
    pub top: usize,
    /// Print one JSON object; its form is described in docs/schemas/match.schema.json
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct DriftArgs {
    #[command(subcommand)]
    pub command: DriftCommand,
}

#[derive(Debug, Subcommand)]
pub enum DriftCommand {
    /// Compare two files, folders or schemas; nothing is kept
    Diff(DriftDiffArgs),
}

#[derive(Debug, Args)]
pub struct DriftDiffArgs {
    /// The version before: a table, a folder of tables, a catalog, a JSON Schema, a field list or an object description
    #[arg(value_name = "BEFORE")]
    pub before: PathBuf,
    /// The version after; need not be of the same kind
    #[arg(value_name = "AFTER")]
    pub after: PathBuf,
    /// A mapping (YAML or JSON): only what it reads can be broken, and repairs are given as its rules
    #[arg(long, value_name = "FILE")]
    pub mapping: Option<PathBuf>,
    /// Print one JSON object; its form is described in docs/schemas/drift.schema.json
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct QueryArgs {
    /// One SELECT over the views, which are named like the entities: account, opportunity, contact ...
    pub sql: String,
    #[arg(long, default_value = "local")]
    pub tenant: String,
    /// How many rows to return at most
    #[arg(long, default_value_t = 1000, value_name = "N")]
    pub limit: usize,
    /// Print one JSON object: {columns, rows, truncated, elapsed_ms}
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct OntologyArgs {
    /// A YAML file with the tenant's own `entities:` and `fields:`; replaces what was added before
    #[arg(long, value_name = "FILE")]
    pub extend: Option<PathBuf>,
    #[arg(long, default_value = "local")]
    pub tenant: String,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

impl Cli {
    /// Returns the data directory; the demo keeps its own, so that it never mixes with what the user connects.
    pub fn data_dir(&self) -> anyhow::Result<PathBuf> {
        if let Some(dir) = &self.data {
            return Ok(dir.clone());
        }
        let base = dirs::data_dir().ok_or_else(|| {
            anyhow::anyhow!("this user has no data directory; name one with --data DIR or AUTONOMOS_DATA")
        })?;
        let name =
            if matches!(self.command, Command::Demo(_)) { Path::new("autonomos-demo") } else { Path::new("autonomos") };
        Ok(base.join(name))
    }
}

impl Command {
    /// Whether standard output belongs to the answer, so that logs must keep out of it.
    pub fn logs_to_stderr_only(&self) -> bool {
        !matches!(self, Self::Serve(_) | Self::Worker(_))
    }
}
