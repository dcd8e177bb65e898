//! Puts the parts together: one data directory, one store, one lake, one engine, one broker, one way out.

use crate::settings::{PoolerKind, Settings};
use crate::simulated::Played;
use anyhow::Context;
use aos_ai::embeddings::Embeddings;
use aos_ai::knowledge::KnowledgeBase;
use aos_ai::models::Models;
use aos_broker::{Broker, BrokerConfig, RedisConfig};
use aos_connectors::airbyte::Programs;
use aos_connectors::airbyte::monitor::Monitor;
use aos_connectors::{AllowedRoots, Operator};
use aos_core::audit::Signer;
use aos_core::tenant::Principal;
use aos_core::vault::Secret;
use aos_core::{Clock, Role, TenantId, TenantScope};
use aos_dcl::airbyte::AirbyteServer;
use aos_dcl::engine::{Engine, EngineOptions};
use aos_dcl::{Advice, Dcl, DclOptions, SecretPlaces, Vault, VaultSettings};
use aos_lake::Lake;
use aos_net::{IpNet, NetConfig};
use aos_store::{DataDir, Pooler, PostgresOptions, Store};
use aos_worker::tasks::{AodClient, AodSettings};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The tenant of commands for which nobody names one, as `--tenant` has it by default.
const UNNAMED_TENANT: &str = "local";
/// Tenants that a message names.
const TENANTS_NAMED_MAX: usize = 10;

/// Everything a command works with. The data directory is held for as long as this lives: alone with the embedded database, beside
/// other processes with a database server.
pub struct House {
    pub data: DataDir,
    pub store: Store,
    pub broker: Broker,
    pub dcl: Dcl,
    pub net: aos_net::Client,
    /// The discovery service, where one is configured.
    pub aod: Option<AodClient>,
    pub models: Models,
    pub embeddings: Embeddings,
    pub knowledge: KnowledgeBase,
    pub clock: Clock,
}

impl House {
    pub async fn open(data: &Path, settings: &Settings) -> anyhow::Result<Self> {
        Self::open_with(data, settings, []).await
    }

    /// Opens it with secrets that connections may name as `env:NAME`, beside those that the operator allows.
    pub async fn open_with(
        data: &Path,
        settings: &Settings,
        further: impl IntoIterator<Item = (String, String)>,
    ) -> anyhow::Result<Self> {
        let clock = Clock::default();
        let embedded = settings.database_is_embedded();
        let data = if embedded { DataDir::open(data)? } else { DataDir::open_shared(data)? };
        let store = if embedded {
            Store::open(data.store(), clock.clone()).await?
        } else {
            Store::open_postgres(&postgres(settings), clock.clone()).await?
        };
        let store = store.with_keyring(crate::master_key::keyring(settings, data.path())?);
        let sealed = store.system().open_vault().await?;
        if sealed > 0 {
            tracing::info!(sealed, "{sealed} secrets that lay in the clear were sealed");
        }
        let lake = Lake::open(data.lake()).context("the lake cannot be opened")?;
        let broker = Broker::open(broker(settings), clock.clone()).await?;
        let played = crate::simulated::played(settings)?;
        let mut way_out = net(settings)?;
        way_out.allow_addresses = played.iter().map(|played| played.address).collect();
        let net = aos_net::Client::new(way_out, clock.clone())?;
        let aod = aod(settings, &net)?;
        let names = crate::models::names(settings)?;
        let models = crate::models::models(settings, &store, &net, &names)?;
        let embeddings = crate::models::embeddings(settings, &models)?;
        let knowledge = crate::knowledge::base(settings, &store, &net, &embeddings, names)?;
        let options = EngineOptions {
            memory_limit_mb: settings.engine.memory_limit_mb,
            threads: settings.engine.threads,
            query_timeout: settings.query_timeout(),
            max_open: settings.engine.open_max,
            ..EngineOptions::default()
        };
        let engine = Engine::new(cache_dir(settings, &data), options);
        let dcl = Dcl::new(DclOptions {
            store: store.clone(),
            lake,
            broker: broker.clone(),
            engine,
            clock: clock.clone(),
            agents: aos_dcl::agents::shipped(),
            net: net.clone(),
            operator: operator(settings, data.path()).with_simulated(played.iter().map(Played::offered).collect()),
            secrets: SecretPlaces::with_env(allowed(settings).chain(further)).with_vault(vault(settings, &clock)?),
            sources_in_parallel: settings.sources.parallel,
            flags: crate::settings::flags()?,
        });
        let decision_wait = Duration::from_secs(settings.models.mapping_decision_wait_s);
        let dcl = dcl.with_advice(Advice { models: models.clone(), embeddings: embeddings.clone(), decision_wait });
        let dcl = match airbyte(settings, &net, &clock)? {
            Some(server) => dcl.with_airbyte(server),
            None => dcl,
        };
        // Beside other processes nothing is known of their runs: those belong to tasks, whose next attempt closes them.
        if embedded {
            dcl.close_interrupted().await?;
        }
        Ok(Self { data, store, broker, dcl, net, aod, models, embeddings, knowledge, clock })
    }

