//! Users of a tenant and what they prove themselves with. Who joins and leaves is in `members`; signing in crosses tenants and lives in
//! `system`.

use crate::convert::{from_word, time};
use crate::db::{query, query_as};
use crate::error::{Error, Resource, Result};
use crate::members::{Identity, insert_identity};
use crate::sessions::SessionEnd;
use crate::tenant::TenantStore;
use aos_core::{Role, SessionId, TenantId, UserId};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tenant {
    pub id: TenantId,
    pub name: String,
    pub created_at: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct User {
    pub id: UserId,
    pub email: String,
    pub name: String,
    pub role: Role,
    pub created_at: DateTime<Utc>,
}

pub(crate) type Row = (Uuid, String, String, String, i64);

impl TenantStore<'_> {
    pub async fn user(&self, id: UserId) -> Result<Option<User>> {
        let found =
            query_as::<Row>("SELECT id, email, name, role, created_at FROM users WHERE tenant_id = $1 AND id = $2")
                .bind(self.id())
                .bind(id.0)
                .fetch_optional(self.reader())
                .await?;
        found.map(user).transpose()
    }

    /// Gives a user another password, and ends every session of theirs but the one it is done in.
    pub async fn change_password(&self, id: UserId, password_hash: &str, kept: SessionId) -> Result<()> {
        let mut tx = self.begin().await?;
        let changed = query("UPDATE credentials SET password_hash = $3 WHERE tenant_id = $1 AND user_id = $2")
            .bind(self.id())
            .bind(id.0)
            .bind(password_hash)
            .execute(&mut tx)
            .await?;
        if changed == 0 {
            return Err(Error::NotFound(Resource::User(id.to_string())));
        }
        let ended = self.end_other_sessions(&mut tx, id, kept, SessionEnd::PasswordChanged).await?;
        self.audit(&mut tx, "password.change", &format!("user:{id}"), json!({ "sessions_ended": ended })).await?;
        tx.commit().await
    }

    /// Lets a user sign in as someone whom a provider knows and whose e-mail address it vouches for.
    pub async fn link_identity(&self, id: UserId, identity: Identity<'_>) -> Result<()> {
        let mut tx = self.begin().await?;
        insert_identity(&mut tx, self.id(), self.now(), id, identity).await?;
        query("UPDATE users SET email_verified_at = $3 WHERE tenant_id = $1 AND id = $2")
            .bind(self.id())
            .bind(id.0)
            .bind(self.now())
            .execute(&mut tx)
            .await?;
        let detail = json!({ "issuer": identity.issuer });
        self.audit(&mut tx, "identity.link", &format!("user:{id}"), detail).await?;
        tx.commit().await
    }
}

pub(crate) fn user((id, email, name, role, created_at): Row) -> Result<User> {
    let role = from_word(role, "users", "role", id)?;
    Ok(User { id: UserId(id), email, name, role, created_at: time(created_at) })
}
