//! A source of deals that says what a test lets it say, page by page, and a mesh that reads it.

use crate::ground::Ground;
use aos_connectors::{
    Answer, CheckReport, Checkpoint, Connector, Context, Error, Pages, ReadRequest, RecordPage, Stream,
};
use aos_core::Clock;
use aos_core::flag::Flag;
use aos_core::kind::SyncMode;
use aos_core::ledger::Outcome;
use aos_core::record::{Record, RecordBatch};
use aos_core::shape::{Shaper, StreamShape};
use aos_core::value::Value;
use aos_drift::Rehearsal;
use aos_mesh::drift::{Applied, Chosen, RemapEnd, Undone};
use aos_mesh::{StreamReport, SyncRequest};
use aos_store::{Page, RejectionFilter, Review, ReviewFilter, ReviewState};
use chrono::{DateTime, Duration};
use compact_str::CompactString;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use uuid::Uuid;

pub const STREAM: &str = "deals";
pub const DEALS: usize = 60;

/// Columns and rows as texts.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

/// What the source says, page by page.
#[derive(Clone, Default)]
struct Script {
    pages: Vec<Said>,
    /// What it says to a read that asks for what is new only; it cannot tell that where there is none.
    new: Option<Vec<Said>>,
    /// What it calls its present content, where it has a name for that.
    version: String,
}

#[derive(Clone)]
struct Scripted(Arc<Mutex<Script>>);

pub struct World {
    script: Arc<Mutex<Script>>,
    ground: Ground,
}

impl std::ops::Deref for World {
    type Target = Ground;

    fn deref(&self) -> &Ground {
        &self.ground
    }
}

impl Said {
    /// So many deals, each a little different from the others.
    pub fn deals(count: usize) -> Self {
        let columns = ["deal_id", "deal_name", "amount", "stage", "close_date"].map(str::to_owned).to_vec();
        let row = |at: usize| {
            let stage = ["Prospecting", "Qualification", "Negotiation", "Closed Won"][at % 4];
            vec![
                format!("D-{:05}", at + 1),
                format!("Deal with company {at}"),
                format!("{}.50", 1_000 + at * 37),
                stage.to_owned(),
                format!("2026-{:02}-{:02}", at % 12 + 1, at % 28 + 1),
            ]
        };
        Self { columns, rows: (0..count).map(row).collect() }
    }

    pub fn rename(mut self, from: &str, to: &str) -> Self {
        let at = self.place(from);
        self.columns[at] = to.to_owned();
        self
    }

    /// Says the values of a column in another way.
    pub fn with(mut self, column: &str, say: impl Fn(usize, &str) -> String) -> Self {
        let at = self.place(column);
        self.rows.iter_mut().enumerate().for_each(|(row, cells)| cells[at] = say(row, &cells[at]));
        self
    }

    pub fn add(mut self, column: &str, say: impl Fn(usize) -> String) -> Self {
        self.columns.push(column.to_owned());
        self.rows.iter_mut().enumerate().for_each(|(row, cells)| cells.push(say(row)));
        self
    }

    fn place(&self, column: &str) -> usize {
        self.columns.iter().position(|name| name == column).unwrap()
    }

    fn batch(&self, first: usize) -> RecordBatch {
        let columns: Vec<CompactString> = self.columns.iter().map(CompactString::from).collect();
        let record = |(at, row): (usize, &Vec<String>)| Record {
            position: (first + at + 1) as u64,
            cells: row.iter().map(|text| Some(Value::text(text))).collect(),
        };
        RecordBatch { columns: columns.into(), records: self.rows.iter().enumerate().map(record).collect() }
    }
}

impl World {
    /// A source that was read once and accepted.
    pub async fn read_once() -> Self {
        let world = Self::new(vec![Said::deals(DEALS)]).await;
        let report = world.sync().await;
        assert_eq!(report.outcome, Outcome::Success, "{report:?}");
        assert_eq!(world.held().await.len(), DEALS);
        world
    }

    pub async fn new(pages: Vec<Said>) -> Self {
        let clock = Clock::fixed(DateTime::from_timestamp(1_800_000_000, 0).unwrap());
        Self {
            script: Arc::new(Mutex::new(Script { pages, ..Script::default() })),
            ground: Ground::of(clock, "hubspot", "scripted", json!({})).await,
        }
    }

    pub fn say(&self, pages: Vec<Said>) {
        self.script.lock().unwrap().pages = pages;
    }

    /// Says something under a name for the whole of it.
    pub fn say_version(&self, version: &str, pages: Vec<Said>) {
        let mut script = self.script.lock().unwrap();
        (script.version, script.pages) = (version.to_owned(), pages);
    }

    /// Says only this to reads that ask for what is new.
    pub fn say_new(&self, pages: Vec<Said>) {
        self.script.lock().unwrap().new = Some(pages);
    }

    pub async fn sync(&self) -> StreamReport {
        self.sync_in(SyncMode::Incremental).await
    }

    pub async fn sync_in(&self, mode: SyncMode) -> StreamReport {
        self.clock.advance(Duration::minutes(1));
        let source = self.alone(Arc::new(Scripted(self.script.clone())));
        let report = self.read(&source, &SyncRequest { mode, ..SyncRequest::default() }).await;
        let stream = report.streams.into_iter().next().unwrap();
        assert!(stream.tally.balanced(), "{stream:?}");
        stream
    }

    pub async fn autofix(&self, on: bool) {
        self.tenant().put_flag(Flag::FeatureDriftAutofix, Some(on)).await.unwrap();
    }

