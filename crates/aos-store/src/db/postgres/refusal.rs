//! Why a PostgreSQL cannot be used, in words that say what to do.

use super::options::place;
use sqlx::postgres::PgConnectOptions;

/// What is wrong with the database, its address, or the role the program signs in as.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    #[error(
        "{name} is no address of a PostgreSQL database ({reason}); write postgres://ROLE:PASSWORD@HOST:PORT/DATABASE"
    )]
    BadAddress { name: &'static str, reason: String },
    #[error(
        "the database {place} cannot be reached; check that PostgreSQL runs there, and host and port in DATABASE_URL"
    )]
    Unreachable {
        place: String,
        #[source]
        source: sqlx::Error,
    },
    #[error(
        "the database {place} does not let role `{role}` in; check its name and password in {variable}, or let \
         `autonomos migrate` make the role"
    )]
    WrongPassword { place: String, role: String, variable: &'static str },
    #[error("there is no database {place}; create it (CREATE DATABASE ...), then run `autonomos migrate`")]
    NoSuchDatabase { place: String },
    #[error(
        "PostgreSQL at {place} has no connection left for role `{role}`; raise its max_connections, lower \
         database.max_connections, or put a pooler between them"
    )]
    TooManyConnections { place: String, role: String },
    #[error("PostgreSQL at {place} has version {version}; 15 or newer is needed")]
    TooOldServer { place: String, version: String },
    #[error(
        "role `{role}` must not be used: it {problem}, so row security would not hold it to one tenant. Run `autonomos \
         migrate` with the owner's address in AUTONOMOS_MIGRATE_DATABASE_URL and the address of another, new role in {variable}"
    )]
    UnsafeRole { role: String, problem: RoleProblem, variable: &'static str },
    #[error(
        "role `{role}` is no member of {group}; run `autonomos migrate`, or, as the owner: GRANT {group} TO \"{role}\""
    )]
    MissingMembership { role: String, group: &'static str },
    #[error(
        "table {table} has no row security that holds for its owner too; run `autonomos migrate` and see who changed it"
    )]
    Unprotected { table: String },
    #[error(
        "the tables are not those of this program: {found} of its {needed} migrations were applied; run `autonomos migrate` \
         with the owner's address in AUTONOMOS_MIGRATE_DATABASE_URL"
    )]
    OldSchema { found: usize, needed: usize },
    #[error(
        "the tables were made by a newer program (migration {version} is unknown here); use the version of the program that \
         migrated them, or a newer one"
    )]
    NewerSchema { version: i64 },
    #[error("migration {version} was applied in another form than this program has it; use the build that applied it")]
    ChangedMigration { version: i64 },
    #[error(
        "these migrations would lose data: {losses}. Nothing was changed. Take a backup (pg_dump), then run `autonomos migrate \
         --allow-destructive`"
    )]
    Destructive { losses: String },
    #[error(
        "role `{role}` may not create roles. Have a superuser run this, then run `autonomos migrate` again:\n\n{sql}"
    )]
    MayNotCreateRoles { role: String, sql: String },
    #[error(
        "role `{role}` may not create tables in schema {schema}; as its owner: GRANT CREATE ON SCHEMA {schema} TO \"{role}\""
    )]
    MayNotCreateTables { role: String, schema: String },
}

/// What makes a role unfit to be held to one tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoleProblem {
    Superuser,
    BypassesRowSecurity,
    OwnsTables,
    SystemMember,
}

impl std::fmt::Display for RoleProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Superuser => "is a superuser, or may become one",
            Self::BypassesRowSecurity => "has BYPASSRLS, or may become a role that has",
            Self::OwnsTables => "owns the tables, or may become their owner",
            Self::SystemMember => "is a member of autonomos_system_rights as well",
        })
    }
}

/// Says what a failure to connect means.
pub(super) fn connecting(error: sqlx::Error, options: &PgConnectOptions, variable: &'static str) -> crate::Error {
    let (place, role) = (place(options), options.get_username().to_owned());
    let code = error.as_database_error().and_then(|error| error.code()).unwrap_or_default().into_owned();
    match code.as_str() {
        "28P01" | "28000" => DatabaseError::WrongPassword { place, role, variable }.into(),
        "3D000" => DatabaseError::NoSuchDatabase { place }.into(),
        "53300" => DatabaseError::TooManyConnections { place, role }.into(),
        // PgBouncer says everything with one code.
        "08P01"
            if error.to_string().contains("no such user") || error.to_string().contains("authentication failed") =>
        {
            DatabaseError::WrongPassword { place, role, variable }.into()
        }
        _ => DatabaseError::Unreachable { place, source: error }.into(),
    }
}
