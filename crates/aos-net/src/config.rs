//! The settings of the outbound client, with defaults that refuse rather than allow.

use crate::dns::Names;
use ipnet::IpNet;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::time::Duration;

#[derive(Debug, Clone)]
pub struct NetConfig {
    /// Networks that are not public and may be reached all the same. A cloud provider's metadata address has to be listed
    /// itself, as a network of one address; a larger network does not let it in.
    pub allow_private: Vec<IpNet>,
    /// Addresses with their ports that may be reached although their network may not, where a URL names them themselves.
    pub allow_addresses: Vec<SocketAddr>,
    /// Networks that may not be reached although they look public; they win over `allow_private`.
    pub deny: Vec<IpNet>,
    /// Ports that URLs may name. Database drivers, which bring their own port, are not held to them.
    pub ports: Vec<RangeInclusive<u16>>,
    /// Looking up the name, connecting and the TLS handshake, together.
    pub connect_timeout: Duration,
    /// Until the head of the answer is there, connecting included.
    pub response_timeout: Duration,
    /// Between two pieces of the body.
    pub idle_timeout: Duration,
    /// A request with all its redirects and the reading of the answer; a request may ask for another.
    pub total_timeout: Duration,
    /// The longest body that is read, after decompression; a request may ask for another.
    pub body_bytes_max: u64,
    /// Requests of one tenant to one host that run at the same time; the others wait their turn.
    pub concurrent_per_host: usize,
    /// Failures in a row after which a host is left alone.
    pub failures_to_open: u32,
    /// How long it is left alone the first time; twice as long each time that a try fails, up to `open_for_max`.
    pub open_for: Duration,
    pub open_for_max: Duration,
    pub user_agent: String,
    /// Certificates (PEM) that are trusted beside those of the operating system.
    pub trusted_certificates: Option<Vec<u8>>,
    pub names: Names,
}

impl Default for NetConfig {
    fn default() -> Self {
        Self {
            allow_private: Vec::new(),
            allow_addresses: Vec::new(),
            deny: Vec::new(),
            // The web's own ports and those that need no privilege: 25, 22 and their like are no place for a web request.
            ports: vec![80..=80, 443..=443, 1024..=u16::MAX],
            connect_timeout: Duration::from_secs(10),
            response_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(30),
            total_timeout: Duration::from_secs(60),
            body_bytes_max: 16 << 20,
            concurrent_per_host: 8,
            failures_to_open: 5,
            open_for: Duration::from_secs(30),
            open_for_max: Duration::from_secs(300),
            user_agent: concat!("AutonomOS/", env!("CARGO_PKG_VERSION")).to_owned(),
            trusted_certificates: None,
            names: Names::default(),
        }
    }
}
