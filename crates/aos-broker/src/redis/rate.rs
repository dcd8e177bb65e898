//! Buckets of rates in Redis, by the server's clock.

use super::link::Away;
use super::{Redis, keys};
use crate::rate::Quota;
use aos_core::TenantId;
use redis::Script;
use std::sync::LazyLock;

static RATE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/rate.lua")));

impl Redis {
    /// Takes from a bucket; returns whether there was enough, and the microseconds until it is full.
    pub(crate) async fn take_rate(
        &self,
        (tenant, key): &(Option<TenantId>, String),
        quota: Quota,
        cost: u32,
    ) -> Result<(bool, u64), Away> {
        let mut call = RATE.key(keys::named(*tenant, "rate", key));
        call.arg(quota.step()).arg(quota.depth()).arg(cost);
        self.link.invoke(&call).await
    }
}