    /// Returns what signs the audit trail, made at the first start. Every process of the installation has the same.
    pub async fn audit_signer(&self) -> anyhow::Result<Signer> {
        let mut seed = [0; 32];
        rand::fill(&mut seed[..]);
        let kept = self.store.system().ensure_secret("audit", "signing", &Secret::new(seed)).await?;
        let seed = kept.expose().try_into().context("the key that signs the audit trail does not have 32 bytes")?;
        Ok(Signer::of_seed(seed))
    }

    /// Lets the person at this machine in as the tenant of that name, which is made when there is none.
    pub async fn local_scope(&self, tenant: &str) -> anyhow::Result<TenantScope> {
        let id = self.store.system().ensure_tenant(tenant).await?.id;
        #[allow(clippy::disallowed_methods)] // A local command: whoever holds the data directory may read it.
        Ok(TenantScope::establish(id, Principal::Local, Role::Owner))
    }

    /// Lets the person at this machine in as a tenant that is there, by its name or id.
    pub async fn scope_of(&self, tenant: &str) -> anyhow::Result<TenantScope> {
        let system = self.store.system();
        let found = match tenant.parse::<TenantId>() {
            Ok(id) => system.tenant(id).await?,
            Err(_) => system.find_tenant_by_name(tenant).await?,
        };
        let Some(found) = found else {
            anyhow::bail!(
                "there is no tenant `{tenant}` here; `autonomos tenant list` lists them, --data names the place"
            );
        };
        #[allow(clippy::disallowed_methods)] // A local command: whoever holds the data directory may read it.
        Ok(TenantScope::establish(found.id, Principal::Local, Role::Owner))
    }

    /// The same as [`House::scope_of`] for commands that make no tenant. Where nobody named one, the only tenant there is is meant.
    pub async fn known_scope(&self, tenant: &str) -> anyhow::Result<TenantScope> {
        let system = self.store.system();
        let is_unnamed = tenant == UNNAMED_TENANT && system.find_tenant_by_name(tenant).await?.is_none();
        let known = if is_unnamed { system.list_tenants().await? } else { Vec::new() };
        match known.as_slice() {
            [only] => self.scope_of(&only.id.to_string()).await,
            [] if is_unnamed => anyhow::bail!("there is no tenant here; connect files first, or check --data"),
            [] => self.scope_of(tenant).await,
            several => {
                let names: Vec<&str> =
                    several.iter().take(TENANTS_NAMED_MAX).map(|tenant| tenant.name.as_str()).collect();
                anyhow::bail!("there are several tenants here ({}); say which with --tenant", names.join(", "))
            }
        }
    }
}

/// The Airbyte server whose syncs are shown over the API, where the operator says whose it is.
fn airbyte(settings: &Settings, net: &aos_net::Client, clock: &Clock) -> anyhow::Result<Option<AirbyteServer>> {
    let settings = &settings.airbyte;
    if settings.url.is_empty() || settings.tenant.is_empty() {
        return Ok(None);
    }
    let tenant = settings.tenant.parse().with_context(|| {
        format!("airbyte.tenant is `{}`, which is no id; `autonomos tenant list` shows them", settings.tenant)
    })?;
    let monitor = Monitor::new(crate::commands::airbyte::server(settings), net.clone(), clock.clone());
    Ok(Some(AirbyteServer { monitor, tenant }))
}

fn operator(settings: &Settings, data: &Path) -> Operator {
    let programs = Programs::new(settings.airbyte.sources.clone());
    let operator = Operator::new(AllowedRoots::only(settings.sources.allowed_roots.clone())).with_airbyte(programs);
    let operator = operator.with_requests_max(settings.sources.requests_max);
    let operator =
        if settings.sources.samples { operator.with_samples(crate::samples::samples(data)) } else { operator };
    let operator = operator.with_stale_after_s(settings.worker.stale_after_s.max(60));
    let connectors: Vec<String> = settings.onboarding.connectors.iter().map(str::to_owned).collect();
    if connectors == ["*"] { operator } else { operator.with_proposable(connectors) }
}

