//! The installation under test: PostgreSQL, Redis, a lake, two servers and two workers.

use crate::journal::Journal;
use crate::plan::{Plan, Victim};
use crate::process::Process;
use aos_store::{MigrateOptions, PostgresOptions, Store};
use aos_testservers::{OwnPostgres, Redis};
use std::cell::{Cell, RefCell};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, Instant};

/// The shortest lease that makes sense, so that a storm of seconds sees many run out.
const LEASE_MS: u64 = 1000;

/// Requests a minute, for limits that are not to be met.
const PLENTY: &str = "1000000";

pub struct House {
    pub journal: Journal,
    pub postgres: OwnPostgres,
    pub redis: Redis,
    pub folder: PathBuf,
    pub processes: Vec<Rc<Process>>,
    pub servers: [SocketAddr; 2],
    /// The store as a process beside the others sees it, for following streams and for looking at what is left.
    pub store: Store,
    /// Points at which processes died.
    pub fired: RefCell<Vec<String>>,
    restart_after: Duration,
    stormy: Cell<bool>,
    closing: Cell<bool>,
    /// Whether Redis is frozen or down at this moment.
    pub redis_busy: Cell<bool>,
    /// When the database last went, and when it was back.
    outage: Cell<Option<(Instant, Option<Instant>)>>,
}

impl House {
    /// Starts the servers that everything stands on; None where this machine has none of them.
    pub async fn build(folder: &Path, plan: &mut Plan) -> Option<Rc<Self>> {
        let journal = Journal::new();
        let postgres = OwnPostgres::start()?;
        let redis = Redis::start()?;
        std::fs::create_dir_all(folder.join("sources")).expect("a folder");
        let wanted = MigrateOptions {
            owner_url: postgres.url("owner"),
            application_url: Some(postgres.url("app")),
            system_url: None,
            allow_destructive: false,
        };
        aos_store::migrate(&wanted).await.expect("an empty database can be migrated");
        let options = PostgresOptions { max_connections: 4, ..PostgresOptions::new(postgres.url("app")) };
        let store =
            Store::open_postgres(&options, aos_core::Clock::default()).await.expect("a database that was migrated");
        let servers = [free_address(), free_address()];
        let names = ["serve-0", "serve-1", "worker-0", "worker-1"];
        let processes = names.iter().enumerate().map(|(number, name)| {
            let mut arguments = vec!["--data".to_owned(), folder.join("data").display().to_string()];
            match number {
                0 | 1 => {
                    arguments.extend(["serve".to_owned(), "--port".to_owned(), servers[number].port().to_string()])
                }
                _ => arguments.push("worker".to_owned()),
            }
            // One server runs tasks too, the other none.
            if number == 0 {
                arguments.push("--no-worker".to_owned());
            }
            let points = std::mem::take(&mut plan.points[number]);
            Rc::new(Process::new((*name).to_owned(), folder, arguments, number != 0, points))
        });
        let processes = processes.collect();
        Some(Rc::new(Self {
            journal,
            postgres,
            redis,
            folder: folder.to_owned(),
            processes,
            servers,
            store,
            fired: RefCell::default(),
            restart_after: plan.restart_after,
            stormy: Cell::new(false),
            closing: Cell::new(false),
            redis_busy: Cell::new(false),
            outage: Cell::new(None),
        }))
    }

    /// Starts the four processes and keeps them running.
    pub fn open(self: &Rc<Self>) {
        for process in &self.processes {
            tokio::task::spawn_local(process.clone().keep(self.clone()));
        }
    }

