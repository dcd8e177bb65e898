//! Reaching Redis: what a URL may say, how TLS is verified, and which failures will not heal.

use super::link::ANSWER_MAX;
use crate::{OpenError, RedisConfig};
use redis::aio::{MultiplexedConnection, PubSub};
use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ErrorKind, IntoConnectionInfo, RedisError, TlsCertificates,
};
use std::error::Error as StdError;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// The first version with everything that is asked of it here.
const MAJOR_VERSION_MIN: u32 = 7;

/// Makes connections as the configuration says.
pub(super) struct Dialler {
    client: Client,
    connect_timeout: Duration,
}

/// The two connections of a process.
pub(super) struct Lines {
    pub(super) questions: MultiplexedConnection,
    pub(super) news: PubSub,
}

enum Failure {
    Redis(RedisError),
    Timeout,
}

impl Dialler {
    pub(super) fn new(config: RedisConfig) -> Result<Self, OpenError> {
        let RedisConfig { url, ca_file, require_tls, connect_timeout } = config;
        let scheme = url.split("://").next().unwrap_or_default().to_owned();
        let unreadable = |reason: String| OpenError::Url { reason };
        let target = url.as_str().into_connection_info().map_err(|error| unreadable(error.to_string()))?;
        let (tls, remote) = match target.addr() {
            ConnectionAddr::TcpTls { insecure: true, .. } => {
                return Err(unreadable("`#insecure` would trust any server".to_owned()));
            }
            ConnectionAddr::TcpTls { .. } => (true, true),
            ConnectionAddr::Unix(_) => (false, false),
            _ => (false, true),
        };
        if require_tls && remote && !tls {
            return Err(OpenError::TlsRequired { scheme });
        }
        let client = match ca_file {
            Some(_) if !tls => return Err(OpenError::CaWithoutTls { scheme }),
            Some(path) => {
                let root_cert = Some(read_ca_file(&path)?);
                let certificates = TlsCertificates { client_tls: None, root_cert };
                Client::build_with_tls(target, certificates)
                    .map_err(|error| OpenError::CaFile { path, reason: error.to_string() })?
            }
            None => Client::open(target).map_err(|error| unreadable(error.to_string()))?,
        };
        if tls {
            // The library takes the process's provider; the first one to set it wins, and here there is only one to choose from.
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        Ok(Self { client, connect_timeout })
    }

    /// Connects for the first time. The outer error is one that does not heal; the inner one says why Redis is away for now.
    pub(super) async fn first_contact(&self) -> Result<Result<Lines, String>, OpenError> {
        let mut lines = match self.try_dial().await {
            Ok(lines) => lines,
            Err(failure) => {
                if let Failure::Redis(error) = &failure {
                    self.refuse_hopeless(error)?;
                }
                if self.answers_in_plain_text().await {
                    return Err(OpenError::NoTls { address: self.address() });
                }
                return Ok(Err(self.describe(&failure)));
            }
        };
        self.check_version(&mut lines.questions).await?;
        Ok(Ok(lines))
    }

    /// Connects again.
    pub(super) async fn dial(&self) -> Result<Lines, String> {
        self.try_dial().await.map_err(|failure| self.describe(&failure))
    }

    async fn try_dial(&self) -> Result<Lines, Failure> {
        let both = async {
            let config = AsyncConnectionConfig::new()
                .set_connection_timeout(Some(self.connect_timeout))
                .set_response_timeout(Some(ANSWER_MAX));
            let questions = self.client.get_multiplexed_async_connection_with_config(&config).await?;
            let news = self.client.get_async_pubsub().await?;
            Ok(Lines { questions, news })
        };
        timeout(self.connect_timeout, both).await.map_err(|_| Failure::Timeout)?.map_err(Failure::Redis)
    }

    fn refuse_hopeless(&self, error: &RedisError) -> Result<(), OpenError> {
        let (address, reason) = (self.address(), error.to_string());
        if let Some(untrusted) = tls_error(error) {
            return Err(match untrusted {
                rustls::Error::InvalidMessage(_) => OpenError::NoTls { address },
                other => OpenError::Untrusted { address, reason: other.to_string() },
            });
        }
        match (error.kind(), error.code()) {
            (ErrorKind::AuthenticationFailed, _) | (_, Some("NOAUTH" | "WRONGPASS" | "NOPERM")) => {
                Err(OpenError::Refused { address, reason })
            }
            (ErrorKind::InvalidClientConfig, _) => Err(OpenError::Url { reason }),
            _ => Ok(()),
        }
    }

    /// Looks whether the port that should speak TLS answers a plain question; it is no secret that would be told.
    async fn answers_in_plain_text(&self) -> bool {
        let ConnectionAddr::TcpTls { host, port, .. } = self.client.get_connection_info().addr() else { return false };
        let ask = async {
            let mut stream = TcpStream::connect((host.as_str(), *port)).await?;
            stream.write_all(b"PING\r\n").await?;
            let mut first = [0];
            stream.read_exact(&mut first).await?;
            io::Result::Ok(matches!(first[0], b'+' | b'-'))
        };
        matches!(timeout(ANSWER_MAX, ask).await, Ok(Ok(true)))
    }

    async fn check_version(&self, connection: &mut MultiplexedConnection) -> Result<(), OpenError> {
        let answer: Result<String, _> = redis::cmd("INFO").arg("server").query_async(connection).await;
        match answer {
            // Who may not ask, as with some hosted servers, is believed to have chosen a good one.
            Err(error) => self.refuse_hopeless(&error).or_else(|refused| match error.code() {
                Some("NOPERM") => Ok(()),
                _ => Err(refused),
            }),
            Ok(info) => {
                let version =
                    info.lines().find_map(|line| line.strip_prefix("redis_version:")).unwrap_or_default().trim();
                let major = version.split('.').next().and_then(|major| major.parse::<u32>().ok());
                if major.is_none_or(|major| major >= MAJOR_VERSION_MIN) {
                    return Ok(());
                }
                Err(OpenError::TooOld { address: self.address(), version: version.to_owned() })
            }
        }
    }

    fn describe(&self, failure: &Failure) -> String {
        match failure {
            Failure::Redis(error) => format!("{}: {error}", self.address()),
            Failure::Timeout => {
                format!("{}: no connection within {} ms", self.address(), self.connect_timeout.as_millis())
            }
        }
    }

    /// Names the server, without user and password.
    fn address(&self) -> String {
        self.client.get_connection_info().addr().to_string()
    }
}

fn read_ca_file(path: &Path) -> Result<Vec<u8>, OpenError> {
    let refused = |reason: String| OpenError::CaFile { path: path.to_owned(), reason };
    let pem = std::fs::read(path).map_err(|error| refused(error.to_string()))?;
    let holds_one = pem.windows(b"BEGIN CERTIFICATE".len()).any(|window| window == b"BEGIN CERTIFICATE");
    if holds_one { Ok(pem) } else { Err(refused("there is no certificate in it".to_owned())) }
}

/// Finds what the TLS library said inside the Redis library's error.
fn tls_error(error: &RedisError) -> Option<&rustls::Error> {
    let cause = error.source()?.downcast_ref::<Arc<dyn StdError + Send + Sync>>()?;
    cause.downcast_ref::<io::Error>()?.get_ref()?.downcast_ref::<rustls::Error>()
}
