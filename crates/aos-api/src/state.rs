//! What the API is made of, and the settings it obeys. Everything in here was opened by the binary; nothing is opened here.

use crate::auth::oidc::Oidc;
use crate::auth::password::{PasswordCost, Passwords};
use crate::auth::session::Sessions;
use crate::auth::signing::{self, JwtKeys};
use crate::mcp::Desk;
use crate::middleware::denied::Denials;
use crate::middleware::limits::BodyLimits;
use crate::middleware::rate::{Blocked, RateSettings};
use crate::readiness::{BuildInfo, Readiness};
use crate::realtime::Sockets;
use aos_agents::questions::{ModelPlanner, Questions};
use aos_ai::embeddings::Embeddings;
use aos_ai::knowledge::KnowledgeBase;
use aos_ai::models::Models;
use aos_broker::Broker;
use aos_core::audit::Signer;
use aos_core::{Clock, TenantScope};
use aos_dcl::Dcl;
use aos_net::{Guard, IpNet};
use aos_store::Store;
use serde::Serialize;
use std::sync::{Arc, Weak};
use std::time::Duration;
use utoipa::ToSchema;

/// The parts a router is made of.
pub struct ApiState {
    pub store: Store,
    pub broker: Broker,
    pub dcl: Dcl,
    pub clock: Clock,
    pub keys: JwtKeys,
    /// Judges the addresses that callers give; nothing is called from here.
    pub guard: Guard,
    /// Reads what programs that want to act for somebody say of themselves; nothing else is called with it.
    pub net: aos_net::Client,
    /// The providers that people may sign in through.
    pub oidc: Oidc,
    /// Signs the audit trail.
    pub signer: Signer,
    /// Takes down who was not let in. Whoever stops the server has it written down before.
    pub denials: Denials,
    /// The models that tenants have chosen, and those that make vectors.
    pub models: Models,
    pub embeddings: Embeddings,
    pub knowledge: KnowledgeBase,
    pub settings: ApiSettings,
}

#[derive(Debug, Clone)]
pub struct ApiSettings {
    /// How long an access token is good for.
    pub access_token_ttl: Duration,
    /// How long a session can be renewed after its sign-in.
    pub session_ttl: Duration,
    /// How long a program may act for somebody before it has to ask again.
    pub program_ttl: Duration,
    /// How long an invitation waits to be accepted.
    pub invitation_ttl: Duration,
    /// Whether anyone may make a tenant of their own.
    pub registration: bool,
    /// Where browsers find this server, without a slash at the end; where it is not known, the request says it.
    pub public_url: Option<String>,
    /// Host names, beside this machine's own and that of `public_url`, under which the Model Context Protocol is answered.
    pub mcp_hosts: Vec<String>,
    /// How long a WebSocket ticket waits to be used.
    pub ticket_ttl: Duration,
    /// How long a look at the user behind a token is trusted when the news of a change does not arrive.
    pub session_trust: Duration,
    pub request_timeout: Duration,
    /// Origins whose pages may call the API, such as `https://app.example.com`.
    pub cors_origins: Vec<String>,
    pub body_bytes_max: usize,
    pub password_cost: PasswordCost,
    pub throttle: ThrottleSettings,
    pub rate: RateSettings,
    /// Proxies that are believed when they say whom they speak for.
    pub trusted_proxies: Vec<IpNet>,
    pub socket: SocketSettings,
    /// What parts of this process say about themselves.
    pub readiness: Readiness,
    pub build: BuildInfo,
    /// Shown on the login page of a demo; none elsewhere.
    pub demo_login: Option<DemoLogin>,
    /// Whether the workers have an AOD service to ask.
    pub aod_configured: bool,
}

/// How many sign-ins may be tried within a window.
#[derive(Debug, Clone)]
pub struct ThrottleSettings {
    pub window: Duration,
    pub attempts_per_account_max: u64,
    pub attempts_per_address_max: u64,
    pub registrations_per_address_max: u64,
}

/// Limits on one WebSocket and on a tenant's WebSockets.
#[derive(Debug, Clone)]
pub struct SocketSettings {
    pub ping_every: Duration,
    /// A peer that says nothing, not even pong, for this long is gone.
    pub silence_max: Duration,
    /// A message that cannot be handed over in this time closes the socket.
    pub send_timeout: Duration,
    pub per_tenant_max: usize,
}

/// The login a demo invites to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DemoLogin {
    pub email: String,
    pub password: String,
}

