//! The agents of a tenant: the pilots that ship, and those that act with an API key of their own. What each may do, and how far it may go
//! by itself, is said here; what is held against it is in `gate.rs` and `budgets.rs`.

mod budgets;
mod error;
mod gate;
mod settings;

pub use budgets::{Allowance, Budgets, Meter};
pub use error::{Error, Result};
pub use gate::{Acting, Deed, ready};
pub use settings::{AgentKind, AgentSettings, Mode, NAME_CHARS_MAX};

use crate::pilots::Pilot;
use aos_core::{ApiKeyId, Role, TenantScope};
use aos_dcl::agents::shipped;
use aos_store::{Store, StoredAgent};
use chrono::{DateTime, Utc};

const ID_CHARS_MAX: usize = 64;
/// Words that stand beside the ids of agents in addresses.
const RESERVED: [&str; 2] = ["findings", "proposals"];

/// An agent as it is registered.
#[derive(Debug, Clone, PartialEq)]
pub struct Registered {
    pub id: String,
    pub kind: AgentKind,
    pub settings: AgentSettings,
    /// None for a pilot of which nothing was said.
    pub updated_at: Option<DateTime<Utc>>,
}

/// Lists the agents: the pilots first, then the tenant's own.
pub async fn list(store: &Store, scope: &TenantScope) -> Result<Vec<Registered>> {
    let mut stored = store.tenant(scope).list_agents().await?;
    let mut agents = Vec::new();
    for pilot in Pilot::ALL {
        let said = stored.iter().position(|agent| agent.id == pilot.id()).map(|at| stored.remove(at));
        agents.push(of_pilot(pilot, said)?);
    }
    for agent in stored {
        agents.push(of_custom(agent)?);
    }
    Ok(agents)
}

/// Finds an agent by its id.
pub async fn find(store: &Store, scope: &TenantScope, id: &str) -> Result<Registered> {
    let stored = store.tenant(scope).agent(id).await?;
    match (Pilot::of(id), stored) {
        (Some(pilot), said) => of_pilot(pilot, said),
        (None, Some(agent)) => of_custom(agent),
        (None, None) => Err(Error::Unknown { agent: id.to_owned() }),
    }
}

/// Finds the agent that acts with a key, if one is registered with it.
pub async fn of_key(store: &Store, scope: &TenantScope, key: ApiKeyId) -> Result<Option<Registered>> {
    store.tenant(scope).agent_of_key(key).await?.map(of_custom).transpose()
}

/// Keeps what somebody says of an agent.
///
/// # Errors
/// [`Error::Invalid`] when it cannot be.
pub async fn put(store: &Store, scope: &TenantScope, id: &str, settings: &AgentSettings) -> Result<Registered> {
    check_id(id)?;
    let pilot = Pilot::of(id);
    settings.check(pilot.is_some())?;
    let tenant = store.tenant(scope);
    if let Some(key) = settings.api_key {
        let known =
            tenant.api_key(key).await?.ok_or_else(|| Error::invalid("there is no such API key; make one first"))?;
        if known.role > Role::Member {
            return Err(Error::invalid(
                "the API key may do more than an agent should; make one of the role `agent` or `member`",
            ));
        }
    }
    let body = serde_json::to_value(settings).map_err(|error| Error::invalid(error.to_string()))?;
    let stored = tenant.put_agent(id, settings.api_key, &body).await?;
    match pilot {
        Some(pilot) => of_pilot(pilot, Some(stored)),
        None => of_custom(stored),
    }
}

fn of_pilot(pilot: Pilot, said: Option<StoredAgent>) -> Result<Registered> {
    let updated_at = said.as_ref().map(|agent| agent.updated_at);
    let mut settings = match said {
        Some(agent) => read(agent)?,
        None => AgentSettings::default(),
    };
    if let Some(ships) = shipped().into_iter().find(|agent| agent.id == pilot.id()) {
        settings.name = ships.name;
        settings.description = ships.description;
    }
    Ok(Registered { id: pilot.id().to_owned(), kind: AgentKind::Pilot, settings, updated_at })
}

fn of_custom(agent: StoredAgent) -> Result<Registered> {
    let (id, updated_at) = (agent.id.clone(), Some(agent.updated_at));
    Ok(Registered { id, kind: AgentKind::Custom, settings: read(agent)?, updated_at })
}

fn read(agent: StoredAgent) -> Result<AgentSettings> {
    let mut settings: AgentSettings =
        serde_json::from_value(agent.body).map_err(|source| Error::Corrupt { agent: agent.id, source })?;
    settings.api_key = agent.api_key;
    Ok(settings)
}

fn check_id(id: &str) -> Result<()> {
    let fits = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    if (1..=ID_CHARS_MAX).contains(&id.len()) && id.chars().all(fits) && !RESERVED.contains(&id) {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "the id of an agent has 1 to {ID_CHARS_MAX} small letters, digits and underscores, and is none of {}",
        RESERVED.join(", ")
    )))
}
