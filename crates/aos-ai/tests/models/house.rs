//! A store, a way out to this machine, and a tenant that has chosen a model.

use aos_ai::models::{KeyChange, ModelChoice, ModelOptions, Models, Provider, TenantModels};
use aos_core::tenant::Principal;
use aos_core::vault::{MasterKeys, Secret};
use aos_core::{Clock, Role, TenantScope};
use aos_net::NetConfig;
use aos_store::{Keyring, Store};
use aos_testservers::{Act, ModelServer, Speaks};
use std::time::Duration;
use tempfile::TempDir;

pub const KEY: &str = "sk-test-4711-4711-4711";
const MASTER_KEY: &str = "4242424242424242424242424242424242424242424242424242424242424242";

pub struct House {
    pub store: Store,
    pub models: Models,
    pub scope: TenantScope,
    _folder: TempDir,
}

impl House {
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(change: impl FnOnce(&mut ModelOptions)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::default();
        let keyring = Keyring::open(|| Ok(MasterKeys::parse(MASTER_KEY)?)).unwrap();
        let store = Store::open(folder.path().join("store.db"), clock.clone()).await.unwrap().with_keyring(keyring);
        let config = NetConfig { allow_private: vec!["127.0.0.0/8".parse().unwrap()], ..NetConfig::default() };
        let net = aos_net::Client::new(config, clock).unwrap();
        let mut options = ModelOptions { total_timeout: Duration::from_secs(10), ..ModelOptions::default() };
        change(&mut options);
        let models = Models::new(store.clone(), net, options);
        let scope = scope(&store, "acme").await;
        store.tenant(&scope).set_production_mode(false).await.unwrap();
        Self { store, models, scope, _folder: folder }
    }

    /// Chooses a server's model for the tenant.
    pub async fn chooses(&self, server: &ModelServer, speaks: Speaks) -> TenantModels {
        self.chooses_with(server, speaks, |_| {}).await
    }

    pub async fn chooses_with(
        &self,
        server: &ModelServer,
        speaks: Speaks,
        change: impl FnOnce(&mut ModelChoice),
    ) -> TenantModels {
        let provider = match speaks {
            Speaks::OpenAi => Provider::OpenAi,
            Speaks::Gemini => Provider::Gemini,
            Speaks::Anthropic => Provider::Anthropic,
        };
        let mut choice = ModelChoice {
            provider: Some(provider),
            base_url: Some(server.url()),
            model: Some("some-model".into()),
            ..ModelChoice::default()
        };
        change(&mut choice);
        let models = self.models.tenant(&self.scope);
        models.choose(&choice, KeyChange::Put(Secret::new(KEY))).await.unwrap();
        models
    }

    /// A server that does these things, and the tenant that has chosen it.
    pub async fn asking(&self, speaks: Speaks, acts: impl IntoIterator<Item = Act>) -> (ModelServer, TenantModels) {
        let server = ModelServer::start(speaks, acts);
        let models = self.chooses(&server, speaks).await;
        (server, models)
    }
}

#[allow(clippy::disallowed_methods)] // A test says who someone is.
pub async fn scope(store: &Store, tenant: &str) -> TenantScope {
    let tenant = store.system().ensure_tenant(tenant).await.unwrap();
    TenantScope::establish(tenant.id, Principal::Local, Role::Owner)
}
