//! What looking for drift costs beside what is done with records anyway: `cargo run --release -p aos-drift --example watch_cost [RECORDS]`.
//! Prints one JSON object. What is compared with is mapping alone; landing and committing records cost several times as much.

use aos_core::Ontology;
use aos_core::canonicalize::Canonicalizer;
use aos_core::mapping::{EntityMapping, FieldRule, Origin, StreamMapping};
use aos_core::record::{Record, RecordBatch};
use aos_core::value::Value;
use aos_drift::{Contract, Sample, Seen, deviates, judge};
use compact_str::CompactString;
use std::time::{Duration, Instant};

const PAGE: usize = 1_000;
/// As the mesh reads: so many records are judged first, and of each further chunk one in so many.
const FIRST: usize = 1_000;
const CHUNK: usize = 10_000;
const OF_CHUNK: u64 = 100;

fn main() {
    let records: usize = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(200_000);
    let pages: Vec<RecordBatch> = (0..records / PAGE).map(page).collect();
    let mapping = mapping();
    let ontology = Ontology::shipped();
    let begun = Instant::now();
    let mut canonicalizer = Canonicalizer::new(&ontology, &mapping);
    let mut events = 0;
    for page in &pages {
        events += canonicalizer.batch(page).map_or(0, |made| made.events.len());
    }
    let mapped = begun.elapsed();
    let mut held = Sample::every(1);
    pages.iter().take(FIRST / PAGE).for_each(|page| held.take(page, &mapping));
    let looked = looked_at(&pages, &mapping, &held);
    let share = looked.as_secs_f64() / mapped.as_secs_f64();
    println!(
        r#"{{"records":{records},"events":{events},"mapping_ms":{},"watching_ms":{},"watching_share_of_mapping":{share:.4}}}"#,
        mapped.as_millis(),
        looked.as_millis()
    );
}

fn looked_at(pages: &[RecordBatch], mapping: &StreamMapping, held: &Sample) -> Duration {
    let accepted = &held.shape("deals", "");
    let begun = Instant::now();
    let contract = Contract::default();
    let seen = |sample: &Sample, first: bool| {
        let seen =
            Seen { accepted, sample, mapping, contract: &contract, declared: None, key: Some("deal_id"), whole: true };
        match first {
            // The same rows are compared, too; reading them from the lake is not counted here.
            true => judge(&seen, |shape, key, rows_max| held.rows(shape, key, rows_max)).findings.len(),
            false => usize::from(deviates(&seen)),
        }
    };
    let mut found = 0;
    let mut first = Sample::every(1);
    pages.iter().take(FIRST / PAGE).for_each(|page| first.take(page, mapping));
    found += seen(&first, true);
    let mut sample = Sample::every(CHUNK as u64 / OF_CHUNK);
    for (at, page) in pages.iter().enumerate().skip(FIRST / PAGE) {
        sample.take(page, mapping);
        if (at + 1) % (CHUNK / PAGE) == 0 {
            found += seen(&sample, false);
            std::hint::black_box(sample.shape("deals", ""));
            sample = Sample::every(CHUNK as u64 / OF_CHUNK);
        }
    }
    assert_eq!(found, 0, "the same data is quiet");
    begun.elapsed()
}

fn page(at: usize) -> RecordBatch {
    let columns: Vec<CompactString> = ["deal_id", "deal_name", "amount", "stage", "close_date", "owner_email"]
        .map(CompactString::from)
        .into_iter()
        .chain((0..14).map(|further| CompactString::from(format!("custom_{further}"))))
        .collect();
    let record = |row: usize| {
        let row = at * PAGE + row;
        let mut cells = vec![
            Value::text(format!("D-{row:07}")),
            Value::text(format!("Deal with company {}", row % 5_000)),
            Value::text(format!("{}.50", 1_000 + row * 37 % 90_000)),
            Value::text(["Prospecting", "Negotiation", "Closed Won"][row % 3]),
            Value::text(format!("2026-{:02}-{:02}", row % 12 + 1, row % 28 + 1)),
            Value::text(format!("owner{}@example.com", row % 40)),
        ];
        cells.extend((0..14).map(|further| Value::text(format!("{}", row * (further + 3) % 997))));
        Record { position: row as u64 + 1, cells: cells.into_iter().map(Some).collect() }
    };
    RecordBatch { columns: columns.into(), records: (0..PAGE).map(record).collect() }
}

fn mapping() -> StreamMapping {
    let rule = |target: &str, source: &str| FieldRule {
        target: target.into(),
        sources: vec![source.into()],
        transforms: Vec::new(),
        confidence: 1.0,
        evidence: Vec::new(),
        origin: Origin::Matched,
    };
    let fields = [("opportunity_id", "deal_id"), ("name", "deal_name"), ("amount", "amount"), ("stage", "stage")];
    let mut fields: Vec<FieldRule> = fields.map(|(target, source)| rule(target, source)).to_vec();
    fields.push(rule("close_date", "close_date"));
    let entities = vec![EntityMapping { entity: "opportunity".into(), fields, pivot: None }];
    StreamMapping { version: 1, stream: "deals".into(), entities }
}
