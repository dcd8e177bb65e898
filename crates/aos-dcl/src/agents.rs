//! The agents that consume the picture, and which of them a tenant has chosen.

use crate::service::TenantDcl;
use crate::{Error, Result};
use aos_core::graph::Agent;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const SELECTED: &str = "selected_agents";

/// The agents that ship with the product, as text.
const SHIPPED: &str = include_str!("../../../ontology/agents.yaml");

#[derive(Deserialize)]
struct File {
    agents: Vec<Agent>,
}

/// Returns the agents that ship with the product.
pub fn shipped() -> Vec<Agent> {
    let file: File = serde_saphyr::from_str(SHIPPED).expect("the shipped agents are checked by a test");
    file.agents
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AgentInfo {
    pub id: String,
    pub name: String,
    pub description: String,
    pub color: String,
    /// Entities the agent consumes.
    pub consumes: Vec<String>,
    pub key_metrics: Vec<String>,
    pub selected: bool,
}

impl TenantDcl {
    /// Lists the agents, with those chosen at the last connect marked.
    pub async fn agents(&self) -> Result<Vec<AgentInfo>> {
        let selected = self.selected_agents().await?;
        let info = |agent: &Agent| AgentInfo {
            id: agent.id.clone(),
            name: agent.name.clone(),
            description: agent.description.clone(),
            color: agent.color.clone(),
            consumes: agent.consumes.clone(),
            key_metrics: agent.key_metrics.clone(),
            selected: selected.contains(&agent.id),
        };
        Ok(self.inner.agents.iter().map(info).collect())
    }

    /// Returns the ids of the chosen agents; all of them until someone chose.
    pub(crate) async fn selected_agents(&self) -> Result<Vec<String>> {
        let stored = self.store().setting(SELECTED).await?;
        let chosen: Option<Vec<String>> = stored.and_then(|value| serde_json::from_value(value).ok());
        let known = self.inner.agents.iter().map(|agent| agent.id.clone());
        Ok(match chosen {
            Some(chosen) => known.filter(|id| chosen.contains(id)).collect(),
            None => known.collect(),
        })
    }

    pub(crate) async fn select_agents(&self, agents: &[String]) -> Result<()> {
        self.check_agents(agents)?;
        Ok(self.store().put_setting(SELECTED, &serde_json::json!(agents)).await?)
    }

    /// Refuses agents that there are not.
    pub(crate) fn check_agents(&self, agents: &[String]) -> Result<()> {
        for agent in agents {
            if !self.inner.agents.iter().any(|known| known.id == *agent) {
                let known = self.inner.agents.iter().map(|known| known.id.as_str()).collect::<Vec<_>>().join(", ");
                return Err(Error::UnknownAgent { agent: agent.clone(), known });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use aos_core::Ontology;

    #[test]
    fn shipped_agents_consume_entities_and_fields_that_exist() {
        let ontology = Ontology::shipped();
        for agent in super::shipped() {
            for entity in &agent.consumes {
                assert!(ontology.entity(entity).is_some(), "{} consumes {entity}", agent.id);
            }
            for metric in &agent.key_metrics {
                let known = agent.consumes.iter().any(|entity| ontology.field(entity, metric).is_some());
                assert!(known, "{} looks at {metric}", agent.id);
            }
        }
    }
}
