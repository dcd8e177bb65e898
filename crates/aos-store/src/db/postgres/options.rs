//! How the program reaches PostgreSQL: two addresses, one per role, and what a session is like.

use super::refusal::DatabaseError;
use crate::error::Result;
use sqlx::postgres::PgConnectOptions;
use std::str::FromStr;
use std::time::Duration;

/// What stands between the program and the server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Pooler {
    /// Nothing, or a pooler that keeps a server's session for each of ours.
    #[default]
    Session,
    /// A pooler that hands every transaction another session, such as PgBouncer with `pool_mode = transaction`.
    Transaction,
}

/// How to reach a PostgreSQL whose tables `migrate` has made.
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresOptions {
    /// Address of the application role, e.g. `postgres://autonomos:secret@host/autonomos`.
    pub url: String,
    /// Address of the system role. Left out, it is the same with `_system` after the role's name.
    pub system_url: Option<String>,
    pub pooler: Pooler,
    /// Connections of the application role at most.
    pub max_connections: u32,
    /// Connections of the system role at most.
    pub max_system_connections: u32,
    /// How long to wait for a connection that is free.
    pub acquire_timeout: Duration,
    /// The longest that one statement may take.
    pub statement_timeout: Duration,
    /// What the server's list of sessions calls this program.
    pub application_name: String,
}

impl PostgresOptions {
    /// Takes the defaults for everything but the address.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            system_url: None,
            pooler: Pooler::default(),
            max_connections: 10,
            max_system_connections: 4,
            acquire_timeout: Duration::from_secs(30),
            statement_timeout: Duration::from_secs(60),
            application_name: "autonomos".to_owned(),
        }
    }
}

// Addresses carry passwords.
impl std::fmt::Debug for PostgresOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresOptions")
            .field("pooler", &self.pooler)
            .field("max_connections", &self.max_connections)
            .field("max_system_connections", &self.max_system_connections)
            .finish_non_exhaustive()
    }
}

/// Reads the address of a database. What is wrong with it is told without the address: it carries a password.
pub(super) fn parse(url: &str, name: &'static str) -> Result<PgConnectOptions> {
    if !(url.starts_with("postgres://") || url.starts_with("postgresql://")) {
        return Err(DatabaseError::BadAddress { name, reason: "it does not begin with postgres://".to_owned() }.into());
    }
    PgConnectOptions::from_str(url)
        .map_err(|error| DatabaseError::BadAddress { name, reason: error.to_string() }.into())
}

/// Returns the system role's address: the one that is configured, or the application's with `_system` after the name.
///
/// Hosted poolers write a project after a point, `role.project`; the name ends before it.
pub(super) fn system(application: &PgConnectOptions, system_url: Option<&str>) -> Result<PgConnectOptions> {
    if let Some(url) = system_url {
        return parse(url, "AUTONOMOS_SYSTEM_DATABASE_URL");
    }
    let user = application.get_username();
    let name = match user.split_once('.') {
        Some((role, project)) => format!("{role}_system.{project}"),
        None => format!("{user}_system"),
    };
    Ok(application.clone().username(&name))
}

/// Says where an address leads, without its password.
pub(super) fn place(options: &PgConnectOptions) -> String {
    let database = options.get_database().unwrap_or(options.get_username());
    match options.get_socket() {
        Some(socket) => format!("{} (socket {})", database, socket.display()),
        None => format!("{}:{}/{database}", options.get_host(), options.get_port()),
    }
}
