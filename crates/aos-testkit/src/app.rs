//! The application under test, and how it is built.

use crate::backend::Backend;
use crate::client::{Client, PASSWORD};
use crate::files::Files;
use aos_ai::embeddings::Embeddings;
use aos_ai::knowledge::{KnowledgeBase, KnowledgeParts};
use aos_ai::models::{ModelOptions, Models};
use aos_api::{
    ApiSettings, ApiState, Denials, JwtKeys, Oidc, OidcSettings, PasswordCost, Passwords, Rate, RateSettings,
};
use aos_broker::Broker;
use aos_connectors::file::Samples;
use aos_connectors::{AllowedRoots, Operator, Simulated};
use aos_core::audit::Signer;
use aos_core::flag::Flag;
use aos_core::tenant::Principal;
use aos_core::{Clock, Role, TenantScope};
use aos_dcl::engine::{Engine, EngineOptions};
use aos_dcl::flags::FlagEnvironment;
use aos_dcl::{Advice, Dcl, DclOptions, SecretPlaces};
use aos_lake::Lake;
use aos_net::NetConfig;
use aos_store::{DataDir, Store};
use aos_worker::tasks::{AodClient, AodSettings, TaskParts, registry};
use aos_worker::{Worker, WorkerOptions, WorkerParts};
use axum::Router;
use chrono::{DateTime, Utc};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use tempfile::TempDir;
use tokio_util::sync::{CancellationToken, DropGuard};

/// What tests sign tokens with; a test may sign its own with it, or with something else.
pub const SECRET: [u8; 32] = [42; 32];
/// One hash at this cost takes no time worth waiting for.
const CHEAP: PasswordCost = PasswordCost { memory_kib: 64, passes: 1, lanes: 1 };

/// The largest document: more than the largest body of other requests.
pub const DOCUMENT_BYTES_MAX: u64 = 4 << 20;

pub struct TestApp {
    pub acme: Client,
    pub globex: Client,
    pub clock: Clock,
    pub store: Store,
    pub broker: Broker,
    pub dcl: Dcl,
    /// Where sources may lie.
    pub files: Files,
    process: Process,
    passwords: Passwords,
    plan: TestAppBuilder,
    data: DataDir,
    backend: Backend,
    // Last: removed after everything in it is closed.
    _folder: TempDir,
}

#[derive(Clone)]
pub struct TestAppBuilder {
    clock: Clock,
    settings: ApiSettings,
    net: NetConfig,
    aod: Option<AodSettings>,
    providers: Vec<OidcSettings>,
    works: bool,
    counts_by_the_clock: bool,
    flags: FlagEnvironment,
    secrets: SecretPlaces,
    samples: Option<Samples>,
    simulated: Vec<Simulated>,
    decision_wait: Duration,
}

/// What a process of its own would have: connections, a query engine, a worker, a router. Everything else is shared with the other
/// processes of the application.
pub struct Process {
    store: Store,
    broker: Broker,
    dcl: Dcl,
    router: Router,
    denials: Denials,
    /// Stops the worker when the process is dropped.
    _worker: DropGuard,
}

impl Process {
    /// Calls this process without being signed in.
    pub fn anonymous(&self) -> Client {
        Client::new(self.router.clone(), None)
    }

    /// Who was not let in and is not yet written down.
    pub fn denials(&self) -> &Denials {
        &self.denials
    }

    /// Calls this process, as whoever called the other one.
    pub fn client(&self, of: &Client) -> Client {
        Client::new(self.router.clone(), Some(of.token().to_owned()))
    }
}

impl TestApp {
    /// Builds an application whose clock stands still until it is advanced.
    pub async fn new() -> Self {
        Self::builder().build().await
    }

    pub fn builder() -> TestAppBuilder {
        // Where the clock stands still, nothing that was taken comes back.
        let plenty = Rate { per_minute: 1_000_000, burst: 1_000_000 };
        let rate = RateSettings { reads: plenty, writes: plenty, anonymous: plenty };
        let settings = ApiSettings { password_cost: CHEAP, rate, ..ApiSettings::default() };
        let clock = Clock::fixed(start());
        TestAppBuilder {
            clock,
            settings,
            net: NetConfig::default(),
            aod: None,
            providers: Vec::new(),
            works: true,
            counts_by_the_clock: false,
            flags: FlagEnvironment::new(),
            secrets: SecretPlaces::default(),
            samples: None,
            simulated: Vec::new(),
            decision_wait: Duration::ZERO,
        }
    }

    pub fn router(&self) -> Router {
        self.process.router.clone()
    }

