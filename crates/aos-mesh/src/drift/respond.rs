//! The answer to drift: what is kept of it, what waits for a person, and what is repaired at once.

use super::alone;
use super::earlier::{Earlier, Waiting};
use super::item::{DRIFT, DriftItem};
use super::policy::{Autonomy, DriftPolicy, autofix_is_on};
use super::watch::Watch;
use crate::Result;
use crate::sync::{Course, Prepared, Sync};
use aos_broker::Topic;
use aos_core::Ontology;
use aos_core::drift::{Change, ContractAction, Pair};
use aos_core::mapping::{Origin, StreamMapping};
use aos_core::shape::StreamShape;
use aos_drift::{Contract, Edit, Judged, Quarantine, Sample, accepted_with, touched};
use aos_store::{Page, Review, ReviewDecision, ReviewFilter, ReviewState, SeenDrift, StreamProfile};
use chrono::Duration;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::sync::Arc;

/// How many paths of one stream are put before people; what is beyond is counted.
const ITEMS_MAX: usize = 200;
/// How many of them a message names.
const PATHS_SHOWN: usize = 5;

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
        let declared: HashSet<String> = stream.fields.iter().map(|field| field.name.clone()).collect();
        Ok(Some(Arc::new(Watch {
            accepted: StreamShape { stream: stream.name.clone(), ..accepted.clone() },
            contract: contract(&profile.contract),
            declared: Some(declared).filter(|declared| !declared.is_empty()),
            key: key_path(&prepared.mapping, self.vocabulary.ontology),
            whole: course.whole,
            held: self.held(&stream.name, profile).await?,
            known: prepared.known_drift.clone(),
        })))
    }

    /// Answers drift that stopped a read before it kept anything of it. What was proved before is not given up for what a few new records
    /// suggest.
    pub(crate) async fn answer(
        &self,
        prepared: &Prepared,
        judged: &Judged,
        sample: &Sample,
        whole: bool,
        may_repair: bool,
    ) -> Result<Response> {
        let (id, stream) = (self.connection.id, prepared.stream.name.as_str());
        let (store, profile) = (self.store(), &prepared.profile);
        let standing = DriftPolicy::load(&store).await?.standing(&store, self.mesh.autofix).await?;
        let policy = &standing.policy;
        let tiers = (policy.review_from, standing.auto_from.unwrap_or(policy.auto_from));
        let version = prepared.mapping.version;
        let mut items: Vec<DriftItem> = judged
            .findings
            .iter()
            .take(ITEMS_MAX)
            .map(|finding| DriftItem::of(finding, version, &standing.fitted, tiers))
            .collect();
        let earlier = Earlier::load(&store, id, stream).await?;
        earlier.hold(&mut items);
        let kept = earlier.kept(&prepared.mapping, judged, whole, &items);
        items.retain(|item| !kept.iter().any(|waiting| waiting.item.path == item.path));
        let mut reviews = match policy.autonomy {
            Autonomy::Observe => Vec::new(),
            _ => self.open_items(stream, &items, policy).await?,
        };
        let own = judged.changes_json();
        let drift = json!({
            "run_id": self.run, "changes": with_kept(own, &kept), "mapping_version": version,
            "action": items.iter().chain(kept.iter().map(|one| &one.item)).map(|item| item.action.as_str()).collect::<Vec<_>>(),
        });
        let goes_on = !judged.freezes() && !kept.iter().any(|one| one.item.action == ContractAction::Freeze);
        reviews.extend(kept.iter().map(|one| one.review.clone()));
        items.extend(kept.iter().map(|one| one.item.clone()));
        let chosen = match may_repair && judged.findings.len() <= ITEMS_MAX {
            true => alone::chosen(&standing, judged, &items, &reviews, self.applied_today().await?),
            false => Vec::new(),
        };
        let seen = self.seen_now(profile, judged, &kept).await?;
        let shown = if kept.is_empty() { self.keep_sample(stream, sample).await? } else { None };
        let goes_on_now = goes_on && chosen.is_empty();
        let noted = SeenDrift { observed: &seen, drift: &drift, sample: shown.as_ref(), goes_on: goes_on_now };
        store.note_drift(id, noted).await?;
        if kept.is_empty() {
            self.forget_sample(profile.sample.as_ref()).await?;
        }
        self.observed(stream, &judged.observed, &judged.changes_json()).await?;
        let subjects: Vec<String> = items.iter().map(|item| item.subject(id, stream)).collect();
        let subjects = subjects.iter().chain(kept.iter().map(|one| &one.review.subject)).map(String::as_str);
        store.supersede_reviews(DRIFT, id, stream, &subjects.collect::<Vec<_>>()).await?;
        self.tell_drift(stream, judged, goes_on, reviews.len()).await;
        if !chosen.is_empty()
            && let Some(mapping) = self.repair(prepared, judged, &items, &reviews, &chosen).await?
        {
            return Ok(Response::Repaired(mapping));
        }
        if goes_on {
            let paths = judged.findings.iter().map(|finding| finding.path.clone()).collect();
            return Ok(Response::GoesOn(judged.quarantine.clone(), paths));
        }
        let paths: Vec<&str> = items.iter().map(|item| item.path.as_str()).collect();
        Ok(Response::Frozen(frozen(stream, &paths, judged.findings.len().max(paths.len()), &reviews)))
    }

    /// Returns the shape as it is seen now: what was accepted, with what has changed; and where something is kept that was seen before, that.
    async fn seen_now(&self, profile: &StreamProfile, judged: &Judged, kept: &[Waiting]) -> Result<StreamShape> {
        let before = match profile.observed_id.filter(|_| !kept.is_empty()) {
            Some(id) => self.store().stream_shape(id).await?,
            None => None,
        };
        let known = |change: &&Change| kept.iter().any(|waiting| waiting.item.path == change.path);
        let changes: Vec<Change> = judged.changes.iter().filter(|change| !known(change)).cloned().collect();
        let base = before.as_ref().or(profile.accepted.as_ref()).unwrap_or(&judged.observed);
        Ok(accepted_with(base, &judged.observed, &touched(&changes)))
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
        // Whoever started the read decided nothing.
        let scope = self.scope.clone().by_itself();
        let changed = match self.mesh.change(&scope, ontology, place, &edits, &pairs, decisions, Origin::Matched).await
        {
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

    async fn open_items(&self, stream: &str, items: &[DriftItem], policy: &DriftPolicy) -> Result<Vec<Review>> {
        let now = self.mesh.clock.now();
        let mut reviews = Vec::with_capacity(items.len());
        for item in items {
            let new = item.asked(self.connection.id, stream, policy, now);
            let (review, is_new) = self.store().open_review(&new).await?;
            if is_new {
                self.tell_review(&review, ReviewState::Open).await;
            }
            reviews.push(review);
        }
        Ok(reviews)
    }

    async fn tell_drift(&self, stream: &str, judged: &Judged, goes_on: bool, items: usize) {
        self.publish(json!({
            "stream": stream, "state": if goes_on { "drifting" } else { "frozen" },
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

/// The path whose value names each record of a stream; none where nothing does, or several together do.
fn key_path(mapping: &StreamMapping, ontology: &Ontology) -> Option<String> {
    let main = mapping.main()?;
    let rule = main.rule(&ontology.entity(&main.entity)?.key)?;
    match rule.sources.as_slice() {
        [only] => Some(only.clone()),
        _ => None,
    }
}

/// Reads what was agreed of a stream; without anything, defaults hold.
fn contract(stored: &Option<Value>) -> Contract {
    stored.clone().and_then(|contract| serde_json::from_value(contract).ok()).unwrap_or_default()
}

/// Adds what is kept of an earlier read to what this one shows, in the place of what it shows of the same paths.
fn with_kept(mut changes: Value, kept: &[Waiting]) -> Value {
    if let Some(changes) = changes.as_array_mut() {
        changes.retain(|change| !kept.iter().any(|waiting| change["path"] == json!(waiting.item.path)));
        changes.extend(kept.iter().flat_map(|waiting| waiting.item.changes.as_array().into_iter().flatten().cloned()));
    }
    changes
}

/// Says which paths of how many have changed, and what to do about it.
pub(super) fn frozen(stream: &str, paths: &[&str], differing: usize, reviews: &[Review]) -> String {
    let shown = &paths[..paths.len().min(PATHS_SHOWN)];
    let more = differing.saturating_sub(shown.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let next = match reviews.iter().find(|review| review.state == ReviewState::Open) {
        Some(review) => format!("decide its reviews, the first is {}", review.id),
        None => "accept what is seen, or change its mapping".to_owned(),
    };
    format!("{stream} has changed ({}{more}) and is not read on; {next}", shown.join(", "))
}
