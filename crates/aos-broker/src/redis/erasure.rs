//! Forgetting a tenant: every key that carries its name.

use super::link::Away;
use super::{Redis, keys};
use aos_core::TenantId;
use std::collections::BTreeSet;

/// Keys that are looked at, and removed, at once.
const STEP: usize = 500;

impl Redis {
    pub(crate) async fn erase(&self, tenant: TenantId) -> Result<u64, Away> {
        let found: Vec<String> = self.keys_of(tenant).await?.into_iter().collect();
        for some in found.chunks(STEP) {
            let () = self.link.query(redis::cmd("UNLINK").arg(some)).await?;
        }
        Ok(found.len() as u64)
    }

    /// Walks over all keys of the server, without holding it up.
    pub(crate) async fn keys_of(&self, tenant: TenantId) -> Result<BTreeSet<String>, Away> {
        let pattern = keys::of(tenant, "*");
        let (mut found, mut cursor) = (BTreeSet::new(), 0u64);
        loop {
            let mut scan = redis::cmd("SCAN");
            scan.arg(cursor).arg("MATCH").arg(&pattern).arg("COUNT").arg(STEP);
            let (next, some): (u64, Vec<String>) = self.link.query(&scan).await?;
            found.extend(some);
            cursor = next;
            if cursor == 0 {
                return Ok(found);
            }
        }
    }
}
