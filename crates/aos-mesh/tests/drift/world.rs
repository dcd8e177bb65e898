//! A source of deals that says what a test lets it say, page by page, and a mesh that reads it.

use aos_broker::Broker;
use aos_connectors::{
    Alone, Answer, CheckReport, Connector, Context, Error, Notes, Pages, ReadRequest, RecordPage, Secrets, Stream,
};
use aos_core::flag::Flag;
use aos_core::ledger::Outcome;
use aos_core::record::{Record, RecordBatch};
use aos_core::shape::{Shaper, StreamShape};
use aos_core::tenant::Principal;
use aos_core::value::Value;
use aos_core::{Clock, Ontology, Role, TenantScope};
use aos_lake::Lake;
use aos_match::Matcher;
use aos_mesh::drift::{Applied, Chosen, RemapEnd, Undone};
use aos_mesh::{Mesh, Source, StreamReport, SyncRequest, Vocabulary};
use aos_net::NetConfig;
use aos_store::{
    Connection, NewConnection, Page, RejectionFilter, Review, ReviewFilter, ReviewState, Store, TenantStore,
};
use chrono::{DateTime, Duration};
use compact_str::CompactString;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub const STREAM: &str = "deals";
pub const DEALS: usize = 60;

/// Columns and rows as texts.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

#[derive(Clone)]
struct Scripted(Arc<Mutex<Vec<Said>>>);

pub struct World {
    pages: Arc<Mutex<Vec<Said>>>,
    pub store: Store,
    pub scope: TenantScope,
    pub connection: Connection,
    pub mesh: Mesh,
    pub broker: Broker,
    pub ontology: Arc<Ontology>,
    clock: Clock,
    matcher: Arc<Matcher>,
    _folder: tempfile::TempDir,
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
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::fixed(DateTime::from_timestamp(1_800_000_000, 0).unwrap());
        let store = Store::open(folder.path().join("store.db"), clock.clone()).await.unwrap();
        let tenant = store.system().ensure_tenant("acme").await.unwrap().id;
        #[allow(clippy::disallowed_methods)] // Tests say who they are.
        let scope = TenantScope::establish(tenant, Principal::Local, Role::Owner);
        let new = NewConnection {
            name: "crm".into(),
            system: "hubspot".into(),
            connector: "scripted".into(),
            config: json!({}),
        };
        let connection = store.tenant(&scope).create_connection(new).await.unwrap();
        let ontology = Arc::new(Ontology::shipped());
        let lake = Lake::open(folder.path().join("lake")).unwrap();
        let broker = Broker::in_process(clock.clone());
        Self {
            pages: Arc::new(Mutex::new(pages)),
            mesh: Mesh::new(store.clone(), lake, clock.clone(), broker.clone()),
            broker,
            matcher: Arc::new(Matcher::new(&ontology)),
            ontology,
            store,
            scope,
            connection,
            clock,
            _folder: folder,
        }
    }

    pub fn tenant(&self) -> TenantStore<'_> {
        self.store.tenant(&self.scope)
    }

    pub fn say(&self, pages: Vec<Said>) {
        *self.pages.lock().unwrap() = pages;
    }

    pub async fn sync(&self) -> StreamReport {
        self.clock.advance(Duration::minutes(1));
        let context = Context {
            net: aos_net::Client::new(NetConfig::default(), self.clock.clone()).unwrap(),
            secrets: Secrets::default(),
            grants: None,
            pace: Arc::new(Alone::new(self.clock.clone())),
            cancel: CancellationToken::new(),
            clock: self.clock.clone(),
            notes: Notes::unheard(),
        };
        let source = Source::alone(Arc::new(Scripted(self.pages.clone())), context);
        let words = Vocabulary { ontology: &self.ontology, matcher: &self.matcher };
        let request = SyncRequest::default();
        let report = self.mesh.sync(&self.scope, &self.connection, &source, words, &request, &|_| {}).await.unwrap();
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
            self.0.lock().unwrap().iter().for_each(|page| shaper.observe(&page.batch(0)));
            let shape: StreamShape = shaper.finish();
            Ok(vec![Stream { shape, ..Stream::declared(STREAM, "hubspot", Vec::new()) }])
        })
    }

    fn read<'a>(&'a self, _request: ReadRequest, _context: &'a Context) -> Answer<'a, Pages> {
        Box::pin(async move {
            let said = self.0.lock().unwrap().clone();
            let mut first = 0;
            let pages: Vec<Result<RecordPage, Error>> = said
                .iter()
                .map(|page| {
                    let batch = page.batch(first);
                    first += page.rows.len();
                    Ok(RecordPage { requests: 1, ..RecordPage::of(batch) })
                })
                .collect();
            Ok(Pages::waiting(futures_util::stream::iter(pages)))
        })
    }
}
