//! Applying and undoing: a decision becomes a version of the mapping and the task that maps the affected past anew, in one transaction.

use super::item::DriftItem;
use crate::sync::Mesh;
use crate::{Error, Result};
use aos_core::drift::Pair;
use aos_core::mapping::{Origin, StreamMapping};
use aos_core::{ConnectionId, Ontology, TenantScope};
use aos_drift::{Edit, accepted_with, edited};
use aos_store::{
    Accept, ChangedMapping, MappingCause, MappingChange, Page, Review, ReviewDecision, ReviewFilter, ReviewState,
};
use serde_json::{Value, json};
use uuid::Uuid;

/// What somebody chose for one item.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Chosen {
    /// Rules of their own, in the place of a candidate.
    pub edits: Option<Vec<Edit>>,
    /// Which of the candidates; the first when nothing else was said.
    pub candidate: Option<usize>,
    /// Nothing is repaired: what is seen is as it should be from now on.
    pub accept: bool,
    /// The revision of the item that was looked at.
    pub revision: Option<i64>,
}

/// What became of decisions about one stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Applied {
    pub connection: ConnectionId,
    pub stream: String,
    pub changed: ChangedMapping,
}

/// What was taken back.
#[derive(Debug, Clone, PartialEq)]
pub struct Undone {
    pub changed: ChangedMapping,
    /// Every item whose repair is undone with it.
    pub reviews: Vec<Uuid>,
}

/// One decision, ready to be made part of a change.
struct Ready {
    edits: Vec<Edit>,
    touched: Vec<Pair>,
    decision: ReviewDecision,
}

impl Mesh {
    /// Applies decisions about items of one stream, all or none of them.
    ///
    /// # Errors
    /// [`Error::Edit`] when a rule is not as it was when the repair was proposed, [`aos_store::Error::Stale`] when another decision came
    /// first, [`Error::NothingToApply`] when an item has no repair that could be applied.
    pub async fn apply(&self, scope: &TenantScope, ontology: &Ontology, items: &[(Review, Chosen)]) -> Result<Applied> {
        let Some((first, _)) = items.first() else { return Err(Error::NothingToApply) };
        let (Some(connection), Some(stream)) = (first.connection_id, first.stream.clone()) else {
            return Err(Error::NothingToApply);
        };
        let ready = items.iter().map(|(review, chosen)| ready(review, chosen)).collect::<Result<Vec<_>>>()?;
        let edits: Vec<Edit> = ready.iter().flat_map(|one| one.edits.clone()).collect();
        let touched: Vec<Pair> = ready.iter().flat_map(|one| one.touched.clone()).collect();
        let decisions = ready.into_iter().map(|one| one.decision).collect();
        let changed =
            self.change(scope, ontology, (connection, &stream), &edits, &touched, decisions, Origin::Reviewed).await?;
        Ok(Applied { connection, stream, changed })
    }

    /// Changes the mapping of a stream by edits, accepts what was seen of the paths they are about, and has the affected past re-mapped.
    #[allow(clippy::too_many_arguments)] // Each is something else that is decided, and there are two callers.
    pub(crate) async fn change(
        &self,
        scope: &TenantScope,
        ontology: &Ontology,
        (connection, stream): (ConnectionId, &str),
        edits: &[Edit],
        touched: &[Pair],
        mut decisions: Vec<ReviewDecision>,
        origin: Origin,
    ) -> Result<ChangedMapping> {
        let store = self.store.tenant(scope);
        let active = store.active_mapping(connection, stream).await?.ok_or(Error::NothingToApply)?;
        let mapping = edited(&active.mapping, edits, origin)?;
        let profile = store.stream_profile(connection, stream).await?;
        let observed = match profile.observed_id {
            Some(id) => store.stream_shape(id).await?,
            None => None,
        };
        let accepted = match (&profile.accepted, &observed) {
            (Some(accepted), Some(observed)) => Some(accepted_with(accepted, observed, touched)),
            _ => None,
        };
        let columns: Vec<compact_str::CompactString> = [&accepted, &observed, &profile.accepted]
            .into_iter()
            .flatten()
            .flat_map(|shape| &shape.columns)
            .map(|column| column.path.as_str().into())
            .collect();
        mapping.validate(ontology, &columns)?;
        let version = active.mapping.version;
        for decision in &mut decisions {
            decision.outcome["base_version"] = version.into();
        }
        let left = profile
            .drift
            .map(|drift| left(drift, touched))
            .filter(|left| left["changes"].as_array().is_some_and(|changes| !changes.is_empty()));
        let change = MappingChange {
            connection,
            mapping: &mapping,
            expected_version: version,
            accept: accepted.as_ref().map(Accept::New),
            drift_left: left.as_ref(),
            decisions,
            why: MappingCause::Repair,
        };
        Ok(store.change_mapping(&change).await?)
    }

