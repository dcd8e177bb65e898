//! Tickets that are good in this process.

use super::ends_at;
use crate::ticket::{Bearer, MAX_PER_TENANT, Stub};
use crate::{Error, Result};
use aos_core::TenantId;
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use std::time::Duration;

#[derive(Default)]
pub(crate) struct Tickets {
    waiting: HashMap<Stub, Ticket>,
    per_tenant: HashMap<TenantId, usize>,
}

struct Ticket {
    bearer: Bearer,
    expires_at: DateTime<Utc>,
}

impl Tickets {
    pub(crate) fn keep(&mut self, stub: Stub, bearer: Bearer, ttl: Duration, now: DateTime<Utc>) -> Result<()> {
        let tenant = stub.tenant;
        if self.held_by(tenant) >= MAX_PER_TENANT {
            self.forget_expired(now);
        }
        if self.held_by(tenant) >= MAX_PER_TENANT {
            return Err(Error::TooManyTickets { limit: MAX_PER_TENANT });
        }
        self.waiting.insert(stub, Ticket { bearer, expires_at: ends_at(now, ttl) });
        *self.per_tenant.entry(tenant).or_default() += 1;
        Ok(())
    }

    pub(crate) fn take(&mut self, stub: &Stub, now: DateTime<Utc>) -> Option<Bearer> {
        let Ticket { bearer, expires_at } = self.waiting.remove(stub)?;
        self.let_go(stub.tenant);
        (now < expires_at).then_some(bearer)
    }

    pub(crate) fn forget(&mut self, tenant: TenantId) {
        self.waiting.retain(|stub, _| stub.tenant != tenant);
        self.per_tenant.remove(&tenant);
    }

    fn held_by(&self, tenant: TenantId) -> usize {
        self.per_tenant.get(&tenant).copied().unwrap_or_default()
    }

    fn let_go(&mut self, tenant: TenantId) {
        if let Some(held) = self.per_tenant.get_mut(&tenant) {
            *held -= 1;
            if *held == 0 {
                self.per_tenant.remove(&tenant);
            }
        }
    }

    fn forget_expired(&mut self, now: DateTime<Utc>) {
        let expired: Vec<_> = self.waiting.extract_if(|_, ticket| ticket.expires_at <= now).collect();
        for (stub, _) in expired {
            self.let_go(stub.tenant);
        }
    }
}
