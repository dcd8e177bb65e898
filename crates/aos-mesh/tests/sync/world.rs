//! A source that does what a test says, and a mesh that reads it.

use crate::ground::Ground;
use aos_connectors::{
    Answer, CheckReport, Checkpoint, Connector, Context, Deletes, Error, Field, Malformed, MalformedCode, Pages,
    ReadRequest, ReadWhat, RecordPage, SourceCount, Stream,
};
use aos_core::Clock;
use aos_core::kind::SyncMode;
use aos_core::ledger::Outcome;
use aos_core::record::{Record, RecordBatch};
use aos_core::shape::ValueKind;
use aos_core::value::Value;
use aos_mesh::{SourceReport, SyncRequest};
use aos_store::{Run, RunFilter, StreamState};
use chrono::{DateTime, Duration, Utc};
use compact_str::CompactString;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

pub const STREAM: &str = "Account";
const PAGE: usize = 3;

/// What the source holds, and how it behaves.
pub struct Shelf {
    pub records: BTreeMap<String, Row>,
    pub deletes: Deletes,
    /// Fields beside those that every record has.
    pub further: Vec<&'static str>,
    /// Whether it tells what is new; otherwise each read begins at the start and there is nothing to go on from.
    pub cursors: bool,
    pub count: Option<SourceCount>,
    /// How many records it says it has before it is read.
    pub declared: Option<SourceCount>,
    /// Whether it shows nothing of its further fields, as to somebody without the right to see them.
    pub hidden: bool,
    /// Whether it says with the first page that everything before is gone.
    pub emptied: bool,
    /// Whether it gives a page twice.
    pub repeats: bool,
    /// After so many pages of a read, this happens.
    pub breaks: Option<(usize, Error)>,
    /// Records of which nothing can be read.
    pub garbled: Vec<String>,
    /// Whether it refuses to go on from any place it gave before.
    pub forgets: bool,
    /// What it was asked for, in order.
    pub asked: Vec<ReadRequest>,
    pub discovers: Option<Error>,
}

#[derive(Clone)]
pub struct Row {
    pub name: String,
    pub changed_s: i64,
    pub deleted: bool,
}

#[derive(Clone)]
pub struct Scripted(pub Arc<Mutex<Shelf>>);

/// Everything around one connection to the scripted source.
pub struct World {
    pub shelf: Arc<Mutex<Shelf>>,
    ground: Ground,
}

impl std::ops::Deref for World {
    type Target = Ground;

    fn deref(&self) -> &Ground {
        &self.ground
    }
}

pub fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

impl World {
    /// A source with so many accounts, one changed each second before the clock's begin.
    pub async fn with(records: usize) -> Self {
        let shelf = Shelf {
            records: (0..records).map(|at| (id(at), row(at, records))).collect(),
            deletes: Deletes::Unknown,
            further: Vec::new(),
            cursors: true,
            count: None,
            declared: None,
            hidden: false,
            emptied: false,
            repeats: false,
            breaks: None,
            forgets: false,
            garbled: Vec::new(),
            asked: Vec::new(),
            discovers: None,
        };
        Self {
            shelf: Arc::new(Mutex::new(shelf)),
            ground: Ground::of(Clock::fixed(start()), "salesforce", "scripted", json!({})).await,
        }
    }

    pub fn change(&self, change: impl FnOnce(&mut Shelf)) {
        change(&mut self.shelf.lock().unwrap());
    }

    /// Changes a record, or makes it, at so many seconds after the clock's begin.
    pub fn put(&self, at: usize, name: &str, changed_s: i64) {
        let row = Row { name: name.into(), changed_s: start().timestamp() + changed_s, deleted: false };
        self.change(|shelf| _ = shelf.records.insert(id(at), row));
    }

    pub async fn sync(&self) -> SourceReport {
        self.sync_with(SyncRequest::default()).await
    }

    pub async fn sync_in(&self, mode: SyncMode) -> SourceReport {
        self.sync_with(SyncRequest { mode, ..SyncRequest::default() }).await
    }

    /// Syncs a minute later than the time before.
    pub async fn sync_with(&self, request: SyncRequest) -> SourceReport {
        self.clock.advance(Duration::minutes(1));
        self.read(&self.alone(Arc::new(Scripted(self.shelf.clone()))), &request).await
    }

    pub async fn state(&self) -> StreamState {
        self.tenant().stream(self.connection.id, STREAM).await.unwrap().unwrap()
    }

    pub async fn last_run(&self) -> Run {
        let runs = self.tenant().list_runs(RunFilter::default(), aos_store::Page::first(1)).await.unwrap();
        runs.items.into_iter().next().unwrap()
    }

