//! The data connection layer as one service: what it is made of, and the door of a tenant.

use crate::engine::{Engine, TenantEngine};
use crate::flags::{FlagEnvironment, Flags};
use crate::{Error, Result};
use aos_broker::{Broker, TenantBroker};
use aos_connectors::Operator;
use aos_core::graph::Agent;
use aos_core::ontology::Extension;
use aos_core::{Clock, Ontology, TenantId, TenantScope};
use aos_lake::Lake;
use aos_match::Matcher;
use aos_mesh::{Mesh, SecretPlaces, Sources};
use aos_store::{Store, TenantStore};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use tokio_util::sync::CancellationToken;

/// How many tenants' compiled ontologies and pictures are kept in memory.
const TENANTS_CACHED_MAX: usize = 256;

#[derive(Clone)]
pub struct Dcl {
    pub(crate) inner: Arc<Inner>,
}

pub struct DclOptions {
    pub store: Store,
    pub lake: Lake,
    pub broker: Broker,
    pub engine: Engine,
    pub clock: Clock,
    pub agents: Vec<Agent>,
    /// The way out to sources that are not on this machine.
    pub net: aos_net::Client,
    /// What the operator allows connections: which folders those made over the API may read, while local commands may read what their user may.
    pub operator: Operator,
    /// Where the secrets of connections may be kept.
    pub secrets: SecretPlaces,
    /// How many sources of one tenant are read at the same time.
    pub sources_in_parallel: usize,
    /// What the operator has said about feature flags.
    pub flags: FlagEnvironment,
}

pub(crate) struct Inner {
    pub store: Store,
    pub lake: Lake,
    pub broker: Broker,
    pub engine: Engine,
    pub clock: Clock,
    pub mesh: Mesh,
    pub agents: Vec<Agent>,
    pub sources: Sources,
    pub sources_in_parallel: usize,
    pub airbyte: OnceLock<crate::airbyte::AirbyteServer>,
    /// The connect that runs for each tenant; none between taking the place and writing it down.
    pub running: Mutex<HashMap<TenantId, Option<Arc<Mutex<crate::connect_run::ConnectRun>>>>>,
    pub followed: Mutex<HashMap<TenantId, Arc<crate::fresh::Followed>>>,
    vocabularies: Mutex<HashMap<TenantId, Arc<Vocabulary>>>,
    pub flags: Flags,
    pub pictures: Mutex<HashMap<TenantId, Arc<crate::state::Picture>>>,
    shipped: Arc<Vocabulary>,
}

/// An ontology with the matcher that is compiled from it.
pub(crate) struct Vocabulary {
    pub ontology: Arc<Ontology>,
    pub matcher: Arc<Matcher>,
}

/// One tenant's door to the data connection layer.
#[derive(Clone)]
pub struct TenantDcl {
    pub(crate) inner: Arc<Inner>,
    pub(crate) scope: TenantScope,
}

impl Dcl {
    /// Keeps the token of the operator's Vault alive until told to stop, where there is a Vault.
    pub async fn keep_vault_token(&self, stop: CancellationToken) {
        self.inner.sources.secrets.keep_vault_token(stop).await;
    }

