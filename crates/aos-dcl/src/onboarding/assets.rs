//! What the discovery service found in the organisation: its answer to the newest question, as the task keeps it, with what became of each thing.

use super::source_type;
use crate::service::TenantDcl;
use crate::{Error, Result};
use aos_core::kind;
use aos_core::onboarding::IntentState;
use aos_core::task::TaskState;
use aos_store::{Intent, IntentFilter, MAX_LIMIT, Page, Task, TaskFilter};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::HashMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// How an intent says in `evidence.source` which asset it comes from.
const EVIDENCE_PREFIX: &str = "aod/";

/// What is known by the discovery service's word.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Assets {
    /// Whether the operator has named a discovery service.
    pub configured: bool,
    /// The newest question, whatever became of it.
    #[schema(required)]
    pub asked: Option<AssetQuestion>,
    /// The newest question that was answered. The assets are its answer, kept for as long as its task is.
    #[schema(required)]
    pub answered: Option<AssetAnswer>,
    pub items: Vec<Asset>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AssetQuestion {
    pub task_id: Uuid,
    pub question: String,
    pub state: TaskState,
    pub asked_at: DateTime<Utc>,
    /// Why it failed.
    #[schema(required)]
    pub error: Option<String>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AssetAnswer {
    pub task_id: Uuid,
    pub question: String,
    /// The service's own words.
    pub message: String,
    pub answered_at: DateTime<Utc>,
    /// What the service says of itself, and what was seen of it from here.
    #[schema(value_type = Object)]
    pub provenance: Map<String, Value>,
}

/// One thing that was found, surest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Asset {
    /// The same for the same thing in every answer.
    pub id: String,
    pub name: String,
    /// What was looked for when it was found: `data_source_discovery`, `entity_mapping`, `schema_analysis` or `relationship_discovery`.
    pub discovery_type: String,
    /// What it is, e.g. `data_source` or `table`.
    pub entity_type: String,
    /// The system it was found in.
    pub source: String,
    /// From 0 to 1, by the service's word.
    pub confidence: f64,
    pub evidence: Vec<String>,
    #[schema(value_type = Object)]
    pub attributes: Map<String, Value>,
    /// The kind of source it can be proposed as; null for what is no system, or of no known kind.
    #[schema(required)]
    pub source_type: Option<String>,
    /// The connector that reads it; null where nothing here does.
    #[schema(required)]
    pub connector: Option<String>,
    /// The newest proposal that names it as its evidence.
    #[schema(required)]
    pub intent: Option<AssetIntent>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AssetIntent {
    pub id: Uuid,
    pub state: IntentState,
    #[schema(required)]
    pub connection_id: Option<Uuid>,
}

/// What of a task's result is shown.
#[derive(Deserialize)]
struct Kept {
    #[serde(default)]
    message: String,
    discovery: KeptDiscovery,
}

#[derive(Deserialize)]
struct KeptDiscovery {
    entities: Vec<KeptEntity>,
    #[serde(default)]
    provenance: Map<String, Value>,
}

#[derive(Deserialize)]
struct KeptEntity {
    id: String,
    name: String,
    discovery_type: String,
    entity_type: String,
    #[serde(default)]
    source: String,
    confidence: f64,
    #[serde(default)]
    evidence: Vec<String>,
    #[serde(default)]
    attributes: Map<String, Value>,
}

impl TenantDcl {
    /// Returns what the discovery service found, by its newest answer. The service is not asked.
    pub async fn assets(&self, configured: bool) -> Result<Assets> {
        let asked = self.newest_question(Vec::new()).await?;
        let answered = match &asked {
            Some(task) if task.state == TaskState::Success => asked.clone(),
            _ => self.newest_question(vec![TaskState::Success]).await?,
        };
        let (mut answer, mut items) = (None, Vec::new());
        if let Some(task) = answered {
            let kept: Kept = serde_json::from_value(task.result.clone().unwrap_or_default())
                .map_err(|error| Error::Intent(format!("the kept answer of the discovery service: {error}")))?;
            let proposed = self.proposed_assets().await?;
            items = kept.discovery.entities.into_iter().map(|found| asset(found, &proposed)).collect();
            answer = Some(AssetAnswer {
                task_id: task.id.0,
                question: question_of(&task),
                message: kept.message,
                answered_at: task.finished_at.unwrap_or(task.created_at),
                provenance: kept.discovery.provenance,
            });
        }
        let asked = asked.map(|task| AssetQuestion {
            task_id: task.id.0,
            question: question_of(&task),
            state: task.state,
            asked_at: task.created_at,
            error: task.error,
        });
        Ok(Assets { configured, asked, answered: answer, items })
    }

    async fn newest_question(&self, states: Vec<TaskState>) -> Result<Option<Task>> {
        let filter = TaskFilter { kinds: vec![kind::DISCOVER.to_owned()], states, ..TaskFilter::default() };
        let newest = self.store().list_tasks(&filter, Page::first(1)).await?.items.into_iter().next();
        match newest {
            Some(task) => Ok(self.store().task(task.id).await?),
            None => Ok(None),
        }
    }

    /// Returns the newest intent of each asset that intents name as their evidence.
    async fn proposed_assets(&self) -> Result<HashMap<String, Intent>> {
        let (mut proposed, mut page) = (HashMap::new(), Page::first(MAX_LIMIT));
        loop {
            let found = self.store().list_intents(&IntentFilter::default(), page).await?;
            for intent in found.items {
                let source =
                    intent.body["evidence"]["source"].as_str().and_then(|text| text.strip_prefix(EVIDENCE_PREFIX));
                if let Some(asset) = source.map(str::to_owned) {
                    // They come newest first.
                    proposed.entry(asset).or_insert(intent);
                }
            }
            let Some(cursor) = found.next_cursor else { return Ok(proposed) };
            page = Page::after(cursor, MAX_LIMIT);
        }
    }
}

fn question_of(task: &Task) -> String {
    task.payload["nlp_query"].as_str().unwrap_or_default().to_owned()
}

fn asset(found: KeptEntity, proposed: &HashMap<String, Intent>) -> Asset {
    let source_type = (found.entity_type == "data_source").then(|| kind_of(&found)).flatten();
    let intent = proposed.get(&found.id).map(|intent| AssetIntent {
        id: intent.id.0,
        state: intent.state,
        connection_id: intent.connection_id.map(|id| id.0),
    });
    Asset {
        source_type: source_type.map(str::to_owned),
        connector: source_type.and_then(source_type::connector).map(str::to_owned),
        intent,
        id: found.id,
        name: found.name,
        discovery_type: found.discovery_type,
        entity_type: found.entity_type,
        source: found.source,
        confidence: found.confidence,
        evidence: found.evidence,
        attributes: found.attributes,
    }
}

/// Finds out what kind of source a system is: by its product where the service says one, else by a word of its name.
fn kind_of(found: &KeptEntity) -> Option<&'static str> {
    match found.attributes.get("product").and_then(Value::as_str) {
        Some(product) => source_type::meant(product),
        None => found.name.split(|letter: char| !letter.is_alphanumeric()).find_map(source_type::meant),
    }
}
