//! The answer to drift: what is kept of it, what waits for a person, and what is repaired at once.

use super::alone;
use super::item::{DRIFT, DriftItem};
use super::policy::{Autonomy, DriftPolicy, Standing, autofix_is_on};
use super::watch::Watch;
use crate::Result;
use crate::sync::{Course, Prepared, Sync};
use aos_broker::Topic;
use aos_core::drift::Pair;
use aos_core::mapping::{Origin, StreamMapping};
use aos_core::shape::StreamShape;
use aos_drift::{Contract, Edit, Judged, Quarantine, Sample, accepted_with, brief, touched};
use aos_lake::Segment;
use aos_store::{NewObservation, NewReview, Page, Review, ReviewDecision, ReviewFilter, ReviewState, SeenDrift};
use chrono::Duration;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::sync::Arc;

/// How many segments rows are taken from where versions are compared cell by cell.
const SEGMENTS_COMPARED: u32 = 8;
/// How many paths of one stream are put before people; what is beyond is counted.
const ITEMS_MAX: usize = 200;

/// What a read does after drift was found.
pub(crate) enum Response {
    /// It goes on with such values kept aside, and these paths known.
    GoesOn(Quarantine, Vec<String>),
    /// It goes on under another version of the mapping.
    Repaired(StreamMapping),
    /// It waits, and says why.
    Frozen(String),
}

