//! Applying: a decision becomes a version of the mapping and the task that maps the affected past anew, in one transaction.

use super::item::DriftItem;
use crate::sync::Mesh;
use crate::{Error, Result};
use aos_core::drift::Pair;
use aos_core::mapping::Origin;
use aos_core::{ConnectionId, Ontology, TenantScope};
use aos_drift::{Edit, accepted_with, edited};
use aos_store::{Accept, ChangedMapping, MappingCause, MappingChange, Review, ReviewDecision, ReviewState};
use serde_json::{Value, json};

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
            reopened: Vec::new(),
            why: MappingCause::Repair,
        };
        Ok(store.change_mapping(&change).await?)
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
