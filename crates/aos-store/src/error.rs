//! What can go wrong in the store, by what the caller can do about it. A record that cannot be taken is no error; see `ingest`.

use std::path::PathBuf;

pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A thing one can ask for and not find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resource {
    Tenant(String),
    User(String),
    Connection(String),
    Stream(String),
    Run(String),
    ConnectRun(String),
}

impl std::fmt::Display for Resource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Tenant(id) => write!(f, "tenant {id}"),
            Self::User(id) => write!(f, "user {id}"),
            Self::Connection(id) => write!(f, "connection {id}"),
            Self::Stream(name) => write!(f, "stream {name}"),
            Self::Run(id) => write!(f, "run {id}"),
            Self::ConnectRun(id) => write!(f, "connect run {id}"),
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{0} not found")]
    NotFound(Resource),
    #[error("a {kind} named `{name}` exists already; choose another name or use the one there is")]
    Conflict { kind: &'static str, name: String },
    #[error("this e-mail address is registered already; sign in with it or use another one")]
    EmailTaken,
    #[error("the page cursor is not valid; leave it out to start at the first page")]
    BadCursor,
    #[error("{what} is {size} long, the limit is {limit}")]
    TooLarge { what: &'static str, size: usize, limit: usize },
    #[error(
        "the page of stream {stream} does not balance: {read} records read, {accounted} accounted for; nothing of it was kept"
    )]
    Unbalanced { stream: String, read: u64, accounted: u64 },
    #[error("the page belongs to another tenant or connection than it is committed for; nothing of it was kept")]
    ForeignPage,
    #[error(
        "the data directory {} is in use by another process{}; stop it, or choose another directory with --data",
        path.display(),
        pid.map(|pid| format!(" (pid {pid})")).unwrap_or_default()
    )]
    DataDirInUse { path: PathBuf, pid: Option<u32> },
    #[error("the data directory {} cannot be used; check that it can be written, or choose another with --data", path.display())]
    DataDir {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("cannot read {table}.{column} of {id}")]
    Corrupt {
        table: &'static str,
        column: &'static str,
        id: String,
        #[source]
        source: BoxError,
    },
    #[error("the database is unavailable")]
    Unavailable(#[source] sqlx::Error),
    #[error(
        "the database cannot be brought to this version of the program; keep a copy of it and use the version that wrote it"
    )]
    Migration(#[source] sqlx::migrate::MigrateError),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Unavailable(error)
    }
}
