//! Services that the server plays for its tenants, where the operator wants that: which ones, where they listen, how they are read.

use crate::settings::Settings;
use anyhow::Context;
use aos_connectors::Simulated;
use aos_simulators::{Credentials, Options, Simulator, Vendor};
use serde_json::{Value, json};
use std::net::{Ipv4Addr, SocketAddr};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Those that a connection reads with nothing but what its settings say.
const PLAYABLE: [Vendor; 4] = [Vendor::Salesforce, Vendor::Hubspot, Vendor::Pipedrive, Vendor::Zendesk];

/// A service with the address that it has in every process of the installation.
pub struct Played {
    vendor: Vendor,
    pub address: SocketAddr,
}

impl Played {
    /// Returns how tenants are offered it.
    pub fn offered(&self) -> Simulated {
        let (url, known) = (format!("http://{}", self.address), Credentials::default());
        let settings = match self.vendor {
            Vendor::Salesforce => json!({
                "auth": "client_credentials", "login_url": url, "client_id": known.client_id, "client_secret": known.client_secret,
            }),
            Vendor::Zendesk => json!({ "base_url": url, "email": known.username, "api_token": known.static_token }),
            Vendor::Pipedrive => json!({ "base_url": url, "api_token": known.static_token }),
            Vendor::Hubspot | Vendor::Dynamics => json!({ "base_url": url, "access_token": known.static_token }),
        };
        let settings = if let Value::Object(settings) = settings { settings } else { serde_json::Map::new() };
        Simulated { connector: self.vendor.name(), settings }
    }
}

/// Returns the services that the settings name, in their order.
pub fn played(settings: &Settings) -> anyhow::Result<Vec<Played>> {
    let section = &settings.simulators;
    let one = |(at, name): (usize, &str)| {
        let vendor = PLAYABLE.into_iter().find(|vendor| vendor.name() == name);
        let vendor = vendor.with_context(|| {
            let known: Vec<_> = PLAYABLE.iter().map(|vendor| vendor.name()).collect();
            format!("simulators.systems: `{name}` cannot be played for tenants; there are {}", known.join(", "))
        })?;
        let port = u16::try_from(at).ok().and_then(|at| section.port.checked_add(at));
        let port = port.context("simulators.port leaves too few ports for simulators.systems; choose a smaller one")?;
        Ok(Played { vendor, address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)) })
    };
    section.systems.iter().enumerate().map(one).collect()
}

/// Plays them in the background until told to stop. An address that is taken is left to whoever has it: another process of this installation
/// on the same machine plays there already.
pub async fn play(settings: &Settings, stop: &CancellationToken) -> anyhow::Result<Vec<JoinHandle<()>>> {
    let mut playing = Vec::new();
    for Played { vendor, address } in played(settings)? {
        let name = vendor.name();
        let listener = match tokio::net::TcpListener::bind(address).await {
            Ok(listener) => listener,
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
                tracing::warn!(%address, "{name} is not played by this process: {address} is taken");
                continue;
            }
            Err(error) => return Err(error).with_context(|| format!("{name} cannot be played on {address}")),
        };
        let simulator = Simulator::new(vendor, &Options { size: settings.simulators.records, ..Options::default() })?;
        tracing::info!(%address, "{name} is played on {address}, with invented records");
        let stop = stop.clone();
        playing.push(tokio::spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                ended = simulator.serve(listener, std::future::pending()) => if let Err(error) = ended {
                    tracing::warn!(%error, "{name} is not played any more: {error}");
                }
            }
        }));
    }
    Ok(playing)
}
