//! Two versions of a table made from functions, and what is asked of what was found.

use aos_core::drift::{Change, ChangeKind, RowSampler, Severity, Snapshot};
use aos_core::record::{Record, RecordBatch};
use aos_core::shape::{Shaper, StreamShape};
use aos_core::value::Value;
use aos_match::drift::{Drift, Proposal, Tier, common_key, compare};
use serde_json::{Value as Json, json};

/// Rows compared cell by cell, as the command compares them.
const ROWS_MAX: usize = 1_000;
/// The number of the first record of a version that shares none with the other.
pub const OTHERS: usize = 60_000;

pub fn batch(records: &[Json]) -> RecordBatch {
    let mut columns: Vec<String> = Vec::new();
    let read = |(at, json): (usize, &Json)| {
        let mut cells: Vec<Option<Value>> = vec![None; columns.len()];
        for (name, value) in json.as_object().unwrap() {
            let place = columns.iter().position(|known| known == name).unwrap_or_else(|| {
                columns.push(name.clone());
                cells.push(None);
                columns.len() - 1
            });
            cells[place] = Some(Value::parse_json(&value.to_string()).unwrap());
        }
        Record { position: at as u64 + 1, cells }
    };
    let records = records.iter().enumerate().map(read).collect();
    RecordBatch { columns: columns.iter().map(|name| name.as_str().into()).collect(), records }
}

/// The same records as a table of texts has them.
pub fn as_texts(records: &[Json]) -> Vec<Json> {
    let text = |value: &Json| match value {
        Json::String(_) | Json::Object(_) | Json::Array(_) => value.clone(),
        Json::Null => json!(""),
        other => json!(other.to_string()),
    };
    let record = |record: &Json| {
        let members = record.as_object().unwrap().iter().map(|(name, value)| (name.clone(), text(value)));
        Json::Object(members.collect())
    };
    records.iter().map(record).collect()
}

fn shape(batch: &RecordBatch) -> StreamShape {
    let mut shaper = Shaper::new("deals", "").with_sketches();
    shaper.observe(batch);
    shaper.finish()
}

pub fn compared(before: &[Json], after: &[Json]) -> Drift {
    let (then, now) = (batch(before), batch(after));
    let (was, is) = (shape(&then), shape(&now));
    let key = common_key(&was, &is);
    let snapshot = |shape: StreamShape, batch: &RecordBatch, key: &[String]| {
        let paths = shape.columns.iter().map(|column| column.path.clone()).collect();
        let mut sampler = RowSampler::new(paths, key, ROWS_MAX);
        sampler.observe(batch);
        Snapshot { rows: sampler.finish(), ..Snapshot::of_shape(shape) }
    };
    compare(&snapshot(was, &then, &key.before), &snapshot(is, &now, &key.after), None)
}

/// Compares so many records of each version; from 0 both hold the same ones.
pub fn between(count: usize, before: impl Fn(usize) -> Json, after: impl Fn(usize) -> Json, from: usize) -> Drift {
    let then: Vec<Json> = (0..count).map(before).collect();
    let now: Vec<Json> = (from..from + count).map(after).collect();
    compared(&then, &now)
}

/// Numbers that look drawn, from 0 up to the end.
pub fn drawn(number: usize, end: usize) -> usize {
    (number * 7_919 + 13) * 104_729 % 1_000_003 % end
}

pub fn one_of<'w>(words: &[&'w str], number: usize) -> &'w str {
    words[drawn(number, words.len())]
}

pub fn amount(n: usize) -> f64 {
    (drawn(n * 5 + 3, 900_000) + 12_000) as f64 / 100.0
}

pub fn first_name(n: usize) -> &'static str {
    one_of(&["Ana", "José", "Mary", "Zoë", "Li", "Priya", "Olu", "Søren", "Ivan", "Fatima", "Hugo"], n)
}

pub fn last_name(n: usize) -> String {
    format!("{}{}", one_of(&["Miller", "Nowak", "Öztürk", "Silva", "Chen", "Dubois", "Rossi"], n * 3), drawn(n, 9))
}

pub fn seconds(n: usize) -> i64 {
    1_704_067_200 + drawn(n * 7, 300) as i64 * 86_400 + (7 + drawn(n * 11, 9)) as i64 * 3_600 + drawn(n, 3_600) as i64
}

