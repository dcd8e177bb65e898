//! Tickets: short-lived secrets that are good once, for doors where a token cannot be sent in a header.

use crate::{Error, Result, SystemBroker, TenantBroker, lock};
use aos_core::tenant::Principal;
use aos_core::{ApiKeyId, Role, TenantId, TenantScope, UserId};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::RngCore;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::time::Duration;
use uuid::Uuid;

/// Tickets a tenant may hold unused: enough for all its listeners to come back at once. The limit is the tenant's, so that one cannot shut out another.
pub(crate) const MAX_PER_TENANT: usize = 10_000;
const MAX_TTL: Duration = Duration::from_secs(5 * 60);

const TENANT_BYTES: usize = 16;
const SECRET_BYTES: usize = 32;

/// Whom a ticket lets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Bearer {
    pub(crate) tenant: TenantId,
    holder: Holder,
    role: Role,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Holder {
    User(UserId),
    ApiKey(ApiKeyId),
    Local,
}

/// A ticket as the broker keeps it: not the secret, but its digest, so that who reads the broker cannot use the tickets in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Stub {
    pub(crate) tenant: TenantId,
    pub(crate) digest: String,
}

impl TenantBroker<'_> {
    /// Issues a ticket that lets its bearer in as this scope, once, within `ttl` (at most five minutes).
    ///
    /// While Redis is away the ticket is good in this process only.
    pub async fn issue_ticket(&self, ttl: Duration) -> Result<String> {
        let (bearer, ttl) = (Bearer::of(&self.scope), ttl.min(MAX_TTL));
        if let Some(redis) = &self.inner.redis {
            let (text, stub) = draw(bearer.tenant);
            match redis.keep_ticket(&stub, &bearer, ttl).await {
                Ok(true) => return Ok(text),
                Ok(false) => return Err(Error::TooManyTickets { limit: MAX_PER_TENANT }),
                // Redis may have kept it all the same, so this process draws another.
                Err(_) => {}
            }
        }
        let (text, stub) = draw(bearer.tenant);
        lock(&self.inner.local.tickets).keep(stub, bearer, ttl, self.inner.clock.now())?;
        Ok(text)
    }
}

impl SystemBroker<'_> {
    /// Takes a ticket for whom it was issued to. The same ticket is good for nothing afterwards.
    ///
    /// Who is not sure refuses: while Redis is away, and after it was emptied, its tickets let nobody in.
    pub async fn redeem_ticket(&self, ticket: &str) -> Option<(TenantId, Principal, Role)> {
        let stub = Stub::of(ticket)?;
        let here = lock(&self.inner.local.tickets).take(&stub, self.inner.clock.now());
        let bearer = match (here, &self.inner.redis) {
            (Some(bearer), _) => bearer,
            (None, Some(redis)) => redis.take_ticket(&stub).await.ok()??,
            (None, None) => return None,
        };
        (bearer.tenant == stub.tenant).then(|| (bearer.tenant, bearer.principal(), bearer.role))
    }
}

impl Bearer {
    fn of(scope: &TenantScope) -> Self {
        let holder = match scope.principal() {
            Principal::User(id) => Holder::User(id),
            Principal::ApiKey(id) => Holder::ApiKey(id),
            Principal::Local => Holder::Local,
        };
        Self { tenant: scope.tenant_id(), holder, role: scope.role() }
    }

    fn principal(&self) -> Principal {
        match self.holder {
            Holder::User(id) => Principal::User(id),
            Holder::ApiKey(id) => Principal::ApiKey(id),
            Holder::Local => Principal::Local,
        }
    }
}

impl Stub {
    /// Reads a ticket; `None` for what cannot be one.
    fn of(ticket: &str) -> Option<Self> {
        let bytes: [u8; TENANT_BYTES + SECRET_BYTES] = URL_SAFE_NO_PAD.decode(ticket).ok()?.try_into().ok()?;
        let tenant = TenantId(Uuid::from_slice(&bytes[..TENANT_BYTES]).ok()?);
        Some(Self { tenant, digest: URL_SAFE_NO_PAD.encode(Sha256::digest(bytes)) })
    }
}

/// Draws a ticket: the tenant, which names the place where it is kept, and a secret.
fn draw(tenant: TenantId) -> (String, Stub) {
    let mut bytes = [0; TENANT_BYTES + SECRET_BYTES];
    bytes[..TENANT_BYTES].copy_from_slice(tenant.0.as_bytes());
    rand::rng().fill_bytes(&mut bytes[TENANT_BYTES..]);
    let digest = URL_SAFE_NO_PAD.encode(Sha256::digest(bytes));
    (URL_SAFE_NO_PAD.encode(bytes), Stub { tenant, digest })
}
