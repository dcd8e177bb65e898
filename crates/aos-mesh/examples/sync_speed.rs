//! Measures how fast a source becomes canonical rows in an embedded store: raw segments, events, rows, and a ledger that balances. `bench/mesh/run`
//! calls it, for a simulated service or a PostgreSQL:
//!
//!     cargo run --release -p aos-mesh --example sync_speed -- FOLDER CONNECTOR CONFIG STREAM
//!     cargo run --release -p aos-mesh --example sync_speed -- FOLDER
//!
//! CONFIG is the connection's, as JSON; secrets are references to variables whose names begin with `SOURCE_`. A sync that a source breaks off is
//! followed by another one, as it would be; called again with the same folder, it reads what is new. Given a folder alone, it writes what was kept there: one raw record a line, in the order in which
//! they were read; a later one of the same key stands for an earlier one.

use aos_broker::Broker;
use aos_connectors::{AllowedRoots, Alone, Context, Notes, Operator};
use aos_core::ledger::{Outcome, Tally};
use aos_core::tenant::Principal;
use aos_core::{Clock, Ontology, Role, TenantScope};
use aos_lake::{Lake, Segment, SegmentId};
use aos_match::Matcher;
use aos_mesh::{Mesh, SecretPlaces, Source, SourceReport, Sources, SyncRequest, Vocabulary};
use aos_net::NetConfig;
use aos_store::{MAX_LIMIT, NewConnection, Page, RunFilter, Store};
use serde_json::{Value, json};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;
use tokio_util::sync::CancellationToken;

type Failure = Box<dyn std::error::Error>;

/// A source that breaks off is read on; one that does so forever is not.
const SYNCS_MAX: u32 = 100;
const TENANT: &str = "speed";
const CONNECTION: &str = "source";

/// The program's own.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, wanted @ ..] = arguments.as_slice() else { return Err("name a folder".into()) };
    let folder = Path::new(folder);
    let store = Store::open(folder.join("store.db"), Clock::default()).await?;
    let lake = Lake::open(folder.join("lake"))?;
    let tenant = store.system().ensure_tenant(TENANT).await?.id;
    #[allow(clippy::disallowed_methods)] // A tool for benchmarks, with a store of its own.
    let scope = TenantScope::establish(tenant, Principal::Local, Role::Owner);
    match wanted {
        [] => write_kept(&store, &lake, &scope).await,
        [connector, config, stream] => {
            let told = read(store, lake, &scope, connector, serde_json::from_str(config)?, stream).await?;
            println!("{told}");
            Ok(())
        }
        _ => Err("name a folder, a connector, its settings and a stream; or a folder alone".into()),
    }
}

/// Syncs until the stream was read to its end, and says how that went.
async fn read(
    store: Store,
    lake: Lake,
    scope: &TenantScope,
    connector: &str,
    config: Value,
    stream: &str,
) -> Result<Value, Failure> {
    let clock = Clock::default();
    // The trouble of a simulated service is meant; an open circuit would only measure its own patience.
    let net =
        NetConfig { allow_private: vec!["127.0.0.0/8".parse()?], failures_to_open: u32::MAX, ..NetConfig::default() };
    let sources = Sources {
        store: store.clone(),
        broker: Broker::in_process(clock.clone()),
        net: aos_net::Client::new(net, clock.clone())?,
        clock: clock.clone(),
        operator: Operator::new(AllowedRoots::any()),
        secrets: SecretPlaces::with_env(secrets()),
    };
    let connection = match store.tenant(scope).find_connection(CONNECTION).await? {
        Some(known) => known,
        None => {
            let (system, connector) = (connector.to_owned(), connector.to_owned());
            let new = NewConnection { name: CONNECTION.into(), system, connector, config };
            store.tenant(scope).create_connection(new).await?
        }
    };
    let mesh = Mesh::new(store.clone(), lake, clock, sources.broker.clone());
    let ontology = Arc::new(Ontology::shipped());
    let matcher = Arc::new(Matcher::new(&ontology));
    let words = Vocabulary { ontology: &ontology, matcher: &matcher };
    let request = SyncRequest { streams: vec![stream.to_owned()], ..SyncRequest::default() };
    let (mut sum, mut balanced, begun) = (Tally::default(), true, Instant::now());
    for syncs in 1..=SYNCS_MAX {
        let opened = sources.open(scope, &connection, Notes::unheard(), CancellationToken::new()).await?;
        // The vendor's limits are kept in production and put out of the way here, as they are in the simulator: some allow ten pages a minute.
        let pace = Arc::new(Alone::new(Clock::default()));
        let source = Source::alone(opened.connector, Context { pace, ..opened.context });
        let report = mesh.sync(scope, &connection, &source, words, &request, &|_| {}).await?;
        for stream in &report.streams {
            sum.read += stream.tally.read;
            sum.landed += stream.tally.landed;
            sum.duplicate += stream.tally.duplicate;
            sum.filtered += stream.tally.filtered;
            sum.rejected += stream.tally.rejected;
            balanced &= stream.tally.balanced();
        }
        if is_at_its_end(&report) {
            let took_s = begun.elapsed().as_secs_f64();
            let filter = RunFilter { connection: Some(connection.id) };
            let runs = store.tenant(scope).list_runs(filter, Page::first(MAX_LIMIT)).await?.items;
            let requests: u64 = runs.iter().flat_map(|run| &run.streams).map(|stream| stream.facts.requests).sum();
            let fragments = store.tenant(scope).live_fragments(connection.id, stream).await?;
            return Ok(json!({
                "syncs": syncs, "took_s": took_s, "outcome": report.outcome.as_str(), "balanced": balanced, "requests": requests, "read": sum.read,
                "landed": sum.landed, "duplicate": sum.duplicate, "filtered": sum.filtered, "rejected": sum.rejected,
                "held": fragments.iter().map(|(entity, _, rows)| json!({ "entity": entity, "rows": rows })).collect::<Vec<_>>(),
            }));
        }
        eprintln!("sync {syncs}: {}", report.error.as_deref().unwrap_or(report.outcome.as_str()));
    }
    Err(format!("{stream} is not at its end after {SYNCS_MAX} syncs").into())
}

fn is_at_its_end(report: &SourceReport) -> bool {
    !report.streams.is_empty()
        && matches!(report.outcome, Outcome::Success | Outcome::NoChange | Outcome::Partial)
        && report.streams.iter().all(|stream| stream.code.is_none())
}

fn secrets() -> Vec<(String, String)> {
    #[allow(clippy::disallowed_methods)] // A tool for benchmarks, told by its caller what it may use.
    let variables = std::env::vars();
    variables.filter(|(name, _)| name.starts_with("SOURCE_")).collect()
}

/// Writes every raw record that was kept, those that are gone with the mark that the mesh gives them.
async fn write_kept(store: &Store, lake: &Lake, scope: &TenantScope) -> Result<(), Failure> {
    let connection = store.tenant(scope).find_connection(CONNECTION).await?.ok_or("nothing was read into it")?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for stored in store.tenant(scope).list_segments(connection.id).await? {
        let segment = Segment {
            id: SegmentId(stored.id),
            connection: stored.connection_id,
            stream: stored.stream,
            path: stored.path,
            records: stored.records,
            malformed: stored.malformed,
            first_position: None,
            last_position: None,
            bytes: stored.bytes,
            raw_bytes: stored.raw_bytes,
            checksum: stored.checksum,
        };
        for page in lake.tenant(scope).read(&segment)? {
            let page = page?;
            for record in &page.batch.records {
                writeln!(out, "{}", page.batch.to_json(record))?;
            }
        }
    }
    Ok(out.flush()?)
}
