//! Consents that come back: found by what the vendor sends along, which names its tenant, and good once.

use crate::consents::PURPOSE;
use crate::convert::{from_word, time};
use crate::db::{Actor, query, query_as};
use crate::error::Result;
use crate::secrets;
use crate::system::{KnownUser, SystemStore};
use aos_core::vault::Secret;
use aos_core::{ConnectionId, TenantId, UserId};
use uuid::Uuid;

/// A consent that was begun, with who began it as they stand now.
pub struct Consent {
    pub known: KnownUser,
    pub connection: ConnectionId,
    pub body: Secret,
}

impl SystemStore<'_> {
    /// Takes a consent, which is then good for nothing more; none when it was never begun, was taken, or is over, and when whoever began it is
    /// no member any more.
    pub async fn take_consent(&self, tenant: TenantId, digest: &str) -> Result<Option<Consent>> {
        let mut tx = self.store.pool.begin(Actor::Tenant(tenant.0)).await?;
        let body = secrets::reveal(self.store, &mut tx, tenant.0, PURPOSE, digest).await?;
        let taken = query_as::<(Uuid, Uuid, i64)>(
            "DELETE FROM consents WHERE tenant_id = $1 AND digest = $2 RETURNING connection_id, user_id, expires_at",
        );
        let taken = taken.bind(tenant.0).bind(digest).fetch_optional(&mut tx).await?;
        let forgotten = query("DELETE FROM secrets WHERE tenant_id = $1 AND purpose = $2 AND name = $3");
        forgotten.bind(tenant.0).bind(PURPOSE).bind(digest).execute(&mut tx).await?;
        let (Some((connection, user, expires_at)), Some(body)) = (taken, body) else { return Ok(None) };
        let role = query_as::<(String,)>("SELECT role FROM users WHERE tenant_id = $1 AND id = $2");
        let role = role.bind(tenant.0).bind(user).fetch_optional(&mut tx).await?;
        tx.commit().await?;
        let Some((role,)) = role.filter(|_| time(expires_at) > self.store.clock.now()) else { return Ok(None) };
        let role = from_word(role, "users", "role", user)?;
        let known = KnownUser { tenant, user: UserId(user), role };
        Ok(Some(Consent { known, connection: ConnectionId(connection), body }))
    }
}
