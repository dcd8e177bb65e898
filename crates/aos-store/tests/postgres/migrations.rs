//! `migrate`: roles and tables, once, by whoever comes first.

use crate::suite::common::{migrate_options, options, server};
use aos_core::Clock;
use aos_store::{DatabaseError, Error, MigrateOptions, PostgresOptions, Store, migrate, migration_states};
use aos_testservers::Database;

/// Wants roles of this database's own: roles are the server's, and other tests have theirs.
fn own_roles(database: &Database) -> MigrateOptions {
    let name = format!("own_{}", database.name());
    MigrateOptions { application_url: Some(database.url(&name)), ..migrate_options(database) }
}

#[tokio::test]
async fn an_empty_database_gets_tables_and_roles_and_a_second_run_changes_nothing() {
    let database = server().empty_database();
    let wanted = own_roles(&database);
    assert!(migration_states(&wanted.owner_url).await.unwrap().iter().all(|state| !state.applied));
    let first = migrate(&wanted).await.unwrap();
    assert_eq!(first.applied[0], "0001 first tables");
    assert!(first.roles.iter().any(|done| done.contains(&format!("created role own_{}_system", database.name()))));
    let states = migration_states(&wanted.owner_url).await.unwrap();
    assert!(states.iter().all(|state| state.applied));
    assert_eq!(states.len(), first.applied.len());
    let second = migrate(&wanted).await.unwrap();
    assert_eq!((second.applied.len(), second.roles.len()), (0, 0), "{second:?}");
    let opened = PostgresOptions::new(wanted.application_url.unwrap());
    Store::open_postgres(&opened, Clock::System).await.unwrap().ping().await.unwrap();
}

#[tokio::test]
async fn two_migrations_at_once_take_turns() {
    let database = server().empty_database();
    let wanted = own_roles(&database);
    let running: Vec<_> = (0..4)
        .map(|_| {
            let wanted = wanted.clone();
            tokio::spawn(async move { migrate(&wanted).await.unwrap() })
        })
        .collect();
    let mut applied = Vec::new();
    for done in running {
        applied.extend(done.await.unwrap().applied);
    }
    let known = migration_states(&wanted.owner_url).await.unwrap();
    assert_eq!(applied, known.into_iter().map(|state| state.name).collect::<Vec<_>>(), "each one once");
}

#[tokio::test]
async fn an_owner_that_may_not_create_roles_is_told_the_sql_that_does() {
    // The roles that hold the rights are there: they are the server's, and another database's migration made them.
    crate::suite::common::migrated_database();
    let database = server().empty_database();
    let modest = format!("modest_{}", database.name());
    database.sql(&format!("CREATE ROLE {modest} LOGIN PASSWORD 'private'"));
    database.sql(&format!("ALTER DATABASE {} OWNER TO {modest}", database.name()));
    let wanted = MigrateOptions { owner_url: database.url(&modest), ..own_roles(&database) };
    let Err(Error::Database(DatabaseError::MayNotCreateRoles { sql, role })) = migrate(&wanted).await else {
        panic!("roles were made")
    };
    assert_eq!(role, modest);
    assert!(sql.contains(" LOGIN ") && !sql.contains("private"), "{sql}");
    assert_eq!(database.sql("SELECT COUNT(*) FROM pg_tables WHERE schemaname = 'public'"), "0", "nothing was changed");

    database.sql(&sql.replace("the one in its address", "private"));
    assert!(!migrate(&wanted).await.unwrap().applied.is_empty());
    let opened = PostgresOptions::new(wanted.application_url.unwrap());
    Store::open_postgres(&opened, Clock::System).await.unwrap();
}

#[tokio::test]
async fn the_owner_is_not_taken_for_the_application() {
    let database = server().empty_database();
    let wanted = MigrateOptions { application_url: Some(database.owner_url()), ..migrate_options(&database) };
    let error = migrate(&wanted).await.unwrap_err();
    assert!(matches!(error, Error::Database(DatabaseError::UnsafeRole { .. })), "{error:?}");
    assert_eq!(database.sql("SELECT COUNT(*) FROM pg_tables WHERE schemaname = 'public'"), "0");
}

#[tokio::test]
async fn a_schema_that_the_owner_may_not_write_to_is_named() {
    let database = server().empty_database();
    database.sql("REVOKE CREATE ON SCHEMA public FROM pg_database_owner");
    let error = migrate(&own_roles(&database)).await.unwrap_err().to_string();
    assert!(error.contains("GRANT CREATE ON SCHEMA public"), "{error}");
}

#[tokio::test]
async fn a_newer_database_is_left_alone() {
    let database = crate::suite::common::migrated_database();
    database.sql("INSERT INTO _sqlx_migrations VALUES (9999, 'of the future', now(), TRUE, '\\x00', 0)");
    let error = migrate(&migrate_options(&database)).await.unwrap_err();
    assert!(matches!(error, Error::Database(DatabaseError::NewerSchema { version: 9999 })), "{error:?}");
    assert!(matches!(
        Store::open_postgres(&options(&database), Clock::System).await,
        Err(Error::Database(DatabaseError::NewerSchema { .. }))
    ));
}
