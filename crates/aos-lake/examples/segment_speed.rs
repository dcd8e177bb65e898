//! Measures how fast records become segments and come back. Not run by tests:
//! `cargo run --release -p aos-lake --example segment_speed [-- ROWS]`

use aos_core::record::{Record, RecordBatch};
use aos_core::tenant::{Principal, Role};
use aos_core::{ConnectionId, TenantId, TenantScope, Value};
use aos_lake::Lake;
use compact_str::{CompactString, format_compact};
use std::sync::Arc;
use std::time::{Duration, Instant};

const PAGE: u64 = 5_000;

#[allow(clippy::disallowed_methods, reason = "a measurement has no one to let in")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let rows: u64 = std::env::args().nth(1).map_or(Ok(1_000_000), |rows| rows.parse())?;
    let folder = tempfile::tempdir()?;
    let scope = TenantScope::establish(TenantId::new(), Principal::Local, Role::Owner);
    let lake = Lake::open(folder.path())?.tenant(&scope);
    let (connection, columns) = (ConnectionId::new(), (0..20).map(|n| format_compact!("column_{n}")).collect());
    let mut took = Duration::ZERO;
    let mut segments = Vec::new();
    let mut writer = lake.writer(connection, "opportunities")?;
    for first in (1..=rows).step_by(PAGE as usize) {
        let page = page(&columns, first);
        let started = Instant::now();
        writer.append(&page, &[])?;
        if writer.is_full() {
            segments.push(std::mem::replace(&mut writer, lake.writer(connection, "opportunities")?).finish()?);
        }
        took += started.elapsed();
    }
    let started = Instant::now();
    segments.push(writer.finish()?);
    took += started.elapsed();
    let (raw, stored) = segments.iter().fold((0, 0), |sum, s| (sum.0 + s.raw_bytes, sum.1 + s.bytes));
    let speed = |took: Duration| rows as f64 / took.as_secs_f64();
    println!(
        "write: {:.0} rows/s; {} MB raw, {} MB in {} segments",
        speed(took),
        raw >> 20,
        stored >> 20,
        segments.len()
    );
    let started = Instant::now();
    let mut read = 0;
    for segment in &segments {
        for page in lake.read(segment)? {
            read += page?.batch.records.len() as u64;
        }
    }
    println!("read:  {:.0} rows/s, checksum included", speed(started.elapsed()));
    assert!(read >= rows);
    Ok(())
}

fn page(columns: &Arc<[CompactString]>, first: u64) -> RecordBatch {
    let records = (first..first + PAGE).map(|position| Record { position, cells: cells(position) }).collect();
    RecordBatch { columns: Arc::clone(columns), records }
}

fn cells(row: u64) -> Vec<Option<Value>> {
    let noise = row.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    [
        format_compact!("0061x{row:010}"),
        format_compact!("Opportunity number {row} for a company"),
        format_compact!("001{:09}", noise % 1_000_000_000),
        format_compact!("{}.{:02}", noise % 900_000, noise % 100),
        "USD".into(),
        format_compact!("2026-{:02}-{:02}", 1 + noise % 12, 1 + noise % 28),
        "Negotiation/Review".into(),
        format_compact!("{}", noise % 100),
        "2025-11-03T10:20:30Z".into(),
        "Web".into(),
        "true".into(),
        "".into(),
        format_compact!("owner{}@example.com", noise % 500),
        "EMEA".into(),
        format_compact!("{}", noise % 7),
        format_compact!("{}", noise % 13),
        "x".into(),
        "y".into(),
        "z".into(),
        "end".into(),
    ]
    .into_iter()
    .map(|text: CompactString| Some(if text.is_empty() { Value::Null } else { Value::Text(text) }))
    .collect()
}