pub fn moment(at: i64, format: &str) -> String {
    chrono::DateTime::from_timestamp(at, 0).unwrap().format(format).to_string()
}

pub fn street(n: usize) -> String {
    format!("{} {} St.", drawn(n * 13, 900) + 1, one_of(&["Main", "Oak", "Hill Top", "Broad", "Lake"], n))
}

pub fn city(n: usize) -> &'static str {
    one_of(&["Boston", "New York", "Lyon", "Köln", "Porto", "Turin"], n * 17)
}

pub fn zip(n: usize) -> String {
    format!("{:05}", drawn(n * 19, 90_000) + 1_000)
}

/// A deal with all that real exports hold: seldom filled columns, choices of uneven size, texts of several languages.
pub fn deal(n: usize) -> Json {
    let stages = ["open", "open", "open", "won", "won", "lost", "on hold"];
    let note = if drawn(n, 9) == 0 { json!(format!("call back, {} ", first_name(n + 2))) } else { Json::Null };
    json!({
        "id": format!("D-{:05}", drawn(n, 99_991)),
        "name": format!("{} – renewal {}", city(n), drawn(n * 3, 7_000)),
        "stage": one_of(&stages, n * 23),
        "amount": amount(n),
        "currency": if drawn(n, 11) == 0 { "EUR" } else { "USD" },
        "owner_email": format!("{}.{}@corp{}.example", last_name(n).to_lowercase(), n % 5, n % 3),
        "phone": format!("+1 617 {:03} {:04}", drawn(n, 900) + 100, drawn(n * 3, 10_000)),
        "created_at": moment(seconds(n), "%Y-%m-%dT%H:%M:%SZ"),
        "close_date": moment(seconds(n * 3 + 1), "%Y-%m-%d"),
        "is_key_account": drawn(n, 4) == 0,
        "probability": drawn(n, 19) * 5,
        "note": note,
    })
}

pub fn with(n: usize, name: &str, value: impl Into<Json>) -> Json {
    let mut deal = deal(n);
    deal[name] = value.into();
    deal
}

pub fn without(mut record: Json, name: &str) -> Json {
    record.as_object_mut().unwrap().remove(name);
    record
}

/// Gives a member another name, at the end of the record.
pub fn renamed(mut record: Json, name: &str, to: &str) -> Json {
    let value = record.as_object_mut().unwrap().remove(name).unwrap();
    record[to] = value;
    record
}

/// What was said of a path beyond additions.
#[track_caller]
pub fn said<'d>(drift: &'d Drift, path: &str) -> Vec<&'d Change> {
    let own: Vec<&Change> =
        drift.changes.iter().filter(|one| one.path == path && one.kind != ChangeKind::Added).collect();
    assert!(!own.is_empty(), "nothing was said of {path}: {drift:#?}");
    own
}

/// The one thing that was said of a path, and of nothing else.
#[track_caller]
pub fn only(drift: &Drift, path: &str) -> (ChangeKind, Severity) {
    let others: Vec<&Change> =
        drift.changes.iter().filter(|one| one.kind != ChangeKind::Added && one.path != path).collect();
    assert!(others.is_empty(), "{others:#?}");
    let own = said(drift, path);
    assert_eq!(own.len(), 1, "{own:#?}");
    (own[0].kind, own[0].severity)
}

/// The repair that leads for a path.
#[track_caller]
pub fn leads<'d>(drift: &'d Drift, path: &str) -> &'d Proposal {
    drift.proposals.iter().find(|one| one.path == path).unwrap_or_else(|| panic!("nothing for {path}: {drift:#?}"))
}

/// The name of the repair that leads, where it reads, and who may apply it.
#[track_caller]
pub fn led<'d>(drift: &'d Drift, path: &str) -> (&'static str, Option<&'d str>, Tier) {
    let one = leads(drift, path);
    (one.repair.as_str(), one.to.as_deref(), one.tier)
}

#[track_caller]
pub fn silent(drift: &Drift, what: &str) {
    assert!(drift.changes.is_empty() && drift.proposals.is_empty(), "{what}: {drift:#?}");
}
