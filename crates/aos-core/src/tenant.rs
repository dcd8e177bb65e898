//! Tenant identity as a value one holds: no store, lake, broker or engine can be asked for anything without it.

use crate::id::{ApiKeyId, TenantId, UserId};
use crate::task::Fence;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// Proof that someone was let in, and as whom.
///
/// The fields are private and [`TenantScope::establish`] is forbidden by clippy everywhere but in the auth extractor, the
/// task runner, the binary's local commands and the testkit.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TenantScope {
    tenant: TenantId,
    principal: Principal,
    role: Role,
    scopes: Option<Scopes>,
    fence: Option<Fence>,
    trace_id: Option<Arc<str>>,
    by_itself: bool,
}

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Principal {
    User(UserId),
    /// An agent or a service, by the key it holds.
    ApiKey(ApiKeyId),
    /// A command run by the operator on this machine.
    Local,
}

/// What is left of a role's permissions for someone who was given only some of them, by their names such as `connections:read`.
///
/// Scopes take away and never add: what the role may not do, no scope allows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Scopes(Arc<BTreeSet<String>>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Viewer,
    Agent,
    Member,
    Admin,
    Owner,
}

impl TenantScope {
    pub fn establish(tenant: TenantId, principal: Principal, role: Role) -> Self {
        Self { tenant, principal, role, scopes: None, fence: None, trace_id: None, by_itself: false }
    }

    /// Narrows the scope to some of its role's permissions.
    pub fn with_scopes(self, scopes: Scopes) -> Self {
        Self { scopes: Some(scopes), ..self }
    }

    /// Narrows the scope to one attempt at a task: once that attempt no longer counts, the store takes nothing from it.
    pub fn with_fence(self, fence: Fence) -> Self {
        Self { fence: Some(fence), ..self }
    }

    /// Says which request all of this goes back to, so that what is written down can be found by it.
    pub fn with_trace(self, trace_id: &str) -> Self {
        Self { trace_id: Some(trace_id.into()), ..self }
    }

    /// The same rights for what nobody asked for: what is written down names the system, and not whoever started the work around it.
    pub fn by_itself(self) -> Self {
        Self { by_itself: true, ..self }
    }

    /// Names who acts as decisions and the audit trail write it: the principal, or `system` where nobody asked for what is done.
    pub fn actor(&self) -> String {
        if self.by_itself { "system".to_owned() } else { self.principal.to_string() }
    }

    /// Returns the trace id of the request that this goes back to, where it is known.
    pub fn trace_id(&self) -> Option<&str> {
        self.trace_id.as_deref()
    }

    /// Returns the attempt that this scope works for, if any.
    pub fn fence(&self) -> Option<Fence> {
        self.fence
    }

    pub fn tenant_id(&self) -> TenantId {
        self.tenant
    }

    pub fn principal(&self) -> Principal {
        self.principal
    }

    pub fn role(&self) -> Role {
        self.role
    }

    /// Returns what the role is narrowed to; none when it is whole.
    pub fn scopes(&self) -> Option<&Scopes> {
        self.scopes.as_ref()
    }
}

impl Scopes {
    pub fn contains(&self, permission: &str) -> bool {
        self.0.contains(permission)
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl FromIterator<String> for Scopes {
    fn from_iter<I: IntoIterator<Item = String>>(permissions: I) -> Self {
        Self(Arc::new(permissions.into_iter().collect()))
    }
}

impl Role {
    /// From least to most.
    pub const ALL: [Self; 5] = [Self::Viewer, Self::Agent, Self::Member, Self::Admin, Self::Owner];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Agent => "agent",
            Self::Member => "member",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }
}

/// `user:<id>`, `key:<id>`, or `local`.
impl fmt::Display for Principal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => write!(out, "user:{id}"),
            Self::ApiKey(id) => write!(out, "key:{id}"),
            Self::Local => out.write_str("local"),
        }
    }
}

/// A text that is not what [`Principal`] is written as.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not who acts; it is `user:<id>`, `key:<id>` or `local`")]
pub struct UnknownPrincipal(String);

impl FromStr for Principal {
    type Err = UnknownPrincipal;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || UnknownPrincipal(text.to_owned());
        match text.split_once(':') {
            Some(("user", id)) => id.parse().map(Self::User).map_err(|_| unknown()),
            Some(("key", id)) => id.parse().map(Self::ApiKey).map_err(|_| unknown()),
            None if text == "local" => Ok(Self::Local),
            _ => Err(unknown()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(clippy::disallowed_methods)] // Tests may say who someone is.
    fn what_nobody_asked_for_is_done_by_the_system_with_the_same_rights() {
        let asked = TenantScope::establish(TenantId(uuid::Uuid::nil()), Principal::Local, Role::Admin);
        let by_itself = asked.clone().by_itself();
        assert_eq!((asked.actor().as_str(), by_itself.actor().as_str()), ("local", "system"));
        assert_eq!((by_itself.principal(), by_itself.role()), (asked.principal(), asked.role()));
    }

    #[test]
    fn who_acts_reads_back_as_itself_and_nobody_else_does() {
        for who in [Principal::User(UserId::new()), Principal::ApiKey(ApiKeyId::new()), Principal::Local] {
            assert_eq!(who.to_string().parse(), Ok(who));
        }
        for text in ["", "user:", "user:x", "someone", "local:1"] {
            assert!(text.parse::<Principal>().is_err(), "{text}");
        }
    }
}
