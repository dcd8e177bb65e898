//! What people were asked about a stream before a read: items that the read is too small to speak about, and repairs that somebody took back.

use super::item::{DRIFT, DriftItem};
use crate::Result;
use aos_core::mapping::{Origin, StreamMapping};
use aos_drift::{Candidate, Judged, edited};
use aos_store::{Page, Review, ReviewFilter, ReviewState, TenantStore};
use serde_json::Value;

/// A read of what is new that brought fewer records says nothing of the others.
pub(super) const RECORDS_MIN: u64 = 100;
/// Why a repair waits for a person, however sure it is.
const TAKEN_BACK: &str = "it was applied before and taken back, so a person decides";

/// What people were asked about a stream before.
pub(super) struct Earlier {
    /// Items that nobody has decided, with what they hold.
    waiting: Vec<Waiting>,
    taken_back: Vec<TakenBack>,
}

/// An item that nobody has decided.
#[derive(Debug, Clone)]
pub(super) struct Waiting {
    pub review: Review,
    pub item: DriftItem,
}

/// A repair that was applied and undone.
struct TakenBack {
    path: String,
    repair: Value,
    to: Value,
}

impl Earlier {
    pub async fn load(store: &TenantStore<'_>, connection: aos_core::ConnectionId, stream: &str) -> Result<Self> {
        let of = |state| ReviewFilter {
            kind: Some(DRIFT.to_owned()),
            state: Some(state),
            connection: Some(connection),
            stream: Some(stream.to_owned()),
            ..ReviewFilter::default()
        };
        let open = store.list_reviews(&of(ReviewState::Open), Page::first(aos_store::MAX_LIMIT)).await?.items;
        let undone = store.list_reviews(&of(ReviewState::Undone), Page::first(aos_store::MAX_LIMIT)).await?.items;
        let waiting = open.into_iter().filter_map(|review| {
            let item = serde_json::from_value(review.payload.clone()).ok()?;
            Some(Waiting { review, item })
        });
        Ok(Self { waiting: waiting.collect(), taken_back: undone.iter().filter_map(TakenBack::of).collect() })
    }

    /// Holds repairs that somebody took back: what a person has undone is not done again without one.
    pub fn hold(&self, items: &mut [DriftItem]) {
        for item in items {
            for one in self.taken_back.iter().filter(|one| one.path == item.path).collect::<Vec<_>>() {
                let same = |candidate: &Candidate| {
                    one.repair == candidate.repair.as_str() && one.to.as_str() == candidate.to.as_deref()
                };
                if let Some(at) = item.candidates.iter().position(|one| same(&one.candidate)) {
                    item.hold(at);
                }
            }
        }
    }

    /// Returns the items that stay as they are beside what a read shows: proved by rows that this read did not bring, or about paths that so
    /// few records say nothing of. Those about paths that the read speaks of, too, come first.
    pub fn kept(&self, mapping: &StreamMapping, judged: &Judged, whole: bool, items: &[DriftItem]) -> Vec<Waiting> {
        let slight = !whole && judged.observed.sampled < RECORDS_MIN;
        let stays = |waiting: &&Waiting| match items.iter().find(|item| item.path == waiting.item.path) {
            Some(now) => {
                let proves_less = waiting.item.is_proved() && !now.is_proved() && fits(mapping, &waiting.item);
                proves_less && (slight || (!whole && now.touched == waiting.item.touched))
            }
            None => slight,
        };
        let mut kept: Vec<Waiting> = self.waiting.iter().filter(stays).cloned().collect();
        kept.sort_by_key(|waiting| !items.iter().any(|item| item.path == waiting.item.path));
        kept
    }
}

impl TakenBack {
    fn of(review: &Review) -> Option<Self> {
        let at = usize::try_from(review.outcome.as_ref()?["candidate"].as_u64()?).ok()?;
        let candidate = &review.payload["candidates"][at];
        Some(Self {
            path: review.payload["path"].as_str()?.to_owned(),
            repair: candidate["repair"].clone(),
            to: candidate["to"].clone(),
        })
    }
}

impl DriftItem {
    /// Whether the likeliest repair was shown by the same rows before and after.
    fn is_proved(&self) -> bool {
        self.candidates
            .first()
            .is_some_and(|first| first.candidate.proof == "rows" && !first.candidate.edits.is_empty())
    }

    /// Keeps a repair for a person, since it was taken back.
    pub(super) fn hold(&mut self, at: usize) {
        let Some(one) = self.candidates.get_mut(at) else { return };
        if one.tier == "auto" {
            "review".clone_into(&mut one.tier);
        }
        one.candidate.held.get_or_insert_with(|| TAKEN_BACK.to_owned());
    }
}

/// Whether the rules are still those that an item would change.
fn fits(mapping: &StreamMapping, item: &DriftItem) -> bool {
    item.candidates.first().is_some_and(|first| edited(mapping, &first.candidate.edits, Origin::Matched).is_ok())
}
