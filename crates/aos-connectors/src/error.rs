//! Why a source cannot be read, and what to do about it. A single bad record is no error: see [`crate::Malformed`].

use chrono::{DateTime, Utc};
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    #[error("{} was not found; check the path for typing errors, or make it absolute", path.display())]
    NotFound { path: PathBuf },
    #[error("the source {source_name} has no stream {stream}; it has: {known}")]
    UnknownStream { source_name: String, stream: String, known: String },
    #[error("{} cannot be read; check that the file's permissions let this user read it", path.display())]
    Unreadable {
        path: PathBuf,
        #[source]
        source: Arc<std::io::Error>,
    },
    #[error("{} is empty; export it again with at least its header line", path.display())]
    Empty { path: PathBuf },
    #[error("{} holds binary data where text was expected; export it as CSV, JSON or Parquet", path.display())]
    Binary { path: PathBuf },
    #[error("{} is in a format that is not read ({reason}); export it as CSV, TSV, JSON, NDJSON or Parquet", path.display())]
    UnsupportedFormat { path: PathBuf, reason: String },
    #[error("{} has an encoding that cannot be read ({reason}); save it as UTF-8", path.display())]
    Encoding { path: PathBuf, reason: String },
    #[error("{} is damaged ({reason}); export or copy it again", path.display())]
    Damaged { path: PathBuf, reason: String },
    #[error("{} lies outside the folders that may be read; move it there, or let the operator allow its folder", path.display())]
    OutsideAllowedRoot { path: PathBuf },
    #[error("{} holds more than {max} files; connect its sub-folders one by one, or raise the limit", path.display())]
    TooManyFiles { path: PathBuf, max: usize },
    #[error("{} holds no file that can be read; put CSV, TSV, JSON, NDJSON or Parquet files there", path.display())]
    NoFiles { path: PathBuf },
    #[error("the pattern {pattern} is not valid ({reason}); use * and ? as in a shell")]
    Pattern { pattern: String, reason: String },
    #[error("{} has more than {max} columns; split the table", path.display())]
    TooManyColumns { path: PathBuf, max: usize },

    #[error("the setting {field} does not fit: {reason}")]
    Config { field: String, reason: String },
    /// What is to prove who we are is not where it should be; nothing was asked of the source.
    #[error("the credentials for {field} are not to be had: {reason}")]
    Credentials { field: String, reason: String },
    /// The source does not know us: wrong, expired or revoked credentials.
    #[error("the source refuses the credentials ({said}); check them, or give the grant again")]
    Unauthorized { said: String },
    /// The source knows us and does not let us see this.
    #[error("the source does not let us read {what} ({said}); give the account the right to read it")]
    MissingScope { what: String, said: String },
    /// The account's limit is used up; reading goes on by itself at that time.
    #[error("the source takes no more requests before {until}; the read goes on then")]
    RateLimited { until: DateTime<Utc> },
    #[error("{host} cannot be reached ({reason}); check the address and that the source is up")]
    Unreachable { host: String, reason: String },
    /// What was there once, and is not there any more: a deleted object, a dropped table, an expired cursor.
    #[error("{what} is gone from the source ({said}); remove it from the connection, or read it from the start")]
    Gone { what: String, said: String },
    /// The source answered in a way that its own documentation rules out; nothing of the answer is used.
    #[error(
        "the source contradicts itself: {what}; nothing of that answer was taken, try again or report it to the vendor"
    )]
    Contract { what: String },
    #[error("{what} is longer than {limit_bytes} bytes; ask for less at a time, or raise the limit")]
    TooLarge { what: String, limit_bytes: u64 },
    /// It may be well the next time: a status of 5xx, a connection that broke off, a lock in the way.
    #[error("the source failed for now ({said}); it is tried again by itself")]
    Transient { said: String },
    /// It will not be well before somebody changes something.
    #[error("the source refuses the request ({said}); correct the connection's settings")]
    Refused { said: String },
    #[error("the read was canceled")]
    Canceled,
}

