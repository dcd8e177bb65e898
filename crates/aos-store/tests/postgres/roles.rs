//! What the program refuses to start on, and what it says then.

use crate::suite::common::{TestStore, migrated_database, options, server};
use aos_core::Clock;
use aos_store::{DatabaseError, Error, PostgresOptions, RoleProblem, Store};
use aos_testservers::Database;

/// Opens the store for a role and returns why it was refused.
async fn refusal(database: &Database, role: &str) -> DatabaseError {
    refusal_of(&PostgresOptions::new(database.url(role))).await
}

async fn refusal_of(options: &PostgresOptions) -> DatabaseError {
    match Store::open_postgres(options, Clock::System).await {
        Err(Error::Database(error)) => error,
        Err(other) => panic!("not a refusal: {other:?}"),
        Ok(_) => panic!("let in"),
    }
}

/// Creates a role of this database's own that may sign in.
fn role(database: &Database, what: &str, attributes: &str) -> String {
    let name = format!("{what}_{}", database.name());
    database.sql(&format!("CREATE ROLE {name} LOGIN PASSWORD 'private' {attributes}"));
    name
}

fn problem(error: &DatabaseError) -> Option<RoleProblem> {
    match error {
        DatabaseError::UnsafeRole { problem, .. } => Some(*problem),
        _ => None,
    }
}

#[tokio::test]
async fn a_role_that_row_security_would_not_hold_is_refused() {
    let database = migrated_database();
    let cases = [
        ("postgres".to_owned(), RoleProblem::Superuser),
        ("owner".to_owned(), RoleProblem::OwnsTables),
        (
            role(&database, "bypasses", "BYPASSRLS IN ROLE autonomos_application_rights"),
            RoleProblem::BypassesRowSecurity,
        ),
        (role(&database, "becomes", "NOINHERIT IN ROLE autonomos_application_rights, owner"), RoleProblem::OwnsTables),
        (
            role(&database, "both", "IN ROLE autonomos_application_rights, autonomos_system_rights"),
            RoleProblem::SystemMember,
        ),
    ];
    for (role, expected) in cases {
        let error = refusal(&database, &role).await;
        assert_eq!(problem(&error), Some(expected), "{error}");
        assert!(error.to_string().contains("autonomos migrate"), "says the next step: {error}");
        assert!(!error.to_string().contains("private"), "keeps the password to itself: {error}");
    }
}

#[tokio::test]
async fn a_system_role_that_owns_the_tables_is_refused() {
    let database = migrated_database();
    let wanted = PostgresOptions { system_url: Some(database.owner_url()), ..options(&database) };
    let error = refusal_of(&wanted).await;
    assert_eq!(problem(&error), Some(RoleProblem::OwnsTables));
    assert!(error.to_string().contains("AUTONOMOS_SYSTEM_DATABASE_URL"), "{error}");
}

#[tokio::test]
async fn the_roles_are_not_to_be_exchanged() {
    let database = migrated_database();
    let wanted =
        PostgresOptions { system_url: Some(database.url("app")), ..PostgresOptions::new(database.url("app_system")) };
    assert_eq!(problem(&refusal_of(&wanted).await), Some(RoleProblem::SystemMember));
    let stranger = role(&database, "stranger", "");
    let error = refusal(&database, &stranger).await;
    assert!(matches!(error, DatabaseError::MissingMembership { .. }), "{error:?}");
}

#[tokio::test]
async fn an_address_that_leads_nowhere_is_told_with_the_next_step() {
    let database = migrated_database();
    let unknown = format!("{}_gone", database.url("app"));
    let cases = [
        (database.url_with_password("app", "wrong"), "name and password in DATABASE_URL"),
        (database.url("nobody_of_this_name"), "name and password in DATABASE_URL"),
        (unknown, "create it"),
        ("postgres://app:private@127.0.0.1:1/db".to_owned(), "check that PostgreSQL runs there"),
        ("postgres://app:private@%2Fnowhere/db".to_owned(), "check that PostgreSQL runs there"),
        ("mysql://app:private@localhost/db".to_owned(), "write postgres://"),
        ("postgres://app:private@host:port/db".to_owned(), "write postgres://"),
    ];
    for (url, next_step) in cases {
        let error = refusal_of(&PostgresOptions::new(&url)).await.to_string();
        assert!(error.contains(next_step), "{url}: {error}");
        assert!(!error.contains("private") && !error.contains("wrong"), "keeps the password to itself: {error}");
    }
}

#[tokio::test]
async fn a_role_without_connections_left_says_what_to_raise() {
    let database = migrated_database();
    let crowded = role(&database, "crowded", "CONNECTION LIMIT 0 IN ROLE autonomos_application_rights");
    let error = refusal(&database, &crowded).await;
    assert!(matches!(error, DatabaseError::TooManyConnections { .. }), "{error:?}");
}

#[tokio::test]
async fn tables_of_another_version_are_refused() {
    let empty = server().empty_database();
    migrated_database(); // The roles are there, only this database's tables are not.
    let error = refusal(&empty, "app").await;
    assert!(matches!(error, DatabaseError::OldSchema { found: 0, .. }), "{error:?}");
    assert!(error.to_string().contains("run `autonomos migrate`"), "{error}");

    let database = migrated_database();
    let newest = database.sql("SELECT MAX(version) FROM _sqlx_migrations");
    database.sql(&format!("DELETE FROM _sqlx_migrations WHERE version = {newest}"));
    assert!(matches!(refusal(&database, "app").await, DatabaseError::OldSchema { .. }));

    let database = migrated_database();
    database.sql("INSERT INTO _sqlx_migrations VALUES (9999, 'of the future', now(), TRUE, '\\x00', 0)");
    let error = refusal(&database, "app").await;
    assert!(matches!(error, DatabaseError::NewerSchema { version: 9999 }), "{error:?}");

    let database = migrated_database();
    database.sql("UPDATE _sqlx_migrations SET checksum = '\\x00' WHERE version = 2");
    let error = refusal(&database, "app").await;
    assert!(matches!(error, DatabaseError::ChangedMigration { version: 2 }), "{error:?}");
}

#[tokio::test]
async fn a_table_without_its_row_security_is_refused() {
    for change in ["NO FORCE ROW LEVEL SECURITY", "DISABLE ROW LEVEL SECURITY"] {
        let database = migrated_database();
        database.sql(&format!("ALTER TABLE audit {change}"));
        let error = refusal(&database, "app").await;
        assert!(matches!(&error, DatabaseError::Unprotected { table } if table == "audit"), "{error:?}");
    }
}

#[tokio::test]
async fn neither_role_of_the_program_is_more_than_it_has_to_be() {
    let test = TestStore::new().await;
    let attributes = test.database().sql(
        "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication
           FROM pg_roles
          WHERE rolname IN ('app', 'app_system', 'autonomos_application_rights', 'autonomos_system_rights')
          ORDER BY 1",
    );
    for line in attributes.lines() {
        assert!(line.ends_with("|f|f|f|f|f"), "{line}");
    }
    assert_eq!(attributes.lines().count(), 4);
    let signing_in = "SELECT COUNT(*) FROM pg_roles WHERE rolname LIKE 'autonomos\\_%' AND rolcanlogin";
    assert_eq!(test.database().sql(signing_in), "0", "nobody signs in as the roles that hold the rights");
}
