//! What every test of the worker needs: a store, a tenant, handlers of its own, and workers that end with the test.
#![allow(dead_code)] // Each test file uses its part.

use aos_ai::embeddings::Embeddings;
use aos_ai::knowledge::{KnowledgeBase, KnowledgeParts};
use aos_ai::models::{ModelOptions, Models};
use aos_broker::Broker;
use aos_connectors::{AllowedRoots, Operator};
use aos_core::task::{Backoff, NewTask, TaskId, TaskState};
use aos_core::tenant::Principal;
use aos_core::{Clock, Role, TenantScope};
use aos_dcl::connections::FileConfig;
use aos_dcl::engine::{Engine, EngineOptions};
use aos_dcl::{Dcl, DclOptions, SecretPlaces};
use aos_lake::Lake;
use aos_net::NetConfig;
use aos_store::{MigrateOptions, PostgresOptions, Store, Task, TenantStore};
use aos_testservers::{Database, Postgres};
use aos_worker::tasks::TaskParts;
use aos_worker::{Registry, Summary, TaskContext, TaskError, TaskHandler, Worker, WorkerOptions, WorkerParts};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::future::Future;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// No test waits longer than this for anything.
const PATIENCE: Duration = Duration::from_secs(90);

/// Which database the suite runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

/// A store that tasks are enqueued in, and what workers of it need.
pub struct Floor {
    pub store: Store,
    pub broker: Broker,
    pub scope: TenantScope,
    pub clock: Clock,
    place: Place,
}

enum Place {
    Sqlite(tempfile::TempDir),
    Postgres(Database),
}

impl Floor {
    pub async fn new() -> Self {
        Self::with_clock(Clock::default()).await
    }

    pub async fn with_clock(clock: Clock) -> Self {
        let place = match crate::BACKEND {
            Backend::Sqlite => Place::Sqlite(tempfile::tempdir().unwrap()),
            Backend::Postgres => Place::Postgres(migrated_database()),
        };
        let store = place.open(&clock).await;
        let tenant = store.system().ensure_tenant("acme").await.unwrap().id;
        let scope = establish(tenant);
        Self { store, broker: Broker::in_process(clock.clone()), scope, clock, place }
    }

