//! Owners of accounts who were sent to their vendor to give us leave, until they come back or their time is over. What comes back is redeemed
//! in `system`, before it is known who brings it.

use crate::convert::micros;
use crate::db::{query, query_scalar};
use crate::error::{Error, Result};
use crate::tenant::TenantStore;
use aos_core::vault::Secret;
use aos_core::{ConnectionId, UserId};
use chrono::{DateTime, Utc};
use serde_json::json;

/// Under which the vault keeps what has to be remembered, by the digest of the state.
pub(crate) const PURPOSE: &str = "consent";
/// Consents of a tenant that may be on their way at the same time.
const OPEN_MAX: i64 = 100;

/// A consent that begins.
pub struct NewConsent<'a> {
    /// Of the state that comes back with the owner.
    pub digest: &'a str,
    pub connection: ConnectionId,
    pub user: UserId,
    /// What is needed to take the answer; readable by this server only.
    pub body: &'a Secret,
    pub expires_at: DateTime<Utc>,
}

impl TenantStore<'_> {
    /// Remembers a consent that begins, and forgets those whose time is over.
    ///
    /// # Errors
    /// [`Error::TooMany`] when too many of the tenant's are on their way.
    pub async fn begin_consent(&self, new: NewConsent<'_>) -> Result<()> {
        let mut tx = self.begin().await?;
        let over = query_scalar::<String>("SELECT digest FROM consents WHERE tenant_id = $1 AND expires_at <= $2");
        for digest in over.bind(self.id()).bind(self.now()).fetch_all(&mut tx).await? {
            let gone = query("DELETE FROM consents WHERE tenant_id = $1 AND digest = $2");
            gone.bind(self.id()).bind(&digest).execute(&mut tx).await?;
            self.delete_secret_in(&mut tx, PURPOSE, &digest).await?;
        }
        let open = query_scalar::<i64>("SELECT COUNT(*) FROM consents WHERE tenant_id = $1");
        if open.bind(self.id()).fetch_one(&mut tx).await? >= OPEN_MAX {
            return Err(Error::TooMany { what: "consents on their way", limit: OPEN_MAX as usize });
        }
        query(
            "INSERT INTO consents (tenant_id, digest, connection_id, user_id, expires_at) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(self.id())
        .bind(new.digest)
        .bind(new.connection.0)
        .bind(new.user.0)
        .bind(micros(new.expires_at))
        .execute(&mut tx)
        .await?;
        self.put_secret_in(&mut tx, PURPOSE, new.digest, new.body).await?;
        self.audit(&mut tx, "consent.begin", &new.connection.to_string(), json!({})).await?;
        tx.commit().await
    }
}
