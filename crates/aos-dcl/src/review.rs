//! The queue of what waits for a person: shown, discussed, decided. What follows from a decision depends on the kind of the item.

use crate::golden::ENTITY_PAIR;
use crate::service::TenantDcl;
use crate::{Error, Result};
use aos_broker::Topic;
use aos_core::kind;
use aos_core::policy::{Lens, Sensitivity};
use aos_core::task::NewTask;
use aos_drift::Rehearsal;
use aos_mesh::drift::{Autonomy, Chosen, DRIFT, DriftPolicy, MAPPING, RAW_RECORDS_MAX};
use aos_store::{ChangedMapping, Page, PageOf, Review, ReviewComment, ReviewDecision, ReviewFilter, ReviewState};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// How many items one call can decide.
pub const DECIDED_AT_ONCE_MAX: usize = 200;

/// What became of an item that was decided.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Decided {
    pub review_id: Uuid,
    /// The mapping's version that holds now, where one was made.
    pub version: Option<u32>,
    /// The task that maps the affected past anew, where there is one.
    pub task_id: Option<Uuid>,
    /// What that task does, as the stream's drift lists it.
    pub remap_id: Option<Uuid>,
}

/// What a repair would do, with who would notice.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RehearsalReport {
    #[serde(flatten)]
    pub rehearsal: Rehearsal,
    /// Views whose cells would change.
    pub views: Vec<String>,
    /// Agents that consume them.
    pub agents: Vec<String>,
}

impl TenantDcl {
    /// Lists items of the queue, as the caller may see them.
    pub async fn reviews(&self, filter: &ReviewFilter, page: Page) -> Result<PageOf<Review>> {
        let mut found = self.store().list_reviews(filter, page).await?;
        let lens = Lens::of(&self.scope);
        found.items.iter_mut().for_each(|review| mask(&lens, review));
        Ok(found)
    }

    /// Returns an item with what was said of it.
    pub async fn review(&self, id: Uuid) -> Result<(Review, Vec<ReviewComment>)> {
        let mut review = self.store().review(id).await?.ok_or(Error::NotFound("review"))?;
        mask(&Lens::of(&self.scope), &mut review);
        Ok((review, self.store().review_comments(id).await?))
    }

    pub async fn assign_review(&self, id: Uuid, assignee: Option<&str>) -> Result<Review> {
        let review = self.store().assign_review(id, assignee).await?;
        self.tell_review(&review, "changed").await;
        Ok(review)
    }

    pub async fn comment_review(&self, id: Uuid, text: &str) -> Result<ReviewComment> {
        Ok(self.store().comment_review(id, text).await?)
    }

    /// Approves items, each with what was chosen for it. Items about one stream are applied together, all or none of them.
    pub async fn approve_reviews(&self, chosen: Vec<(Uuid, Chosen)>) -> Result<Vec<Decided>> {
        let mut of_streams: BTreeMap<(Uuid, String), Vec<(Review, Chosen)>> = BTreeMap::new();
        let mut others = Vec::new();
        for (id, chosen) in chosen.into_iter().take(DECIDED_AT_ONCE_MAX) {
            let review = self.store().review(id).await?.ok_or(Error::NotFound("review"))?;
            match (review.kind.as_str(), review.connection_id, review.stream.clone()) {
                (DRIFT | MAPPING, Some(connection), Some(stream)) => {
                    of_streams.entry((connection.0, stream)).or_default().push((review, chosen));
                }
                _ => others.push((review, chosen)),
            }
        }
        let mut decided = Vec::new();
        if !of_streams.is_empty() {
            self.may_repair().await?;
        }
        for items in of_streams.into_values() {
            decided.extend(self.apply(&items).await?);
        }
        for (review, chosen) in others {
            decided.push(self.approve_other(&review, &chosen).await?);
        }
        Ok(decided)
    }

