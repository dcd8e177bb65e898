//! A database to read from, written to by the driver, read by the connector.

use aos_connectors::{
    AllowedRoots, Alone, Connector, Context, Cursor, Error, Notes, Operator, Pages, ReadRequest, RecordPage, Secret,
    Secrets, declaration,
};
use aos_core::Clock;
use aos_net::NetConfig;
use aos_testservers::{Deployment, MongoDb};
use futures_util::StreamExt;
use mongodb::bson::{Document, doc};
use mongodb::{Client, Collection};
use std::path::Path;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

pub struct Source {
    /// Runs as long as this is held.
    _server: MongoDb,
    client: Client,
    pub url: String,
}

/// Returns a database, or says that this machine has none.
pub async fn source(deployment: Deployment) -> Option<Source> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let Some(server) = MongoDb::start(&repository, deployment) else {
        eprintln!(
            "SKIPPED: there is no server that speaks MongoDB's protocol on this machine (scripts/fetch-connectors)"
        );
        return None;
    };
    let url = format!("mongodb://127.0.0.1:{}/shop?directConnection=true", server.port());
    let client = Client::with_uri_str(&url).await.unwrap();
    Some(Source { _server: server, client, url })
}

pub fn context(url: &str) -> Context {
    let allow_private = vec!["127.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()];
    let config = NetConfig { allow_private, ..NetConfig::default() };
    Context {
        net: aos_net::Client::new(config, Clock::System).unwrap(),
        secrets: Secrets::new([("url".to_owned(), Secret::new(url))]),
        grants: None,
        pace: Arc::new(Alone::new(Clock::System)),
        cancel: CancellationToken::new(),
        clock: Clock::System,
        notes: Notes::unheard(),
    }
}

pub fn connector(settings: serde_json::Value) -> Arc<dyn Connector> {
    let declaration = declaration("mongodb").unwrap();
    let settings = settings.as_object().unwrap().clone();
    (declaration.open)("shop", &settings, &Operator::new(AllowedRoots::any())).unwrap()
}

impl Source {
    pub fn collection(&self, name: &str) -> Collection<Document> {
        self.client.database("shop").collection(name)
    }

    pub fn context(&self) -> Context {
        context(&self.url)
    }

    /// Documents with ids from one number to another.
    pub async fn fill(&self, name: &str, ids: std::ops::Range<i32>) {
        self.collection(name).insert_many(ids.map(|id| doc! { "_id": id, "x": "old" })).await.unwrap();
    }

    pub async fn read(&self, stream: &str, cursor: Option<Cursor>) -> Read {
        self.try_read(serde_json::json!({}), ReadRequest { cursor, ..ReadRequest::of(stream) }).await.unwrap()
    }

    pub async fn try_read(&self, settings: serde_json::Value, request: ReadRequest) -> Result<Read, Error> {
        let Pages::Waiting(mut stream) = connector(settings).read(request, &self.context()).await? else { panic!() };
        let mut pages = Vec::new();
        while let Some(page) = stream.next().await {
            pages.push(page?);
        }
        Ok(Read { pages })
    }
}

#[derive(Debug)]
pub struct Read {
    pub pages: Vec<RecordPage>,
}

impl Read {
    pub fn records(&self) -> Vec<serde_json::Value> {
        self.pages.iter().flat_map(|page| page.batch.records.iter().map(|record| page.batch.to_json(record))).collect()
    }

    pub fn ids(&self) -> Vec<i64> {
        self.records().iter().map(|record| record["_id"].as_i64().unwrap()).collect()
    }

    pub fn deleted(&self) -> Vec<serde_json::Value> {
        let batches = self.pages.iter().filter_map(|page| page.deleted.as_ref());
        batches.flat_map(|batch| batch.records.iter().map(|record| batch.to_json(record))).collect()
    }

    pub fn end(&self) -> Cursor {
        let checkpoint = self.pages.last().and_then(|page| page.checkpoint.clone()).expect("a checkpoint");
        assert!(checkpoint.complete, "{checkpoint:?}");
        checkpoint.cursor
    }
}