    pub fn new(options: DclOptions) -> Self {
        let mesh =
            Mesh::new(options.store.clone(), options.lake.clone(), options.clock.clone(), options.broker.clone())
                .with_autofix(options.flags.get(&aos_core::flag::Flag::FeatureDriftAutofix).copied());
        let sources = Sources {
            store: options.store.clone(),
            broker: options.broker.clone(),
            net: options.net,
            clock: options.clock.clone(),
            operator: options.operator,
            secrets: options.secrets,
        };
        let inner = Inner {
            flags: Flags::new(options.flags, &options.broker),
            store: options.store,
            lake: options.lake,
            broker: options.broker,
            engine: options.engine,
            clock: options.clock,
            mesh,
            agents: options.agents,
            sources,
            sources_in_parallel: options.sources_in_parallel.max(1),
            airbyte: OnceLock::new(),
            running: Mutex::default(),
            followed: Mutex::default(),
            vocabularies: Mutex::default(),
            pictures: Mutex::default(),
            shipped: Arc::new(Vocabulary::new(Ontology::shipped())),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Counts the query engines that are open in this process.
    pub fn engines_open(&self) -> usize {
        self.inner.engine.open_count()
    }

    pub fn tenant(&self, scope: &TenantScope) -> TenantDcl {
        TenantDcl { inner: self.inner.clone(), scope: scope.clone() }
    }

    /// Says what runs of connects broke off with their process, so that nothing is shown as running that is not.
    pub async fn close_interrupted(&self) -> Result<()> {
        let closed = self.inner.store.system().close_interrupted().await?;
        if closed > 0 {
            tracing::warn!(runs = closed, "{closed} runs had been cut off by an earlier end of the process");
        }
        Ok(())
    }
}

impl Inner {
    /// Forgets what is kept in memory of a tenant.
    pub(crate) fn forget(&self, tenant: TenantId) {
        lock(&self.running).remove(&tenant);
        lock(&self.followed).remove(&tenant);
        lock(&self.vocabularies).remove(&tenant);
        lock(&self.pictures).remove(&tenant);
    }
}

impl Vocabulary {
    fn new(ontology: Ontology) -> Self {
        let matcher = Arc::new(Matcher::new(&ontology));
        Self { ontology: Arc::new(ontology), matcher }
    }
}

impl TenantDcl {
    /// Returns the tenant's ontology: the shipped one with what the tenant added.
    pub async fn ontology(&self) -> Result<Arc<Ontology>> {
        Ok(self.vocabulary().await?.ontology.clone())
    }

    /// Publishes a new version of what this tenant adds to the ontology, checked as a whole before anything is kept.
    pub async fn extend_ontology(&self, extension: &Extension) -> Result<Arc<Ontology>> {
        Ontology::shipped().extended(extension)?;
        let body = serde_json::to_value(extension).expect("an extension is always JSON");
        let version = self.store().save_ontology_extension(&body).await?;
        self.renew_picture().await?;
        let tenant = self.clone();
        aos_store::after_commit(async move {
            lock(&tenant.inner.vocabularies).remove(&tenant.scope.tenant_id());
            // The engine's tables follow the ontology.
            if let Err(error) = tenant.refresh_engine().await {
                tracing::warn!(%error, "the engine does not follow the new ontology yet: {error}");
            }
            tenant.show_picture().await;
        })
        .await;
        let version = u32::try_from(version).unwrap_or(u32::MAX);
        Ok(Arc::new(Ontology::shipped().extended(&Extension { version, ..extension.clone() })?))
    }

    /// Returns what the tenant adds to the shipped ontology, as it was given.
    pub async fn ontology_extension(&self) -> Result<serde_json::Value> {
        let stored = self.store().ontology_extension().await?;
        Ok(stored.map_or_else(|| serde_json::json!({}), |extension| extension.body))
    }

    pub(crate) async fn vocabulary(&self) -> Result<Arc<Vocabulary>> {
        self.vocabulary_of(self.store().standing().await?.extension).await
    }

    /// Returns the vocabulary with this version of what the tenant adds. The version that counts is the store's: it grows with every change,
    /// whatever the body says of itself.
    pub(crate) async fn vocabulary_of(&self, extension: u64) -> Result<Arc<Vocabulary>> {
        if extension == 0 {
            return Ok(self.inner.shipped.clone());
        }
        let tenant = self.scope.tenant_id();
        let version = u32::try_from(extension).unwrap_or(u32::MAX);
        let expected = Ontology::shipped().version.saturating_add(version);
        let known = lock(&self.inner.vocabularies).get(&tenant).cloned();
        if let Some(known) = known.filter(|known| known.ontology.version == expected) {
            return Ok(known);
        }
        let Some(stored) = self.store().ontology_extension_at(extension).await? else {
            return Ok(self.inner.shipped.clone());
        };
        let body: Extension = serde_json::from_value(stored.body)
            .map_err(|error| aos_core::ontology::Error::Syntax(error.to_string()))?;
        let extension = Extension { version, ..body };
        let made = Arc::new(Vocabulary::new(Ontology::shipped().extended(&extension)?));
        let mut vocabularies = lock(&self.inner.vocabularies);
        if vocabularies.len() >= TENANTS_CACHED_MAX {
            vocabularies.clear();
        }
        vocabularies.insert(tenant, made.clone());
        Ok(made)
    }

    pub(crate) fn store(&self) -> TenantStore<'_> {
        self.inner.store.tenant(&self.scope)
    }

    pub(crate) fn broker(&self) -> TenantBroker<'_> {
        self.inner.broker.tenant(&self.scope)
    }

    /// Runs blocking work with this tenant's engine off the async threads.
    pub(crate) async fn with_engine<T: Send + 'static>(
        &self,
        work: impl FnOnce(&TenantEngine) -> Result<T, crate::engine::Error> + Send + 'static,
    ) -> Result<T> {
        let ontology = self.ontology().await?;
        self.with_engine_of(ontology, work).await
    }

    /// ... whose tables are those of this ontology.
    pub(crate) async fn with_engine_of<T: Send + 'static>(
        &self,
        ontology: Arc<Ontology>,
        work: impl FnOnce(&TenantEngine) -> Result<T, crate::engine::Error> + Send + 'static,
    ) -> Result<T> {
        let (engine, scope) = (self.inner.engine.clone(), self.scope.clone());
        blocking(move || Ok(work(&engine.tenant(&scope, &ontology)?)?)).await
    }
}

pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Error::Stopped)?
}

/// Takes a lock whose holder cannot leave its map half-changed, so a panic elsewhere does not matter.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
