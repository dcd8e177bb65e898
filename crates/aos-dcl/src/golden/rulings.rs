//! What people rule about two records, and why the model thinks what it thinks of them.

use super::compared::{fields, key_of, record, resolvable};
use crate::service::TenantDcl;
use crate::{Error, Result};
use aos_core::kind::{self, UNIFY, Unify};
use aos_core::task::NewTask;
use aos_resolve::{PairEvidence, Resolver};
use aos_store::{GoldenRuling, NewRuling, Page, PageOf, RecordPlace, Review, ReviewState, RulingVerdict};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

/// A resolution that meets another one begins again.
const ATTEMPTS: u32 = 3;

/// A record by the name of its connection and its id there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordName {
    #[schema(example = "salesforce")]
    pub source: String,
    #[schema(example = "003A000001")]
    pub record_id: String,
}

#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "entity": "contact",
    "left": { "source": "crm", "record_id": "C-17" },
    "right": { "source": "desk", "record_id": "D-4" },
    "verdict": "same",
    "reason": "they told us",
}))]
pub struct RuleRequest {
    #[schema(example = "contact")]
    pub entity: String,
    pub left: RecordName,
    pub right: RecordName,
    /// `same` or `different`.
    #[schema(value_type = String, example = "same")]
    pub verdict: RulingVerdict,
    #[serde(default)]
    pub reason: Option<String>,
}

/// A ruling, and the task that brings the golden records in line with it.
#[derive(Debug, Clone, Serialize)]
pub struct RuledPair {
    pub ruling: GoldenRuling,
    pub task_id: Option<Uuid>,
}

/// What the model thinks of two records.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PairExplanation {
    pub entity: String,
    pub left: RecordName,
    pub right: RecordName,
    /// The thing that both are, when they are one.
    pub golden_id: Option<Uuid>,
    #[schema(value_type = Object)]
    pub evidence: PairEvidence,
}

impl TenantDcl {
    /// Rules that two records are one thing or are not.
    pub async fn rule(&self, asked: &RuleRequest) -> Result<RuledPair> {
        self.resolvable_entity(&asked.entity).await?;
        let (left, right) = (self.place_of(&asked.left).await?, self.place_of(&asked.right).await?);
        if left == right {
            return Err(Error::NotFound("other_record"));
        }
        let found = self.records_at(&asked.entity, &[left.clone(), right.clone()]).await?;
        if found.len() < 2 {
            return Err(Error::NotFound("record"));
        }
        let log_odds = self.pair_evidence(&asked.entity, &left, &right).await?.map(|(_, log_odds)| log_odds);
        let new = NewRuling { left, right, verdict: asked.verdict, reason: asked.reason.clone(), log_odds };
        self.keep_ruling(&asked.entity, &new).await
    }

    /// Takes a ruling back; what follows from it is undone by the task.
    pub async fn undo_ruling(&self, id: Uuid) -> Result<RuledPair> {
        let ruling = self.store().undo_ruling(id).await?;
        let task_id = self.unify_later(&ruling.entity).await?;
        Ok(RuledPair { ruling, task_id })
    }

    pub async fn rulings(&self, entity: &str, page: Page) -> Result<PageOf<GoldenRuling>> {
        self.golden_entity(entity).await?;
        Ok(self.store().list_rulings(entity, page).await?)
    }

    /// Tells what the model thinks of two records.
    pub async fn explain_pair(&self, entity: &str, left: &RecordName, right: &RecordName) -> Result<PairExplanation> {
        self.resolvable_entity(entity).await?;
        let (a, b) = (self.place_of(left).await?, self.place_of(right).await?);
        let (mut evidence, _) = self.pair_evidence(entity, &a, &b).await?.ok_or(Error::NotFound("golden_record"))?;
        self.mask_evidence(&self.golden_entity(entity).await?, &mut evidence);
        let (of_a, of_b) = (self.store().golden_of(entity, &a).await?, self.store().golden_of(entity, &b).await?);
        Ok(PairExplanation {
            entity: entity.to_owned(),
            left: left.clone(),
            right: right.clone(),
            golden_id: of_a.filter(|_| of_a == of_b),
            evidence,
        })
    }

