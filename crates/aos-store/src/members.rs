//! The members of a tenant: who they are, what role they have, and how they join and leave. A tenant always has an owner.

use crate::convert::time;
use crate::db::{Tx, query, query_as, query_scalar};
use crate::error::{Error, Resource, Result};
use crate::page::{Page, PageOf};
use crate::tenant::TenantStore;
use crate::users::{Row, User, user};
use aos_core::policy::{Permission, decide};
use aos_core::tenant::Principal;
use aos_core::{Role, UserId, policy};
use serde_json::json;
use uuid::Uuid;

/// Someone who is to join a tenant.
#[derive(Clone, Copy)]
pub struct NewMember<'a> {
    pub user: UserId,
    pub name: &'a str,
    pub proof: Proof<'a>,
}

/// What someone signs in with from now on.
#[derive(Clone, Copy)]
pub enum Proof<'a> {
    PasswordHash(&'a str),
    /// A provider that vouches for the e-mail address.
    Identity(Identity<'a>),
}

/// Someone as a provider knows them.
#[derive(Debug, Clone, Copy)]
pub struct Identity<'a> {
    pub issuer: &'a str,
    pub subject: &'a str,
}

impl TenantStore<'_> {
    /// Lists members, oldest first.
    pub async fn list_members(&self, page: Page) -> Result<PageOf<User>> {
        let rows = query_as::<Row>(
            "SELECT id, email, name, role, created_at
               FROM users
              WHERE tenant_id = $1 AND ($2 IS NULL OR id > $2)
              ORDER BY id LIMIT $3",
        )
        .bind(self.id())
        .bind(page.after_id()?)
        .bind(page.fetch())
        .fetch_all(self.reader())
        .await?;
        Ok(page.of(rows.into_iter().map(user).collect::<Result<_>>()?, |user| user.id))
    }

    /// Gives a member another role. Nobody changes who is above them, and the last owner stays one. Schedules of
    /// whoever may run no tasks any more stop.
    pub async fn change_member_role(&self, id: UserId, role: Role) -> Result<User> {
        let mut tx = self.begin().await?;
        let before = self.held_member(&mut tx, id).await?;
        self.check_may_manage(role)?;
        if before.role == Role::Owner && role != Role::Owner {
            self.check_other_owner(&mut tx, id).await?;
        }
        query("UPDATE users SET role = $3 WHERE tenant_id = $1 AND id = $2")
            .bind(self.id())
            .bind(id.0)
            .bind(role.as_str())
            .execute(&mut tx)
            .await?;
        let detail = json!({ "from": before.role, "to": role });
        self.audit(&mut tx, "member.role", &format!("user:{id}"), detail).await?;
        if role < Permission::RunTasks.least_role() {
            let why = format!("the role of whoever saved it is `{}` now", role.as_str());
            self.stop_schedules_of(&mut tx, Principal::User(id), &why).await?;
        }
        tx.commit().await?;
        Ok(User { role, ..before })
    }

    /// Takes a member out, with their sessions and whatever they sign in with. Keys they made stay: those are the tenant's. Schedules that ran
    /// on their behalf stop.
    pub async fn remove_member(&self, id: UserId) -> Result<()> {
        let mut tx = self.begin().await?;
        let member = self.held_member(&mut tx, id).await?;
        if member.role == Role::Owner {
            self.check_other_owner(&mut tx, id).await?;
        }
        self.forget_sessions(&mut tx, id).await?;
        self.stop_schedules_of(&mut tx, Principal::User(id), "whoever saved it is no member any more").await?;
        for sql in [
            "DELETE FROM password_resets WHERE tenant_id = $1 AND user_id = $2",
            "DELETE FROM identities WHERE tenant_id = $1 AND user_id = $2",
            "DELETE FROM credentials WHERE tenant_id = $1 AND user_id = $2",
            "DELETE FROM sign_in_directory WHERE tenant_id = $1 AND user_id = $2",
            "DELETE FROM users WHERE tenant_id = $1 AND id = $2",
        ] {
            query(sql).bind(self.id()).bind(id.0).execute(&mut tx).await?;
        }
        self.audit(&mut tx, "member.remove", &format!("user:{id}"), json!({ "role": member.role })).await?;
        tx.commit().await
    }

    /// Refuses who may not give this role to anyone, or change anyone who has it.
    pub(crate) fn check_may_manage(&self, role: Role) -> Result<()> {
        let decision = decide(self.scope(), Permission::ManageMembers, policy::Resource::Member { role });
        if decision.allowed { Ok(()) } else { Err(Error::NotAllowed(decision)) }
    }

    /// Reads a member and holds the tenant's owners until the end of the transaction, so that two that are changed at the same moment
    /// do not each count on the other to stay.
    pub(crate) async fn held_member(&self, tx: &mut Tx, id: UserId) -> Result<User> {
        query("UPDATE users SET role = role WHERE tenant_id = $1 AND role = 'owner'")
            .bind(self.id())
            .execute(&mut *tx)
            .await?;
        let row =
            query_as::<Row>("SELECT id, email, name, role, created_at FROM users WHERE tenant_id = $1 AND id = $2")
                .bind(self.id())
                .bind(id.0)
                .fetch_optional(tx)
                .await?;
        let member = user(row.ok_or_else(|| Error::NotFound(Resource::User(id.to_string())))?)?;
        self.check_may_manage(member.role)?;
        Ok(member)
    }

    async fn check_other_owner(&self, tx: &mut Tx, leaving: UserId) -> Result<()> {
        let other =
            query_scalar::<bool>("SELECT TRUE FROM users WHERE tenant_id = $1 AND role = 'owner' AND id <> $2 LIMIT 1")
                .bind(self.id())
                .bind(leaving.0)
                .fetch_optional(tx)
                .await?;
        if other.is_some() { Ok(()) } else { Err(Error::LastOwner) }
    }
}

