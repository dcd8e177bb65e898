//! Tickets in Redis: one key each, and per tenant a list of those that wait, for the limit.

use super::counter::millis;
use super::link::Away;
use super::{Redis, keys};
use crate::ticket::{Bearer, MAX_PER_TENANT, Stub};
use redis::Script;
use std::sync::LazyLock;
use std::time::Duration;

static KEEP: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/keep_ticket.lua")));
static TAKE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/take_ticket.lua")));

impl Redis {
    /// Keeps a ticket; false when the tenant has as many as it may.
    pub(crate) async fn keep_ticket(&self, stub: &Stub, bearer: &Bearer, ttl: Duration) -> Result<bool, Away> {
        let bearer = serde_json::to_string(bearer).map_err(|error| Away(error.to_string()))?;
        let mut call = KEEP.key(key(stub));
        call.key(keys::of(stub.tenant, "tickets"));
        call.arg(&stub.digest).arg(bearer).arg(millis(ttl)).arg(MAX_PER_TENANT);
        self.link.invoke(&call).await
    }

    /// Takes a ticket, so that nobody takes it again.
    pub(crate) async fn take_ticket(&self, stub: &Stub) -> Result<Option<Bearer>, Away> {
        let mut call = TAKE.key(key(stub));
        call.key(keys::of(stub.tenant, "tickets")).arg(&stub.digest);
        let found: Option<String> = self.link.invoke(&call).await?;
        Ok(found.and_then(|bearer| serde_json::from_str(&bearer).ok()))
    }
}

fn key(stub: &Stub) -> String {
    keys::named(Some(stub.tenant), "ticket", &stub.digest)
}