impl Error {
    /// Sorts an operating system error by what the reader of the message can do about it.
    pub(crate) fn io(path: &Path, source: std::io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            std::io::ErrorKind::NotFound => Self::NotFound { path },
            // What a decompressor says about a file that was cut or changed.
            std::io::ErrorKind::UnexpectedEof | std::io::ErrorKind::InvalidData | std::io::ErrorKind::InvalidInput => {
                Self::Damaged { path, reason: source.to_string() }
            }
            std::io::ErrorKind::Other if !path.is_dir() && source.raw_os_error().is_none() => {
                Self::Damaged { path, reason: source.to_string() }
            }
            _ => Self::Unreadable { path, source: Arc::new(source) },
        }
    }

    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "not_found",
            Self::UnknownStream { .. } => "unknown_stream",
            Self::Unreadable { .. } => "unreadable",
            Self::Empty { .. } => "empty",
            Self::Binary { .. } => "binary",
            Self::UnsupportedFormat { .. } => "unsupported_format",
            Self::Encoding { .. } => "encoding",
            Self::Damaged { .. } => "damaged",
            Self::OutsideAllowedRoot { .. } => "outside_allowed_root",
            Self::TooManyFiles { .. } => "too_many_files",
            Self::NoFiles { .. } => "no_files",
            Self::Pattern { .. } => "pattern",
            Self::TooManyColumns { .. } => "too_many_columns",
            Self::Config { .. } => "config",
            Self::Credentials { .. } => "credentials",
            Self::Unauthorized { .. } => "unauthorized",
            Self::MissingScope { .. } => "missing_scope",
            Self::RateLimited { .. } => "rate_limited",
            Self::Unreachable { .. } => "unreachable",
            Self::Gone { .. } => "gone",
            Self::Contract { .. } => "contract",
            Self::TooLarge { .. } => "too_large",
            Self::Transient { .. } => "transient",
            Self::Refused { .. } => "refused",
            Self::Canceled => "canceled",
        }
    }

    /// Tells whether the same request may go well later, without anybody changing anything.
    pub fn may_pass(&self) -> bool {
        matches!(
            self,
            Self::RateLimited { .. } | Self::Unreachable { .. } | Self::Transient { .. } | Self::Contract { .. }
        )
    }
}

/// Parts what is wrong from what to do about it: messages say both, with a semicolon between them. What somebody else said stands in brackets and
/// may have semicolons of its own.
pub fn with_next_step(message: &str) -> (&str, Option<&str>) {
    let mut depth = 0_i32;
    let outside = message.match_indices(['(', ')', ';']).find(|(at, found)| {
        match *found {
            "(" => depth += 1,
            ")" => depth = (depth - 1).max(0),
            _ => return depth == 0 && message[at + 1..].starts_with(' '),
        }
        false
    });
    let at = outside.map(|(at, _)| at).or_else(|| message.rfind("; "));
    match at {
        Some(at) => (&message[..at], Some(&message[at + 2..])),
        None => (message, None),
    }
}

/// An outbound call that brought no answer, or not the whole of one. Statuses are judged by the connector, who knows its vendor.
impl From<aos_net::Error> for Error {
    fn from(error: aos_net::Error) -> Self {
        use aos_net::Error as Net;
        let reason = error.story();
        match error {
            Net::Url(_) | Net::Request(_) | Net::Setup { .. } => Self::Config { field: "address".to_owned(), reason },
            Net::Blocked { host, .. } => Self::Unreachable { host, reason },
            Net::Dns { host, .. } => Self::Unreachable { host, reason },
            Net::Connect { origin, .. }
            | Net::Tls { origin, .. }
            | Net::Timeout { origin, .. }
            | Net::CircuitOpen { origin, .. } => Self::Unreachable { host: origin, reason },
            Net::Interrupted { .. } => Self::Transient { said: reason },
            Net::TooLarge { origin, limit } => {
                Self::TooLarge { what: format!("an answer of {origin}"), limit_bytes: limit }
            }
            Net::Decode { .. } => Self::Contract { what: reason },
            Net::Redirect { .. } => Self::Refused { said: reason },
            Net::Status { status, .. } if status == 429 || status >= 500 => Self::Transient { said: reason },
            Net::Status { status: 401, .. } => Self::Unauthorized { said: reason },
            Net::Status { status: 403, .. } => Self::MissingScope { what: "this".to_owned(), said: reason },
            Net::Status { status: 404 | 410, .. } => Self::Gone { what: "this".to_owned(), said: reason },
            Net::Status { .. } => Self::Refused { said: reason },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::with_next_step;

    #[test]
    fn what_to_do_is_what_stands_behind_the_brackets() {
        let said = "crm.acme.com cannot be reached (refused; tried 3 times (v6; v4)); check the address; or wait";
        let (what, next) = with_next_step(said);
        assert_eq!(what, "crm.acme.com cannot be reached (refused; tried 3 times (v6; v4))");
        assert_eq!(next, Some("check the address; or wait"));
        assert_eq!(
            with_next_step("refused (:( no; sorry); look there"),
            ("refused (:( no; sorry)", Some("look there"))
        );
        assert_eq!(with_next_step("it has ended"), ("it has ended", None));
    }
}
