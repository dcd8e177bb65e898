//! One connection to the server: reached through the guard, bounded in every wait, and never able to write.

use super::address::Address;
use super::refusal;
use super::tls::Handshake;
use crate::context::Context;
use crate::error::Error;
use bytes::Bytes;
use futures_util::StreamExt;
use std::pin::Pin;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::config::SslMode;
use tokio_postgres::tls::{NoTls, TlsConnect};
use tokio_postgres::{Client, Config, CopyOutStream, SimpleQueryMessage, SimpleQueryRow};

/// Connecting to one address, TLS and authentication together.
const CONNECT_MAX: Duration = Duration::from_secs(15);
/// The server ends a transaction of ours in which nothing happens for so long.
const IDLE_MAX: Duration = Duration::from_secs(120);
/// No statement is given less, so that the end of a snapshot's time does not make every statement fail.
const STATEMENT_MIN: Duration = Duration::from_secs(5);

pub(super) struct Session {
    client: Client,
    driver: JoinHandle<()>,
    /// The database does not know the encoding of its texts, so it can convert none: they come as they are, and those that are no UTF-8
    /// cost their row.
    is_unconverted: bool,
}

impl Drop for Session {
    fn drop(&mut self) {
        // The socket closes with it, so the server notices also in the middle of a COPY.
        self.driver.abort();
    }
}

impl Session {
    pub async fn connect(address: &Address, context: &Context) -> Result<Self, Error> {
        let handshake = || address.tls.handshake(&address.host, address.authority.as_deref(), &context.net);
        // Whoever gives nonsense learns it before anything is called.
        handshake()?;
        let mut last = Error::Unreachable { host: address.place(), reason: "it has no address".to_owned() };
        for target in context.net.guard().resolve(&address.host, address.port).await? {
            let attempt = async {
                let stream =
                    TcpStream::connect(target).await.map_err(|error| unreachable(address, error.to_string()))?;
                stream.set_nodelay(true).map_err(|error| unreachable(address, error.to_string()))?;
                Self::greet(address, stream, handshake()?).await
            };
            match timeout(CONNECT_MAX, attempt).await {
                Ok(Ok(session)) => return Ok(session),
                // Another address of the same server would say the same.
                Ok(Err(error)) if !matches!(error, Error::Unreachable { .. }) => return Err(error),
                Ok(Err(error)) => last = error,
                Err(_) => last = unreachable(address, format!("it took longer than {} s", CONNECT_MAX.as_secs())),
            }
        }
        Err(last)
    }

    async fn greet(address: &Address, stream: TcpStream, handshake: Option<Handshake>) -> Result<Self, Error> {
        let mut config = Config::new();
        config.user(&address.user).dbname(&address.database).application_name("autonomos");
        if let Some(password) = &address.password {
            config.password(password.expose());
        }
        match handshake {
            Some(handshake) => Self::start(address, config.ssl_mode(SslMode::Require), stream, handshake).await,
            None => Self::start(address, config.ssl_mode(SslMode::Disable), stream, NoTls).await,
        }
    }

    async fn start<T>(address: &Address, config: &Config, stream: TcpStream, tls: T) -> Result<Self, Error>
    where
        T: TlsConnect<TcpStream>,
        T::Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let (client, connection) =
            config.connect_raw(stream, tls).await.map_err(|error| refusal::of_connect(address, &error))?;
        let is_unconverted = connection.parameter("server_encoding") == Some("SQL_ASCII");
        let driver = tokio::spawn(async move {
            // Its end is told to whoever waits for an answer.
            let _ = connection.await;
        });
        Ok(Self { client, driver, is_unconverted })
    }

    /// Begins a transaction that sees one moment and cannot write. Everything in it ends within `within`.
    ///
    /// The settings are made in the transaction, because a pooler between us and the server keeps none of a session.
    pub async fn begin(&self, within: Duration, lock_wait: Duration) -> Result<(), Error> {
        let begin = format!(
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
             SET LOCAL statement_timeout = {};
             SET LOCAL lock_timeout = {};
             SET LOCAL idle_in_transaction_session_timeout = {};
             SET LOCAL TimeZone = 'UTC';
             SET LOCAL DateStyle = 'ISO, YMD';
             SET LOCAL IntervalStyle = 'iso_8601';
             SET LOCAL extra_float_digits = 1;
             SET LOCAL bytea_output = 'hex';
             SET LOCAL standard_conforming_strings = on",
            within.max(STATEMENT_MIN).as_millis(),
            lock_wait.as_millis(),
            IDLE_MAX.min(within.max(STATEMENT_MIN)).as_millis(),
        );
        self.run(&begin).await
    }

    /// Gives the statements that follow what is left of the snapshot's time.
    pub async fn allow(&self, within: Duration) -> Result<(), Error> {
        self.run(&format!("SET LOCAL statement_timeout = {}", within.max(STATEMENT_MIN).as_millis())).await
    }

    pub async fn end(&self) -> Result<(), Error> {
        self.run("COMMIT").await
    }

    pub async fn run(&self, sql: &str) -> Result<(), Error> {
        self.client.batch_execute(sql).await.map_err(|error| refusal::of(&error))
    }

    /// Returns the rows of a query, every value as text. By the simple protocol, which leaves no prepared statement behind in a pooler.
    pub async fn rows(&self, sql: &str) -> Result<Vec<SimpleQueryRow>, Error> {
        let messages = self.client.simple_query(sql).await.map_err(|error| refusal::of(&error))?;
        let row = |message| match message {
            SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        };
        Ok(messages.into_iter().filter_map(row).collect())
    }

    /// Returns one value of a query's only row; `None` when there is no row, or null in it.
    pub async fn value(&self, sql: &str) -> Result<Option<String>, Error> {
        Ok(self.rows(sql).await?.first().and_then(|row| row.get(0)).map(str::to_owned))
    }

    /// Begins to read the rows of a query as lines of `COPY`'s text format.
    pub async fn copy(&self, query: &str) -> Result<Lines, Error> {
        let options = if self.is_unconverted { " (ENCODING 'SQL_ASCII')" } else { "" };
        let sql = format!("COPY ({query}) TO STDOUT{options}");
        let stream = self.client.copy_out(&sql).await.map_err(|error| refusal::of(&error))?;
        Ok(Lines { stream: Box::pin(stream), rest: Vec::new() })
    }
}

fn unreachable(address: &Address, reason: String) -> Error {
    Error::Unreachable { host: format!("{}:{}", address.host, address.port), reason }
}

/// Lines of a COPY, without their newlines.
pub(super) struct Lines {
    stream: Pin<Box<CopyOutStream>>,
    /// A line whose end has not come yet. Servers send whole lines; the protocol does not promise it.
    rest: Vec<u8>,
}

impl Lines {
    /// Returns the next lines: one or more, each but the last ended by a newline. `None` at the end.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        while let Some(piece) = self.stream.next().await {
            let piece = piece.map_err(|error| refusal::of(&error))?;
            let end = memchr::memrchr(b'\n', &piece);
            match end {
                Some(end) if self.rest.is_empty() && end + 1 == piece.len() => return Ok(Some(piece.slice(..end))),
                Some(end) => {
                    self.rest.extend_from_slice(&piece[..end]);
                    let lines = std::mem::replace(&mut self.rest, piece[end + 1..].to_vec());
                    return Ok(Some(lines.into()));
                }
                None => self.rest.extend_from_slice(&piece),
            }
        }
        if self.rest.is_empty() {
            return Ok(None);
        }
        Err(Error::Contract { what: "PostgreSQL ended a COPY in the middle of a line".to_owned() })
    }
}
