//! The roles of the program: two that hold the rights, and two members that it signs in as. Neither may pass row security.

use super::refusal::{DatabaseError, RoleProblem};
use super::{APPLICATION_GROUP, Role, SYSTEM_GROUP};
use crate::error::Result;
use sqlx::AssertSqlSafe;
use sqlx::postgres::{PgConnectOptions, PgConnection};

const GROUPS: [&str; 2] = [APPLICATION_GROUP, SYSTEM_GROUP];

/// One statement that is needed, as it is run and as it may be shown.
struct Statement {
    sql: String,
    shown: String,
}

/// Creates the roles that are missing and returns what was done, in words.
///
/// Where the owner may not create roles, nothing is created and the error carries the statements for someone who may.
pub(super) async fn ensure(owner: &mut PgConnection, owner_name: &str, members: &[Role]) -> Result<Vec<String>> {
    let mut needed = Vec::new();
    let mut done = Vec::new();
    for group in GROUPS {
        if !exists(owner, group).await? {
            needed.push(plain(format!("CREATE ROLE {group} NOLOGIN")));
            done.push(format!("created role {group}"));
        }
    }
    for member in members {
        let (name, group) = (member.name(), member.group);
        if name == owner_name {
            let (role, problem) = (name.to_owned(), RoleProblem::OwnsTables);
            return Err(DatabaseError::UnsafeRole { role, problem, variable: member.variable }.into());
        }
        if !exists(owner, name).await? {
            needed.push(create(name, group, password(&member.options)));
            done.push(format!("created role {name}, a member of {group}"));
        } else if !is_member(owner, name, group).await? {
            needed.push(plain(format!("GRANT {group} TO {}", identifier(name))));
            done.push(format!("made role {name} a member of {group}"));
        }
    }
    for (at, statement) in needed.iter().enumerate() {
        match sqlx::query(AssertSqlSafe(statement.sql.clone())).persistent(false).execute(&mut *owner).await {
            Ok(_) => {}
            Err(error) if code(&error) == "42501" => {
                let rest: Vec<_> = needed[at..].iter().map(|statement| format!("{};", statement.shown)).collect();
                let role = owner_name.to_owned();
                return Err(DatabaseError::MayNotCreateRoles { role, sql: rest.join("\n") }.into());
            }
            // Another migration on the same server was faster; roles are the server's, not the database's.
            Err(error) if matches!(code(&error).as_str(), "42710" | "23505") => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(done)
}

/// Lets the roles reach the schema and see which migrations were applied.
pub(super) async fn grant(owner: &mut PgConnection) -> Result<()> {
    let schema: String = sqlx::query_scalar("SELECT current_schema()").fetch_one(&mut *owner).await?;
    let groups = GROUPS.join(", ");
    for sql in [
        // Everyone may use the schema `public`; where the owner may not grant it, PostgreSQL warns and goes on.
        format!("GRANT USAGE ON SCHEMA {} TO {groups}", identifier(&schema)),
        format!("GRANT SELECT ON {} TO {groups}", super::schema::TABLE),
    ] {
        sqlx::query(AssertSqlSafe(sql)).persistent(false).execute(&mut *owner).await?;
    }
    Ok(())
}

async fn exists(owner: &mut PgConnection, role: &str) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = $1)").bind(role).fetch_one(owner).await
}

async fn is_member(owner: &mut PgConnection, role: &str, group: &str) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1
                          FROM pg_auth_members m
                          JOIN pg_roles g ON g.oid = m.roleid
                          JOIN pg_roles r ON r.oid = m.member
                         WHERE g.rolname = $2 AND r.rolname = $1)",
    )
    .bind(role)
    .bind(group)
    .fetch_one(owner)
    .await
}

fn plain(sql: String) -> Statement {
    Statement { shown: sql.clone(), sql }
}

fn create(name: &str, group: &str, password: Option<String>) -> Statement {
    let role = format!(
        "CREATE ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE IN ROLE {group}",
        identifier(name)
    );
    match password {
        None => plain(role),
        Some(password) => Statement {
            sql: format!("{role} PASSWORD {}", literal(&password)),
            shown: format!("{role} PASSWORD 'the one in its address'"),
        },
    }
}

/// Returns the password of an address; sqlx keeps it to itself, but writes it into an address.
fn password(options: &PgConnectOptions) -> Option<String> {
    let url = sqlx::ConnectOptions::to_url_lossy(options);
    let encoded = url.password()?;
    Some(percent_decoded(encoded))
}

fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut decoded, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while at < bytes.len() {
        let hex = (bytes[at] == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                decoded.push(byte);
                at += 3;
            }
            None => {
                decoded.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Writes text so that it is read as itself whatever `standard_conforming_strings` says.
fn literal(text: &str) -> String {
    format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

fn code(error: &sqlx::Error) -> String {
    error.as_database_error().and_then(|error| error.code()).unwrap_or_default().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::str::FromStr;

    #[test]
    fn a_password_is_taken_from_its_address_as_it_is() {
        let options = PgConnectOptions::from_str("postgres://role:p%40ss%25w%2Ford%27@localhost/db").unwrap();
        assert_eq!(password(&options).as_deref(), Some("p@ss%w/ord'"));
        assert_eq!(literal(r"a'b\c"), r"E'a''b\\c'");
        assert_eq!(identifier(r#"odd"name"#), r#""odd""name""#);
    }
}
