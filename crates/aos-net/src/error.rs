//! What can go wrong on the way out, by what the caller can do about it.
//!
//! No message and no `Debug` shows more of a URL than scheme, host and port: a path may carry a token (Slack's does), a query
//! does so often. The HTTP library's own errors are not kept for that reason; what they say at the bottom is.

use crate::dns::LookupError;
use crate::guard::Refusal;
use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::net::IpAddr;
use std::time::Duration;

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the address cannot be read: {0}; give a full http or https address")]
    Url(String),
    #[error("the request cannot be made: {0}")]
    Request(String),
    /// The address is for logs of the operator, who may want to allow it; the message leaves it out.
    #[error("{host} may not be reached: {why}")]
    Blocked { host: String, address: Option<IpAddr>, why: Refusal },
    #[error("the name {host} leads nowhere; check its spelling and that the name service answers")]
    Dns { host: String, source: Cause },
    #[error("cannot connect to {origin}; check that it is running and reachable from here")]
    Connect { origin: String, source: Cause },
    #[error(
        "{origin} cannot prove who it is; renew its certificate, or add its authority to the system's or to trusted_certificates"
    )]
    Tls { origin: String, source: Cause },
    #[error("{origin} took too long {phase} ({} ms); try later, or give it more time", waited.as_millis())]
    Timeout { origin: String, phase: Phase, waited: Duration },
    #[error("{origin} broke off; try again")]
    Interrupted { origin: String, source: Cause },
    #[error("the answer of {origin} is longer than {limit} bytes; ask for less at a time")]
    TooLarge { origin: String, limit: u64 },
    #[error("{origin} redirects where it is not followed: {why}; use the address it leads to")]
    Redirect { origin: String, why: &'static str },
    #[error("{origin} answers with status {status}{}", said(excerpt))]
    Status { origin: String, status: u16, excerpt: String, retry_after: Option<Duration> },
    #[error("{origin} answers with something that is not the expected JSON; check the address")]
    Decode { origin: String, source: Cause },
    #[error("{origin} has failed several times in a row and is left alone for {} ms", retry_in.as_millis())]
    CircuitOpen { origin: String, retry_in: Duration },
    #[error("outbound TLS cannot be set up; check trusted_certificates")]
    Setup { source: Cause },
}

impl Error {
    /// Returns the whole story in one line, for places that keep text: the message and what caused it.
    pub fn story(&self) -> String {
        match self.source() {
            Some(cause) => format!("{self}: {cause}"),
            None => self.to_string(),
        }
    }
}

fn said(excerpt: &str) -> String {
    if excerpt.is_empty() { String::new() } else { format!(" and says: {excerpt}") }
}

/// What the request was doing when its time was up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Waiting for one of the host's places.
    Queue,
    /// Looking up the name, connecting, TLS.
    Connect,
    /// Waiting for the head of the answer.
    Response,
    /// Waiting for the next piece of the body.
    Idle,
    /// All of it together.
    Total,
}

impl fmt::Display for Phase {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Queue => "with earlier requests",
            Self::Connect => "to connect",
            Self::Response => "to answer",
            Self::Idle => "to go on with its answer",
            Self::Total => "altogether",
        })
    }
}

/// What stood at the bottom of an error, as text.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Cause(String);

impl Cause {
    pub(crate) fn because(why: &str) -> Self {
        Self(why.to_owned())
    }

    pub(crate) fn of(error: &(dyn StdError + 'static)) -> Self {
        Self(causes(error).last().map_or_else(|| error.to_string(), ToString::to_string))
    }

    /// Says where JSON does not fit. The library's own message may quote a value, which may be a secret.
    pub(crate) fn of_json(error: &serde_json::Error) -> Self {
        Self(format!("{:?} error in line {}, column {}", error.classify(), error.line(), error.column()))
    }
}

/// Makes our error of one that the HTTP library returned before the head of the answer was there.
pub(crate) fn before_answer(origin: &str, host: &str, waited: Duration, error: &reqwest::Error) -> Error {
    let (origin, host) = (origin.to_owned(), host.to_owned());
    if let Some(LookupError::Refused { address, why }) = find(error) {
        return Error::Blocked { host, address: Some(*address), why: *why };
    }
    let source = Cause::of(error);
    if error.is_connect() && error.is_timeout() {
        Error::Timeout { origin, phase: Phase::Connect, waited }
    } else if find::<rustls::Error>(error).is_some() {
        Error::Tls { origin, source }
    } else if error.is_dns() {
        Error::Dns { host, source }
    } else if error.is_connect() {
        Error::Connect { origin, source }
    } else if error.is_builder() {
        Error::Request(source.0)
    } else {
        Error::Interrupted { origin, source }
    }
}

fn find<'e, T: StdError + 'static>(error: &'e (dyn StdError + 'static)) -> Option<&'e T> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

/// Every error on the way down. `io::Error` counts as its content, which its own `source` jumps over.
fn causes<'e>(error: &'e (dyn StdError + 'static)) -> impl Iterator<Item = &'e (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error| {
        let error: &'e (dyn StdError + 'static) = *error;
        match error.downcast_ref::<io::Error>() {
            Some(wrapped) => wrapped.get_ref().map(|inner| inner as &(dyn StdError + 'static)),
            None => error.source(),
        }
    })
}
