//! Invitations to join a tenant. Kept is a digest of the token in the link, which is shown once and good once.

use crate::convert::{from_word, micros, time};
use crate::db::{query, query_as, query_scalar};
use crate::error::{Error, Resource, Result};
use crate::members::{NewMember, insert};
use crate::page::{Page, PageOf};
use crate::tenant::TenantStore;
use crate::users::User;
use aos_core::{InvitationId, Role};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

/// Invitations of a tenant that wait to be accepted.
const WAITING_MAX: i64 = 1000;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Invitation {
    pub id: InvitationId,
    pub email: String,
    pub role: Role,
    /// `user:<id>`, `key:<id>`, or `local`.
    pub created_by: String,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub accepted_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
}

pub(crate) type Row = (Uuid, String, String, String, i64, i64, Option<i64>, Option<i64>);

impl Invitation {
    /// Tells whether it can be accepted at this time.
    pub fn is_open(&self, now: DateTime<Utc>) -> bool {
        self.accepted_at.is_none() && self.revoked_at.is_none() && self.expires_at > now
    }
}

impl TenantStore<'_> {
    /// Invites someone. Refuses an address that a member of this tenant has; whether it is another tenant's is not told.
    pub async fn create_invitation(
        &self,
        email: &str,
        role: Role,
        digest: &str,
        expires_at: DateTime<Utc>,
    ) -> Result<Invitation> {
        let (id, now, email) = (InvitationId::new(), self.now(), email.trim());
        let mut tx = self.begin().await?;
        self.check_may_manage(role)?;
        let member = query_scalar::<bool>("SELECT TRUE FROM users WHERE tenant_id = $1 AND LOWER(email) = LOWER($2)")
            .bind(self.id())
            .bind(email)
            .fetch_optional(&mut tx)
            .await?;
        if member.is_some() {
            return Err(Error::Conflict { kind: "member", name: email.to_owned() });
        }
        let waiting = query_scalar::<i64>(
            "SELECT COUNT(*) FROM invitations
              WHERE tenant_id = $1 AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > $2",
        )
        .bind(self.id())
        .bind(now)
        .fetch_one(&mut tx)
        .await?;
        if waiting >= WAITING_MAX {
            return Err(Error::TooMany { what: "open invitations", limit: WAITING_MAX as usize });
        }
        let created_by = self.scope().principal().to_string();
        query(
            "INSERT INTO invitations (tenant_id, id, email, role, digest, created_by, created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(self.id())
        .bind(id.0)
        .bind(email)
        .bind(role.as_str())
        .bind(digest)
        .bind(&created_by)
        .bind(now)
        .bind(micros(expires_at))
        .execute(&mut tx)
        .await?;
        self.audit(&mut tx, "invitation.create", &format!("invitation:{id}"), json!({ "role": role })).await?;
        tx.commit().await?;
        Ok(Invitation {
            id,
            email: email.to_owned(),
            role,
            created_by,
            created_at: time(now),
            expires_at,
            accepted_at: None,
            revoked_at: None,
        })
    }

    /// Lists invitations, newest first, those among them that were accepted or revoked.
    pub async fn list_invitations(&self, page: Page) -> Result<PageOf<Invitation>> {
        let rows = query_as::<Row>(
            "SELECT id, email, role, created_by, created_at, expires_at, accepted_at, revoked_at
               FROM invitations
              WHERE tenant_id = $1 AND ($2 IS NULL OR id < $2)
              ORDER BY id DESC LIMIT $3",
        )
        .bind(self.id())
        .bind(page.after_id()?)
        .bind(page.fetch())
        .fetch_all(self.reader())
        .await?;
        Ok(page.of(rows.into_iter().map(invitation).collect::<Result<_>>()?, |invitation| invitation.id))
    }

    /// Takes an invitation back that nobody has accepted.
    pub async fn revoke_invitation(&self, id: InvitationId) -> Result<()> {
        let mut tx = self.begin().await?;
        let revoked = query(
            "UPDATE invitations SET revoked_at = $3
              WHERE tenant_id = $1 AND id = $2 AND accepted_at IS NULL AND revoked_at IS NULL",
        )
        .bind(self.id())
        .bind(id.0)
        .bind(self.now())
        .execute(&mut tx)
        .await?;
        if revoked == 0 {
            return Err(Error::NotFound(Resource::Invitation(id.to_string())));
        }
        self.audit(&mut tx, "invitation.revoke", &format!("invitation:{id}"), json!({})).await?;
        tx.commit().await
    }

    /// Makes a member of whoever was invited. An invitation is good once, also when two accept it at the same moment.
    pub async fn accept_invitation(&self, id: InvitationId, new: NewMember<'_>) -> Result<User> {
        let mut tx = self.begin().await?;
        let accepted = query_as::<(String, String)>(
            "UPDATE invitations SET accepted_at = $3
              WHERE tenant_id = $1 AND id = $2 AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > $3
             RETURNING email, role",
        )
        .bind(self.id())
        .bind(id.0)
        .bind(self.now())
        .fetch_optional(&mut tx)
        .await?;
        let Some((email, role)) = accepted else {
            return Err(Error::NotFound(Resource::Invitation(id.to_string())));
        };
        let role = from_word(role, "invitations", "role", id)?;
        let user = insert(&mut tx, self.id(), self.now(), (&email, role), new).await?;
        let detail = json!({ "user": user.id, "role": role });
        self.audit(&mut tx, "invitation.accept", &format!("invitation:{id}"), detail).await?;
        tx.commit().await?;
        Ok(user)
    }
}

pub(crate) fn invitation(
    (id, email, role, created_by, created_at, expires_at, accepted_at, revoked_at): Row,
) -> Result<Invitation> {
    Ok(Invitation {
        id: InvitationId(id),
        email,
        role: from_word(role, "invitations", "role", id)?,
        created_by,
        created_at: time(created_at),
        expires_at: time(expires_at),
        accepted_at: accepted_at.map(time),
        revoked_at: revoked_at.map(time),
    })
}
