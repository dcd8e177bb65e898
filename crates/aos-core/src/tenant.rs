//! Tenant identity as a value one holds: no store, lake, broker or engine can be asked for anything without it.

use crate::id::{TenantId, UserId};
use crate::task::Fence;
use serde::{Deserialize, Serialize};

/// Proof that someone was let in, and as whom.
///
/// The fields are private and [`TenantScope::establish`] is forbidden by clippy everywhere but in the auth extractor, the
/// task runner, the binary's local commands and the testkit.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TenantScope {
    tenant: TenantId,
    principal: Principal,
    role: Role,
    fence: Option<Fence>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Principal {
    User(UserId),
    /// A command run by the operator on this machine.
    Local,
}

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
        Self { tenant, principal, role, fence: None }
    }

    /// Narrows the scope to one attempt at a task: once that attempt no longer counts, the store takes nothing from it.
    pub fn with_fence(self, fence: Fence) -> Self {
        Self { fence: Some(fence), ..self }
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
}
