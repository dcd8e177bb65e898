//! What the API is made of, and the settings it obeys. Everything in here was opened by the binary; nothing is opened here.

use crate::auth::password::{PasswordCost, Passwords};
use crate::auth::session::Sessions;
use crate::auth::token::JwtKeys;
use crate::realtime::Sockets;
use aos_broker::Broker;
use aos_core::Clock;
use aos_dcl::Dcl;
use aos_net::Guard;
use aos_store::Store;
use serde::Serialize;
use std::sync::Arc;
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
    pub settings: ApiSettings,
}

#[derive(Debug, Clone)]
pub struct ApiSettings {
    /// How long an access token is good for.
    pub access_token_ttl: Duration,
    /// How long a WebSocket ticket waits to be used.
    pub ticket_ttl: Duration,
    /// How long a look at the user behind a token is trusted; a change of role or a sign-out elsewhere takes this long to be seen.
    pub session_trust: Duration,
    pub request_timeout: Duration,
    pub body_bytes_max: usize,
    pub password_cost: PasswordCost,
    pub throttle: ThrottleSettings,
    pub socket: SocketSettings,
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
            ticket_ttl: Duration::from_secs(30),
            session_trust: Duration::from_secs(15),
            request_timeout: Duration::from_secs(60),
            body_bytes_max: 1024 * 1024,
            password_cost: PasswordCost::default(),
            throttle: ThrottleSettings::default(),
            socket: SocketSettings::default(),
            demo_login: None,
            aod_configured: false,
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
    pub settings: ApiSettings,
    pub passwords: Passwords,
    pub sessions: Sessions,
    pub sockets: Sockets,
}

impl App {
    pub fn new(state: ApiState) -> Self {
        let ApiState { store, broker, dcl, clock, keys, guard, settings } = state;
        let passwords = Passwords::new(settings.password_cost);
        let sessions = Sessions::new(settings.session_trust);
        let sockets = Sockets::new(settings.socket.per_tenant_max);
        Self(Arc::new(Parts { store, broker, dcl, clock, keys, guard, settings, passwords, sessions, sockets }))
    }
}

impl std::ops::Deref for App {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}