    pub fn tasks(&self) -> TenantStore<'_> {
        self.store.tenant(&self.scope)
    }

    pub async fn other_tenant(&self, name: &str) -> TenantScope {
        establish(self.store.system().ensure_tenant(name).await.unwrap().id)
    }

    /// Opens the same rows as another process would. SQLite is for one process, so there it is the same store.
    pub async fn beside(&self) -> Store {
        match &self.place {
            Place::Sqlite(_) => self.store.clone(),
            Place::Postgres(_) => self.place.open(&self.clock).await,
        }
    }

    /// Lets no statement through any more, as a network that is cut would.
    pub async fn cut_off(&self) {
        match &self.place {
            Place::Sqlite(_) => self.store.close().await,
            Place::Postgres(database) => {
                let (server, name) = (database.server(), database.name());
                server.sql("postgres", &format!("ALTER DATABASE \"{name}\" ALLOW_CONNECTIONS false"));
                server.sql(
                    "postgres",
                    &format!("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{name}'"),
                );
            }
        }
    }

    /// The handlers of the worker itself, with the network's guard letting loopback through, and the tests' own.
    pub fn delivering(&self) -> Registry {
        self.registry(vec!["127.0.0.0/8".parse().unwrap()])
    }

    /// The same with the guard as it is in production.
    pub fn guarded(&self) -> Registry {
        self.registry(Vec::new())
    }

    fn registry(&self, allow_private: Vec<aos_net::IpNet>) -> Registry {
        let config = NetConfig { allow_private, ..NetConfig::default() };
        let net = aos_net::Client::new(config, Clock::default()).unwrap();
        let place = tempfile::tempdir().unwrap();
        let dcl = open_dcl(self, place.path());
        let (knowledge, models) = (self.knowledge(&net), self.models(&net));
        let parts = TaskParts { dcl, net, broker: self.broker.clone(), aod: None, knowledge, models };
        aos_worker::tasks::registry(&parts).with(Scripted(Seen::default()))
    }

    fn models(&self, net: &aos_net::Client) -> Models {
        Models::new(self.store.clone(), net.clone(), ModelOptions::default())
    }

    /// A knowledge base without a model.
    fn knowledge(&self, net: &aos_net::Client) -> KnowledgeBase {
        KnowledgeBase::new(KnowledgeParts {
            store: self.store.clone(),
            net: net.clone(),
            embeddings: Embeddings::new(self.models(net), None),
            pdf: None,
            names: aos_ai::pii::Names::default(),
            reranker: None,
            document_bytes_max: 1 << 20,
        })
    }

    pub fn orchestrating(&self, dcl: &Dcl) -> Registry {
        let net = aos_net::Client::new(NetConfig::default(), Clock::default()).unwrap();
        let (dcl, knowledge, models) = (dcl.clone(), self.knowledge(&net), self.models(&net));
        aos_worker::tasks::registry(&TaskParts { dcl, net, broker: self.broker.clone(), aod: None, knowledge, models })
    }

    /// A data connection layer with one source, `crm`, of two opportunities.
    pub async fn dcl(&self) -> (Dcl, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let exports = folder.path().join("exports");
        std::fs::create_dir_all(&exports).unwrap();
        let rows = "Opportunity ID,Account ID,Name,Stage,Amount,Close Date\n\
                    006A,001A,New roof,Closed Won,1200.50,2026-03-01\n\
                    006B,001B,New door,Prospecting,300.00,2026-04-01\n";
        std::fs::write(exports.join("opportunities.csv"), rows).unwrap();
        let dcl = open_dcl(self, folder.path());
        let config = FileConfig { path: exports, files: None };
        dcl.tenant(&self.scope).add_local_connection("crm", Some("salesforce"), config).await.unwrap();
        (dcl, folder)
    }

    /// Claims one task as a worker that is never heard of again.
    pub async fn claim_and_vanish(&self, lease: Duration) {
        let system = self.store.system();
        let gone = system.register_worker("gone", 1, lease).await.unwrap();
        assert_eq!(system.claim_tasks(gone, 1).await.unwrap().len(), 1);
    }

    pub fn worker(&self, options: WorkerOptions, registry: Registry) -> Worker {
        self.worker_on(self.store.clone(), options, registry)
    }

    pub fn worker_on(&self, store: Store, options: WorkerOptions, registry: Registry) -> Worker {
        let parts = WorkerParts { store, broker: self.broker.clone(), clock: self.clock.clone() };
        Worker::new(parts, options, registry)
    }

    /// Starts a worker on a thread of its own, as if in a process of its own.
    pub fn start(&self, options: WorkerOptions, registry: Registry) -> Working {
        let (stop, kill) = (CancellationToken::new(), CancellationToken::new());
        let (store, parts) = (self.store.clone(), (self.broker.clone(), self.clock.clone()));
        let (stopping, killed) = (stop.clone(), kill.clone());
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
            let summary = runtime.block_on(async move {
                let (broker, clock) = parts;
                let worker = Worker::new(WorkerParts { store: store.apart(), broker, clock }, options, registry);
                tokio::select! {
                    summary = worker.run(stopping) => Some(summary.unwrap()),
                    () = killed.cancelled() => None,
                }
            });
            runtime.shutdown_background();
            summary
        });
        Working { stop, kill, thread: Some(thread) }
    }

    pub async fn enqueue(&self, task: NewTask) -> TaskId {
        let id = self.tasks().enqueue_task(task).await.unwrap().task.id;
        self.broker.system().wake(aos_core::kind::WAKE);
        id
    }

    pub async fn task(&self, id: TaskId) -> Task {
        self.tasks().task(id).await.unwrap().expect("the task is kept")
    }

    /// Waits until a task is as wanted.
    pub async fn wait(&self, id: TaskId, wanted: impl Fn(&Task) -> bool) -> Task {
        let begun = Instant::now();
        loop {
            let task = self.task(id).await;
            if wanted(&task) {
                return task;
            }
            assert!(begun.elapsed() < PATIENCE, "waited too long; the task is {task:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub async fn wait_end(&self, id: TaskId) -> Task {
        self.wait(id, |task| task.state.has_ended()).await
    }

    pub async fn wait_running(&self, id: TaskId) -> Task {
        self.wait(id, |task| task.state == TaskState::InProgress).await
    }
}

impl Place {
    async fn open(&self, clock: &Clock) -> Store {
        let store = match self {
            Self::Sqlite(directory) => Store::open(directory.path().join("store.db"), clock.clone()).await.unwrap(),
            Self::Postgres(database) => {
                let options = PostgresOptions { max_connections: 5, ..PostgresOptions::new(database.url("app")) };
                Store::open_postgres(&options, clock.clone()).await.unwrap()
            }
        };
        let keys = || Ok(aos_core::vault::MasterKeys::parse(&"42".repeat(32))?);
        store.with_keyring(aos_store::Keyring::open(keys).unwrap())
    }
}

/// A worker that runs until it is stopped, or killed with the end of the test.
pub struct Working {
    stop: CancellationToken,
    kill: CancellationToken,
    thread: Option<JoinHandle<Option<Summary>>>,
}

impl Working {
    pub async fn stop(mut self) -> Summary {
        self.stop.cancel();
        let thread = self.thread.take().unwrap();
        let ended = tokio::task::spawn_blocking(move || thread.join().unwrap());
        in_time(ended).await.unwrap().expect("it was not killed")
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        self.kill.cancel();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Quick options: what takes seconds in production takes a moment here.
pub fn options() -> WorkerOptions {
    WorkerOptions {
        slots: 4,
        poll_interval: Duration::from_millis(100),
        drain_timeout: Duration::from_secs(10),
        ..WorkerOptions::default()
    }
}

pub fn short_lease() -> WorkerOptions {
    WorkerOptions { lease: Duration::from_millis(900), ..options() }
}

pub fn task(payload: Value) -> NewTask {
    NewTask::new(Scripted::KIND, payload)
}

pub fn retried(payload: Value, max_attempts: u32) -> NewTask {
    let backoff = Backoff { initial_ms: 1, factor: 1.0, max_ms: 1 };
    NewTask { max_attempts, backoff, ..task(payload) }
}

/// What tests see of the attempts that were made.
#[derive(Clone, Default)]
pub struct Seen {
    attempts: Arc<AtomicU32>,
    stopped: Arc<AtomicU32>,
    told: Arc<Mutex<BTreeMap<&'static str, String>>>,
}

impl Seen {
    pub fn attempts(&self) -> u32 {
        self.attempts.load(Ordering::SeqCst)
    }

    pub async fn wait_attempts(&self, attempts: u32) {
        let begun = Instant::now();
        while self.attempts() < attempts {
            assert!(begun.elapsed() < PATIENCE, "the task is not begun");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub fn stopped(&self) -> u32 {
        self.stopped.load(Ordering::SeqCst)
    }

    pub fn told(&self, what: &'static str) -> Option<String> {
        self.told.lock().unwrap().get(what).cloned()
    }
}

/// Counts an attempt whose future was dropped before its end.
struct UntilEnd<'s>(&'s Seen, bool);

impl Drop for UntilEnd<'_> {
    fn drop(&mut self) {
        if !self.1 {
            self.0.stopped.fetch_add(1, Ordering::SeqCst);
        }
    }
}

/// A handler that does what its payload says.
pub struct Scripted(pub Seen);

impl TaskHandler for Scripted {
    const KIND: &'static str = "scripted";
    type Payload = Value;
    type Output = Value;

    async fn run(&self, context: &TaskContext, payload: Value) -> Result<Value, TaskError> {
        self.0.attempts.fetch_add(1, Ordering::SeqCst);
        let mut until_end = UntilEnd(&self.0, false);
        let result = self.follow(context, &payload).await;
        until_end.1 = true;
        result
    }
}

impl Scripted {
    async fn follow(&self, context: &TaskContext, script: &Value) -> Result<Value, TaskError> {
        if let Some(message) = script["log"].as_str() {
            context.log(aos_core::task::LogLevel::Info, message);
        }
        if let Some(fraction) = script["progress"].as_f64() {
            context.progress(fraction, "on the way");
        }
        if let Some(milliseconds) = script["sleep_ms"].as_u64() {
            tokio::time::sleep(Duration::from_millis(milliseconds)).await;
        }
        if let Some(milliseconds) = script["block_ms"].as_u64() {
            std::thread::sleep(Duration::from_millis(milliseconds));
        }
        if script["who"].as_bool() == Some(true) {
            let who = format!("{:?} {:?}", context.scope().principal(), context.scope().role());
            self.0.told.lock().unwrap().insert("who", who);
        }
        if let Some(key) = script["write"].as_str() {
            let written = context.store().put_setting(key, &json!(context.attempt())).await;
            self.0.told.lock().unwrap().insert("write", format!("{written:?}"));
            written?;
        }
        if context.attempt() <= script["fail_until"].as_u64().unwrap_or_default() as u32 {
            return Err(TaskError::retryable(format!("attempt {} does not want to", context.attempt())));
        }
        if let Some(why) = script["permanent"].as_str() {
            return Err(TaskError::permanent(why));
        }
        if let Some(words) = script["panic"].as_str() {
            panic!("{words}");
        }
        if let Some(bytes) = script["result_bytes"].as_u64() {
            return Ok(json!("x".repeat(bytes as usize)));
        }
        Ok(json!({ "attempt": context.attempt() }))
    }
}

pub fn scripted() -> (Registry, Seen) {
    let seen = Seen::default();
    (Registry::default().with(Scripted(seen.clone())), seen)
}

fn open_dcl(floor: &Floor, folder: &Path) -> Dcl {
    Dcl::new(DclOptions {
        store: floor.store.clone(),
        lake: Lake::open(folder.join("lake")).unwrap(),
        broker: floor.broker.clone(),
        engine: Engine::new(folder.join("cache"), EngineOptions::default()),
        clock: Clock::default(),
        agents: aos_dcl::agents::shipped(),
        net: aos_net::Client::new(NetConfig::default(), Clock::default()).unwrap(),
        operator: Operator::new(AllowedRoots::only([folder.join("exports")])),
        secrets: SecretPlaces::default(),
        sources_in_parallel: 2,
        flags: Default::default(),
    })
}

/// Fails a test that would hang.
pub async fn in_time<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, work).await.expect("this takes too long")
}

#[allow(clippy::disallowed_methods)] // Tests stand in for the doors that may.
pub fn establish(tenant: aos_core::TenantId) -> TenantScope {
    TenantScope::establish(tenant, Principal::Local, Role::Owner)
}

fn migrated_database() -> Database {
    let server = Postgres::start().unwrap_or_else(|| {
        eprintln!("SKIPPED: there is no PostgreSQL 15 or newer on this machine (apt-get install postgresql)");
        std::process::exit(0)
    });
    server.database(|database| {
        let wanted = MigrateOptions {
            owner_url: database.owner_url(),
            application_url: Some(database.url("app")),
            system_url: None,
            allow_destructive: false,
        };
        // Tests are asynchronous already, and one runtime cannot wait inside another.
        let migrating = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(aos_store::migrate(&wanted)).unwrap();
        });
        migrating.join().unwrap();
    })
}
