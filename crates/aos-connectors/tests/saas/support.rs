//! A simulated account, a connection to it, and what a read of it brought.

use aos_connectors::oauth::MemoryGrants;
use aos_connectors::{AllowedRoots, Stream};
use aos_connectors::{
    Alone, Checkpoint, Connector, Context, Error, Grant, GrantState, GrantStore, Malformed, Notes, Operator, Pages,
    ReadRequest, RecordPage, Secret, Secrets, Settings, declaration,
};
use aos_core::Clock;
use aos_core::record::RecordBatch;
use aos_core::value::Value;
use aos_net::{Client, NetConfig};
use aos_simulators::{Chaos, Options, Running, Simulator, Vendor};
use futures_util::StreamExt;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// A record by its members.
pub type Record = BTreeMap<String, Value>;

/// An account that is simulated, with limits that are in nobody's way.
pub async fn account(vendor: Vendor, size: u64) -> Running {
    let options = Options { size, limit_factor: 1_000, ..Options::default() };
    Simulator::start(vendor, &options).await.unwrap()
}

/// Everything goes wrong at once, as often as it can.
pub fn storm() -> Chaos {
    Chaos { retry_after_s: 0, ..Chaos::full() }
}

pub struct Connection {
    pub connector: Arc<dyn Connector>,
    pub context: Context,
}

pub fn open(
    name: &str,
    settings: serde_json::Value,
    secrets: &[(&str, &str)],
    grants: Option<Arc<dyn GrantStore>>,
) -> Connection {
    let serde_json::Value::Object(settings) = settings else { panic!("settings are an object") };
    let operator = Operator::new(AllowedRoots::any());
    let settings: Settings = settings;
    let connector = (declaration(name).unwrap().open)(name, &settings, &operator).unwrap();
    Connection { connector, context: context(secrets, grants) }
}

pub fn context(secrets: &[(&str, &str)], grants: Option<Arc<dyn GrantStore>>) -> Context {
    let config = NetConfig {
        allow_private: vec!["127.0.0.0/8".parse().unwrap()],
        // The storm is the test's own; the circuit has tests of its own.
        failures_to_open: u32::MAX,
        ..NetConfig::default()
    };
    let clock = Clock::default();
    let secret = |(name, text): &(&str, &str)| ((*name).to_owned(), Secret::new(*text));
    Context {
        net: Client::new(config, clock.clone()).unwrap(),
        secrets: Secrets::new(secrets.iter().map(secret)),
        grants,
        pace: Arc::new(Alone::new(clock.clone())),
        cancel: CancellationToken::new(),
        clock,
        notes: Notes::unheard(),
    }
}

/// A grant as an owner has given it, with a refresh token and no access token yet.
pub async fn granted(refresh_token: &str) -> Arc<MemoryGrants> {
    let store = Arc::new(MemoryGrants::default());
    let grant = Grant {
        version: 0,
        state: GrantState::Valid,
        access_token: None,
        refresh_token: Some(Secret::new(refresh_token)),
        expires_at: None,
        scopes: Vec::new(),
        api_base: None,
        message: String::new(),
        changed_at: Clock::default().now(),
    };
    assert!(store.replace(0, &grant).await.unwrap());
    store
}

/// What a reader holds after the pages it has read: what it was given, less what it was told is gone.
#[derive(Debug, Default)]
pub struct Held {
    pub records: BTreeMap<String, Record>,
    pub deleted: BTreeSet<String>,
    pub malformed: Vec<Malformed>,
    pub requests: u32,
    /// With how many records were held when each checkpoint came.
    pub checkpoints: Vec<(usize, Checkpoint)>,
    key: String,
}

impl Held {
    pub fn by(key: &str) -> Self {
        Self { key: key.to_owned(), ..Self::default() }
    }

    pub fn take(&mut self, page: RecordPage) {
        for (key, record) in members(&page.batch, &self.key) {
            self.deleted.remove(&key);
            self.records.insert(key, record);
        }
        for (key, _) in page.deleted.iter().flat_map(|batch| members(batch, &self.key)) {
            self.records.remove(&key);
            self.deleted.insert(key);
        }
        self.malformed.extend(page.malformed);
        self.requests += page.requests;
        self.checkpoints.extend(page.checkpoint.map(|checkpoint| (self.records.len(), checkpoint)));
    }

    /// Returns the cursor of the end of the read.
    pub fn end(&self) -> serde_json::Value {
        let (_, last) = self.checkpoints.last().expect("a read ends with a checkpoint");
        assert!(last.complete, "the last checkpoint is the end");
        last.cursor.clone()
    }
}

fn members(batch: &RecordBatch, key: &str) -> Vec<(String, Record)> {
    let record = |record: &aos_core::record::Record| {
        let cells = batch.columns.iter().zip(&record.cells);
        let members: Record = cells.filter_map(|(name, cell)| Some((name.to_string(), cell.clone()?))).collect();
        (members[key].as_text().unwrap().to_owned(), members)
    };
    batch.records.iter().map(record).collect()
}

impl Connection {
    pub async fn discover(&self) -> Vec<Stream> {
        self.connector.discover(&self.context).await.unwrap()
    }

    /// Reads until the end, or until `pages` of them.
    pub async fn read_some(&self, request: ReadRequest, held: &mut Held, pages: usize) -> Result<(), Error> {
        let Pages::Waiting(mut stream) = self.connector.read(request, &self.context).await? else {
            panic!("a service waits")
        };
        for _ in 0..pages {
            match stream.next().await {
                Some(page) => held.take(page?),
                None => break,
            }
        }
        Ok(())
    }

    pub async fn read(&self, request: ReadRequest, held: &mut Held) {
        self.read_some(request, held, usize::MAX).await.unwrap();
    }

    pub async fn read_all(&self, stream: &str, key: &str) -> Held {
        let mut held = Held::by(key);
        self.read(ReadRequest::of(stream), &mut held).await;
        held
    }
}
