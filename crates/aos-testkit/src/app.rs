//! The application under test, and how it is built.

use crate::client::{Client, PASSWORD};
use crate::files::Files;
use aos_api::{ApiSettings, ApiState, JwtKeys, PasswordCost, Passwords};
use aos_broker::Broker;
use aos_connectors::AllowedRoots;
use aos_core::tenant::Principal;
use aos_core::{Clock, Role, TenantScope};
use aos_dcl::engine::{Engine, EngineOptions};
use aos_dcl::{Dcl, DclOptions};
use aos_lake::Lake;
use aos_store::{DataDir, Store};
use axum::Router;
use chrono::{DateTime, Utc};
use tempfile::TempDir;

/// What tests sign tokens with; a test may sign its own with it, or with something else.
pub const SECRET: [u8; 32] = [42; 32];
/// One hash at this cost takes no time worth waiting for.
const CHEAP: PasswordCost = PasswordCost { memory_kib: 64, passes: 1, lanes: 1 };

pub struct TestApp {
    pub acme: Client,
    pub globex: Client,
    pub clock: Clock,
    pub store: Store,
    pub broker: Broker,
    pub dcl: Dcl,
    /// Where sources may lie.
    pub files: Files,
    router: Router,
    passwords: Passwords,
    _data: DataDir,
    // Last: removed after everything in it is closed.
    _folder: TempDir,
}

pub struct TestAppBuilder {
    clock: Clock,
    settings: ApiSettings,
}

impl TestApp {
    /// Builds an application whose clock stands still until it is advanced.
    pub async fn new() -> Self {
        Self::builder().build().await
    }

    pub fn builder() -> TestAppBuilder {
        let settings = ApiSettings { password_cost: CHEAP, ..ApiSettings::default() };
        TestAppBuilder { clock: Clock::fixed(start()), settings }
    }

    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// Calls without being signed in.
    pub fn anonymous(&self) -> Client {
        Client::new(self.router.clone(), None)
    }

    /// Calls with any text as access token.
    pub fn with_token(&self, token: &str) -> Client {
        Client::new(self.router.clone(), Some(token.to_owned()))
    }

    /// Signs up a new tenant.
    pub async fn register(&self, name: &str) -> Client {
        register(&self.router, name).await
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

    pub async fn build(self) -> TestApp {
        let Self { clock, settings } = self;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let data = DataDir::open(folder.path().join("data")).expect("a data directory");
        let files = Files::new(folder.path().join("files"));
        let store = Store::open(data.store(), clock.clone()).await.expect("a store");
        let broker = Broker::in_process(clock.clone());
        let dcl = Dcl::new(DclOptions {
            store: store.clone(),
            lake: Lake::open(data.lake()).expect("a lake"),
            broker: broker.clone(),
            engine: Engine::new(data.cache(), EngineOptions::default()),
            clock: clock.clone(),
            agents: aos_dcl::agents::shipped(),
            allowed_roots: AllowedRoots::only([files.root().to_owned()]),
            sources_in_parallel: 2,
        });
        let router = aos_api::router(ApiState {
            store: store.clone(),
            broker: broker.clone(),
            dcl: dcl.clone(),
            clock: clock.clone(),
            keys: JwtKeys::new(&SECRET).expect("long enough"),
            settings,
        });
        let (acme, globex) = (register(&router, "acme").await, register(&router, "globex").await);
        let passwords = Passwords::new(CHEAP);
        TestApp { acme, globex, clock, store, broker, dcl, files, router, passwords, _data: data, _folder: folder }
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
