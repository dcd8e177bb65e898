//! `discover`: asks the AOD service what there is in the organisation, checks its answer, and says which agents it concerns.

mod aod;
mod recommend;

pub use aod::{AodClient, AodSettings};

use crate::{TaskContext, TaskError, TaskHandler};
use aod::{Answer, Found, Question};
use aos_core::graph::Agent;
use aos_core::kind::{self, Discover};
use recommend::Recommendation;
use serde::Serialize;

/// Does tasks of kind `discover`.
pub(super) struct DiscoverHandler {
    /// None when the operator has named no AOD service.
    aod: Option<AodClient>,
    agents: Vec<Agent>,
}

/// The result of the task.
#[derive(Debug, Serialize)]
pub(super) struct Discovery {
    success: bool,
    request_id: String,
    message: String,
    discovery: Details,
}

#[derive(Debug, Serialize)]
struct Details {
    entities: Vec<Entity>,
    agent_recommendations: Vec<Recommendation>,
    provenance: Provenance,
}

#[derive(Debug, Serialize)]
struct Entity {
    #[serde(flatten)]
    found: Found,
    confidence_level: &'static str,
}

/// Where the answer comes from: what the service says of itself, and what was seen of it from here.
#[derive(Debug, Serialize)]
struct Provenance {
    #[serde(flatten)]
    said: serde_json::Map<String, serde_json::Value>,
    endpoint: String,
    answered_at: chrono::DateTime<chrono::Utc>,
    answered_in_ms: u64,
}

impl DiscoverHandler {
    pub(super) fn new(aod: Option<AodClient>, agents: Vec<Agent>) -> Self {
        Self { aod, agents }
    }
}

impl TaskHandler for DiscoverHandler {
    const KIND: &'static str = kind::DISCOVER;
    type Payload = Discover;
    type Output = Discovery;

    async fn run(&self, context: &TaskContext, asked: Discover) -> Result<Discovery, TaskError> {
        let aod = self.aod.as_ref().ok_or_else(|| {
            TaskError::permanent(
                "no AOD service is configured; let the operator name one in [aod] url and restart the worker",
            )
        })?;
        let question = Question {
            // The same in every attempt, so that the service can tell a repetition.
            request_id: context.fence().task.to_string(),
            tenant_id: context.scope().tenant_id().to_string(),
            asked,
        };
        context.progress(0.1, format!("asking {}", aod.origin()));
        let begun = tokio::time::Instant::now();
        let answer = aod.ask(context.scope(), &question).await?;
        let answered_in_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let Answer { message, entities, provenance } = answer;
        let provenance = Provenance {
            said: provenance,
            endpoint: aod.origin().to_owned(),
            answered_at: context.clock().now(),
            answered_in_ms,
        };
        let agent_recommendations = recommend::agents(&self.agents, &question.asked.nlp_query, &entities);
        let entities = entities.into_iter().map(Entity::from).collect();
        Ok(Discovery {
            success: true,
            request_id: question.request_id,
            message,
            discovery: Details { entities, agent_recommendations, provenance },
        })
    }
}

impl From<Found> for Entity {
    fn from(found: Found) -> Self {
        let confidence_level = match found.confidence {
            sure if sure >= 0.9 => "high",
            sure if sure >= 0.7 => "medium",
            sure if sure >= 0.5 => "low",
            _ => "very_low",
        };
        Self { found, confidence_level }
    }
}
