//! The outbound client against servers that do what servers should not.

mod circuit;
mod deliveries;
mod errors;
mod guard;
mod limits;
mod names;
mod redirects;
mod server;
mod tls;
mod webhooks;

use aos_core::tenant::Principal;
use aos_core::{Clock, Role, TenantId, TenantScope};
use aos_net::{Client, NetConfig};
use std::time::Duration;

/// What an operator writes who wants this machine to be reachable.
fn loopback() -> NetConfig {
    allowing(&["127.0.0.0/8"])
}

fn allowing(networks: &[&str]) -> NetConfig {
    let allow_private = networks.iter().map(|network| network.parse().unwrap()).collect();
    NetConfig { allow_private, ..NetConfig::default() }
}

fn client(config: NetConfig) -> Client {
    Client::new(config, Clock::System).unwrap()
}

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

#[allow(clippy::disallowed_methods)] // A test may say who someone is.
fn somebody() -> TenantScope {
    TenantScope::establish(TenantId::new(), Principal::Local, Role::Owner)
}
