//! Measures the engine: a first load of a million rows with twenty fields, a small refresh and one of all rows, pages and SQL, with peak memory.
//!
//! `cargo run --release -p aos-dcl --example refresh_speed [rows] [threads]`

use aos_core::{Ontology, Role, TenantId, TenantScope, tenant::Principal};
use aos_dcl::engine::{Engine, EngineOptions, FragmentRow, Sort, ViewQuery};
use std::fmt::Write;
use std::sync::Arc;
use std::time::Instant;
use uuid::Uuid;

const ONTOLOGY: &str = "
version: 1
entities:
  deal:
    key: deal_id
    fields:
      deal_id: { type: string }
      account_id: { type: string }
      contact_id: { type: string }
      name: { type: string }
      stage: { type: string }
      amount: { type: decimal }
      currency: { type: string }
      close_date: { type: date }
      probability: { type: decimal }
      type: { type: string }
      description: { type: string }
      next_step: { type: string }
      owner_id: { type: string }
      created_at: { type: datetime }
      updated_at: { type: datetime }
      region: { type: string }
      visits: { type: integer }
      score: { type: decimal }
      won: { type: boolean }
      team: { type: string }
";

#[allow(clippy::disallowed_methods)] // A measurement has no one to let in, and reads its arguments.
fn main() {
    let mut arguments = std::env::args().skip(1);
    let rows: i64 = arguments.next().map_or(1_000_000, |text| text.parse().expect("a number of rows"));
    let threads: u32 = arguments.next().map_or(1, |text| text.parse().expect("a number of threads"));
    let folder = std::env::temp_dir().join(format!("refresh-speed-{}", std::process::id()));
    let scope = TenantScope::establish(TenantId::new(), Principal::Local, Role::Owner);
    let ontology = Arc::new(Ontology::parse(ONTOLOGY).expect("the ontology above is sound"));
    let engine = Engine::new(&folder, EngineOptions { threads, ..EngineOptions::default() });

    let tenant = timed("open an empty database", || engine.tenant(&scope, &ontology).expect("a fresh folder"));
    timed("make the rows (part of the load)", || (1..=rows).map(deal).map(|row| row.data.len()).sum::<usize>());
    let before = memory_mb("VmRSS");
    timed("first load", || tenant.load((1..=rows).map(deal)).expect("sound rows"));
    println!("  resident before {before} MB, now {} MB, peak {} MB", memory_mb("VmRSS"), memory_mb("VmHWM"));
    timed("refresh of 1,000 changed rows", || tenant.refresh((1..=1000).map(|n| again(n, rows))).expect("sound rows"));
    timed("replay of 100,000 rows", || tenant.refresh((1..=100_000.min(rows)).map(deal)).expect("sound rows"));

    timed("load of every row anew", || tenant.load((1..=rows).map(|n| anew(n, 3 * rows))).expect("sound rows"));

    timed("counts", || tenant.counts().expect("counts"));
    let page = ViewQuery { limit: 50, ..ViewQuery::default() };
    timed("first page, read", || tenant.view("deal", &page).expect("a page"));
    timed("first page, kept", || tenant.view("deal", &page).expect("a page"));
    let cursor = tenant.view("deal", &page).expect("a page").next_cursor.clone();
    timed("second page", || tenant.view("deal", &ViewQuery { cursor, ..page.clone() }).expect("a page"));
    let sort = vec![Sort { field: "amount".into(), descending: true }];
    timed("page sorted by amount", || tenant.view("deal", &ViewQuery { sort, ..page.clone() }).expect("a page"));
    timed("one record", || tenant.record("deal", "bench", "D-0000777").expect("a record"));
    let sql = "SELECT stage, count(*), sum(amount) FROM deal GROUP BY stage ORDER BY 2 DESC";
    timed("SQL, first", || tenant.query(sql, 100, None).expect("a result"));
    timed("SQL, again", || tenant.query(sql, 100, None).expect("a result"));
    println!("peak resident {} MB; file {} MB", memory_mb("VmHWM"), file_mb(&folder));
    drop(tenant);
    drop(engine);
    let engine = Engine::new(&folder, EngineOptions { threads, ..EngineOptions::default() });
    timed("open the filled database", || engine.tenant(&scope, &ontology).map(drop).expect("the same folder"));
    drop(engine);
    std::fs::remove_dir_all(&folder).expect("our own folder");
}

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let (started, cpu) = (Instant::now(), cpu_ms());
    let result = work();
    println!("{what:34} {:>10.3} ms wall {:>6} ms cpu", started.elapsed().as_secs_f64() * 1e3, cpu_ms() - cpu);
    result
}

fn deal(n: i64) -> FragmentRow {
    let mut data = String::with_capacity(640);
    let stages = ["Prospecting", "Qualification", "Proposal", "Negotiation", "Closed Won", "Closed Lost"];
    write!(
        data,
        r#"{{"deal_id":"D-{n:07}","account_id":"A-{:06}","contact_id":"C-{:06}","name":"Deal number {n} with someone","stage":"{}","amount":{}.{:02},"currency":"EUR","close_date":"2024-{:02}-{:02}","probability":{},"type":"New Business","description":"A longer text about deal {n} that says what it is about","next_step":"call {}","owner_id":"U-{:03}","created_at":"2023-{:02}-{:02}T08:{:02}:00Z","updated_at":"2024-01-{:02}T10:00:{:02}.123456Z","region":"region {}","visits":{},"score":{}.5,"won":{},"team":null}}"#,
        n % 50_000,
        n % 90_000,
        stages[(n % 6) as usize],
        n * 37 % 1_000_000,
        n % 100,
        n % 12 + 1,
        n % 28 + 1,
        n % 101,
        n % 9,
        n % 200,
        n % 12 + 1,
        n % 28 + 1,
        n % 60,
        n % 28 + 1,
        n % 60,
        n % 12,
        n % 1000,
        n % 77,
        n % 2 == 0,
    )
    .expect("a string takes all");
    FragmentRow {
        position: n,
        connection: Uuid::from_u128(1),
        source: "bench".to_owned(),
        entity: "deal".to_owned(),
        record_id: format!("D-{n:07}"),
        fragment: "deals".to_owned(),
        deleted: false,
        data,
        source_version: 1_700_000_000_000_000 + n,
        mapping_version: 1,
    }
}

fn again(n: i64, rows: i64) -> FragmentRow {
    FragmentRow { position: rows + n, ..deal(n * 7) }
}

/// The same record under another mapping.
fn anew(n: i64, base: i64) -> FragmentRow {
    FragmentRow { position: base + n, mapping_version: 2, ..deal(n) }
}

fn memory_mb(field: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(field)).unwrap_or_default();
    line.split_ascii_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0) / 1024
}

/// Processor time of all threads.
fn cpu_ms() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_ascii_whitespace().collect();
    fields.get(11..13).map_or(0, |times| times.iter().filter_map(|ticks| ticks.parse::<u64>().ok()).sum::<u64>() * 10)
}

fn file_mb(folder: &std::path::Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| {
            if entry.path().is_dir() {
                file_mb(&entry.path()) * 1024 * 1024
            } else {
                entry.metadata().map_or(0, |of| of.len())
            }
        })
        .sum::<u64>()
        / 1024
        / 1024
}
