//! Who may do what to which resource: the one place that decides it, for HTTP, WebSockets, SQL and every other door.
//!
//! A role holds permissions, the scopes of an API key or a program narrow them, and a few resources ask for more. Nothing here looks anything up.

pub mod mask;
pub mod permission;

pub use mask::{Lens, Sensitivity};
pub use permission::{Permission, Right, may};

use crate::barrier::{Guard, stands};
use crate::kind;
use crate::tenant::{Principal, Role, TenantScope};

/// What a permission is to be used on, as far as that matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource<'a> {
    /// Anything of the tenant.
    Any,
    /// A task of this kind: whoever enqueues it must be allowed what it does.
    Task { kind: &'a str },
    /// Someone who has this role, or is to get it.
    Member { role: Role },
    /// Values of this sensitivity.
    Values(Sensitivity),
}

/// Whether it is allowed, and why or why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    pub allowed: bool,
    /// The permission that decided: the one asked for, or what the resource asks for beyond it.
    pub permission: Permission,
    pub reason: Reason,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    RoleHolds {
        role: Role,
    },
    RoleLacks {
        role: Role,
    },
    /// The role would do, but whoever asks was given less of it.
    ScopesLack {
        role: Role,
        asking: Narrowed,
    },
    /// Nobody changes who is above them.
    Above {
        role: Role,
        other: Role,
    },
}

/// Who was given only a part of what a role may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Narrowed {
    Key,
    /// A program that a person let in to act for them.
    Program,
}

/// Decides whether someone may do something to a resource of their own tenant. Another tenant's resource is never found, so it
/// is never asked about.
pub fn decide(scope: &TenantScope, permission: Permission, resource: Resource<'_>) -> Decision {
    let held = holds(scope, permission);
    if !held.allowed {
        return held;
    }
    match resource {
        Resource::Any | Resource::Values(Sensitivity::Open) => held,
        Resource::Task { kind } => holds(scope, permission_of_kind(kind)),
        Resource::Values(Sensitivity::Personal(_) | Sensitivity::Unclassified) => {
            holds(scope, Permission::ReadPersonal)
        }
        Resource::Member { role: other } if other > scope.role() => {
            Decision { allowed: false, permission, reason: Reason::Above { role: scope.role(), other } }
        }
        // Whoever gets a role gets all of it, which is more than a key that was made for less may give.
        Resource::Member { .. } if scope.scopes().is_some() => {
            Decision { allowed: false, permission, reason: scopes_lack(scope) }
        }
        Resource::Member { .. } => held,
    }
}

fn holds(scope: &TenantScope, permission: Permission) -> Decision {
    let role = scope.role();
    if !stands(Guard::Policy) {
        return Decision { allowed: true, permission, reason: Reason::RoleHolds { role } };
    }
    let narrowed = scope.scopes().is_some_and(|scopes| !scopes.contains(permission.as_str()));
    let (allowed, reason) = if role < permission.least_role() {
        (false, Reason::RoleLacks { role })
    } else if narrowed && permission != Permission::UseAccount {
        (false, scopes_lack(scope))
    } else {
        (true, Reason::RoleHolds { role })
    };
    Decision { allowed, permission, reason }
}

fn scopes_lack(scope: &TenantScope) -> Reason {
    let asking = match scope.principal() {
        Principal::User(_) => Narrowed::Program,
        Principal::ApiKey(_) | Principal::Local => Narrowed::Key,
    };
    Reason::ScopesLack { role: scope.role(), asking }
}

/// Returns what someone must be allowed who has a task of this kind done.
fn permission_of_kind(kind: &str) -> Permission {
    match kind {
        kind::CONNECT | kind::UNIFY | kind::RESET | kind::PROD_MODE | kind::DISCOVER => Permission::RunOrchestration,
        kind::RUN_AGENT => Permission::RunAgents,
        kind::INGEST_DOCUMENT | kind::EMBED_DOCUMENT => Permission::WriteKnowledge,
        kind::SLACK | kind::CALLBACK => Permission::SendNotifications,
        _ => Permission::RunTasks,
    }
}

impl std::fmt::Display for Decision {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { permission, .. } = self;
        let (least, what) = (permission.least_role(), permission.what());
        match self.reason {
            Reason::RoleHolds { role } => write!(f, "the role `{}` may {what} (`{permission}`)", role.as_str()),
            Reason::RoleLacks { role } => write!(
                f,
                "the role `{}` may not {what} (`{permission}`); the role `{}` and those above it may",
                role.as_str(),
                least.as_str()
            ),
            Reason::ScopesLack { role, asking: Narrowed::Key } => write!(
                f,
                "the role `{}` may {what}, but this API key was made without the scope `{permission}`",
                role.as_str()
            ),
            Reason::ScopesLack { role, asking: Narrowed::Program } => write!(
                f,
                "whoever let this program in may {what} (their role is `{}`), but did not allow it the scope `{permission}`",
                role.as_str()
            ),
            Reason::Above { role, other } => write!(
                f,
                "the role `{}` changes nobody whose role is `{}`, and gives nobody that role",
                role.as_str(),
                other.as_str()
            ),
        }
    }
}

#[cfg(test)]
mod tests;
