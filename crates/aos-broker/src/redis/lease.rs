//! Leases in Redis; a hint, as `lease.rs` says.

use super::counter::millis;
use super::link::Away;
use super::{Redis, keys};
use aos_core::TenantId;
use redis::Script;
use std::sync::LazyLock;
use std::time::Duration;
use uuid::Uuid;

static RENEW: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/renew_lease.lua")));
static RELEASE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/release_lease.lua")));

impl Redis {
    pub(crate) async fn take_lease(
        &self,
        tenant: TenantId,
        name: &str,
        token: Uuid,
        ttl: Duration,
    ) -> Result<bool, Away> {
        let mut command = redis::cmd("SET");
        command.arg(key(tenant, name)).arg(token.to_string()).arg("NX").arg("PX").arg(millis(ttl));
        let taken: Option<String> = self.link.query(&command).await?;
        Ok(taken.is_some())
    }

    pub(crate) async fn renew_lease(
        &self,
        tenant: TenantId,
        name: &str,
        token: Uuid,
        ttl: Duration,
    ) -> Result<bool, Away> {
        let mut call = RENEW.key(key(tenant, name));
        call.arg(token.to_string()).arg(millis(ttl));
        self.link.invoke(&call).await
    }

    pub(crate) async fn release_lease(&self, tenant: TenantId, name: &str, token: Uuid) -> Result<bool, Away> {
        let mut call = RELEASE.key(key(tenant, name));
        call.arg(token.to_string());
        self.link.invoke(&call).await
    }
}

fn key(tenant: TenantId, name: &str) -> String {
    keys::named(Some(tenant), "lease", name)
}
