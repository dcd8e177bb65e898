//! News of changed access.

use super::link::{Away, Link};
use super::{Redis, keys};
use aos_core::TenantId;
use uuid::Uuid;

impl Redis {
    pub(crate) async fn announce_access(&self, tenant: TenantId) -> Result<(), Away> {
        announce(&self.link, self.origin, tenant).await
    }
}

/// Tells every process.
pub(super) async fn announce(link: &Link, origin: Uuid, tenant: TenantId) -> Result<(), Away> {
    link.query(redis::cmd("PUBLISH").arg(keys::ACCESS).arg(format!("{origin} {tenant}"))).await
}