    /// Starts a second process of the same application: on the same database server and Redis with connections of its own; where the
    /// database is embedded, which is for one process, on the same connections.
    pub async fn second_process(&self) -> Process {
        let store = match self.backend {
            Backend::Embedded => self.store.clone(),
            Backend::Servers { .. } => self.backend.store(&self.data.store(), &self.clock).await,
        };
        let broker = match self.backend {
            Backend::Embedded => self.broker.clone(),
            Backend::Servers { .. } => self.backend.broker(&self.clock).await,
        };
        let cache = self.data.path().join("second-cache");
        self.plan.clone().process(store, broker, &self.data, cache, &self.files)
    }

    /// Who was not let in and is not yet written down.
    pub fn denials(&self) -> &Denials {
        &self.process.denials
    }

    /// Starts a process with settings of its own, on a broker that knows nothing of what was before, as after a restart without Redis.
    pub async fn forgetful_process(&self, change: impl FnOnce(&mut ApiSettings)) -> Process {
        let mut plan = self.plan.clone();
        change(&mut plan.settings);
        let store = self.backend.store(&self.data.store(), &self.clock).await;
        let cache = self.data.path().join("third-cache");
        plan.process(store, Broker::in_process(self.clock.clone()), &self.data, cache, &self.files)
    }

    /// Calls without being signed in.
    pub fn anonymous(&self) -> Client {
        Client::new(self.router(), None)
    }

    /// Calls with any text as access token.
    pub fn with_token(&self, token: &str) -> Client {
        Client::new(self.router(), Some(token.to_owned()))
    }

    /// Signs up a new tenant.
    pub async fn register(&self, name: &str) -> Client {
        register(&self.router(), name).await
    }

    /// Adds someone to the tenant of a client, and signs them in.
    pub async fn colleague(&self, of: &Client, role: Role) -> Client {
        let me = of.get("/api/v1/auth/me").await.assert_status(200).json();
        let tenant = me["tenant"]["id"].as_str().expect("an id").parse().expect("an id");
        let email = format!("{role:?}-{}@test.invalid", me["tenant"]["name"].as_str().expect("a name")).to_lowercase();
        let hash = self.passwords.hash(PASSWORD).await.expect("a hash");
        self.store.system().add_user(tenant, "Colleague", &email, &hash, role).await.expect("a new user");
        self.anonymous().signed_in(&email, PASSWORD).await
    }

    /// Returns the scope of a client's tenant, to look behind the API.
    #[allow(clippy::disallowed_methods)] // The testkit may say who someone is.
    pub async fn scope(&self, of: &Client) -> TenantScope {
        let me = of.get("/api/v1/auth/me").await.assert_status(200).json();
        let tenant = me["tenant"]["id"].as_str().expect("an id").parse().expect("an id");
        TenantScope::establish(tenant, Principal::Local, Role::Owner)
    }
}

impl TestAppBuilder {
    /// Takes the system's clock instead of one that stands still.
    pub fn system_clock(mut self) -> Self {
        self.clock = Clock::System;
        self
    }

    pub fn settings(mut self, change: impl FnOnce(&mut ApiSettings)) -> Self {
        change(&mut self.settings);
        self
    }

    /// Lets what tasks call reach servers on this machine, which they otherwise may not.
    pub fn reaches_loopback(mut self) -> Self {
        self.net.allow_private = vec!["127.0.0.0/8".parse().expect("a network")];
        self
    }

    /// Names an AOD service.
    pub fn aod(mut self, url: &str, token: Option<&str>) -> Self {
        let (url, token) = (url.to_owned(), token.map(str::to_owned));
        self.aod = Some(AodSettings { url, token, timeout: Duration::from_secs(5) });
        self.settings.aod_configured = true;
        self
    }

    /// Lets people sign in through a provider.
    pub fn provider(mut self, provider: OidcSettings) -> Self {
        self.providers.push(provider);
        self
    }

    /// Says of a feature flag what the operator's environment would.
    pub fn flag(mut self, flag: Flag, value: bool) -> Self {
        self.flags.insert(flag, value);
        self
    }

    /// Names the places, beside the program's own vault, where connections may keep their secrets.
    pub fn secrets(mut self, places: SecretPlaces) -> Self {
        self.secrets = places;
        self
    }

    /// Offers tenants sources to try with.
    pub fn samples(mut self, samples: Samples) -> Self {
        self.samples = Some(samples);
        self
    }

    /// Offers tenants a service that is played at an address of this machine, which may be called at that port only.
    pub fn simulated(mut self, service: Simulated, address: SocketAddr) -> Self {
        self.simulated.push(service);
        self.net.allow_addresses.push(address);
        self
    }

    /// Waits so long, by the system's clock, for somebody to choose whether a model is asked about what mappings leave uncertain.
    pub fn decision_wait(mut self, wait: Duration) -> Self {
        self.decision_wait = wait;
        self
    }

