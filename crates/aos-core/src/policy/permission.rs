//! What can be permitted, by name, and the least role that holds it. This table is the whole of it: roles, scopes of API keys, the
//! extractors of the HTTP API and its description all derive from it.

use crate::tenant::Role;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A permission as a type: what a handler asks for in its signature.
pub trait Right: Send + Sync + 'static {
    const PERMISSION: Permission;
}

macro_rules! permissions {
    ($($name:ident, $text:literal, $least:ident, $what:literal;)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Permission {
            $(#[doc = $what] $name,)*
        }

        impl Permission {
            pub const ALL: &'static [Permission] = &[$(Permission::$name,)*];

            /// Returns the name that scopes, the API's description and refusals use: `resource:action`.
            pub fn as_str(self) -> &'static str {
                match self { $(Permission::$name => $text,)* }
            }

            /// Returns what whoever holds it may do, as words that follow "may".
            pub fn what(self) -> &'static str {
                match self { $(Permission::$name => $what,)* }
            }

            /// Returns the least role that holds it; the roles above it do, too.
            pub fn least_role(self) -> Role {
                match self { $(Permission::$name => Role::$least,)* }
            }
        }

        /// Each permission as a type.
        pub mod may {
            use super::{Permission, Right};
            $(
                #[doc = $what]
                pub struct $name;
                impl Right for $name {
                    const PERMISSION: Permission = Permission::$name;
                }
            )*
        }
    };
}

permissions! {
    UseAccount, "account:use", Viewer, "see who one is, ask what one may do, and sign out";
    ReadEvents, "events:read", Viewer, "follow what happens, live";
    ReadConnections, "connections:read", Viewer, "see the connected sources";
    WriteConnections, "connections:write", Member, "add, check and remove sources";
    ReadGraph, "graph:read", Viewer, "see the picture, the mappings and where fields come from";
    ManageOnboarding, "onboarding:manage", Admin, "set which proposed sources are promoted by themselves";
    ReadDrift, "drift:read", Viewer, "see how sources have changed and what waits for a decision";
    DecideDrift, "drift:decide", Member, "decide what waits for a decision, and set what becomes of records of a changed source";
    ManageDrift, "drift:manage", Admin, "set how far repairs may go without a person";
    WriteOntology, "ontology:write", Member, "extend the ontology";
    ReadRecords, "records:read", Viewer, "read unified records and ask them with SQL";
    ReadPersonal, "personal:read", Member, "see personal data, and raw values of which nobody knows whether they are";
    ReadKnowledge, "knowledge:read", Viewer, "search the knowledge base, and say what they think of what they found";
    WriteKnowledge, "knowledge:write", Member, "add documents to the knowledge base and remove them";
    ReadLedger, "ledger:read", Viewer, "see runs and what was rejected in them";
    ReadTasks, "tasks:read", Viewer, "see tasks, their logs and schedules";
    RunTasks, "tasks:run", Member, "enqueue, schedule, cancel and repeat tasks";
    LimitTasks, "tasks:limit", Admin, "set how many tasks run at a time";
    ReadOrchestration, "orchestration:read", Viewer, "see how the orchestration stands";
    RunOrchestration, "orchestration:run", Member, "connect, reset, discover and switch production mode";
    ReadAgents, "agents:read", Viewer, "see the agents, what they found and what they may spend";
    ProposeActs, "agents:propose", Agent, "propose what a person then approves";
    RunAgents, "agents:run", Member, "have pilots look, and say what their findings are worth";
    DecideActs, "agents:decide", Member, "approve or refuse what agents propose";
    ManageAgents, "agents:manage", Admin, "register agents, set how far they may go, and stop them";
    ReadNotifications, "notifications:read", Viewer, "see where notifications go";
    SendNotifications, "notifications:send", Member, "send and repeat notifications";
    ManageNotifications, "notifications:manage", Admin, "set where notifications go and how they are signed";
    ReadModels, "models:read", Viewer, "see which models may be asked and what they used";
    ManageModels, "models:manage", Admin, "choose models, their keys and budgets, and try them";
    ReadMembers, "members:read", Viewer, "see who belongs to the tenant";
    ManageMembers, "members:manage", Admin, "invite and remove people and change their roles";
    ManageKeys, "keys:manage", Admin, "make and revoke API keys";
    ReadFlags, "flags:read", Viewer, "see which features are on";
    WriteFlags, "flags:write", Admin, "switch features on and off";
    ReadAudit, "audit:read", Admin, "read and export the audit log";
    DeleteTenant, "tenant:delete", Owner, "delete the tenant";
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no permission `{name}`; use one of {}", names(), name = .0)]
pub struct Unknown(pub String);

impl std::fmt::Display for Permission {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Permission {
    type Err = Unknown;
    fn from_str(text: &str) -> Result<Self, Unknown> {
        let known = Self::ALL.iter().find(|permission| permission.as_str() == text);
        known.copied().ok_or_else(|| Unknown(text.to_owned()))
    }
}

impl Serialize for Permission {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Permission {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

fn names() -> String {
    Permission::ALL.iter().map(|permission| permission.as_str()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_permission_has_a_name_of_its_own_that_leads_back_to_it() {
        for permission in Permission::ALL {
            assert_eq!(permission.as_str().parse(), Ok(*permission));
        }
        assert!("tasks:fly".parse::<Permission>().unwrap_err().to_string().contains("tasks:run"));
    }
}
