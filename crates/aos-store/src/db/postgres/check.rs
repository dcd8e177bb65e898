//! What must be true before the program works on a database: the server's version, the tables, and that neither role can see
//! more than it should. Asked once, at the start.

use super::refusal::{DatabaseError, RoleProblem};
use super::{Role, schema};
use crate::error::Result;
use aos_core::barrier::{Guard, stands};
use sqlx::postgres::PgConnection;

const OLDEST_SERVER: i32 = 150_000;

/// Refuses a server, role or table on which row security would not hold.
pub(super) async fn check(connection: &mut PgConnection, role: &Role) -> Result<()> {
    server(connection, role).await?;
    attributes(connection, role).await?;
    // Whether the tables may be looked at is what the membership says.
    let member: Option<bool> =
        sqlx::query_scalar("SELECT pg_has_role(current_user, oid, 'USAGE') FROM pg_roles WHERE rolname = $1")
            .persistent(false)
            .bind(role.group)
            .fetch_optional(&mut *connection)
            .await?;
    let name = role.name().to_owned();
    match member {
        None => return Err(DatabaseError::OldSchema { found: 0, needed: schema::known().len() }.into()),
        Some(false) => return Err(DatabaseError::MissingMembership { role: name, group: role.group }.into()),
        Some(true) => {}
    }
    schema::check(connection).await?;
    protection(connection).await
}

async fn server(connection: &mut PgConnection, role: &Role) -> Result<()> {
    let (number, version): (i32, String) =
        sqlx::query_as("SELECT current_setting('server_version_num')::INT4, current_setting('server_version')")
            .persistent(false)
            .fetch_one(connection)
            .await?;
    if number < OLDEST_SERVER {
        return Err(DatabaseError::TooOldServer { place: role.place(), version }.into());
    }
    Ok(())
}

/// Looks at the role and at every role it may become with SET ROLE.
async fn attributes(connection: &mut PgConnection, role: &Role) -> Result<()> {
    let (superuser, bypass, owner, system): (bool, bool, bool, bool) = sqlx::query_as(
        "SELECT COALESCE(bool_or(r.rolsuper), FALSE),
                COALESCE(bool_or(r.rolbypassrls), FALSE),
                EXISTS (SELECT 1
                          FROM pg_class c
                         WHERE c.oid = to_regclass('tenants') AND pg_has_role(current_user, c.relowner, 'MEMBER')),
                COALESCE(bool_or(r.rolname = 'autonomos_system_rights'), FALSE)
           FROM pg_roles r
          WHERE pg_has_role(current_user, r.oid, 'MEMBER')",
    )
    .persistent(false)
    .fetch_one(connection)
    .await?;
    let problem = if superuser {
        RoleProblem::Superuser
    } else if bypass {
        RoleProblem::BypassesRowSecurity
    } else if owner {
        RoleProblem::OwnsTables
    } else if system && role.group != super::SYSTEM_GROUP {
        RoleProblem::SystemMember
    } else {
        return Ok(());
    };
    Err(DatabaseError::UnsafeRole { role: role.name().to_owned(), problem, variable: role.variable }.into())
}

/// Refuses to work where someone has taken row security off a tenant's table.
async fn protection(connection: &mut PgConnection) -> Result<()> {
    let bare: Option<String> = sqlx::query_scalar(
        "SELECT c.relname::TEXT
           FROM pg_class c
           JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
          WHERE c.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = to_regclass('tenants'))
            AND c.relkind IN ('r', 'p') AND NOT c.relispartition
            AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
          ORDER BY c.relname LIMIT 1",
    )
    .persistent(false)
    .fetch_optional(connection)
    .await?;
    match bare {
        Some(table) if stands(Guard::RowSecurity) => Err(DatabaseError::Unprotected { table }.into()),
        _ => Ok(()),
    }
}