    /// Lists the accounts that are held, with their names.
    pub async fn held(&self) -> BTreeMap<String, String> {
        let changes = self.tenant().changes_since(0, 100_000).await.unwrap();
        let live = changes.into_iter().filter(|change| !change.deleted && change.entity == "account");
        live.map(|change| {
            let data: serde_json::Value = serde_json::from_str(&change.data).unwrap();
            (change.record_id, data["name"].as_str().unwrap_or_default().to_owned())
        })
        .collect()
    }

    /// Returns what is held of an account beside its fields, and its fields.
    pub async fn held_whole(&self, at: usize) -> (serde_json::Value, serde_json::Value) {
        let fragments = self.tenant().fragments("account", self.connection.id, &id(at)).await.unwrap();
        let parse = |text: &str| serde_json::from_str(text).unwrap();
        (parse(&fragments[0].data), parse(&fragments[0].extras))
    }

    /// Lists the accounts that the source has, with their names.
    pub fn truth(&self) -> BTreeMap<String, String> {
        let shelf = self.shelf.lock().unwrap();
        let live = shelf.records.iter().filter(|(_, row)| !row.deleted);
        live.map(|(id, row)| (id.clone(), row.name.clone())).collect()
    }

    pub async fn alerts(&self) -> Vec<&'static str> {
        let alerts = self.tenant().list_alerts(None).await.unwrap();
        alerts.iter().map(|alert| alert.kind.as_str()).collect()
    }

    /// Returns the last request for records that was no look at a sample.
    pub fn asked(&self) -> ReadRequest {
        let shelf = self.shelf.lock().unwrap();
        shelf.asked.iter().rev().find(|request| request.records_max.is_none()).unwrap().clone()
    }
}

pub fn id(at: usize) -> String {
    format!("001{at:05}")
}

fn row(at: usize, records: usize) -> Row {
    let changed_s = start().timestamp() - (records - at) as i64;
    Row { name: format!("Company {at}"), changed_s, deleted: false }
}

impl Connector for Scripted {
    fn system(&self) -> &str {
        "salesforce"
    }

    fn check<'a>(&'a self, _context: &'a Context) -> Answer<'a, CheckReport> {
        Box::pin(async { Ok(CheckReport::default()) })
    }

    fn discover<'a>(&'a self, _context: &'a Context) -> Answer<'a, Vec<Stream>> {
        Box::pin(async {
            let shelf = self.0.lock().unwrap();
            if let Some(error) = &shelf.discovers {
                return Err(error.clone());
            }
            let field = |name: &&str, kind| Field {
                name: (*name).to_owned(),
                label: None,
                kind,
                declared: kind.as_str().to_owned(),
                nullable: true,
                custom: false,
            };
            let mut fields = vec![
                field(&"Id", ValueKind::String),
                field(&"Name", ValueKind::String),
                field(&"SystemModstamp", ValueKind::Datetime),
                field(&"LastModifiedDate", ValueKind::Datetime),
            ];
            fields.extend(shelf.further.iter().map(|name| field(name, ValueKind::String)));
            Ok(vec![Stream {
                key: vec!["Id".into()],
                cursor_field: shelf.cursors.then(|| "SystemModstamp".into()),
                deletes: shelf.deletes,
                count: shelf.declared,
                records_per_request: Some(PAGE as u32),
                ..Stream::declared(STREAM, "salesforce", fields)
            }])
        })
    }

    fn read<'a>(&'a self, request: ReadRequest, _context: &'a Context) -> Answer<'a, Pages> {
        Box::pin(async move {
            let mut shelf = self.0.lock().unwrap();
            shelf.asked.push(request.clone());
            if shelf.forgets && request.cursor.is_some() {
                return Err(Error::Gone { what: "the place of the last read".into(), said: "410".into() });
            }
            let breaks = shelf.breaks.clone().filter(|_| request.records_max.is_none());
            let pages = shelf.pages(&request);
            let broken = breaks.map(|(after, error)| (after.min(pages.len()), error));
            let pages: Vec<Result<RecordPage, Error>> = match broken {
                Some((after, error)) => pages.into_iter().take(after).map(Ok).chain([Err(error)]).collect(),
                None => pages.into_iter().map(Ok).collect(),
            };
            Ok(Pages::waiting(futures_util::stream::iter(pages)))
        })
    }
}

