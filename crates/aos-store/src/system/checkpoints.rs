//! Heads of audit chains that are signed without anybody asking: which chains have grown is asked across tenants, each one is then read and
//! signed as its tenant.

use crate::audit::{Chain, Looked};
use crate::convert::{count, micros};
use crate::db::query_scalar;
use crate::error::Result;
use crate::system::SystemStore;
use aos_core::audit::Signer;
use std::time::Duration;
use uuid::Uuid;

/// When a chain that has grown is to be signed again, whichever comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignedAgain {
    /// So many entries came.
    pub entries: u64,
    /// So much time has passed.
    pub after: Duration,
}

impl SystemStore<'_> {
    /// Signs the heads of chains, at most so many, the installation's among them. Each is looked at from its last signed head on first, and
    /// one that is not whole is not signed.
    pub async fn sign_audit_heads(&self, signer: &Signer, when: SignedAgain, most: u32) -> Result<Vec<Looked>> {
        let at = micros(self.store.clock.now());
        let due = query_scalar::<Uuid>(
            "SELECT heads.tenant_id
               FROM (SELECT tenant_id, seq,
                            COALESCE((SELECT signed.seq FROM audit_checkpoints signed
                                       WHERE signed.tenant_id = audit_heads.tenant_id
                                       ORDER BY signed.seq DESC LIMIT 1), 0) AS signed_seq,
                            COALESCE((SELECT signed.at FROM audit_checkpoints signed
                                       WHERE signed.tenant_id = audit_heads.tenant_id
                                       ORDER BY signed.seq DESC LIMIT 1), 0) AS signed_at
                       FROM audit_heads) heads
              WHERE heads.seq > heads.signed_seq
                AND (heads.seq - heads.signed_seq >= $1 OR heads.signed_at <= $2)
                AND NOT EXISTS (SELECT 1 FROM tenant_deletions gone WHERE gone.tenant = heads.tenant_id)
              ORDER BY heads.signed_at, heads.tenant_id LIMIT $3",
        )
        .bind(count(when.entries))
        .bind(at.saturating_sub(i64::try_from(when.after.as_micros()).unwrap_or(i64::MAX)))
        .bind(i64::from(most))
        .fetch_all(self.reader())
        .await?;
        let mut looked = Vec::with_capacity(due.len());
        for id in due {
            looked.push(Chain { id, store: self.store }.check_and_sign(signer, at).await?);
        }
        Ok(looked)
    }
}
