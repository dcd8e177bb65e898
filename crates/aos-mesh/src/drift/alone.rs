//! Which repairs may be applied without a person: each that is sure by itself, and about nothing that a person is still asked about.

use super::item::{DriftItem, ItemCandidate};
use super::policy::Standing;
use aos_drift::Judged;
use aos_store::{Review, ReviewState};
use std::collections::HashSet;

/// Returns the places of the items that may be repaired now; their reviews are at the same places. Items behind those that were found now are
/// earlier ones, which wait.
///
/// Nothing is chosen of a stream that gives two shapes in turns, whose records can no longer be told apart, or of which more has changed
/// than was put before people. A repair that a person has rejected or taken back is never chosen.
pub(super) fn chosen(
    standing: &Standing,
    judged: &Judged,
    items: &[DriftItem],
    reviews: &[Review],
    applied_today: u32,
) -> Vec<usize> {
    let Some(auto_from) = standing.auto_from else { return Vec::new() };
    if judged.two_shapes || items.len() < judged.findings.len() || reviews.len() != items.len() {
        return Vec::new();
    }
    let sure = |item: &DriftItem| {
        item.candidates.first().is_some_and(|first| {
            first.candidate.is_applicable() && first.candidate.held.is_none() && first.probability >= auto_from
        })
    };
    let mut chosen: Vec<usize> =
        (0..judged.findings.len()).filter(|at| reviews[*at].state == ReviewState::Open && sure(&items[*at])).collect();
    if (0..items.len()).any(|at| !chosen.contains(&at) && is_about_keys(&items[at])) {
        return Vec::new();
    }
    // What meets something undecided waits with it, and so does what meets that.
    loop {
        let undecided: Vec<usize> = (0..items.len()).filter(|at| !chosen.contains(at)).collect();
        let before = chosen.len();
        chosen.retain(|at| !undecided.iter().any(|other| meet(&items[*at], &items[*other])));
        if chosen.len() == before {
            break;
        }
    }
    let left_today = standing.policy.auto_per_day.saturating_sub(applied_today) as usize;
    if chosen.len() > left_today { Vec::new() } else { chosen }
}

/// Whether records may name others than they did: then no comparison by rows can be trusted, of any column.
fn is_about_keys(item: &DriftItem) -> bool {
    let about = |change: &serde_json::Value| matches!(change["kind"].as_str(), Some("id_reused" | "key_changed"));
    item.changes.as_array().into_iter().flatten().any(about)
}

/// Whether two items speak of the same paths or rules.
fn meet(one: &DriftItem, other: &DriftItem) -> bool {
    let (paths, rules) = (paths(one), rules(one));
    self::paths(other).iter().any(|path| paths.iter().any(|own| overlap(own, path)))
        || self::rules(other).iter().any(|rule| rules.contains(rule))
}

fn likely(item: &DriftItem) -> impl Iterator<Item = &ItemCandidate> {
    item.candidates.iter().filter(|one| one.tier != "rejected")
}

/// The paths that have changed, and those that a likely repair would read.
fn paths(item: &DriftItem) -> HashSet<&str> {
    let touched = item.touched.iter().flat_map(|pair| [pair.path.as_str(), pair.to.as_str()]);
    let read = likely(item).filter_map(|one| one.candidate.to.as_deref());
    touched.chain(read).flat_map(|path| path.split(" + ")).filter(|path| !path.is_empty()).collect()
}

/// Entity and field of the rules that a likely repair would write.
fn rules(item: &DriftItem) -> HashSet<(&str, &str)> {
    let edits = likely(item).flat_map(|one| &one.candidate.edits);
    edits
        .filter_map(|edit| {
            let rule = edit.after.as_ref().or(edit.before.as_ref())?;
            Some((edit.entity.as_str(), rule.target.as_str()))
        })
        .collect()
}

/// Whether one path is the other, or within it.
fn overlap(one: &str, other: &str) -> bool {
    let within = |inner: &str, outer: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    within(one, other) || within(other, one)
}