    /// Makes a ruling of what was decided about an item of the review queue.
    pub(crate) async fn rule_by_review(&self, review: &Review, reason: Option<&str>) -> Result<Option<Uuid>> {
        let verdict = match review.state {
            ReviewState::Approved => RulingVerdict::Same,
            ReviewState::Rejected => RulingVerdict::Different,
            _ => return Ok(None),
        };
        let place = |side: &str| {
            let of = &review.payload[side];
            Some(RecordPlace {
                connection_id: serde_json::from_value(of["connection_id"].clone()).ok()?,
                record_id: of["record_id"].as_str()?.to_owned(),
            })
        };
        let (Some(entity), Some(left), Some(right)) =
            (review.payload["entity"].as_str(), place("left"), place("right"))
        else {
            return Ok(None);
        };
        let log_odds = review.payload["log_odds"].as_f64();
        let new = NewRuling { left, right, verdict, reason: reason.map(str::to_owned), log_odds };
        Ok(self.keep_ruling(entity, &new).await?.task_id)
    }

    /// Takes back what an approved item of the review queue had ruled.
    pub(crate) async fn unrule_by_review(&self, review: &Review) -> Result<Option<Uuid>> {
        let Some(entity) = review.payload["entity"].as_str() else { return Ok(None) };
        let named = |side: &str, record: &RecordPlace| {
            let of = &review.payload[side];
            of["connection_id"] == json!(record.connection_id) && of["record_id"] == json!(record.record_id)
        };
        let about = |ruling: &GoldenRuling| {
            (named("left", &ruling.left) && named("right", &ruling.right))
                || (named("left", &ruling.right) && named("right", &ruling.left))
        };
        let held = self.store().rulings_that_hold(entity).await?;
        match held.into_iter().find(about) {
            Some(ruling) => Ok(self.undo_ruling(ruling.id).await?.task_id),
            None => Ok(None),
        }
    }

    async fn keep_ruling(&self, entity: &str, new: &NewRuling) -> Result<RuledPair> {
        let ruling = self.store().rule_golden(entity, new).await?;
        let task_id = self.unify_later(entity).await?;
        Ok(RuledPair { ruling, task_id })
    }

    /// Enqueues the resolution that follows from a ruling.
    async fn unify_later(&self, entity: &str) -> Result<Option<Uuid>> {
        let payload = json!(Unify { entities: Some(vec![entity.to_owned()]), refit: false });
        let task =
            self.store().enqueue_task(NewTask { max_attempts: ATTEMPTS, ..NewTask::new(UNIFY, payload) }).await?;
        let broker = self.inner.broker.clone();
        aos_store::after_commit(async move { broker.system().wake(kind::WAKE) }).await;
        Ok(Some(task.task.id.0))
    }

    async fn place_of(&self, name: &RecordName) -> Result<RecordPlace> {
        let connection = self.store().find_connection(&name.source).await?.ok_or(Error::NotFound("record"))?;
        Ok(RecordPlace { connection_id: connection.id, record_id: name.record_id.clone() })
    }

    async fn resolvable_entity(&self, entity: &str) -> Result<()> {
        let ontology = self.ontology().await?;
        let all = resolvable(&ontology);
        if all.iter().any(|known| known == entity) {
            return Ok(());
        }
        Err(Error::UnknownEntity { entity: entity.to_owned(), known: all.join(", ") })
    }

    /// Compares two records under the stored model; none before the first resolution, or when one of them is not there.
    async fn pair_evidence(
        &self,
        entity: &str,
        a: &RecordPlace,
        b: &RecordPlace,
    ) -> Result<Option<(PairEvidence, f64)>> {
        let Some(model) = self.stored_model(entity).await? else { return Ok(None) };
        let definition = self.golden_entity(entity).await?;
        let (fields, beside) = (fields(&definition), self.beside(entity).await?);
        let found = self.records_at(entity, &[a.clone(), b.clone()]).await?;
        let records = found.values().map(|from| record(&definition, &fields, &beside, from)).collect();
        let resolver = Resolver::new(model, records);
        let (left, right) = (key_of(a), key_of(b));
        Ok(resolver.explain(&left, &right).zip(resolver.log_odds_of(&left, &right)))
    }
}