    /// Takes back what was applied for an item: the mapping before it holds again, for every record that was read since.
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
        let together: Vec<&Review> =
            approved.iter().filter(|other| other.id == review.id || version(other) == version(review)).collect();
        let decisions = together.iter().map(|review| ReviewDecision {
            id: review.id,
            revision: Some(review.revision),
            state: ReviewState::Undone,
            outcome: json!({ "undid_version": applied, "base_version": base }),
            was_right: Some(false),
            features: features(review, 0),
        });
        let mapping = StreamMapping { version: 0, ..before.mapping };
        let change = MappingChange {
            connection,
            mapping: &mapping,
            expected_version,
            accept: place(base).and_then(|place| place.shape_id).map(Accept::Again),
            drift_left: None,
            decisions: decisions.collect(),
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

fn ready(review: &Review, chosen: &Chosen) -> Result<Ready> {
    let item: DriftItem = serde_json::from_value(review.payload.clone()).map_err(|_| Error::NothingToApply)?;
    let at = chosen.candidate.unwrap_or(0);
    let candidate = item.candidates.get(at);
    let (edits, how) = match (&chosen.edits, candidate) {
        _ if chosen.accept => (Vec::new(), "accepted as it is"),
        (Some(edits), _) => (edits.clone(), "edited"),
        (None, Some(one)) if one.candidate.is_applicable() => (one.candidate.edits.clone(), "approved"),
        (None, Some(one)) if one.candidate.repair == "none" => (Vec::new(), "dropped by its source"),
        (None, _) => return Err(Error::NothingToApply),
    };
    // The probability is the first candidate's: choosing another one, or writing one's own, says that it was wrong.
    let first = item.candidates.first().is_some_and(|one| one.candidate.is_applicable());
    let was_right = first.then_some(how == "approved" && at == 0);
    let decision = ReviewDecision {
        id: review.id,
        revision: chosen.revision,
        state: ReviewState::Approved,
        outcome: json!({ "how": how, "candidate": at, "edits": edits }),
        was_right,
        features: features(review, at),
    };
    Ok(Ready { edits, touched: item.touched, decision })
}

/// What is remembered of an item beside whether it was right: what the probability rested on.
pub(super) fn features(review: &Review, candidate: usize) -> Value {
    let first = &review.payload["candidates"][0];
    json!({
        "repair": first["repair"], "proof": first["proof"], "confidence": first["confidence"],
        "held": first["held"].is_string(), "kind": review.payload["changes"][0]["kind"], "chosen": candidate,
    })
}

/// Returns what still differs once some paths were accepted.
fn left(mut drift: Value, touched: &[Pair]) -> Value {
    if let Some(changes) = drift["changes"].as_array_mut() {
        changes.retain(|change| {
            let path = change["path"].as_str().unwrap_or_default();
            !touched.iter().any(|pair| pair.path == path || pair.to == path)
                && change["severity"].as_str() != Some("harmless")
        });
    }
    drift
}
