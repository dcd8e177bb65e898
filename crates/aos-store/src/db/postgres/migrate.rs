//! Brings a database to this version of the program: roles, tables, rights. Run by the owner of the tables, who is nobody the
//! program works as. Forward only; two processes at once take turns.

use super::refusal::{self, DatabaseError};
use super::{APPLICATION_GROUP, Role, SYSTEM_GROUP, guard, options, roles, schema};
use crate::error::{Error, Result};
use aos_core::barrier::{Guard, stands};
use sqlx::Connection;
use sqlx::migrate::{Migrate, Migration};
use sqlx::postgres::PgConnection;

const OWNER_VARIABLE: &str = "AUTONOMOS_MIGRATE_DATABASE_URL";
/// Held while a migration runs; any number that nobody else takes.
const LOCK: i64 = 0x6175_746f_6e6f_6d6f;

/// What `migrate` works with.
#[derive(Clone)]
pub struct MigrateOptions {
    /// Address of the role that owns the tables, or will.
    pub owner_url: String,
    /// Address of the application role, which is created when it is missing. None: only the tables are made.
    pub application_url: Option<String>,
    /// Address of the system role; by default the application's with `_system` after the name.
    pub system_url: Option<String>,
    /// Whether migrations may lose data.
    pub allow_destructive: bool,
}

/// What was done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Migrated {
    /// Names of the migrations that were applied, in their order.
    pub applied: Vec<String>,
    /// What was done about roles, in words.
    pub roles: Vec<String>,
}

/// A migration of this program and whether a database has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationState {
    pub version: i64,
    pub name: String,
    pub applied: bool,
}

/// Applies what is missing.
///
/// Refuses, and changes nothing, when a migration would lose data that nobody allowed to lose, when roles are missing that the
/// owner may not create, or when the tables were made by a newer program.
pub async fn migrate(wanted: &MigrateOptions) -> Result<Migrated> {
    apply(wanted, schema::known()).await
}

/// Says of each migration whether the database has it.
pub async fn migration_states(owner_url: &str) -> Result<Vec<MigrationState>> {
    let (mut owner, _) = connect(owner_url).await?;
    let applied = schema::applied(&mut owner, schema::known()).await?;
    owner.close().await?;
    let state = |migration: &Migration| MigrationState {
        version: migration.version,
        name: name(migration),
        applied: applied.contains(&migration.version),
    };
    Ok(schema::known().iter().map(state).collect())
}

async fn apply(wanted: &MigrateOptions, known: &[Migration]) -> Result<Migrated> {
    let (mut owner, owner_name) = connect(&wanted.owner_url).await?;
    let members = members(wanted)?;
    // The lock is the session's: it goes with the connection, whatever happens.
    sqlx::query("SELECT pg_advisory_lock($1)").bind(LOCK).execute(&mut owner).await?;
    let applied = schema::applied(&mut owner, known).await?;
    let pending: Vec<_> = known.iter().filter(|migration| !applied.contains(&migration.version)).collect();
    may_create(&mut owner, &owner_name).await?;
    if !wanted.allow_destructive {
        refuse_losses(&mut owner, &pending).await?;
    }
    let mut done = Migrated { roles: roles::ensure(&mut owner, &owner_name, &members).await?, ..Migrated::default() };
    owner.ensure_migrations_table(schema::TABLE).await.map_err(Error::of_migration)?;
    for migration in pending {
        owner.apply(schema::TABLE, migration).await.map_err(Error::of_migration)?;
        done.applied.push(name(migration));
    }
    roles::grant(&mut owner).await?;
    if !stands(Guard::RowSecurity) {
        take_row_security_away(&mut owner).await?;
    }
    owner.close().await?;
    Ok(done)
}

/// What a test does to see that another one notices.
async fn take_row_security_away(owner: &mut PgConnection) -> Result<()> {
    let statement = "DO $$ DECLARE bare REGCLASS; BEGIN
        FOR bare IN SELECT oid FROM pg_class WHERE relrowsecurity LOOP
            EXECUTE 'ALTER TABLE ' || bare || ' DISABLE ROW LEVEL SECURITY';
        END LOOP;
    END $$";
    sqlx::raw_sql(statement).execute(owner).await?;
    Ok(())
}

async fn connect(owner_url: &str) -> Result<(PgConnection, String)> {
    let options = options::parse(owner_url, OWNER_VARIABLE)?;
    let mut owner = PgConnection::connect_with(&options)
        .await
        .map_err(|error| refusal::connecting(error, &options, OWNER_VARIABLE))?;
    let name = sqlx::query_scalar("SELECT current_user::TEXT").fetch_one(&mut owner).await?;
    Ok((owner, name))
}

fn members(wanted: &MigrateOptions) -> Result<Vec<Role>> {
    let Some(url) = &wanted.application_url else { return Ok(Vec::new()) };
    let application = options::parse(url, "DATABASE_URL")?;
    let system = options::system(&application, wanted.system_url.as_deref())?;
    let variable = if wanted.system_url.is_some() { "AUTONOMOS_SYSTEM_DATABASE_URL" } else { "DATABASE_URL" };
    Ok(vec![
        Role { options: application, group: APPLICATION_GROUP, variable: "DATABASE_URL" },
        Role { options: system, group: SYSTEM_GROUP, variable },
    ])
}