/// Returns the Vault that connections may name, with a way out of its own: where it may be is open to nothing else.
fn vault(settings: &Settings, clock: &Clock) -> anyhow::Result<Option<Vault>> {
    let section = &settings.vault;
    if section.address.is_empty() {
        return Ok(None);
    }
    let read = |file: PathBuf| {
        let text = std::fs::read_to_string(&file);
        text.with_context(|| format!("vault.token_file: {} cannot be read", file.display()))
    };
    let token = match given(&section.token_file).map(read).transpose()? {
        Some(text) => text.trim().to_owned(),
        None => section.token.clone(),
    };
    anyhow::ensure!(
        !token.is_empty(),
        "vault.address is set, but neither vault.token nor vault.token_file says as whom to ask"
    );
    let mut way_out = net(settings)?;
    for text in section.allow_private.iter() {
        let network =
            text.parse().with_context(|| format!("vault.allow_private: `{text}` is no network such as 10.0.0.0/8"));
        way_out.allow_private.push(network?);
    }
    let client = aos_net::Client::new(way_out, clock.clone())?;
    Ok(Some(Vault::new(
        client,
        VaultSettings {
            address: section.address.clone(),
            token,
            namespace: section.namespace.clone(),
            mount: section.mount.clone(),
            prefix: section.prefix.clone(),
            timeout: Duration::from_secs(section.timeout_s.max(1)),
        },
    )))
}

fn postgres(settings: &Settings) -> PostgresOptions {
    let database = &settings.database;
    PostgresOptions {
        system_url: Some(database.system_url.clone()).filter(|url| !url.is_empty()),
        pooler: match database.pooler {
            PoolerKind::Session => Pooler::Session,
            PoolerKind::Transaction => Pooler::Transaction,
        },
        max_connections: database.max_connections,
        max_system_connections: database.max_system_connections,
        acquire_timeout: Duration::from_secs(database.acquire_timeout_s),
        statement_timeout: Duration::from_secs(database.statement_timeout_s),
        ..PostgresOptions::new(&database.url)
    }
}

fn broker(settings: &Settings) -> BrokerConfig {
    let broker = &settings.broker;
    if broker.url.is_empty() {
        return BrokerConfig::InProcess;
    }
    BrokerConfig::Redis(RedisConfig {
        ca_file: given(&broker.ca_file),
        require_tls: broker.require_tls,
        connect_timeout: Duration::from_millis(broker.connect_timeout_ms),
        ..RedisConfig::new(&broker.url)
    })
}

pub fn net(settings: &Settings) -> anyhow::Result<NetConfig> {
    let net = &settings.net;
    let networks = |name: &str, list: &crate::settings::Words| -> anyhow::Result<Vec<IpNet>> {
        let parse =
            |text: &str| text.parse().with_context(|| format!("net.{name}: `{text}` is no network such as 10.0.0.0/8"));
        list.iter().map(parse).collect()
    };
    let read = |path: PathBuf| {
        std::fs::read(&path).with_context(|| format!("net.trusted_certificates: {} cannot be read", path.display()))
    };
    Ok(NetConfig {
        allow_private: networks("allow_private", &net.allow_private)?,
        deny: networks("deny", &net.deny)?,
        connect_timeout: Duration::from_millis(net.connect_timeout_ms),
        total_timeout: Duration::from_millis(net.total_timeout_ms),
        body_bytes_max: net.body_bytes_max,
        concurrent_per_host: net.concurrent_per_host,
        trusted_certificates: given(&net.trusted_certificates).map(read).transpose()?,
        ..NetConfig::default()
    })
}

/// Returns the variables that the operator lets connections name. Others do not exist for them.
fn allowed(settings: &Settings) -> impl Iterator<Item = (String, String)> {
    settings.sources.allowed_env.iter().filter_map(|name| Some((name.to_owned(), crate::settings::variable(name)?)))
}

fn aod(settings: &Settings, net: &aos_net::Client) -> anyhow::Result<Option<AodClient>> {
    let aod = &settings.aod;
    if aod.url.is_empty() {
        return Ok(None);
    }
    let client = AodClient::new(
        net.clone(),
        AodSettings {
            url: aod.url.clone(),
            token: Some(aod.token.clone()).filter(|token| !token.is_empty()),
            timeout: Duration::from_secs(aod.timeout_s),
        },
    );
    Ok(Some(client.context("aod.url cannot be called")?))
}

/// Returns the folder of this process's engines. In a folder of the operator's it is named like the one in the data directory, so
/// that processes that share the one do not meet in the other.
fn cache_dir(settings: &Settings, data: &DataDir) -> PathBuf {
    let own = data.cache();
    match given(&settings.engine.cache_dir) {
        Some(folder) => folder.join(own.strip_prefix(data.path()).unwrap_or(&own)),
        None => own,
    }
}

fn given(path: &Path) -> Option<PathBuf> {
    (!path.as_os_str().is_empty()).then(|| path.to_owned())
}
