//! What can go wrong, by what the caller can do about it.

use std::path::PathBuf;

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the message is {size} bytes long, the limit is {limit}; say less, and let readers fetch the rest")]
    TooLarge { size: usize, limit: usize },
    #[error("{limit} tickets are waiting to be used; use one, or wait until they expire")]
    TooManyTickets { limit: usize },
    /// Only where neither an answer of this process alone nor silence would be safe.
    #[error("Redis is away ({reason}); ask the store instead, or try again")]
    Away { reason: String },
}

/// Why a broker cannot be opened, and would not open by itself later.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(
        "the Redis URL cannot be used: {reason}; write redis://host:6379, or rediss://user:password@host:6379 for TLS"
    )]
    Url { reason: String },
    #[error("TLS is required, but the Redis URL begins with `{scheme}://`; write rediss://, or do not require TLS")]
    TlsRequired { scheme: String },
    #[error(
        "a CA file is given, but the Redis URL begins with `{scheme}://`; write rediss://, or leave the CA file out"
    )]
    CaWithoutTls { scheme: String },
    #[error("the CA file {} cannot be used: {reason}; name a readable file of PEM certificates", path.display())]
    CaFile { path: PathBuf, reason: String },
    #[error(
        "no trusted TLS connection to Redis at {address}: {reason}; look at the server's certificate and its name, and name the \
         CA that signed it as the CA file"
    )]
    Untrusted { address: String, reason: String },
    #[error(
        "the server at {address} does not speak TLS; use its TLS port, turn TLS on there (`tls-port`), or, inside a network you \
         trust, write redis://"
    )]
    NoTls { address: String },
    #[error(
        "Redis at {address} refused the sign-in: {reason}; correct the user and password in the URL, or the user's rights"
    )]
    Refused { address: String, reason: String },
    #[error("Redis at {address} has version {version}; version 7 or Valkey is needed")]
    TooOld { address: String, version: String },
}
