//! Tickets: short-lived secrets that are good once, for doors where a token cannot be sent in a header.

use crate::{Error, Result};
use aos_core::tenant::Principal;
use aos_core::{Role, TenantId, TenantScope};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, Utc};
use rand::RngCore;
use std::collections::HashMap;

/// Tickets a tenant may hold unused. The limit is the tenant's, so that one cannot shut out another.
const MAX_PER_TENANT: usize = 1000;
const MAX_TTL: Duration = Duration::minutes(5);

#[derive(Default)]
pub(crate) struct Tickets {
    waiting: HashMap<String, Ticket>,
    per_tenant: HashMap<TenantId, usize>,
}

struct Ticket {
    scope: TenantScope,
    expires_at: DateTime<Utc>,
}

impl Tickets {
    pub(crate) fn issue(&mut self, scope: &TenantScope, ttl: Duration, now: DateTime<Utc>) -> Result<String> {
        let tenant = scope.tenant_id();
        if self.held_by(tenant) >= MAX_PER_TENANT {
            self.forget_expired(now);
        }
        if self.held_by(tenant) >= MAX_PER_TENANT {
            return Err(Error::TooManyTickets { limit: MAX_PER_TENANT });
        }
        let mut secret = [0; 32];
        rand::rng().fill_bytes(&mut secret);
        let text = URL_SAFE_NO_PAD.encode(secret);
        let ticket = Ticket { scope: scope.clone(), expires_at: now + ttl.min(MAX_TTL) };
        self.waiting.insert(text.clone(), ticket);
        *self.per_tenant.entry(tenant).or_default() += 1;
        Ok(text)
    }

    pub(crate) fn redeem(&mut self, ticket: &str, now: DateTime<Utc>) -> Option<(TenantId, Principal, Role)> {
        let Ticket { scope, expires_at } = self.waiting.remove(ticket)?;
        self.let_go(scope.tenant_id());
        (now < expires_at).then(|| (scope.tenant_id(), scope.principal(), scope.role()))
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
        for (_, ticket) in expired {
            self.let_go(ticket.scope.tenant_id());
        }
    }
}
