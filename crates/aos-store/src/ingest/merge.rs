//! Which event holds: newest source version wins, then the greater mapping version, then the later position. Pure.

use super::landing::{Arrival, Group};
use aos_core::event::{CanonicalEvent, Op};
use compact_str::CompactString;
use std::collections::HashMap;
use std::sync::LazyLock;

/// What a row holds that a mapping gives no more.
static NOT_GIVEN: LazyLock<i64> = LazyLock::new(|| CanonicalEvent::not_given("", "", "", 0).content_hash());

pub(super) type CurrentRows = HashMap<CompactString, Current>;

/// What is materialized under a key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Current {
    pub(super) source_version: i64,
    pub(super) mapping_version: u32,
    pub(super) content_hash: i64,
    pub(super) position: i64,
    pub(super) deleted: bool,
}

impl Current {
    /// Tells whether an event adds nothing: same content, same mapping and no newer version.
    pub(super) fn says_the_same(&self, arrival: &Arrival) -> bool {
        self.content_hash == arrival.content_hash
            && self.mapping_version == arrival.mapping_version
            && self.source_version == arrival.source_version
    }

    /// Tells whether the source said that the record is gone, and not a mapping that gives it no more.
    pub(super) fn is_gone_at_its_source(&self) -> bool {
        self.deleted && self.content_hash != *NOT_GIVEN
    }

    fn yields_to(&self, arrival: &Arrival) -> bool {
        (self.source_version, self.mapping_version, self.position)
            < (arrival.source_version, arrival.mapping_version, arrival.position)
    }

    fn of(arrival: &Arrival) -> Self {
        Self {
            source_version: arrival.source_version,
            mapping_version: arrival.mapping_version,
            content_hash: arrival.content_hash,
            position: arrival.position,
            deleted: arrival.op == Op::Delete,
        }
    }
}

impl Group {
    /// Returns the event of each record that holds among this page's own, in the page's order.
    pub(super) fn winners(&self) -> Vec<&Arrival> {
        let mut best: HashMap<&str, usize> = HashMap::with_capacity(self.arrivals.len());
        let mut winners: Vec<&Arrival> = Vec::with_capacity(self.arrivals.len());
        for arrival in &self.arrivals {
            match best.get(arrival.record_id.as_str()) {
                Some(&at) if Current::of(winners[at]).yields_to(arrival) => winners[at] = arrival,
                Some(_) => {}
                None => {
                    best.insert(&arrival.record_id, winners.len());
                    winners.push(arrival);
                }
            }
        }
        winners
    }
}

/// Tells whether an event cannot have landed before: all that landed of its record is of an older version.
///
/// Every event that lands leaves a row under its key, of its own version or a newer one, and rows go only together with their
/// events.
pub(super) fn is_surely_new(held: &CurrentRows, arrival: &Arrival) -> bool {
    held.get(&arrival.record_id).is_none_or(|held| {
        (held.source_version, held.mapping_version) < (arrival.source_version, arrival.mapping_version)
    })
}

/// Keeps the winners that hold against what is there, and counts by how much the live rows change.
pub(super) fn against<'a>(winners: &[&'a Arrival], current: &CurrentRows) -> (Vec<&'a Arrival>, i64) {
    let mut change = 0;
    let mut hold = Vec::with_capacity(winners.len());
    for winner in winners {
        let held = current.get(&winner.record_id);
        if held.is_none_or(|held| held.yields_to(winner)) {
            let was_live = held.is_some_and(|held| !held.deleted);
            change += i64::from(winner.op == Op::Upsert) - i64::from(was_live);
            hold.push(*winner);
        }
    }
    (hold, change)
}
