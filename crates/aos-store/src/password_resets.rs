//! Links by which a member who forgot their password gives themselves another one. Kept is a digest of the token in the link, which is shown
//! once, to the admin who passes it on, and good once.

use crate::convert::{micros, time};
use crate::db::{query, query_as};
use crate::error::{Error, Resource, Result};
use crate::sessions::SessionEnd;
use crate::tenant::TenantStore;
use aos_core::{Role, UserId};
use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

/// A link that waits to be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordReset {
    pub id: Uuid,
    pub user: UserId,
    pub role: Role,
    pub email: String,
    pub expires_at: DateTime<Utc>,
}

pub(crate) type Row = (Uuid, Uuid, String, String, i64);

impl TenantStore<'_> {
    /// Keeps a link that gives a member another password. One that was made for the member before is good no more. Nobody makes one for
    /// who is above them: whoever holds the link can be that member.
    pub async fn create_password_reset(&self, user: UserId, digest: &str, expires_at: DateTime<Utc>) -> Result<Uuid> {
        let id = Uuid::now_v7();
        let mut tx = self.begin().await?;
        self.held_member(&mut tx, user).await?;
        query("DELETE FROM password_resets WHERE tenant_id = $1 AND user_id = $2")
            .bind(self.id())
            .bind(user.0)
            .execute(&mut tx)
            .await?;
        query(
            "INSERT INTO password_resets (tenant_id, id, user_id, digest, created_by, created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(self.id())
        .bind(id)
        .bind(user.0)
        .bind(digest)
        .bind(self.scope().principal().to_string())
        .bind(self.now())
        .bind(micros(expires_at))
        .execute(&mut tx)
        .await?;
        self.audit(&mut tx, "password_reset.create", &format!("user:{user}"), json!({ "link": id })).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Gives a member the password they chose with a link, and ends every session of theirs. A link is good once, also when two use it at
    /// the same moment.
    pub async fn use_password_reset(&self, id: Uuid, password_hash: &str) -> Result<()> {
        let gone = || Error::NotFound(Resource::PasswordReset(id.to_string()));
        let mut tx = self.begin().await?;
        let used = query_as::<(Uuid,)>(
            "UPDATE password_resets SET used_at = $3
              WHERE tenant_id = $1 AND id = $2 AND used_at IS NULL AND expires_at > $3
             RETURNING user_id",
        )
        .bind(self.id())
        .bind(id)
        .bind(self.now())
        .fetch_optional(&mut tx)
        .await?;
        let (user,) = used.ok_or_else(gone)?;
        let changed = query("UPDATE credentials SET password_hash = $3 WHERE tenant_id = $1 AND user_id = $2")
            .bind(self.id())
            .bind(user)
            .bind(password_hash)
            .execute(&mut tx)
            .await?;
        // Whoever signed in through a provider only has none yet.
        if changed == 0 {
            query("INSERT INTO credentials (user_id, tenant_id, password_hash) VALUES ($1, $2, $3)")
                .bind(user)
                .bind(self.id())
                .bind(password_hash)
                .execute(&mut tx)
                .await?;
        }
        let ended = self.end_sessions_of(&mut tx, UserId(user), SessionEnd::PasswordReset).await?;
        let detail = json!({ "link": id, "sessions_ended": ended });
        self.audit(&mut tx, "password.reset", &format!("user:{user}"), detail).await?;
        tx.commit().await
    }
}

pub(crate) fn password_reset((id, user, role, email, expires_at): Row) -> Result<PasswordReset> {
    let role = crate::convert::from_word(role, "users", "role", user)?;
    Ok(PasswordReset { id, user: UserId(user), role, email, expires_at: time(expires_at) })
}
