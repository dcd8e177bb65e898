//! The cache in Redis.

use super::counter::millis;
use super::link::Away;
use super::{Redis, keys};
use aos_core::TenantId;
use std::time::Duration;

impl Redis {
    pub(crate) async fn cache_put(
        &self,
        tenant: TenantId,
        name: &str,
        value: &[u8],
        ttl: Duration,
    ) -> Result<(), Away> {
        let mut command = redis::cmd("SET");
        command.arg(key(tenant, name)).arg(value).arg("PX").arg(millis(ttl));
        self.link.query(&command).await
    }

    pub(crate) async fn cache_get(&self, tenant: TenantId, name: &str) -> Result<Option<Vec<u8>>, Away> {
        self.link.query(redis::cmd("GET").arg(key(tenant, name))).await
    }

    pub(crate) async fn cache_remove(&self, tenant: TenantId, name: &str) -> Result<(), Away> {
        self.link.query(redis::cmd("DEL").arg(key(tenant, name))).await
    }
}

fn key(tenant: TenantId, name: &str) -> String {
    keys::named(Some(tenant), "cache", name)
}
