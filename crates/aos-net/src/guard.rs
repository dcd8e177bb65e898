//! Where outbound connections may go: schemes, ports and addresses. Public addresses may be reached, others only when the
//! operator lists their network.
//!
//! An address is judged when it is connected to, not when a URL is written down: a name may lead elsewhere by then.

use crate::address::{self, AddressKind};
use crate::config::NetConfig;
use crate::dns::{self, LookupError, Names};
use crate::error::{Cause, Error, Phase, Result};
use ipnet::IpNet;
use reqwest::Url;
use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

/// Why something may not be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("it leads to {0}; the operator may list its network in net.allow_private")]
    Address(AddressKind),
    #[error("the operator denies its network")]
    Denied,
    #[error("no web request goes to port {0}; use 80, 443 or one from 1024 on")]
    Port(u16),
    #[error("its scheme is neither http nor https; give an http or https address")]
    Scheme,
    #[error("it carries a user name or password; give those as credentials, not in the address")]
    UserInfo,
}

/// The rules. Cloning it is cheap and gives the same guard.
#[derive(Debug, Clone)]
pub struct Guard {
    rules: Arc<Rules>,
}

#[derive(Debug)]
struct Rules {
    allow_private: Vec<IpNet>,
    allow_addresses: Vec<SocketAddr>,
    deny: Vec<IpNet>,
    ports: Vec<RangeInclusive<u16>>,
    lookup_timeout: Duration,
    names: Names,
}

impl Guard {
    pub fn new(config: &NetConfig) -> Self {
        let rules = Rules {
            allow_private: config.allow_private.clone(),
            allow_addresses: config.allow_addresses.clone(),
            deny: config.deny.clone(),
            ports: config.ports.clone(),
            lookup_timeout: config.connect_timeout,
            names: config.names.clone(),
        };
        Self { rules: Arc::new(rules) }
    }

    /// Says whether an address may be connected to.
    pub fn check_address(&self, address: IpAddr) -> Result<(), Refusal> {
        let address = address::canonical(address);
        if self.rules.deny.iter().any(|network| network.contains(&address)) {
            return Err(Refusal::Denied);
        }
        let kind = address::kind(address);
        let allowed = match kind {
            AddressKind::Public => true,
            // Whoever reads a machine's credentials is the machine: a network listed for other reasons does not open this.
            AddressKind::Metadata => self.rules.allow_private.contains(&IpNet::from(address)),
            _ => self.rules.allow_private.iter().any(|network| network.contains(&address)),
        };
        if allowed { Ok(()) } else { Err(Refusal::Address(kind)) }
    }

    /// Says whether an address may be connected to at this port.
    fn check_socket(&self, address: IpAddr, port: u16) -> Result<(), Refusal> {
        match self.check_address(address) {
            Err(Refusal::Address(_)) if self.rules.allow_addresses.contains(&SocketAddr::new(address, port)) => Ok(()),
            judged => judged,
        }
    }

    /// Refuses a URL for what can be seen without looking its name up. Its name is judged by every connection.
    ///
    /// # Errors
    /// [`Error::Blocked`], which names the host only, and [`Error::Url`] when there is none.
    pub fn check_url(&self, url: &Url) -> Result<()> {
        let host = url.host_str().ok_or_else(|| Error::Url("it names no host".into()))?.to_owned();
        let blocked = |address, why| Err(Error::Blocked { host: host.clone(), address, why });
        if !matches!(url.scheme(), "http" | "https") {
            return blocked(None, Refusal::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return blocked(None, Refusal::UserInfo);
        }
        let port = url.port_or_known_default();
        if let Some(port) = port
            && !self.rules.ports.iter().any(|open| open.contains(&port))
        {
            return blocked(None, Refusal::Port(port));
        }
        // The parser has read decimal, octal and short spellings as the address they mean. The HTTP library connects to an
        // address without asking the resolver, so it is judged here.
        match literal(&host) {
            Some(address) => {
                let judged = port.map_or_else(|| self.check_address(address), |port| self.check_socket(address, port));
                judged.or_else(|why| blocked(Some(address), why))
            }
            None => Ok(()),
        }
    }

    /// Returns the addresses of a host that a driver with a protocol of its own may connect to; it must not look the name up
    /// again. Waits no longer than the time for connecting.
    ///
    /// # Errors
    /// [`Error::Blocked`] when no address is permitted, [`Error::Dns`] when there is none, [`Error::Timeout`].
    pub async fn resolve(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>> {
        if let Some(address) = literal(host) {
            return match self.check_socket(address, port) {
                Ok(()) => Ok(vec![SocketAddr::new(address, port)]),
                Err(why) => Err(Error::Blocked { host: host.to_owned(), address: Some(address), why }),
            };
        }
        let waited = self.rules.lookup_timeout;
        match tokio::time::timeout(waited, dns::permitted(self, host)).await {
            Ok(Ok(addresses)) => Ok(addresses.into_iter().map(|address| SocketAddr::new(address, port)).collect()),
            Ok(Err(LookupError::Refused { address, why })) => {
                Err(Error::Blocked { host: host.to_owned(), address: Some(address), why })
            }
            Ok(Err(error)) => Err(Error::Dns { host: host.to_owned(), source: Cause::of(&error) }),
            Err(_) => Err(Error::Timeout { origin: host.to_owned(), phase: Phase::Connect, waited }),
        }
    }

    pub(crate) fn names(&self) -> &Names {
        &self.rules.names
    }
}

/// Reads a host that is an address: `192.0.2.1`, `2001:db8::1` or `[2001:db8::1]`.
fn literal(host: &str) -> Option<IpAddr> {
    host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host).parse().ok()
}