    /// Rejects items: what they propose is wrong. Streams that wait for a decision go on waiting.
    pub async fn reject_reviews(
        &self,
        rejected: Vec<(Uuid, Option<i64>)>,
        reason: Option<&str>,
    ) -> Result<Vec<Decided>> {
        let mut decided = Vec::new();
        for (id, revision) in rejected.into_iter().take(DECIDED_AT_ONCE_MAX) {
            let review = self.store().review(id).await?.ok_or(Error::NotFound("review"))?;
            let first = &review.payload["candidates"][0];
            let decision = ReviewDecision {
                id,
                revision,
                state: ReviewState::Rejected,
                outcome: json!({ "reason": reason }),
                was_right: review.confidence.map(|_| false),
                features: json!({
                    "repair": first["repair"], "proof": first["proof"], "confidence": first["confidence"],
                    "held": first["held"].is_string(),
                    "kind": review.payload["changes"][0]["kind"],
                }),
            };
            let review = self.store().decide_review(&decision).await?;
            let task_id = self.follow_pair(&review, reason).await?;
            self.tell_review(&review, review.state.as_str()).await;
            decided.push(Decided { review_id: id, version: None, task_id, remap_id: None });
        }
        Ok(decided)
    }

    /// Takes back what followed from an approval, for every record it touched.
    pub async fn undo_review(&self, id: Uuid) -> Result<Vec<Decided>> {
        let review = self.store().review(id).await?.ok_or(Error::NotFound("review"))?;
        if review.kind == ENTITY_PAIR {
            return self.undo_pair(&review).await;
        }
        self.may_repair().await?;
        let undone = self.inner.mesh.undo(&self.scope, &review).await?;
        self.wake_workers().await;
        for id in &undone.reviews {
            self.tell_review(&Review { id: *id, ..review.clone() }, ReviewState::Undone.as_str()).await;
        }
        for reopened in &undone.changed.reopened {
            self.tell_review(reopened, reopened.state.as_str()).await;
        }
        Ok(undone.reviews.iter().map(|id| Decided::by(*id, &undone.changed)).collect())
    }

    async fn undo_pair(&self, review: &Review) -> Result<Vec<Decided>> {
        let decision = ReviewDecision {
            id: review.id,
            revision: None,
            state: ReviewState::Undone,
            outcome: json!({}),
            was_right: None,
            features: json!({}),
        };
        let review = self.store().decide_review(&decision).await?;
        let task_id = self.unrule_by_review(&review).await?;
        self.tell_review(&review, review.state.as_str()).await;
        Ok(vec![Decided { review_id: review.id, version: None, task_id, remap_id: None }])
    }

    /// Tries a choice on the latest raw records and keeps nothing.
    pub async fn rehearse_review(&self, id: Uuid, chosen: &Chosen, records_max: u64) -> Result<RehearsalReport> {
        let review = self.store().review(id).await?.ok_or(Error::NotFound("review"))?;
        let ontology = self.ontology().await?;
        let records_max = records_max.clamp(1, RAW_RECORDS_MAX);
        let mut rehearsal = self.inner.mesh.rehearse(&self.scope, &ontology, &review, chosen, records_max).await?;
        let lens = Lens::of(&self.scope);
        for cell in &mut rehearsal.cells {
            let of = ontology.field(&cell.entity, &cell.field).map_or(Sensitivity::Unclassified, Sensitivity::of);
            let key = ontology.entity(&cell.entity).and_then(|entity| entity.fields.get(&entity.key));
            cell.record_id = lens.text(key.map_or(Sensitivity::Unclassified, Sensitivity::of), cell.record_id.clone());
            cell.before = cell.before.take().map(|value| lens.value(of, value));
            cell.after = cell.after.take().map(|value| lens.value(of, value));
        }
        let changes = |effect: &&aos_drift::FieldEffect| effect.changed + effect.gained + effect.lost > 0;
        let mut views: Vec<String> =
            rehearsal.fields.iter().filter(changes).map(|effect| effect.entity.clone()).collect();
        views.dedup();
        let consumes = |consumed: &[String]| consumed.iter().any(|entity| views.contains(entity));
        let agents = self.inner.agents.iter().filter(|agent| consumes(&agent.consumes));
        let agents = agents.map(|agent| agent.name.clone()).collect();
        Ok(RehearsalReport { rehearsal, views, agents })
    }

