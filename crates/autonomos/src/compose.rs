//! Puts the parts together: one data directory, one store, one lake, one engine.

use crate::settings::Settings;
use anyhow::Context;
use aos_broker::Broker;
use aos_connectors::AllowedRoots;
use aos_core::tenant::Principal;
use aos_core::{Clock, Role, TenantScope};
use aos_dcl::engine::{Engine, EngineOptions};
use aos_dcl::{Dcl, DclOptions};
use aos_lake::Lake;
use aos_store::{DataDir, Store};
use std::path::Path;

/// Everything a command works with. The data directory is locked for as long as this lives.
pub struct House {
    pub data: DataDir,
    pub store: Store,
    pub broker: Broker,
    pub dcl: Dcl,
    pub clock: Clock,
}

impl House {
    pub async fn open(data: &Path, settings: &Settings) -> anyhow::Result<Self> {
        let clock = Clock::default();
        let data = DataDir::open(data)?;
        let store = Store::open(data.store(), clock.clone()).await?;
        let lake = Lake::open(data.lake()).context("the lake cannot be opened")?;
        let broker = Broker::in_process(clock.clone());
        let options = EngineOptions {
            memory_limit_mb: settings.engine.memory_limit_mb,
            threads: settings.engine.threads,
            query_timeout: settings.query_timeout(),
            max_open: settings.engine.open_max,
            ..EngineOptions::default()
        };
        let engine = Engine::new(data.cache(), options);
        let dcl = Dcl::new(DclOptions {
            store: store.clone(),
            lake,
            broker: broker.clone(),
            engine,
            clock: clock.clone(),
            agents: aos_dcl::agents::shipped(),
            allowed_roots: AllowedRoots::only(settings.sources.allowed_roots.clone()),
            sources_in_parallel: settings.sources.parallel,
        });
        dcl.close_interrupted().await?;
        Ok(Self { data, store, broker, dcl, clock })
    }

    /// Lets the person at this machine in as the tenant of that name, which is made when there is none.
    pub async fn local_scope(&self, tenant: &str) -> anyhow::Result<TenantScope> {
        let id = self.store.system().ensure_tenant(tenant).await?.id;
        #[allow(clippy::disallowed_methods)] // A local command: whoever holds the data directory may read it.
        Ok(TenantScope::establish(id, Principal::Local, Role::Owner))
    }
}
