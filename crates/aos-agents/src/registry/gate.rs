//! What stands between an agent and each of its steps: the tenant's switch, its own, its mode and its budget. What its key may do at all is
//! the policy's, and asked as of everybody else.

use super::{AgentSettings, Allowance, Error, Meter, Mode, Registered, Result, find, of_key};
use aos_core::flag::Flag;
use aos_core::tenant::Principal;
use aos_core::{Role, TenantScope};
use aos_dcl::Dcl;
use aos_store::Store;

/// What an agent is about to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    Read,
    /// It proposes something for review: a mapping.
    Recommend,
    /// It proposes a task.
    ProposeTask,
}

/// Returns an agent that may act now.
///
/// # Errors
/// [`Error::Unknown`], [`Error::AgentsOff`], [`Error::Stopped`].
pub async fn ready(store: &Store, dcl: &Dcl, scope: &TenantScope, id: &str) -> Result<Registered> {
    if !dcl.tenant(scope).flag(Flag::AgentsEnabled).await? {
        return Err(Error::AgentsOff);
    }
    let agent = find(store, scope, id).await?;
    if agent.settings.enabled { Ok(agent) } else { Err(Error::Stopped { agent: agent.id }) }
}

/// Somebody who acts, and the agent they are, if they are one.
#[derive(Debug, Clone, PartialEq)]
pub struct Acting {
    pub agent: Option<Registered>,
}

impl Deed {
    fn needs(self) -> (Mode, &'static str) {
        match self {
            Self::Read => (Mode::Observe, "read"),
            Self::Recommend => (Mode::Recommend, "propose anything"),
            Self::ProposeTask => (Mode::ApproveToAct, "propose tasks"),
        }
    }
}

impl Acting {
    /// Finds out who acts. Whoever is an agent and may not act now is refused.
    ///
    /// # Errors
    /// [`Error::AgentsOff`], [`Error::Stopped`].
    pub async fn of(store: &Store, dcl: &Dcl, scope: &TenantScope) -> Result<Self> {
        let (agent, is_agent) = match scope.principal() {
            Principal::ApiKey(key) => {
                let agent = of_key(store, scope, key).await?;
                let is_agent = agent.is_some() || scope.role() == Role::Agent;
                (agent, is_agent)
            }
            // A person is whole; what is narrowed is a program that acts for one.
            Principal::User(_) => (None, scope.scopes().is_some()),
            Principal::Local => (None, false),
        };
        if !is_agent {
            return Ok(Self { agent: None });
        }
        if !dcl.tenant(scope).flag(Flag::AgentsEnabled).await? {
            return Err(Error::AgentsOff);
        }
        match agent {
            Some(agent) if !agent.settings.enabled => Err(Error::Stopped { agent: agent.id }),
            agent => Ok(Self { agent }),
        }
    }

    /// Goes on only when the agent's mode allows the deed. Whoever is no registered agent is held by the policy alone.
    pub fn may(&self, deed: Deed) -> Result<()> {
        let Some(Registered { id, settings: AgentSettings { mode, .. }, .. }) = &self.agent else { return Ok(()) };
        let (needed, deed) = deed.needs();
        if *mode >= needed {
            return Ok(());
        }
        Err(Error::Mode { agent: id.clone(), mode: mode.as_str(), needed: needed.as_str(), deed })
    }

    /// Takes rows before they are read: returns how many may come.
    pub async fn take_rows(&self, store: &Store, scope: &TenantScope, wanted: u64) -> Result<u64> {
        match self.allowance(store, scope) {
            Some(allowance) => allowance.take_up_to(Meter::Rows, wanted).await,
            None => Ok(wanted),
        }
    }

    /// Gives back rows that did not come.
    pub async fn give_back_rows(&self, store: &Store, scope: &TenantScope, rows: u64) -> Result<()> {
        match self.allowance(store, scope) {
            Some(allowance) => allowance.give_back(Meter::Rows, rows).await,
            None => Ok(()),
        }
    }

    /// Takes one write before it is made.
    pub async fn take_write(&self, store: &Store, scope: &TenantScope) -> Result<()> {
        match self.allowance(store, scope) {
            Some(allowance) => allowance.take(Meter::Writes, 1).await,
            None => Ok(()),
        }
    }

    fn allowance<'s>(&self, store: &'s Store, scope: &TenantScope) -> Option<Allowance<'s>> {
        let agent = self.agent.as_ref()?;
        Some(Allowance::new(store, scope, &agent.id, agent.settings.budgets))
    }
}