/// The deployment guard.
async fn refuse_losses(owner: &mut PgConnection, pending: &[&Migration]) -> Result<()> {
    let losses = guard::describe(owner, pending).await?;
    if losses.is_empty() {
        return Ok(());
    }
    Err(DatabaseError::Destructive { losses: losses.join("; ") }.into())
}

async fn may_create(owner: &mut PgConnection, role: &str) -> Result<()> {
    let (schema, may): (String, bool) = sqlx::query_as(
        "SELECT COALESCE(current_schema(), 'public')::TEXT,
                has_schema_privilege(COALESCE(current_schema(), 'public'), 'CREATE')",
    )
    .fetch_one(owner)
    .await?;
    if may { Ok(()) } else { Err(DatabaseError::MayNotCreateTables { role: role.to_owned(), schema }.into()) }
}

/// Names a migration as its file does.
pub(super) fn name(migration: &Migration) -> String {
    format!("{:04} {}", migration.version, migration.description)
}

#[cfg(test)]
mod tests {
    use super::*;
    use aos_testservers::{Database, Postgres};
    use sqlx::migrate::MigrationType;
    use sqlx::{AssertSqlSafe, SqlSafeStr};

    fn invented(version: i64, description: &'static str, sql: &str) -> Migration {
        let sql = AssertSqlSafe(sql.to_owned()).into_sql_str();
        Migration::new(version, description.into(), MigrationType::Simple, sql, false)
    }

    /// A table under row security with three rows, a phone number in two of them, and an empty table.
    fn before() -> Vec<Migration> {
        let sql = "CREATE TABLE notes (tenant_id UUID, length BIGINT, phone TEXT, fax TEXT);
                   ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
                   INSERT INTO notes VALUES (NULL, 1, '1', NULL), (NULL, 2, '2', NULL), (NULL, 3, NULL, NULL);
                   ALTER TABLE notes FORCE ROW LEVEL SECURITY;
                   CREATE TABLE unused (id BIGINT);";
        vec![invented(1, "notes", sql)]
    }

    /// Applies migrations to a database, allowing losses or not, and returns what would be lost.
    async fn losses(database: &Database, known: &[Migration], allow_destructive: bool) -> Option<String> {
        let wanted = MigrateOptions {
            owner_url: database.owner_url(),
            application_url: None,
            system_url: None,
            allow_destructive,
        };
        match apply(&wanted, known).await {
            Ok(_) => None,
            Err(Error::Database(DatabaseError::Destructive { losses })) => Some(losses),
            Err(other) => panic!("{other:?}"),
        }
    }

    fn database() -> Option<Database> {
        let server = Postgres::start();
        if server.is_none() {
            eprintln!("SKIPPED: there is no PostgreSQL 15 or newer on this machine (apt-get install postgresql)");
        }
        Some(server?.empty_database())
    }

    #[tokio::test]
    async fn a_migration_that_loses_data_is_refused_and_says_what_until_it_is_allowed() {
        let Some(database) = database() else { return };
        let mut known = before();
        assert_eq!(losses(&database, &known, false).await, None);
        let sql = "ALTER TABLE notes DROP COLUMN phone, DROP COLUMN fax, ALTER COLUMN length TYPE INTEGER;
                   DROP TABLE unused; DROP TABLE IF EXISTS never_was; CREATE TABLE later (id BIGINT); DELETE FROM notes;";
        known.push(invented(2, "shorter", sql));
        assert_eq!(
            losses(&database, &known, false).await.as_deref(),
            Some(
                "0002 shorter: column notes.phone with 2 values; 0002 shorter: column notes.length, 3 values from bigint to \
                 integer; 0002 shorter: rows of notes, which has 3"
            )
        );
        assert_eq!(database.sql("SELECT COUNT(phone) FROM notes"), "2", "nothing was changed");
        let forced = "SELECT relforcerowsecurity FROM pg_class WHERE relname = 'notes'";
        assert_eq!(database.sql(forced), "t", "counting left row security as it was");
        assert_eq!(database.sql("SELECT COUNT(*) FROM _sqlx_migrations"), "1");
        assert_eq!(losses(&database, &known, true).await, None);
        assert_eq!(database.sql("SELECT COUNT(*) FROM _sqlx_migrations"), "2");
    }

    #[tokio::test]
    async fn a_migration_that_fails_leaves_nothing_of_itself() {
        let Some(database) = database() else { return };
        let mut known = before();
        known.push(invented(2, "half", "CREATE TABLE half (id BIGINT); SELECT 1 / 0;"));
        let wanted = MigrateOptions {
            owner_url: database.owner_url(),
            application_url: None,
            system_url: None,
            allow_destructive: false,
        };
        assert!(matches!(apply(&wanted, &known).await, Err(Error::Migration(_))));
        assert_eq!(database.sql("SELECT to_regclass('half') IS NULL"), "t");
        assert_eq!(database.sql("SELECT COUNT(*) FROM _sqlx_migrations"), "1", "those before it stay");
    }
}
