//! Onboarding: what is proposed to be connected, looked into step by step in Safe Mode, and promoted by a person or a policy.
//!
//! The looking is a task's (`onboarding/steps.rs`); here is what people and programs ask for.

mod assets;
mod policy;
mod proposal;
mod source_type;
mod steps;

pub use assets::{Asset, AssetAnswer, AssetIntent, AssetQuestion, Assets};
pub use policy::OnboardingPolicy;
pub use proposal::{Evidence, IntentRequest, Namespace, Owner, ScopesMode};
pub use steps::{Looked, Onboarded};

use crate::service::TenantDcl;
use crate::{Error, Result};
use aos_broker::Topic;
use aos_core::onboarding::{Funnel, IntentState, Standing, funnel};
use aos_core::task::NewTask;
use aos_core::{ConnectionId, IntentId, kind};
use aos_store::{Intent, IntentFilter, IntentSample, IntentStep, MAX_LIMIT, Page, PageOf};
use chrono::{DateTime, Utc};
use proposal::new_intent;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

/// An intent, and how far it has come.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct IntentInfo {
    pub id: Uuid,
    pub name: String,
    pub source_type: String,
    pub namespace: String,
    pub state: IntentState,
    /// Why it goes no further, for programs; null while it does.
    #[schema(example = json!(null))]
    pub code: Option<String>,
    pub message: Option<String>,
    /// Its connection, once it has one.
    pub connection_id: Option<Uuid>,
    /// As it was proposed.
    #[schema(value_type = Object)]
    pub intent: Value,
    pub created_by: String,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// An intent with what became of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct IntentDetail {
    #[serde(flatten)]
    pub intent: IntentInfo,
    pub transitions: Vec<TransitionInfo>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TransitionInfo {
    pub from: IntentState,
    pub to: IntentState,
    pub at: DateTime<Utc>,
    /// Who did it.
    pub by: String,
    pub message: String,
    /// What was found, e.g. how many streams.
    #[schema(value_type = Object)]
    pub detail: Value,
}

/// The first records of a stream, and what they would be mapped to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SampleInfo {
    pub stream: String,
    /// The entity it would feed; none when it would feed none.
    pub entity: Option<String>,
    pub confidence: Option<f64>,
    /// At most 20.
    #[schema(value_type = Vec<Object>)]
    pub records: Value,
}

impl TenantDcl {
    /// Writes proposals down, all or none, each with the task that looks into it.
    pub async fn propose_intents(&self, requests: Vec<IntentRequest>) -> Result<Vec<IntentInfo>> {
        let new = requests.into_iter().map(new_intent).collect::<Result<Vec<_>>>()?;
        let intents = self.store().propose_intents(&new).await?;
        let told: Vec<Value> =
            intents.iter().map(|intent| event(intent, None, IntentState::Proposed, None, "it is proposed")).collect();
        let tenant = self.clone();
        aos_store::after_commit(async move {
            tenant.inner.broker.system().wake(kind::WAKE);
            for event in told {
                tenant.tell(Topic::Intent, event).await;
            }
        })
        .await;
        Ok(intents.into_iter().map(IntentInfo::from).collect())
    }

    pub async fn intents(&self, filter: &IntentFilter, page: Page) -> Result<PageOf<IntentInfo>> {
        let page = self.store().list_intents(filter, page).await?;
        Ok(PageOf { items: page.items.into_iter().map(IntentInfo::from).collect(), next_cursor: page.next_cursor })
    }

    pub async fn intent(&self, id: IntentId) -> Result<IntentDetail> {
        let intent = self.known_intent(id).await?;
        let transitions = self.store().intent_transitions(id).await?.into_iter().map(|step| TransitionInfo {
            from: step.from,
            to: step.to,
            at: step.at,
            by: step.principal,
            message: step.message,
            detail: step.detail,
        });
        Ok(IntentDetail { transitions: transitions.collect(), intent: intent.into() })
    }

    /// Returns what whoever decides looks at; nothing once it is decided.
    pub async fn intent_samples(&self, id: IntentId) -> Result<Vec<SampleInfo>> {
        self.known_intent(id).await?;
        let samples = self.store().intent_samples(id).await?.into_iter();
        Ok(samples
            .map(|IntentSample { stream, entity, confidence, records }| SampleInfo {
                stream,
                entity,
                confidence,
                records,
            })
            .collect())
    }

    /// Lets the connection of a sampled intent be read like every other one, and has it read.
    pub async fn promote_intent(&self, id: IntentId, why: &str) -> Result<IntentDetail> {
        let intent = self.known_intent(id).await?;
        self.step(&intent, IntentState::Promoted, ("promoted", why), Vec::new()).await?;
        if let Some(connection) = intent.connection_id {
            self.read_promoted(connection, &intent).await?;
        }
        self.touch().await?;
        self.intent(id).await
    }

    /// Turns an intent down. Its connection goes, with its secrets and what was sampled.
    pub async fn reject_intent(&self, id: IntentId, why: &str) -> Result<IntentDetail> {
        let intent = self.known_intent(id).await?;
        self.step(&intent, IntentState::Rejected, ("rejected", why), Vec::new()).await?;
        self.remove_unpromoted(&intent).await?;
        self.intent(id).await
    }