impl Sync<'_> {
    /// Gathers what a stream is judged by; none where nothing was accepted of it yet, or nothing of it is mapped.
    pub(crate) async fn watch(&self, prepared: &Prepared, course: &Course) -> Result<Option<Arc<Watch>>> {
        let profile = &prepared.profile;
        let Some(accepted) = &profile.accepted else { return Ok(None) };
        let stream = &prepared.stream;
        let goes_on = profile.drift.as_ref().is_some_and(|drift| drift["goes_on"] == true);
        let below = goes_on.then_some(profile.epoch);
        let segments = self.store().recent_segments(self.connection.id, &stream.name, below, SEGMENTS_COMPARED).await?;
        let declared: HashSet<String> = stream.fields.iter().map(|field| field.name.clone()).collect();
        Ok(Some(Arc::new(Watch {
            accepted: StreamShape { stream: stream.name.clone(), ..accepted.clone() },
            contract: contract(&profile.contract),
            declared: Some(declared).filter(|declared| !declared.is_empty()),
            whole: course.whole,
            lake: self.mesh.lake.tenant(self.scope),
            segments: segments.into_iter().map(super::remap::manifest).collect(),
            known: prepared.known_drift.clone(),
        })))
    }

    /// Answers drift that stopped a read before it kept anything of it.
    pub(crate) async fn answer(
        &self,
        prepared: &Prepared,
        judged: &Judged,
        sample: &Sample,
        may_repair: bool,
    ) -> Result<Response> {
        let (id, stream) = (self.connection.id, prepared.stream.name.as_str());
        let (store, profile) = (self.store(), &prepared.profile);
        let standing = DriftPolicy::load(&store).await?.standing(&store, self.mesh.autofix).await?;
        let policy = &standing.policy;
        let tiers = (policy.review_from, standing.auto_from.unwrap_or(policy.auto_from));
        let version = prepared.mapping.version;
        let items: Vec<DriftItem> = judged
            .findings
            .iter()
            .take(ITEMS_MAX)
            .map(|finding| DriftItem::of(finding, version, &standing.fitted, tiers))
            .collect();
        let reviews = match policy.autonomy {
            Autonomy::Observe => Vec::new(),
            _ => self.open_items(stream, &items, &standing).await?,
        };
        let applied_today = if may_repair { self.applied_today().await? } else { 0 };
        let chosen =
            if may_repair { alone::chosen(&standing, judged, &items, &reviews, applied_today) } else { Vec::new() };
        let accepted = profile.accepted.as_ref().unwrap_or(&judged.observed);
        let seen = accepted_with(accepted, &judged.observed, &touched(&judged.changes));
        let kept = self.keep_sample(stream, sample).await?;
        let goes_on = !judged.freezes();
        let drift = json!({
            "run_id": self.run, "changes": judged.changes_json(), "mapping_version": version,
            "action": judged.findings.iter().map(|finding| finding.action.as_str()).collect::<Vec<_>>(),
        });
        let goes_on_now = goes_on && chosen.is_empty();
        let seen = SeenDrift { observed: &seen, drift: &drift, sample: kept.as_ref(), goes_on: goes_on_now };
        store.note_drift(id, seen).await?;
        self.forget_sample(profile.sample.as_ref()).await?;
        self.observed(stream, &judged.observed, &judged.changes_json()).await?;
        let subjects: Vec<String> = items.iter().map(|item| item.subject(id, stream)).collect();
        let subjects: Vec<&str> = subjects.iter().map(String::as_str).collect();
        store.supersede_reviews(DRIFT, id, stream, &subjects).await?;
        self.tell_drift(stream, judged, reviews.len()).await;
        if !chosen.is_empty()
            && let Some(mapping) = self.repair(prepared, judged, &items, &reviews, &chosen).await?
        {
            return Ok(Response::Repaired(mapping));
        }
        if goes_on {
            let paths = judged.findings.iter().map(|finding| finding.path.clone()).collect();
            return Ok(Response::GoesOn(judged.quarantine.clone(), paths));
        }
        Ok(Response::Frozen(frozen(stream, judged, &reviews)))
    }

    /// Counts what was applied without a person within a day.
    async fn applied_today(&self) -> Result<u32> {
        let since = self.mesh.clock.now() - Duration::days(1);
        let filter = ReviewFilter {
            kind: Some(DRIFT.to_owned()),
            state: Some(ReviewState::Approved),
            ..ReviewFilter::default()
        };
        let latest = self.store().list_reviews(&filter, Page::first(aos_store::MAX_LIMIT)).await?.items;
        let by_itself = |review: &&Review| {
            review.decided_at.is_some_and(|at| at > since)
                && review.outcome.as_ref().is_some_and(|outcome| outcome["how"] == "by itself")
        };
        Ok(u32::try_from(latest.iter().filter(by_itself).count()).unwrap_or(u32::MAX))
    }

    /// Applies the chosen repairs; returns the mapping that holds then. None when somebody else was faster, or the switch was turned off meanwhile.
    async fn repair(
        &self,
        prepared: &Prepared,
        judged: &Judged,
        items: &[DriftItem],
        reviews: &[Review],
        chosen: &[usize],
    ) -> Result<Option<StreamMapping>> {
        let store = self.store();
        if !autofix_is_on(&store, self.mesh.autofix).await? {
            return Ok(None);
        }
        let edits: Vec<Edit> = chosen.iter().flat_map(|at| items[*at].candidates[0].candidate.edits.clone()).collect();
        let decision = |at: &usize| ReviewDecision {
            id: reviews[*at].id,
            revision: Some(reviews[*at].revision),
            state: ReviewState::Approved,
            outcome: json!({ "how": "by itself", "candidate": 0 }),
            // Nobody looked at it, so it teaches nothing.
            was_right: None,
            features: super::apply::features(&reviews[*at], 0),
        };
        let decisions = chosen.iter().map(decision).collect();
        // With all of it made right, what has only been added is accepted too.
        let pairs: Vec<Pair> = match chosen.len() == items.len() {
            true => touched(&judged.changes),
            false => chosen.iter().flat_map(|at| items[*at].touched.clone()).collect(),
        };
        let place = (self.connection.id, prepared.stream.name.as_str());
        let ontology = self.vocabulary.ontology;
        let changed =
            match self.mesh.change(self.scope, ontology, place, &edits, &pairs, decisions, Origin::Matched).await {
                Ok(changed) => changed,
                Err(crate::Error::Edit(_) | crate::Error::Mapping(_)) => return Ok(None),
                Err(crate::Error::Store(aos_store::Error::Stale { .. } | aos_store::Error::ReviewDecided { .. })) => {
                    return Ok(None);
                }
                Err(error) => return Err(error),
            };
        for at in chosen {
            self.tell_review(&reviews[*at], ReviewState::Approved).await;
        }
        self.publish(json!({
            "stream": prepared.stream.name, "state": "repaired", "version": changed.version, "task_id": changed.task.id,
        }))
        .await;
        let stored = store.active_mapping(self.connection.id, &prepared.stream.name).await?;
        Ok(stored.map(|stored| stored.mapping))
    }

    async fn open_items(&self, stream: &str, items: &[DriftItem], standing: &Standing) -> Result<Vec<Review>> {
        let now = self.mesh.clock.now();
        let policy = &standing.policy;
        let after = |amount: u32, unit: fn(i64) -> Duration| (amount > 0).then(|| now + unit(i64::from(amount)));
        let mut reviews = Vec::with_capacity(items.len());
        for item in items {
            let severity =
                item.changes.as_array().into_iter().flatten().filter_map(|change| change["severity"].as_str());
            let severity = if severity.into_iter().any(|one| one == "breaking") { "breaking" } else { "risky" };
            let new = NewReview {
                kind: DRIFT.to_owned(),
                subject: item.subject(self.connection.id, stream),
                connection: Some(self.connection.id),
                stream: Some(stream.to_owned()),
                title: item.title(stream),
                payload: json!(item),
                confidence: item.candidates.first().map(|first| first.probability),
                severity: severity.to_owned(),
                expires_at: after(policy.expire_after_days, Duration::days),
                escalate_at: after(policy.escalate_after_hours, Duration::hours),
            };
            let (review, is_new) = self.store().open_review(&new).await?;
            if is_new {
                self.tell_review(&review, ReviewState::Open).await;
            }
            reviews.push(review);
        }
        Ok(reviews)
    }

    /// Writes the records that show the drift into the lake, so that a repair can be rehearsed on them.
    async fn keep_sample(&self, stream: &str, sample: &Sample) -> Result<Option<Value>> {
        if sample.records == 0 {
            return Ok(None);
        }
        let (lake, id, stream, batches) =
            (self.mesh.lake.tenant(self.scope), self.connection.id, stream.to_owned(), sample.batches.clone());
        let write = move || -> Result<Segment> {
            let mut writer = lake.writer(id, &stream)?;
            for batch in &batches {
                writer.append(batch, &[])?;
            }
            Ok(writer.finish()?)
        };
        let segment = tokio::task::spawn_blocking(write).await.map_err(|_| crate::Error::Stopped)??;
        Ok(Some(json!(segment)))
    }

    /// Removes the records that showed a drift before.
    async fn forget_sample(&self, sample: Option<&Value>) -> Result<()> {
        let Some(sample) = sample.and_then(|sample| serde_json::from_value::<Segment>(sample.clone()).ok()) else {
            return Ok(());
        };
        let lake = self.mesh.lake.tenant(self.scope);
        let delete = move || lake.delete(sample.connection, sample.id);
        Ok(tokio::task::spawn_blocking(delete).await.map_err(|_| crate::Error::Stopped)??)
    }

    /// Keeps what a read saw that came to its end: the first time as what is accepted, later as what is as it should be.
    pub(crate) async fn settle_shape(
        &self,
        prepared: &Prepared,
        course: &Course,
        observed: Option<&StreamShape>,
        judged: Option<&Judged>,
    ) -> Result<()> {
        let (store, id, stream) = (self.store(), self.connection.id, prepared.stream.name.as_str());
        let Some(observed) = observed else { return Ok(()) };
        let shape = StreamShape { system: self.connection.system.clone(), ..observed.clone() };
        match (&prepared.profile.accepted, judged) {
            (None, _) => {
                let accepted = store.accept_shape(id, &shape).await?;
                store.tie_mapping(id, stream, prepared.mapping.version, accepted).await?;
                self.observed(stream, &shape, &json!([])).await?;
            }
            (Some(_), Some(judged)) if !prepared.known_drift.is_empty() => {
                self.observed(stream, &shape, &judged.changes_json()).await?;
            }
            (Some(accepted), Some(judged)) => {
                if judged.evolves() {
                    let evolved = accepted_with(accepted, &judged.observed, &touched(&judged.changes));
                    let evolved = store.accept_shape(id, &evolved).await?;
                    store.tie_mapping(id, stream, prepared.mapping.version, evolved).await?;
                }
                // A few new records that are as they should be do not say that the others are.
                if (course.whole || judged.observed.sampled >= 100) && store.clear_drift(id, stream).await? {
                    self.forget_sample(prepared.profile.sample.as_ref()).await?;
                    store.supersede_reviews(DRIFT, id, stream, &[]).await?;
                }
                self.observed(stream, &shape, &judged.changes_json()).await?;
            }
            (Some(_), None) => {}
        }
        if prepared
            .state
            .as_ref()
            .is_none_or(|state| state.fingerprint.as_deref() != Some(&prepared.stream.fingerprint()))
        {
            store.save_stream_shape(id, &prepared.stream.shape, &prepared.stream.fingerprint()).await?;
        }
        Ok(())
    }

    async fn observed(&self, stream: &str, shape: &StreamShape, changes: &Value) -> Result<()> {
        let new = NewObservation {
            run: self.run,
            fingerprint: &shape.fingerprint(),
            sampled: shape.sampled,
            shape: &brief(shape),
            changes,
        };
        Ok(self.store().add_observation(self.connection.id, stream, &new).await?)
    }

    async fn tell_drift(&self, stream: &str, judged: &Judged, items: usize) {
        self.publish(json!({
            "stream": stream, "state": if judged.freezes() { "frozen" } else { "drifting" },
            "changes": judged.changes.len(), "reviews": items,
        }))
        .await;
    }

    /// Tells that an item of the queue has come to a state.
    async fn tell_review(&self, review: &Review, state: ReviewState) {
        self.publish(json!({ "review_id": review.id, "kind": review.kind, "stream": review.stream, "state": state }))
            .await;
    }

    async fn publish(&self, mut told: Value) {
        told["connection_id"] = json!(self.connection.id);
        told["source"] = json!(self.connection.name);
        told["run_id"] = json!(self.run);
        if let Err(error) = self.mesh.broker.tenant(self.scope).publish(Topic::Drift, told).await {
            tracing::warn!(%error, "an event could not be published: {error}");
        }
    }
}

/// Reads what was agreed of a stream; without anything, defaults hold.
fn contract(stored: &Option<Value>) -> Contract {
    stored.clone().and_then(|contract| serde_json::from_value(contract).ok()).unwrap_or_default()
}

fn frozen(stream: &str, judged: &Judged, reviews: &[Review]) -> String {
    let paths: Vec<&str> = judged.findings.iter().map(|finding| finding.path.as_str()).take(5).collect();
    let more = judged.findings.len().saturating_sub(paths.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let next = match reviews.iter().find(|review| review.state == ReviewState::Open) {
        Some(review) => format!("decide its reviews, the first is {}", review.id),
        None => "accept what is seen, or change its mapping".to_owned(),
    };
    format!("{stream} has changed ({}{more}) and is not read on; {next}", paths.join(", "))
}