/// Writes a new member of a tenant down, in the transaction that lets them join: as the tenant, or as the system where the tenant is
/// made in the same transaction.
pub(crate) async fn insert(
    tx: &mut Tx,
    tenant: Uuid,
    now: i64,
    (email, role): (&str, Role),
    new: NewMember<'_>,
) -> Result<User> {
    let (id, email) = (new.user, email.trim());
    // No target is named: the application's role may not read addresses, which a named one would need.
    let claimed = query(
        "INSERT INTO sign_in_directory (email_normalized, tenant_id, user_id) VALUES ($1, $2, $3)
         ON CONFLICT DO NOTHING",
    )
    .bind(email.to_lowercase())
    .bind(tenant)
    .bind(id.0)
    .execute(&mut *tx)
    .await?;
    if claimed == 0 {
        return Err(Error::EmailTaken);
    }
    query(
        "INSERT INTO users (tenant_id, id, email, name, role, created_at, email_verified_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(tenant)
    .bind(id.0)
    .bind(email)
    .bind(new.name)
    .bind(role.as_str())
    .bind(now)
    .bind(matches!(new.proof, Proof::Identity(_)).then_some(now))
    .execute(&mut *tx)
    .await?;
    match new.proof {
        Proof::PasswordHash(hash) => {
            query("INSERT INTO credentials (user_id, tenant_id, password_hash) VALUES ($1, $2, $3)")
                .bind(id.0)
                .bind(tenant)
                .bind(hash)
                .execute(tx)
                .await?;
        }
        Proof::Identity(identity) => insert_identity(tx, tenant, now, id, identity).await?,
    }
    Ok(User { id, email: email.to_owned(), name: new.name.to_owned(), role, created_at: time(now) })
}

pub(crate) async fn insert_identity(
    tx: &mut Tx,
    tenant: Uuid,
    now: i64,
    user: UserId,
    identity: Identity<'_>,
) -> Result<()> {
    let linked = query(
        "INSERT INTO identities (issuer, subject, tenant_id, user_id, linked_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT DO NOTHING",
    )
    .bind(identity.issuer)
    .bind(identity.subject)
    .bind(tenant)
    .bind(user.0)
    .bind(now)
    .execute(tx)
    .await?;
    if linked == 0 { Err(Error::IdentityTaken) } else { Ok(()) }
}
