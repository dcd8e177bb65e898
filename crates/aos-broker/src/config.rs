//! Where the broker's state is shared.

use std::path::PathBuf;
use std::time::Duration;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

pub enum BrokerConfig {
    /// In this process alone.
    InProcess,
    /// In a Redis or Valkey that all processes of the installation share.
    Redis(RedisConfig),
}

/// How Redis is reached: one server, or a primary behind one address. Keys are named so that a cluster could hold them, but the
/// redirections of a cluster are not followed. Not printable, because the URL may hold a password.
pub struct RedisConfig {
    /// `redis://`, `rediss://` (TLS, always fully verified) or `redis+unix://`.
    pub url: String,
    /// Certificates, as PEM, to trust instead of the system's.
    pub ca_file: Option<PathBuf>,
    /// Refuses a URL without TLS. A Unix socket passes: it does not leave the machine.
    pub require_tls: bool,
    /// How long one attempt to connect may take.
    pub connect_timeout: Duration,
}

impl RedisConfig {
    /// Takes the URL, the system's certificates, and two seconds to connect.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), ca_file: None, require_tls: false, connect_timeout: CONNECT_TIMEOUT }
    }
}