    async fn apply(&self, items: &[(Review, Chosen)]) -> Result<Vec<Decided>> {
        let ontology = self.ontology().await?;
        let applied = self.inner.mesh.apply(&self.scope, &ontology, items).await?;
        // A stream that was not read on is read now; where one is read already, that read comes upon the new mapping.
        let sync = kind::Sync { connection: applied.connection.to_string(), ..kind::Sync::default() };
        let task = NewTask {
            exclusive: Some(kind::sync_right(applied.connection)),
            max_attempts: kind::SYNC_ATTEMPTS,
            ..NewTask::new(kind::SYNC, json!(sync))
        };
        match self.store().enqueue_task(task).await {
            Ok(_) | Err(aos_store::Error::TaskActive { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        self.wake_workers().await;
        for (review, _) in items {
            self.tell_review(review, ReviewState::Approved.as_str()).await;
        }
        Ok(items.iter().map(|(review, _)| Decided::by(review.id, &applied.changed)).collect())
    }

    /// Approves an item that is about no stream.
    async fn approve_other(&self, review: &Review, chosen: &Chosen) -> Result<Decided> {
        let decision = ReviewDecision {
            id: review.id,
            revision: chosen.revision,
            state: ReviewState::Approved,
            outcome: json!({}),
            was_right: review.confidence.map(|_| true),
            features: json!({}),
        };
        let review = self.store().decide_review(&decision).await?;
        let task_id = self.follow_pair(&review, None).await?;
        self.tell_review(&review, review.state.as_str()).await;
        Ok(Decided { review_id: review.id, version: None, task_id, remap_id: None })
    }

    /// Makes a ruling of what was decided about two records.
    async fn follow_pair(&self, review: &Review, reason: Option<&str>) -> Result<Option<Uuid>> {
        if review.kind == ENTITY_PAIR { self.rule_by_review(review, reason).await } else { Ok(None) }
    }

    async fn may_repair(&self) -> Result<()> {
        match DriftPolicy::load(&self.store()).await?.autonomy {
            Autonomy::Observe => Err(aos_mesh::Error::NotAllowed("observe").into()),
            Autonomy::Recommend => Err(aos_mesh::Error::NotAllowed("recommend").into()),
            Autonomy::ApproveToAct | Autonomy::Auto => Ok(()),
        }
    }

    pub(crate) async fn wake_workers(&self) {
        let broker = self.inner.broker.clone();
        aos_store::after_commit(async move { broker.system().wake(kind::WAKE) }).await;
    }

    /// Tells what has become of an item: the state it came to, `escalated`, or `changed` where only something about it has.
    pub(crate) async fn tell_review(&self, review: &Review, state: &str) {
        let told = json!({
            "review_id": review.id, "kind": review.kind, "state": state, "connection_id": review.connection_id,
            "stream": review.stream,
        });
        let tenant = self.clone();
        aos_store::after_commit(async move { tenant.tell(Topic::Drift, told).await }).await;
    }
}

impl Decided {
    fn by(review: Uuid, changed: &ChangedMapping) -> Self {
        let (version, task) = (Some(changed.version), Some(changed.task.id.0));
        Self { review_id: review, version, task_id: task, remap_id: Some(changed.remap) }
    }
}

/// Hides what may be personal from those who may not see it: evidence and value tables quote values of the source.
fn mask(lens: &Lens, review: &mut Review) {
    if *lens == Lens::Clear {
        return;
    }
    let hide = |value: &mut Value| {
        if let Value::Array(said) = value {
            said.iter_mut().for_each(|one| *one = lens.value(Sensitivity::Unclassified, one.take()));
        }
    };
    let lists = ["changes", "candidates"].into_iter();
    for list in lists {
        for one in review.payload[list].as_array_mut().into_iter().flatten() {
            hide(&mut one["evidence"]);
            for edit in one.get_mut("edits").and_then(Value::as_array_mut).into_iter().flatten() {
                for side in ["before", "after"] {
                    hide(&mut edit[side]["evidence"]);
                    hide(&mut edit[side]["transforms"]);
                }
            }
        }
    }
    if review.kind != DRIFT && review.kind != MAPPING {
        review.payload = lens.value(Sensitivity::Unclassified, review.payload.take());
    }
}