    /// Looks into an intent again that failed, from the start.
    pub async fn retry_intent(&self, id: IntentId) -> Result<IntentDetail> {
        let intent = self.known_intent(id).await?;
        self.step(&intent, IntentState::Proposed, ("retried", "it is looked into again"), Vec::new()).await?;
        let tenant = self.clone();
        aos_store::after_commit(async move { tenant.inner.broker.system().wake(kind::WAKE) }).await;
        self.intent(id).await
    }

    /// Counts how many of the proposed sources have come how far, as things stand now.
    pub async fn onboarding_funnel(&self, namespace: Option<Namespace>) -> Result<Funnel> {
        let filter = IntentFilter { namespace: namespace.map(Namespace::word), ..IntentFilter::default() };
        let verdicts = self.verdicts().await?;
        let (mut standings, mut page) = (Vec::new(), Page::first(MAX_LIMIT));
        loop {
            let found = self.store().list_intents(&filter, page).await?;
            standings.extend(found.items.iter().map(|intent| match intent.state {
                IntentState::Promoted => {
                    let verdict = intent.connection_id.and_then(|id| verdicts.get(&id));
                    verdict.map_or(Standing::TurnedDown, |verdict| verdict.standing())
                }
                state => Standing::of(state, intent.code.as_deref()),
            }));
            let Some(cursor) = found.next_cursor else { return Ok(funnel(standings)) };
            page = Page::after(cursor, MAX_LIMIT);
        }
    }

    async fn known_intent(&self, id: IntentId) -> Result<Intent> {
        self.store().intent(id).await?.ok_or(Error::NotFound("intent"))
    }

    /// Takes an intent to another state, or says in which it is.
    async fn step(
        &self,
        intent: &Intent,
        to: IntentState,
        (done, message): (&'static str, &str),
        samples: Vec<IntentSample>,
    ) -> Result<()> {
        let code = (to == IntentState::Rejected).then_some("rejected");
        let step = IntentStep { from: intent.state, to, code, message, detail: json!({}), samples };
        if self.take_step(intent, &step).await? {
            return Ok(());
        }
        let is = self.known_intent(intent.id).await?.state.as_str();
        let wanted = match to {
            IntentState::Promoted => "sampled",
            IntentState::Proposed => "failed",
            _ => "not decided yet",
        };
        Err(Error::IntentState { is, wanted, done })
    }

    /// Takes a step, and tells of it once it is committed.
    pub(crate) async fn take_step(&self, intent: &Intent, step: &IntentStep<'_>) -> Result<bool> {
        if !self.store().step_intent(intent.id, step).await? {
            return Ok(false);
        }
        let told = event(intent, Some(step.from), step.to, step.code, step.message);
        let tenant = self.clone();
        aos_store::after_commit(async move { tenant.tell(Topic::Intent, told).await }).await;
        Ok(true)
    }

    /// Has a connection read for the first time.
    pub(crate) async fn read_promoted(&self, connection: ConnectionId, intent: &Intent) -> Result<()> {
        let streams = intent.body["resource_ids"].as_array().cloned().unwrap_or_default();
        let streams = streams.into_iter().filter_map(|name| name.as_str().map(str::to_owned)).collect();
        let sync = kind::Sync { connection: connection.to_string(), streams, ..kind::Sync::default() };
        let task = NewTask {
            exclusive: Some(kind::sync_right(connection)),
            max_attempts: kind::SYNC_ATTEMPTS,
            ..NewTask::new(kind::SYNC, json!(sync))
        };
        self.store().enqueue_task(task).await?;
        let tenant = self.clone();
        aos_store::after_commit(async move { tenant.inner.broker.system().wake(kind::WAKE) }).await;
        Ok(())
    }

    /// Removes the connection of an intent that was turned down. Nothing was ever landed from it.
    pub(crate) async fn remove_unpromoted(&self, intent: &Intent) -> Result<()> {
        let Some(id) = intent.connection_id else { return Ok(()) };
        match self.store().delete_connection(id).await {
            Ok(_) | Err(aos_store::Error::NotFound(_)) => self.touch().await,
            Err(error) => Err(error.into()),
        }
    }
}

fn event(intent: &Intent, from: Option<IntentState>, to: IntentState, code: Option<&str>, message: &str) -> Value {
    json!({
        "intent_id": intent.id, "name": intent.name, "source_type": intent.source_type, "connection_id": intent.connection_id,
        "from": from, "state": to, "code": code, "message": message,
    })
}

impl crate::health::Verdict {
    fn standing(self) -> Standing {
        match self {
            Self::Healthy => Standing::Active,
            Self::Degraded => Standing::Healing,
            Self::Failing => Standing::Error,
            Self::Unknown => Standing::Reachable,
            Self::Paused => Standing::Waiting,
        }
    }
}

impl From<Intent> for IntentInfo {
    fn from(intent: Intent) -> Self {
        Self {
            id: intent.id.0,
            name: intent.name,
            source_type: intent.source_type,
            namespace: intent.namespace,
            state: intent.state,
            code: intent.code,
            message: intent.message,
            connection_id: intent.connection_id.map(|id| id.0),
            intent: intent.body,
            created_by: intent.created_by,
            created_at: intent.created_at,
            updated_at: intent.updated_at,
        }
    }
}
