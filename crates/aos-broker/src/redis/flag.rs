//! News of changed flags, and the number of each tenant's last change.

use super::link::{Away, Link};
use super::{Redis, keys};
use aos_core::TenantId;
use redis::Script;
use std::sync::LazyLock;
use uuid::Uuid;

/// A number that nobody raised for so long is forgotten; the next one is greater all the same.
const GENERATION_TTL_MS: u64 = 7 * 24 * 3600 * 1000;

static ANNOUNCE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/announce_flags.lua")));

impl Redis {
    pub(crate) async fn announce_flags(&self, tenant: TenantId) -> Result<u64, Away> {
        announce(&self.link, self.origin, tenant).await
    }

    pub(crate) async fn flags_generation(&self, tenant: TenantId) -> Result<u64, Away> {
        let found: Option<u64> = self.link.query(redis::cmd("GET").arg(keys::of(tenant, "flags"))).await?;
        Ok(found.unwrap_or_default())
    }
}

/// Raises a tenant's number and tells every process; returns the number.
pub(super) async fn announce(link: &Link, origin: Uuid, tenant: TenantId) -> Result<u64, Away> {
    let mut call = ANNOUNCE.key(keys::of(tenant, "flags"));
    call.arg(keys::FLAGS).arg(format!("{origin} {tenant}")).arg(GENERATION_TTL_MS);
    link.invoke(&call).await
}