    /// What every process of the installation is told. They share the data directory with the lake; each has a cache of its own.
    pub fn environment(&self) -> Vec<(String, String)> {
        let sources = self.folder.join("sources").display().to_string();
        let settings = [
            ("DATABASE_URL", self.postgres.url("app")),
            ("REDIS_URL", self.redis.url()),
            ("AUTONOMOS_SOURCES__ALLOWED_ROOTS", sources),
            ("AUTONOMOS_NET__ALLOW_PRIVATE", "127.0.0.0/8".to_owned()),
            ("AUTONOMOS_WORKER__LEASE_MS", LEASE_MS.to_string()),
            ("AUTONOMOS_WORKER__POLL_INTERVAL_MS", "500".to_owned()),
            ("AUTONOMOS_WORKER__SLOTS", "6".to_owned()),
            ("AUTONOMOS_WORKER__DRAIN_TIMEOUT_S", "5".to_owned()),
            ("AUTONOMOS_SECRETS__DEVELOPMENT", "true".to_owned()),
            // The workload asks for more than a tenant may by default.
            ("AUTONOMOS_RATE__READS_PER_MINUTE", PLENTY.to_owned()),
            ("AUTONOMOS_RATE__READS_BURST", PLENTY.to_owned()),
            ("AUTONOMOS_RATE__WRITES_PER_MINUTE", PLENTY.to_owned()),
            ("AUTONOMOS_RATE__WRITES_BURST", PLENTY.to_owned()),
            ("AUTONOMOS_RATE__ANONYMOUS_PER_MINUTE", PLENTY.to_owned()),
            ("AUTONOMOS_RATE__ANONYMOUS_BURST", PLENTY.to_owned()),
            ("NO_COLOR", "1".to_owned()),
            ("RUST_BACKTRACE", "1".to_owned()),
        ];
        settings.map(|(name, value)| (name.to_owned(), value)).to_vec()
    }

    pub fn process(&self, victim: Victim) -> Rc<Process> {
        match victim {
            Victim::Server(number) => self.processes[number].clone(),
            Victim::Worker(number) => self.processes[2 + number].clone(),
        }
    }

    /// Whether any process but this one takes tasks at this moment.
    pub fn someone_works(&self, but: &str) -> bool {
        self.processes.iter().any(|process| process.name != but && process.is_working())
    }

    /// Runs SQL past every door, while the rest goes on.
    pub async fn sql(&self, sql: &str) -> Result<String, String> {
        let output = tokio::process::Command::from(self.postgres.psql("autonomos", sql)).output().await;
        let output = output.map_err(|error| error.to_string())?;
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }

    /// Runs SQL and reads its rows as JSON objects.
    pub async fn rows(&self, sql: &str) -> Vec<serde_json::Value> {
        let text = self.sql(&format!("SELECT COALESCE(json_agg(found), '[]') FROM ({sql}) found")).await;
        let text = text.unwrap_or_else(|error| panic!("{sql}: {error}"));
        serde_json::from_str(&text).expect("JSON")
    }

    pub async fn restart_postgres(&self, down: Duration) {
        self.outage.set(Some((Instant::now(), None)));
        self.postgres.kill();
        tokio::time::sleep(down).await;
        self.postgres.begin_start();
        while self.sql("SELECT 1").await.is_err() {
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        self.outage.set(self.outage.get().map(|(from, _)| (from, Some(Instant::now()))));
    }

    /// Whether the database was away at any moment since then, as far as the last time it was matters.
    pub fn was_without_database(&self, since: Instant) -> bool {
        self.outage.get().is_some_and(|(_, until)| until.is_none_or(|until| until >= since))
    }

    pub fn is_without_database(&self) -> bool {
        self.outage.get().is_some_and(|(_, until)| until.is_none())
    }

    pub fn restart_after(&self) -> Duration {
        if self.stormy.get() { self.restart_after } else { Duration::from_millis(50) }
    }

    pub fn is_stormy(&self) -> bool {
        self.stormy.get()
    }

    pub fn set_stormy(&self, stormy: bool) {
        self.stormy.set(stormy);
    }

    pub fn is_closing(&self) -> bool {
        self.closing.get()
    }

    /// Lets every process end as an operator would, and returns those that did not in time.
    pub async fn close(&self) -> Vec<String> {
        self.closing.set(true);
        for process in &self.processes {
            process.terminate().await;
        }
        let begun = Instant::now();
        while self.processes.iter().any(|process| process.is_up()) && begun.elapsed() < Duration::from_secs(15) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        self.processes.iter().filter(|process| process.is_up()).map(|process| process.name.clone()).collect()
    }
}

/// An address that nobody listens on, to be kept over restarts.
fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address")
}