    /// Leaves tasks waiting: nobody does them.
    pub fn no_worker(mut self) -> Self {
        self.works = false;
        self
    }

    /// Keeps the broker in this process, whose counters and tickets expire by the test's clock; a Redis has a clock of its own.
    pub fn counts_by_the_clock(mut self) -> Self {
        self.counts_by_the_clock = true;
        self
    }

    pub async fn build(self) -> TestApp {
        let clock = self.clock.clone();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let data = DataDir::open(folder.path().join("data")).expect("a data directory");
        let files = Files::new(folder.path().join("files"));
        let backend = Backend::chosen();
        let store = backend.store(&data.store(), &clock).await;
        let by_clock = self.counts_by_the_clock;
        let broker = if by_clock { Broker::in_process(clock.clone()) } else { backend.broker(&clock).await };
        let process = self.clone().process(store, broker, &data, data.cache(), &files);
        let (acme, globex) = (register(&process.router, "acme").await, register(&process.router, "globex").await);
        TestApp {
            acme,
            globex,
            clock,
            store: process.store.clone(),
            broker: process.broker.clone(),
            dcl: process.dcl.clone(),
            files,
            process,
            passwords: Passwords::new(CHEAP),
            plan: self,
            data,
            backend,
            _folder: folder,
        }
    }

    fn process(self, store: Store, broker: Broker, data: &DataDir, cache: PathBuf, files: &Files) -> Process {
        let Self {
            clock, settings, net, aod, providers, works, flags, secrets, samples, simulated, decision_wait, ..
        } = self;
        let net = aos_net::Client::new(net, clock.clone()).expect("a client");
        let denials = Denials::new(store.clone(), clock.clone());
        let operator = Operator::new(AllowedRoots::only([files.root().to_owned()])).with_simulated(simulated);
        let dcl = Dcl::new(DclOptions {
            store: store.clone(),
            lake: Lake::open(data.lake()).expect("a lake"),
            broker: broker.clone(),
            engine: Engine::new(cache, EngineOptions::default()),
            clock: clock.clone(),
            agents: aos_dcl::agents::shipped(),
            net: net.clone(),
            operator: match samples {
                Some(samples) => operator.with_samples(samples),
                None => operator,
            },
            secrets,
            sources_in_parallel: 2,
            flags,
        });
        let guard = net.guard().clone();
        let models = Models::new(store.clone(), net.clone(), ModelOptions::default());
        let oidc = Oidc::new(&net, &clock, providers).expect("providers as they should be");
        let aod = aod.map(|aod| AodClient::new(net.clone(), aod).expect("an address that may be called"));
        let embeddings = Embeddings::new(models.clone(), None);
        let advice = Advice { models: models.clone(), embeddings: embeddings.clone(), decision_wait };
        let dcl = dcl.with_advice(advice);
        let knowledge = KnowledgeBase::new(KnowledgeParts {
            store: store.clone(),
            net: net.clone(),
            embeddings: embeddings.clone(),
            pdf: None,
            names: aos_ai::pii::Names::default(),
            reranker: None,
            document_bytes_max: DOCUMENT_BYTES_MAX,
        });
        let tasks = registry(&TaskParts {
            dcl: dcl.clone(),
            net: net.clone(),
            broker: broker.clone(),
            aod,
            knowledge: knowledge.clone(),
            models: models.clone(),
        });
        let parts = WorkerParts { store: store.clone(), broker: broker.clone(), clock: clock.clone() };
        let stop = CancellationToken::new();
        if works {
            tokio::spawn(Worker::new(parts, WorkerOptions::default(), tasks).run(stop.clone()));
        }
        let router = aos_api::router(ApiState {
            store: store.clone(),
            broker: broker.clone(),
            dcl: dcl.clone(),
            clock,
            keys: JwtKeys::new(&SECRET).expect("long enough"),
            guard,
            net,
            oidc,
            signer: Signer::of_seed(&SECRET),
            denials: denials.clone(),
            embeddings,
            knowledge,
            models,
            settings,
        });
        Process { store, broker, dcl, router, denials, _worker: stop.drop_guard() }
    }
}

async fn register(router: &Router, name: &str) -> Client {
    let anonymous = Client::new(router.clone(), None);
    let body = serde_json::json!({ "name": name, "email": format!("{name}@test.invalid"), "password": PASSWORD });
    let session = anonymous.post("/api/v1/auth/register", &body).await.assert_status(201).json();
    Client::new(router.clone(), session["access_token"].as_str().map(str::to_owned))
}

/// Returns when fixed clocks start.
fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).expect("a valid time")
}