    /// Every live row as it is held, byte by byte.
    pub async fn held(&self) -> BTreeMap<String, String> {
        let changes = self.tenant().changes_since(0, 100_000).await.unwrap();
        changes.into_iter().filter(|change| !change.deleted).map(|change| (change.record_id, change.data)).collect()
    }

    /// One cell of a deal.
    pub async fn cell(&self, deal: &str, field: &str) -> serde_json::Value {
        let held = self.held().await;
        let data: serde_json::Value = serde_json::from_str(held.get(deal).map_or("{}", String::as_str)).unwrap();
        data[field].clone()
    }

    pub async fn open_reviews(&self) -> Vec<Review> {
        self.reviews(ReviewState::Open).await
    }

    pub async fn reviews(&self, state: ReviewState) -> Vec<Review> {
        let filter = ReviewFilter { state: Some(state), ..ReviewFilter::default() };
        self.tenant().list_reviews(&filter, Page::first(1_000)).await.unwrap().items
    }

    /// The open item about a path.
    pub async fn review_of(&self, path: &str) -> Review {
        let open = self.open_reviews().await;
        let found = open.iter().find(|review| review.payload["path"] == path);
        found.unwrap_or_else(|| panic!("nothing about {path} among {open:#?}")).clone()
    }

    pub async fn approve(&self, review: &Review, chosen: Chosen) -> Result<Applied, aos_mesh::Error> {
        self.mesh.apply(&self.scope, &self.ontology, &[(review.clone(), chosen)]).await
    }

    pub async fn undo(&self, review: &Review) -> Result<Undone, aos_mesh::Error> {
        let review = self.tenant().review(review.id).await.unwrap().unwrap();
        self.mesh.undo(&self.scope, &review).await
    }

    pub async fn rehearse(&self, review: &Review, chosen: &Chosen) -> Rehearsal {
        self.mesh.rehearse(&self.scope, &self.ontology, review, chosen, 1_000).await.unwrap()
    }

    pub async fn remap(&self, id: Uuid) -> RemapEnd {
        self.mesh.remap(&self.scope, id, &self.ontology, |_| {}).await.unwrap()
    }

    /// Deletes a deal as its source would: what a sweep finds gone.
    pub async fn delete(&self, deal: &str) {
        let store = self.tenant();
        let run = store.start_run(self.connection.id, "test").await.unwrap().id;
        let origin = aos_core::event::Origin {
            tenant: self.scope.tenant_id(),
            connection: self.connection.id,
            system: "hubspot".into(),
            stream: STREAM.into(),
            trace_id: "test".into(),
            emitted_at: self.clock.now(),
            schema_version: String::new(),
            segment: Uuid::nil(),
            generation: 1,
        };
        let event = aos_core::event::CanonicalEvent {
            extras: "{}".into(),
            raw_position: 1,
            ..aos_core::event::CanonicalEvent::not_given("opportunity", STREAM, deal, 1)
        };
        let page = aos_store::PageCommit {
            run,
            origin: &origin,
            segment: None,
            events: vec![event],
            rejections: Vec::new(),
            read: 1,
            unchanged: 0,
            filtered: 0,
            rejected_records: 0,
            warnings: BTreeMap::new(),
            requests: 0,
            newest_before: None,
            reading: None,
            done: None,
        };
        store.commit_page(page).await.unwrap();
    }

    /// How many rejections stand, and how many were resolved.
    pub async fn rejections(&self) -> (usize, usize) {
        let all = self.tenant().list_rejections(&RejectionFilter::default(), Page::first(1_000)).await.unwrap().items;
        let resolved = all.iter().filter(|rejection| rejection.resolved_at.is_some()).count();
        (all.len() - resolved, resolved)
    }
}

impl Connector for Scripted {
    fn system(&self) -> &str {
        "hubspot"
    }

    fn check<'a>(&'a self, _context: &'a Context) -> Answer<'a, CheckReport> {
        Box::pin(async { Ok(CheckReport::default()) })
    }

    /// It declares nothing, as files do: what it has is seen.
    fn discover<'a>(&'a self, _context: &'a Context) -> Answer<'a, Vec<Stream>> {
        Box::pin(async {
            let mut shaper = Shaper::new(STREAM, "hubspot");
            let script = self.0.lock().unwrap().clone();
            script.pages.iter().for_each(|page| shaper.observe(&page.batch(0)));
            let shape: StreamShape = shaper.finish();
            let cursor_field = script.new.is_some().then(|| "deal_id".to_owned());
            let declared = Stream::declared(STREAM, "hubspot", Vec::new());
            Ok(vec![Stream { shape, cursor_field, version: script.version, ..declared }])
        })
    }

    fn read<'a>(&'a self, request: ReadRequest, _context: &'a Context) -> Answer<'a, Pages> {
        Box::pin(async move {
            let script = self.0.lock().unwrap().clone();
            let said = script.new.filter(|_| request.cursor.is_some()).unwrap_or(script.pages);
            let mut first = 0;
            let mut pages: Vec<RecordPage> = said
                .iter()
                .map(|page| {
                    let batch = page.batch(first);
                    first += page.rows.len();
                    RecordPage { requests: 1, ..RecordPage::of(batch) }
                })
                .collect();
            if let Some(last) = pages.last_mut() {
                last.checkpoint = Some(Checkpoint::end(json!({ "read": first })));
            }
            let pages: Vec<Result<RecordPage, Error>> = pages.into_iter().map(Ok).collect();
            Ok(Pages::waiting(futures_util::stream::iter(pages)))
        })
    }
}
