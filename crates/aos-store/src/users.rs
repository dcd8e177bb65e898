//! Users of a tenant and the tokens they gave back. Signing in crosses tenants and lives in `system`.

use crate::convert::{from_word, micros, time};
use crate::db::{query, query_as, query_scalar};
use crate::error::Result;
use crate::tenant::TenantStore;
use aos_core::{Role, TenantId, UserId};
use chrono::{DateTime, Utc};
use serde::Serialize;
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

    /// Makes a token useless before it expires.
    pub async fn revoke_token(&self, jti: &str, expires_at: DateTime<Utc>) -> Result<()> {
        let mut tx = self.begin().await?;
        // What has expired needs no entry any more; forgetting it here keeps the table small.
        query("DELETE FROM revoked_tokens WHERE tenant_id = $1 AND expires_at < $2")
            .bind(self.id())
            .bind(self.now())
            .execute(&mut tx)
            .await?;
        query(
            "INSERT INTO revoked_tokens (tenant_id, jti, expires_at) VALUES ($1, $2, $3)
             ON CONFLICT (tenant_id, jti) DO NOTHING",
        )
        .bind(self.id())
        .bind(jti)
        .bind(micros(expires_at))
        .execute(&mut tx)
        .await?;
        tx.commit().await
    }

    pub async fn is_revoked(&self, jti: &str) -> Result<bool> {
        let found = query_scalar::<bool>("SELECT TRUE FROM revoked_tokens WHERE tenant_id = $1 AND jti = $2")
            .bind(self.id())
            .bind(jti)
            .fetch_optional(self.reader())
            .await?;
        Ok(found.is_some())
    }
}

pub(crate) fn user((id, email, name, role, created_at): Row) -> Result<User> {
    let role = from_word(role, "users", "role", id)?;
    Ok(User { id: UserId(id), email, name, role, created_at: time(created_at) })
}