impl Default for ApiSettings {
    fn default() -> Self {
        Self {
            access_token_ttl: Duration::from_secs(15 * 60),
            session_ttl: Duration::from_secs(7 * 24 * 60 * 60),
            program_ttl: Duration::from_secs(30 * 24 * 60 * 60),
            invitation_ttl: Duration::from_secs(7 * 24 * 60 * 60),
            registration: true,
            public_url: None,
            mcp_hosts: Vec::new(),
            ticket_ttl: Duration::from_secs(30),
            session_trust: Duration::from_secs(15),
            request_timeout: Duration::from_secs(60),
            cors_origins: Vec::new(),
            body_bytes_max: 1024 * 1024,
            password_cost: PasswordCost::default(),
            throttle: ThrottleSettings::default(),
            rate: RateSettings::default(),
            trusted_proxies: Vec::new(),
            socket: SocketSettings::default(),
            readiness: Readiness::default(),
            build: BuildInfo::default(),
            demo_login: None,
            aod_configured: false,
        }
    }
}

impl ApiSettings {
    /// A body is waited for no longer than half of the time that its whole request may take, so that whoever sends it is told why.
    pub(crate) fn body_limits(&self, document_bytes_max: u64) -> BodyLimits {
        let bytes_max = self.body_bytes_max as u64;
        BodyLimits {
            bytes_max,
            document_bytes_max: document_bytes_max.max(bytes_max),
            time_max: self.request_timeout / 2,
        }
    }
}

impl Default for ThrottleSettings {
    fn default() -> Self {
        Self {
            window: Duration::from_secs(15 * 60),
            attempts_per_account_max: 10,
            attempts_per_address_max: 100,
            registrations_per_address_max: 20,
        }
    }
}

impl Default for SocketSettings {
    fn default() -> Self {
        Self {
            ping_every: Duration::from_secs(20),
            silence_max: Duration::from_secs(60),
            send_timeout: Duration::from_secs(10),
            per_tenant_max: 200,
        }
    }
}

/// The state every handler shares.
#[derive(Clone)]
pub(crate) struct App(Arc<Parts>);

pub(crate) struct Parts {
    pub store: Store,
    pub broker: Broker,
    pub dcl: Dcl,
    pub clock: Clock,
    pub keys: JwtKeys,
    pub guard: Guard,
    pub net: aos_net::Client,
    pub oidc: Oidc,
    pub signer: Signer,
    pub denials: Denials,
    pub models: Models,
    pub embeddings: Embeddings,
    pub knowledge: KnowledgeBase,
    pub questions: Questions,
    pub blocked: Blocked,
    pub settings: ApiSettings,
    pub passwords: Passwords,
    pub sessions: Arc<Sessions>,
    pub sockets: Sockets,
}

impl App {
    /// Puts the parts together, and keeps up with changes of sessions and keys for as long as they are in use.
    pub fn new(state: ApiState) -> Self {
        let ApiState {
            store,
            broker,
            dcl,
            clock,
            keys,
            guard,
            net,
            oidc,
            signer,
            denials,
            models,
            embeddings,
            knowledge,
            settings,
        } = state;
        let passwords = Passwords::new(settings.password_cost);
        let sessions = Arc::new(Sessions::new(settings.session_trust));
        let sockets = Sockets::new(settings.socket.per_tenant_max);
        tokio::spawn(Arc::clone(&sessions).follow(broker.system().access_changes()));
        let blocked = Blocked::default();
        let questions = Questions::new(dcl.clone(), store.clone(), clock.clone(), signer.clone())
            .with_planner(Arc::new(ModelPlanner::new(models.clone(), store.clone())));
        let parts = Parts {
            store,
            broker,
            dcl,
            clock,
            keys,
            guard,
            net,
            oidc,
            signer,
            denials,
            models,
            embeddings,
            knowledge,
            questions,
            blocked,
            settings,
            passwords,
            sessions,
            sockets,
        };
        let app = Self(Arc::new(parts));
        tokio::spawn(keep_keys(Arc::downgrade(&app.0)));
        app
    }

    /// Returns what tools of agents work with.
    pub fn desk(&self) -> Desk {
        let (store, dcl, broker) = (self.store.clone(), self.dcl.clone(), self.broker.clone());
        Desk { store, dcl, broker, clock: self.clock.clone(), questions: self.questions.clone() }
    }

    /// Wakes workers, once what was done is committed.
    pub async fn wake(&self, name: &'static str) {
        let broker = self.broker.clone();
        aos_store::after_commit(async move { broker.system().wake(name) }).await;
    }

    /// Makes every process forget who may act in a tenant: this one now, the others in about a second, and only once what changed is
    /// committed.
    pub async fn access_changed(&self, scope: &TenantScope) {
        let (app, scope) = (self.clone(), scope.clone());
        aos_store::after_commit(async move {
            app.sessions.forget(scope.tenant_id());
            app.broker.tenant(&scope).announce_access().await;
        })
        .await;
    }
}

/// Reads the token keys now and then, until the application is gone.
async fn keep_keys(app: Weak<Parts>) {
    loop {
        tokio::time::sleep(signing::RELOAD_EVERY).await;
        let Some(app) = app.upgrade() else { return };
        app.keys.reload().await;
    }
}

impl std::ops::Deref for App {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}
