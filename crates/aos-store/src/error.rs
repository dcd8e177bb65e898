//! What can go wrong in the store, by what the caller can do about it. A record that cannot be taken is no error; see `ingest`.

use aos_core::policy::Decision;
use aos_core::task::{Fence, InvalidTask, TaskId, TaskState};
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
    Task(String),
    Schedule(String),
    CallbackEndpoint(String),
    Session(String),
    /// A program that acts for somebody.
    Program(String),
    ApiKey(String),
    Invitation(String),
    Review(String),
    Remap(String),
    PasswordReset(String),
    Intent(String),
    Ruling(String),
    Question(String),
    KnowledgeDocument(String),
    HeldRead(String),
    Agent(String),
    Finding(String),
    Proposal(String),
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
            Self::Task(id) => write!(f, "task {id}"),
            Self::Schedule(id) => write!(f, "schedule {id}"),
            Self::CallbackEndpoint(id) => write!(f, "callback endpoint {id}"),
            Self::Session(id) => write!(f, "session {id}"),
            Self::Program(id) => write!(f, "program {id}"),
            Self::ApiKey(id) => write!(f, "API key {id}"),
            Self::Invitation(id) => write!(f, "open invitation {id}"),
            Self::Review(id) => write!(f, "review {id}"),
            Self::Remap(id) => write!(f, "re-mapping {id}"),
            Self::PasswordReset(id) => write!(f, "open password reset {id}"),
            Self::Intent(id) => write!(f, "intent {id}"),
            Self::Ruling(id) => write!(f, "ruling {id} that still holds"),
            Self::Question(id) => write!(f, "question {id}"),
            Self::KnowledgeDocument(id) => write!(f, "document {id} of the knowledge base"),
            Self::HeldRead(id) => write!(f, "waiting read of connection {id}"),
            Self::Agent(id) => write!(f, "agent {id}"),
            Self::Finding(id) => write!(f, "finding {id}"),
            Self::Proposal(id) => write!(f, "proposal {id}"),
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{0} not found")]
    NotFound(Resource),
    #[error("the connection {name} is in Safe Mode; promote its intent to read it")]
    SafeMode { name: String },
    #[error("a {kind} named `{name}` exists already; choose another name or use the one there is")]
    Conflict { kind: &'static str, name: String },
    #[error("this e-mail address is registered already; sign in with it or use another one")]
    EmailTaken,
    #[error("this sign-in of the provider belongs to another account already; sign in with it, or use another one")]
    IdentityTaken,
    #[error("this is the tenant's last owner; make someone else an owner first")]
    LastOwner,
    #[error("{0}")]
    NotAllowed(Decision),
    #[error("there are {limit} {what} already, which is the limit; remove some that are not needed")]
    TooMany { what: &'static str, limit: usize },
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
    #[error("{what} was changed meanwhile; look at it again, then decide")]
    Stale { what: String },
    #[error("the review {id} is {state} already; only an open one can be decided, and only an approved one undone")]
    ReviewDecided { id: uuid::Uuid, state: &'static str },
    #[error(
        "records of {stream} were mapped by version {version} of its mapping, and another version holds by now; nothing of them was kept, \
         sync the stream again"
    )]
    MappingChanged { stream: String, version: u32 },
    #[error(transparent)]
    InvalidTask(#[from] InvalidTask),
    #[error("`{name}` is held by task {task}, which has not ended; wait for its end, or cancel it")]
    TaskActive { name: String, task: TaskId },
    #[error("the key `{key}` was used for another task within the last day; use a new key")]
    KeyReused { key: String },
    #[error("the task is {}; only a failed or canceled task can be replayed", state.as_str())]
    NotReplayable { state: TaskState },
    #[error("{0} no longer counts: it was canceled, or lost its lease; nothing of it was kept")]
    StaleAttempt(Fence),
    #[error("worker {0} is not known; register it anew")]
    UnknownWorker(aos_core::WorkerId),
    #[error("{0}")]
    BadSchedule(String),
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
    #[error(
        "the store was opened without a master key, so no secret can be kept or opened; name one by AUTONOMOS_MASTER_KEY, \
         secrets.master_key_file or secrets.master_key_command"
    )]
    NoMasterKey,
    #[error("the master key cannot be read; check AUTONOMOS_MASTER_KEY and the settings under [secrets]")]
    MasterKey(#[source] BoxError),
    #[error(
        "a data key is wrapped with the master key {id}, which this process does not have; put that key after the present one, one a \
         line, and run `autonomos secrets rotate-master` before you take it away"
    )]
    UnknownMasterKey { id: String },
    #[error("the export cannot be written; check its place and the room there")]
    Export(#[source] std::io::Error),
    #[error("cannot read {table}.{column} of {id}")]
    Corrupt {
        table: &'static str,
        column: &'static str,
        id: String,
        #[source]
        source: BoxError,
    },
    #[error(transparent)]
    Database(#[from] crate::DatabaseError),
    #[error("the database is unavailable at this moment; try again")]
    Unavailable(#[source] sqlx::Error),
    #[error("another change was in the way; nothing of this one was kept, try again")]
    Contended(#[source] sqlx::Error),
    #[error("the disk of the database is full, so nothing of this was kept; make room there, then try again")]
    Full(#[source] sqlx::Error),
    #[error(
        "the database has no connection left; raise its max_connections, lower database.max_connections here, or put a \
         pooler between them"
    )]
    TooManyConnections(#[source] sqlx::Error),
    #[error("a text contains the character U+0000, which is no text; leave it out")]
    NoText,
    #[error(
        "the database refused a statement of this program, so nothing of it was kept; this is a fault of the program, please report it"
    )]
    Refused(#[source] sqlx::Error),
    #[error(
        "the database cannot be brought to this version of the program; keep a copy of it and use the version that wrote it"
    )]
    Migration(#[source] sqlx::migrate::MigrateError),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(|error| error.code()).unwrap_or_default().into_owned();
        // SQLite's codes are numbers, with the kind in the lowest byte; PostgreSQL's have five characters.
        match (&error, code.as_str()) {
            _ if is_full(&error) => Self::Full(error),
            (sqlx::Error::Database(_), "53300" | "53400") => Self::TooManyConnections(error),
            // serialization_failure, also for a row that moved to another partition meanwhile; deadlock_detected;
            // lock_not_available.
            (sqlx::Error::Database(_), "40001" | "40P01" | "55P03") => Self::Contended(error),
            // Busy, locked, cannot be opened, and failed to read or write.
            (sqlx::Error::Database(_), "5" | "6" | "14" | "261" | "517" | "10") => Self::Unavailable(error),
            // Shutting down, cancelled or out of time, out of resources, connection lost; and PgBouncer, which has one code.
            (sqlx::Error::Database(_), code) if ["57", "08", "53", "58"].iter().any(|class| is_of(class, code)) => {
                Self::Unavailable(error)
            }
            (sqlx::Error::Encode(cause), _) if cause.is::<NulInText>() => Self::NoText,
            (
                sqlx::Error::Database(_)
                | sqlx::Error::Encode(_)
                | sqlx::Error::Decode(_)
                | sqlx::Error::ColumnDecode { .. }
                | sqlx::Error::ColumnNotFound(_)
                | sqlx::Error::ColumnIndexOutOfBounds { .. }
                | sqlx::Error::TypeNotFound { .. }
                | sqlx::Error::RowNotFound,
                _,
            ) => Self::Refused(error),
            _ => Self::Unavailable(error),
        }
    }
}

/// A text that PostgreSQL cannot keep and SQLite would cut in some of its functions.
#[derive(Debug, thiserror::Error)]
#[error("the text contains U+0000")]
pub(crate) struct NulInText;

fn is_full(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    matches!(code.as_deref(), Some("13" | "53100"))
}

/// Tells whether a PostgreSQL code is of a class.
fn is_of(class: &str, code: &str) -> bool {
    code.len() == 5 && code.starts_with(class)
}

impl Error {
    /// What a migration failed on may have nothing to do with the migration.
    pub(crate) fn of_migration(error: sqlx::migrate::MigrateError) -> Self {
        use sqlx::migrate::MigrateError::{Execute, ExecuteMigration};
        match error {
            Execute(cause) | ExecuteMigration(cause, _) if is_full(&cause) => Self::Full(cause),
            error => Self::Migration(error),
        }
    }

    /// Tells whether another transaction was in the way, so that the same one may succeed when it is begun again.
    pub(crate) fn is_contention(&self) -> bool {
        matches!(self, Self::Contended(_))
    }
}
