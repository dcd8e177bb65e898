//! Measures `commit_page` alone, on a made-up load: `cargo run --release -p aos-store --example ingest_speed -- [RECORDS] [PAGE] [ids]`
//! where `ids` is `sequential` (default) or `random`. Prints records per second of a first load, of the same load again, of a
//! load with every tenth record changed, and of reading all of it back.

use aos_core::event::{CanonicalEvent, Op, Origin};
use aos_core::tenant::Principal;
use aos_core::{Clock, ConnectionId, Role, RunId, TenantScope};
use aos_store::{NewConnection, PageCommit, Store, TenantStore};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

struct Load {
    records: u64,
    page: u64,
    random: bool,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let records = args.next().map_or(Ok(1_000_000), |text| text.parse())?;
    let page = args.next().map_or(Ok(5_000), |text| text.parse())?;
    let random = args.next().as_deref() == Some("random");
    let load = Load { records, page, random };

    let directory = tempfile::tempdir()?;
    let store = Store::open(directory.path().join("store.db"), Clock::System).await?;
    let tenant = store.system().ensure_tenant("bench").await?;
    #[allow(clippy::disallowed_methods)] // A local command.
    let scope = TenantScope::establish(tenant.id, Principal::Local, Role::Owner);
    let store_of_tenant = store.tenant(&scope);
    let connection = store_of_tenant
        .create_connection(NewConnection {
            name: "bench".into(),
            system: "bench".into(),
            connector: "file".into(),
            config: serde_json::Value::Null,
        })
        .await?;
    for (what, generation, changed) in
        [("first load", 1, 0), ("the same again", 1, 0), ("new generation, a tenth changed", 2, 10)]
    {
        let run = store_of_tenant.start_run(connection.id, "bench").await?.id;
        let taken = ingest(&store_of_tenant, connection.id, run, generation, changed, &load).await?;
        let (wall, cpu) = (taken.0.as_secs_f64(), taken.1);
        println!("{what}: {wall:.2} s ({cpu:.2} s of processor), {:.0} records/s", records as f64 / wall);
    }
    let started = Instant::now();
    store.finish_bulk().await?;
    println!("checkpoint: {:.2} s", started.elapsed().as_secs_f64());

    let (started, mut position, mut rows) = (Instant::now(), 0, 0u64);
    loop {
        let page = store_of_tenant.changes_since(position, 10_000).await?;
        let Some(last) = page.last() else { break };
        position = last.position;
        rows += page.len() as u64;
    }
    let taken = started.elapsed().as_secs_f64();
    println!("reading {rows} rows: {taken:.2} s, {:.0} rows/s", rows as f64 / taken);
    let started = Instant::now();
    let counts = store_of_tenant.counts().await?;
    println!("counts: {:.2} ms, {counts:?}", started.elapsed().as_secs_f64() * 1e3);
    let size = std::fs::metadata(directory.path().join("store.db"))?.len();
    println!("database: {} MB; peak memory: {}", size >> 20, peak_memory());
    Ok(())
}

async fn ingest(
    store: &TenantStore<'_>,
    connection: ConnectionId,
    run: RunId,
    generation: i64,
    changed: u64,
    load: &Load,
) -> Result<(Duration, f64), Box<dyn std::error::Error>> {
    let (entity, fragment): (Arc<str>, Arc<str>) = ("opportunity".into(), "Opportunity".into());
    let (mut taken, mut cpu) = (Duration::ZERO, 0.0);
    for first in (0..load.records).step_by(usize::try_from(load.page)?) {
        let positions = first..(first + load.page).min(load.records);
        let read = positions.end - positions.start;
        let event = |n: u64| CanonicalEvent {
            entity: entity.clone(),
            fragment: fragment.clone(),
            op: Op::Upsert,
            record_id: if load.random {
                format!("{:016x}", n.wrapping_mul(0x9E37_79B9_7F4A_7C15)).into()
            } else {
                format!("OPP-{n:09}").into()
            },
            source_version: 0,
            mapping_version: 1,
            raw_position: n + 1,
            data: data(n, changed),
            extras: r#"{"custom_field_1":"some text","custom_field_2":"17.50","legacy_code":"LX-20394"}"#.into(),
        };
        let events = positions.map(event).collect();
        let origin = Origin {
            tenant: store.scope().tenant_id(),
            connection,
            system: "bench".into(),
            stream: "Opportunity".into(),
            trace_id: "bench".into(),
            emitted_at: Clock::System.now(),
            schema_version: "1".into(),
            segment: uuid::Uuid::now_v7(),
            generation,
        };
        let commit = PageCommit {
            run,
            origin: &origin,
            segment: None,
            events,
            rejections: Vec::new(),
            read,
            unchanged: 0,
            filtered: 0,
            rejected_records: 0,
            warnings: BTreeMap::new(),
            requests: 0,
            newest_before: None,
            reading: None,
            done: None,
        };
        let (started, cpu_before) = (Instant::now(), processor_seconds());
        store.commit_page(commit).await?;
        taken += started.elapsed();
        cpu += processor_seconds() - cpu_before;
    }
    Ok((taken, cpu))
}

/// Writes about 500 bytes of an opportunity; every `changed`th differs from the first load.
fn data(n: u64, changed: u64) -> String {
    let stage = if changed > 0 && n.is_multiple_of(changed) { "Closed Won" } else { "Proposal/Price Quote" };
    format!(
        r#"{{"opportunity_id":"OPP-{n:09}","account_id":"ACC-{:07}","contact_id":"CON-{:08}","name":"Renewal of contract {n} with a customer","stage":"{stage}","amount":{}.25,"currency":"EUR","close_date":"2025-0{}-1{}","probability":{},"type":"New Business","description":"A somewhat longer text that tells about the deal and what was said in the last call, {n} times over","next_step":"Call again on Monday","owner_id":"USR-{:05}","created_at":"2024-01-15T08:30:00Z","updated_at":"2024-11-02T17:45:12Z"}}"#,
        n % 40_000,
        n % 90_000,
        n * 7 % 1_000_000,
        n % 9 + 1,
        n % 10,
        n % 100,
        n % 300,
    )
}

/// Returns the processor time of this process so far, to the hundredth: exact enough over hundreds of pages.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after_name.split_whitespace().skip(11).take(2).filter_map(|text| text.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}

fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.map_or_else(|| "unknown".to_owned(), |text| text.trim().to_owned())
}