impl Shelf {
    fn pages(&self, request: &ReadRequest) -> Vec<RecordPage> {
        let cursor = request.cursor.as_ref();
        let since = cursor.map_or(i64::MIN, |cursor| cursor["since"].as_i64().unwrap_or(i64::MIN));
        let after = cursor.and_then(|cursor| Some((cursor["at"].as_i64()?, cursor["id"].as_str()?.to_owned())));
        let overlap = i64::try_from(request.overlap.as_secs()).unwrap();
        let mut rows: Vec<(&String, &Row)> = self.records.iter().collect();
        rows.sort_by_key(|(id, row)| (row.changed_s, (*id).clone()));
        rows.retain(|(id, row)| match &after {
            Some((at, last)) => (row.changed_s, *id) > (*at, last),
            None => since == i64::MIN || row.changed_s >= since - overlap,
        });
        if self.deletes != Deletes::Tombstone {
            rows.retain(|(_, row)| !row.deleted);
        }
        let newest = rows.iter().map(|(_, row)| row.changed_s).max().unwrap_or(since).max(since);
        let mut pages: Vec<RecordPage> = rows.chunks(PAGE).map(|chunk| self.page(chunk, since)).collect();
        if pages.is_empty() {
            pages.push(self.page(&[], since));
        }
        let first = pages.first_mut().unwrap();
        (first.count, first.emptied) = (self.count, self.emptied && request.records_max.is_none());
        if self.repeats && pages.len() > 1 {
            pages.insert(1, pages[0].clone());
        }
        // A place is given at the end also where the next read begins at the start all the same, as most connectors do.
        let end = if self.cursors { json!({ "since": newest }) } else { json!({ "since": i64::MIN }) };
        pages.last_mut().unwrap().checkpoint = Some(Checkpoint::end(end));
        pages.iter_mut().for_each(|page| project(&mut page.batch, request));
        if request.what == ReadWhat::Keys {
            pages.iter_mut().for_each(|page| page.deleted = None);
        }
        pages
    }

    fn page(&self, rows: &[(&String, &Row)], since: i64) -> RecordPage {
        let (garbled, rows): (Vec<_>, Vec<_>) = rows.iter().copied().partition(|(id, _)| self.garbled.contains(id));
        let malformed = garbled.iter().map(|_| Malformed::new(1, MalformedCode::Encoding, "no text", b"\xFF"));
        let live: Vec<_> = rows.iter().filter(|(_, row)| !row.deleted).copied().collect();
        let gone: Vec<_> = rows.iter().filter(|(_, row)| row.deleted).copied().collect();
        let place = rows.last().filter(|_| self.cursors).map(|(id, row)| {
            let since = if since == i64::MIN { serde_json::Value::Null } else { since.into() };
            Checkpoint::within(json!({ "since": since, "at": row.changed_s, "id": id }))
        });
        RecordPage {
            deleted: (!gone.is_empty()).then(|| self.batch(&gone)),
            checkpoint: place,
            malformed: malformed.collect(),
            requests: 1,
            ..RecordPage::of(self.batch(&live))
        }
    }

    fn batch(&self, rows: &[(&String, &Row)]) -> RecordBatch {
        let mut columns: Vec<CompactString> =
            ["Id", "Name", "SystemModstamp", "LastModifiedDate"].map(CompactString::from).to_vec();
        columns.extend(self.further.iter().map(|name| CompactString::from(*name)));
        let record = |(at, (id, row)): (usize, &(&String, &Row))| {
            let changed = DateTime::from_timestamp(row.changed_s, 0).unwrap().to_rfc3339();
            let mut cells = vec![
                Some(Value::text(id)),
                Some(Value::text(&row.name)),
                Some(Value::text(&changed)),
                Some(Value::text(&changed)),
            ];
            let shown = |name: &&str| match self.hidden {
                true => Value::Null,
                false => Value::text(format!("{name} of {id}")),
            };
            cells.extend(self.further.iter().map(|name| Some(shown(name))));
            Record { position: at as u64 + 1, cells }
        };
        RecordBatch { columns: columns.into(), records: rows.iter().enumerate().map(record).collect() }
    }
}

/// Gives the key, the cursor field and what was asked for, and nothing else.
fn project(batch: &mut RecordBatch, request: &ReadRequest) {
    let wanted = |name: &CompactString| name == "Id" || name == "SystemModstamp" || request.wants(name);
    let kept: Vec<usize> = (0..batch.columns.len()).filter(|at| wanted(&batch.columns[*at])).collect();
    for record in &mut batch.records {
        record.cells = kept.iter().map(|at| record.cells[*at].clone()).collect();
    }
    batch.columns = kept.iter().map(|at| batch.columns[*at].clone()).collect();
}

/// Says what became of the one stream.
pub fn stream_outcome(report: &SourceReport) -> Outcome {
    report.streams[0].outcome
}
