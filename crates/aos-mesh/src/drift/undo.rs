//! Undoing: the mapping before a repair holds again, for every record that was read since; what was repaired is asked about again.

use super::apply::features;
use super::item::{DRIFT, DriftItem};
use super::policy::DriftPolicy;
use crate::sync::Mesh;
use crate::{Error, Result};
use aos_core::TenantScope;
use aos_core::drift::ContractAction;
use aos_core::mapping::StreamMapping;
use aos_store::{
    Accept, ChangedMapping, MappingCause, MappingChange, NewReview, Page, Review, ReviewDecision, ReviewFilter,
    ReviewState,
};
use serde_json::{Value, json};
use uuid::Uuid;

/// What was taken back.
#[derive(Debug, Clone, PartialEq)]
pub struct Undone {
    pub changed: ChangedMapping,
    /// Every item whose repair is undone with it.
    pub reviews: Vec<Uuid>,
}

impl Mesh {
    /// Takes back what was applied for an item: the mapping before it holds again, for every record that was read since. The stream counts as
    /// drifting again, and its items wait for a decision again.
    ///
    /// # Errors
    /// [`aos_store::Error::Stale`] when the mapping was changed since: what came later is undone first.
    pub async fn undo(&self, scope: &TenantScope, review: &Review) -> Result<Undone> {
        let store = self.store.tenant(scope);
        let (Some(connection), Some(stream)) = (review.connection_id, review.stream.as_deref()) else {
            return Err(Error::NothingToApply);
        };
        if review.state != ReviewState::Approved {
            return Err(aos_store::Error::ReviewDecided { id: review.id, state: review.state.as_str() }.into());
        }
        let version = |review: &Review| review.outcome.as_ref().and_then(|outcome| outcome["version"].as_u64());
        let applied = version(review).and_then(|version| u32::try_from(version).ok()).ok_or(Error::NothingToApply)?;
        let places = store.mapping_places(connection, stream).await?;
        let place = |version: u32| places.iter().find(|place| place.version == version);
        let base = place(applied).and_then(|place| place.base_version).ok_or(Error::NothingToApply)?;
        let before = store.mapping_at(connection, stream, base).await?.ok_or(Error::NothingToApply)?;
        // What was applied later and taken back has a version of its own that says the same.
        let active = places.iter().find(|place| place.active).map_or(applied, |place| place.version);
        let expected_version = if active == applied || self.says_the_same(scope, review, (active, applied)).await? {
            active
        } else {
            applied
        };
        let filter = ReviewFilter {
            kind: Some(review.kind.clone()),
            state: Some(ReviewState::Approved),
            connection: Some(connection),
            stream: Some(stream.to_owned()),
            ..ReviewFilter::default()
        };
        let approved = store.list_reviews(&filter, Page::first(aos_store::MAX_LIMIT)).await?.items;
        // In the order in which they were asked.
        let together: Vec<&Review> =
            approved.iter().rev().filter(|other| other.id == review.id || version(other) == version(review)).collect();
        let decisions = together.iter().map(|review| ReviewDecision {
            id: review.id,
            revision: Some(review.revision),
            state: ReviewState::Undone,
            outcome: json!({ "undid_version": applied, "base_version": base, "candidate": applied_candidate(review) }),
            was_right: Some(false),
            features: features(review, 0),
        });
        let next = places.iter().map(|place| place.version).max().unwrap_or(0) + 1;
        let policy = DriftPolicy::load(&store).await?;
        let items: Vec<(&Review, DriftItem)> =
            together.iter().filter_map(|review| Some((*review, again(review, next)?))).collect();
        let asked = |(review, item): &(&Review, DriftItem)| NewReview {
            subject: review.subject.clone(),
            severity: review.severity.clone(),
            ..item.asked(connection, stream, &policy, self.clock.now())
        };
        let left = match items.is_empty() {
            true => None,
            false => Some(differs_again(store.stream_profile(connection, stream).await?.drift, &items, next)),
        };
        let mapping = StreamMapping { version: 0, ..before.mapping };
        let change = MappingChange {
            connection,
            mapping: &mapping,
            expected_version,
            accept: place(base).and_then(|place| place.shape_id).map(Accept::Again),
            drift_left: left.as_ref(),
            decisions: decisions.collect(),
            reopened: items.iter().map(asked).collect(),
            why: MappingCause::Undo,
        };
        let changed = store.change_mapping(&change).await?;
        Ok(Undone { changed, reviews: together.iter().map(|review| review.id).collect() })
    }

    /// Whether two versions of the mapping of an item's stream are alike in everything but their number.
    async fn says_the_same(&self, scope: &TenantScope, review: &Review, versions: (u32, u32)) -> Result<bool> {
        let (Some(connection), Some(stream)) = (review.connection_id, review.stream.as_deref()) else {
            return Ok(false);
        };
        let store = self.store.tenant(scope);
        let one = store.mapping_at(connection, stream, versions.0).await?;
        let other = store.mapping_at(connection, stream, versions.1).await?;
        let unnumbered = |mapping: StreamMapping| StreamMapping { version: 0, ..mapping };
        Ok(one.zip(other).is_some_and(|(one, other)| unnumbered(one.mapping) == unnumbered(other.mapping)))
    }
}

/// Returns which of an item's repairs was applied; none where it was accepted, or repaired by rules of somebody's own.
fn applied_candidate(review: &Review) -> Option<usize> {
    let outcome = review.outcome.as_ref()?;
    let applied = matches!(outcome["how"].as_str(), Some("approved" | "by itself"));
    outcome["candidate"].as_u64().filter(|_| applied).and_then(|at| usize::try_from(at).ok())
}

/// Returns what an item of drift holds once its repair was taken back.
fn again(review: &Review, mapping_version: u32) -> Option<DriftItem> {
    if review.kind != DRIFT {
        return None;
    }
    let mut item: DriftItem = serde_json::from_value(review.payload.clone()).ok()?;
    item.mapping_version = mapping_version;
    if let Some(at) = applied_candidate(review) {
        item.hold(at);
    }
    Some(item)
}

/// Adds what was repaired to what differs of a stream.
fn differs_again(drift: Option<Value>, items: &[(&Review, DriftItem)], mapping_version: u32) -> Value {
    let mut drift = drift.unwrap_or_else(|| json!({ "changes": [], "goes_on": true }));
    let repaired: Vec<&Value> = items.iter().filter_map(|(_, item)| item.changes.as_array()).flatten().collect();
    let mut changes: Vec<Value> = drift["changes"].as_array().into_iter().flatten().cloned().collect();
    changes.retain(|change| !repaired.iter().any(|one| one["path"] == change["path"]));
    changes.extend(repaired.into_iter().cloned());
    let freezes = items.iter().any(|(_, item)| item.action == ContractAction::Freeze);
    drift["changes"] = changes.into();
    drift["mapping_version"] = mapping_version.into();
    drift["goes_on"] = (drift["goes_on"] == true && !freezes).into();
    drift
}
