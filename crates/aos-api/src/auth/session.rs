//! What is known about a session between two looks at the store. Sessions are established in `middleware/auth.rs`, not here.

use aos_core::{TenantId, TenantScope};
use chrono::{DateTime, Utc};
use moka::sync::Cache;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

const SESSIONS_REMEMBERED_MAX: u64 = 50_000;

/// Someone who was let in.
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    pub scope: TenantScope,
    /// Names the session in tokens and in the list of revoked ones.
    pub jti: Uuid,
    pub expires_at: DateTime<Utc>,
}

/// Remembers for a short while that a session was found to stand, so that not every request asks the store.
///
/// A sign-out on this process is seen at once; on another process, or a removed user or changed role, when the memory fades.
pub struct Sessions {
    standing: Cache<(TenantId, Uuid), Arc<Session>>,
}

impl Sessions {
    pub fn new(trust: Duration) -> Self {
        Self { standing: Cache::builder().max_capacity(SESSIONS_REMEMBERED_MAX).time_to_live(trust).build() }
    }

    pub fn find(&self, tenant: TenantId, jti: Uuid) -> Option<Arc<Session>> {
        self.standing.get(&(tenant, jti))
    }

    pub fn remember(&self, session: &Arc<Session>) {
        self.standing.insert((session.scope.tenant_id(), session.jti), Arc::clone(session));
    }

    pub fn forget(&self, session: &Session) {
        self.standing.invalidate(&(session.scope.tenant_id(), session.jti));
    }
}
