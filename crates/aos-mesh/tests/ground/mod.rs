//! What every test of the mesh stands on: a store, a lake and a clock of its own, one connection, and a mesh that reads it.
#![allow(dead_code)] // Each test file uses its part.

use aos_broker::Broker;
use aos_connectors::{Alone, Connector, Context, Notes, Secrets};
use aos_core::tenant::Principal;
use aos_core::{Clock, Ontology, Role, TenantScope};
use aos_lake::Lake;
use aos_match::Matcher;
use aos_mesh::{Mesh, Source, SourceReport, SyncRequest, Vocabulary};
use aos_net::NetConfig;
use aos_store::{Connection, NewConnection, Store, TenantStore};
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

pub struct Ground {
    pub store: Store,
    pub scope: TenantScope,
    pub connection: Connection,
    pub clock: Clock,
    pub broker: Broker,
    pub mesh: Mesh,
    pub ontology: Arc<Ontology>,
    matcher: Arc<Matcher>,
    folder: tempfile::TempDir,
}

impl Ground {
    /// A tenant with one connection, named `crm`.
    pub async fn of(clock: Clock, system: &str, connector: &str, config: Value) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().join("store.db"), clock.clone()).await.unwrap();
        let tenant = store.system().ensure_tenant("acme").await.unwrap().id;
        #[allow(clippy::disallowed_methods)] // Tests say who they are.
        let scope = TenantScope::establish(tenant, Principal::Local, Role::Owner);
        let new = NewConnection { name: "crm".into(), system: system.into(), connector: connector.into(), config };
        let connection = store.tenant(&scope).create_connection(new).await.unwrap();
        let ontology = Arc::new(Ontology::shipped());
        let lake = Lake::open(folder.path().join("lake")).unwrap();
        let broker = Broker::in_process(clock.clone());
        Self {
            mesh: Mesh::new(store.clone(), lake, clock.clone(), broker.clone()),
            matcher: Arc::new(Matcher::new(&ontology)),
            store,
            scope,
            connection,
            clock,
            broker,
            ontology,
            folder,
        }
    }

    pub fn tenant(&self) -> TenantStore<'_> {
        self.store.tenant(&self.scope)
    }

    /// Where it keeps what it keeps.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A source that a test plays itself.
    pub fn alone(&self, connector: Arc<dyn Connector>) -> Source {
        let context = Context {
            net: aos_net::Client::new(NetConfig::default(), self.clock.clone()).unwrap(),
            secrets: Secrets::default(),
            grants: None,
            pace: Arc::new(Alone::new(self.clock.clone())),
            cancel: CancellationToken::new(),
            clock: self.clock.clone(),
            notes: Notes::unheard(),
        };
        Source::alone(connector, context)
    }

    pub async fn read(&self, source: &Source, request: &SyncRequest) -> SourceReport {
        let words = Vocabulary { ontology: &self.ontology, matcher: &self.matcher };
        self.mesh.sync(&self.scope, &self.connection, source, words, request, &|_| {}).await.unwrap()
    }
}
