//! A database to read from, reached over TCP as a connector reaches it, and pages as plain values.

use aos_connectors::{
    AllowedRoots, Alone, Connector, Context, Cursor, Error, Notes, Operator, Pages, ReadRequest, RecordPage, Secret,
    Secrets, Settings, declaration,
};
use aos_core::Clock;
use aos_net::NetConfig;
use aos_testservers::{Database, Postgres};
use futures_util::StreamExt;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::{TcpListener, UnixStream};
use tokio_util::sync::CancellationToken;

/// A database of its own with a role that may only read.
pub struct Source {
    pub database: Database,
    pub port: u16,
    pub context: Context,
}

/// Returns a database, or says that this machine has none.
pub async fn source() -> Option<Source> {
    let Some(server) = Postgres::start() else {
        eprintln!("SKIPPED: there is no PostgreSQL 15 or newer on this machine (apt-get install postgresql)");
        return None;
    };
    let database = server.empty_database();
    let socket = server.socket_dir().join(".s.PGSQL.5432");
    let port = forward(socket).await;
    Some(Source { database, port, context: context([]) })
}

/// What a connector gets, with leave to reach this machine.
pub fn context<const N: usize>(secrets: [(&str, &str); N]) -> Context {
    // Every name leads here.
    let names = aos_net::Names::function(|_| Ok(vec![std::net::IpAddr::from([127, 0, 0, 1])]));
    let config = NetConfig { allow_private: vec!["127.0.0.0/8".parse().unwrap()], names, ..NetConfig::default() };
    let secrets = secrets.map(|(name, text)| (name.to_owned(), Secret::new(text)));
    Context {
        net: aos_net::Client::new(config, Clock::System).unwrap(),
        secrets: Secrets::new(secrets),
        grants: None,
        pace: Arc::new(Alone::new(Clock::System)),
        cancel: CancellationToken::new(),
        clock: Clock::System,
        notes: Notes::unheard(),
    }
}

/// Hands TCP connections on to the server's socket.
async fn forward(socket: std::path::PathBuf) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let SocketAddr::V4(address) = listener.local_addr().unwrap() else { panic!("IPv4") };
    tokio::spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            let socket = socket.clone();
            tokio::spawn(async move {
                if let Ok(mut far) = UnixStream::connect(&socket).await {
                    let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
                }
            });
        }
    });
    address.port()
}

impl Source {
    pub fn sql(&self, sql: &str) -> String {
        self.database.sql(sql)
    }

    /// The address for the role that owns the database.
    pub fn url(&self) -> String {
        self.url_as("owner")
    }

    pub fn url_as(&self, role: &str) -> String {
        format!("postgres://{role}:private@127.0.0.1:{}/{}?sslmode=disable", self.port, self.database.name())
    }

    pub fn connector(&self, settings: serde_json::Value) -> Arc<dyn Connector> {
        connector(settings)
    }

    pub fn context(&self) -> Context {
        self.context_as("postgres")
    }

    pub fn context_as(&self, role: &str) -> Context {
        Context { secrets: context([("url", &self.url_as(role))]).secrets, ..self.context.clone() }
    }

    /// Reads a stream from a cursor to its end.
    pub async fn read(&self, stream: &str, cursor: Option<Cursor>) -> Read {
        self.try_read(serde_json::json!({}), ReadRequest { cursor, ..ReadRequest::of(stream) }).await.unwrap()
    }

    pub async fn try_read(&self, settings: serde_json::Value, request: ReadRequest) -> Result<Read, Error> {
        read(&*self.connector(settings), request, &self.context()).await
    }
}

pub fn connector(settings: serde_json::Value) -> Arc<dyn Connector> {
    let declaration = declaration("postgresql").unwrap();
    let settings: Settings = settings.as_object().unwrap().clone();
    declaration.check(&settings).unwrap();
    (declaration.open)("shop", &settings, &Operator::new(AllowedRoots::any())).unwrap()
}

/// Everything that a read brought.
#[derive(Debug)]
pub struct Read {
    pub pages: Vec<RecordPage>,
}

pub async fn read(connector: &dyn Connector, request: ReadRequest, context: &Context) -> Result<Read, Error> {
    let Pages::Waiting(mut stream) = connector.read(request, context).await? else { panic!("pages that wait") };
    let mut pages = Vec::new();
    while let Some(page) = stream.next().await {
        pages.push(page?);
    }
    Ok(Read { pages })
}

impl Read {
    /// The records as JSON, in the order in which they came.
    pub fn records(&self) -> Vec<serde_json::Value> {
        let records =
            self.pages.iter().flat_map(|page| page.batch.records.iter().map(|record| page.batch.to_json(record)));
        records.collect()
    }

    /// One column of all records, as text.
    pub fn column(&self, name: &str) -> Vec<String> {
        self.records().iter().map(|record| record[name].to_string().trim_matches('"').to_owned()).collect()
    }

    /// The cursor that the next read begins with.
    pub fn end(&self) -> Cursor {
        let checkpoint = self.pages.last().and_then(|page| page.checkpoint.clone()).expect("a checkpoint");
        assert!(checkpoint.complete, "{checkpoint:?}");
        checkpoint.cursor
    }

    /// Whether the source said that what it held before is gone.
    pub fn emptied(&self) -> bool {
        self.pages.iter().any(|page| page.emptied)
    }

    pub fn deleted(&self) -> Vec<serde_json::Value> {
        let batches = self.pages.iter().filter_map(|page| page.deleted.as_ref());
        batches.flat_map(|batch| batch.records.iter().map(|record| batch.to_json(record))).collect()
    }
}
