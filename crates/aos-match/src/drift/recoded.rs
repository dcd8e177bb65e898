//! Choices in whose place some of the same records hold another one now that was never met before: `open` that is `in progress` in a part
//! of them, `USD` that has become `JPY`. Too few for the distribution to show, and no accident all the same.

use super::choices::choices_of;
use super::finding::{Finding, Proof, Repair};
use super::period;
use super::relation::Cells;
use super::semantic::Same;
use aos_core::drift::{ChangeKind, Evidence, Signal};
use aos_core::mapping::Transform;
use aos_core::shape::Pattern;
use indexmap::IndexMap;
use std::collections::HashMap;

/// So many records at least, and so much of those that held the choice, hold the new one; and so many of them held the same one before.
const RECORDS_MIN: usize = 5;
const SHARE_MIN: f64 = 0.04;
const FROM_ONE_MIN: f64 = 0.9;
/// A choice that so few records still hold has another name now.
const KEPT_MAX: f64 = 0.02;
/// Whether a choice was divided or records have moved on is for people to say; a table reads it as the one it was.
const DIVIDED: f64 = 0.65;
const SHOWN_MAX: usize = 3;

/// A new choice in the place of a known one.
struct Recoded<'c> {
    old: &'c str,
    new: &'c str,
    /// How many records have it, of how many that held the old one.
    count: usize,
    of: usize,
}

/// Finds choices that were never met before and have taken the place of one that was.
pub(crate) fn changed(same: &Same<'_>, cells: &Cells<'_>) -> Option<Finding> {
    let (was, _) = (choices_of(same.then)?, choices_of(same.now)?);
    // Where all held one value, another one may be another meaning; and a month follows a month.
    if was.choices.len() < 2 || period::goes_on(same.then, same.now) {
        return None;
    }
    let is_known = |value: &str| was.choices.iter().any(|(known, _)| known.trim() == value);
    let (mut held, mut kept): (HashMap<&str, usize>, HashMap<&str, usize>) = Default::default();
    let mut moved: IndexMap<&str, IndexMap<&str, usize>> = IndexMap::new();
    for (then, now) in cells.iter().filter_map(|(b, a)| Some(((*b)?, (*a)?))) {
        *held.entry(then).or_default() += 1;
        if then == now {
            *kept.entry(then).or_default() += 1;
        } else if !is_known(now) {
            *moved.entry(now).or_default().entry(then).or_default() += 1;
        }
    }
    let mut found: Vec<Recoded<'_>> = Vec::new();
    for (new, olds) in &moved {
        let Some((old, count)) = olds.iter().max_by_key(|(_, count)| **count) else { continue };
        if *count as f64 >= FROM_ONE_MIN * olds.values().sum::<usize>() as f64 {
            found.push(Recoded { old, new, count: *count, of: held[old] });
        }
    }
    let is_sure = |one: &Recoded<'_>| one.count >= RECORDS_MIN && one.count as f64 >= SHARE_MIN * one.of as f64;
    if !found.iter().any(is_sure) {
        return None;
    }
    let kept = |old: &str| kept.get(old).copied().unwrap_or(0);
    // Once it is sure of one, what is seldom and gone belongs to it as well.
    found.retain(|one| is_sure(one) || is_renamed(one, kept(one.old)));
    let explained = found.len() == moved.len();
    describe(&found, &kept, explained)
}

/// Whether hardly a record still holds the old choice.
fn is_renamed(one: &Recoded<'_>, kept: usize) -> bool {
    kept as f64 <= KEPT_MAX * one.of as f64
}

/// `explained` says whether every new choice is among these.
fn describe(recoded: &[Recoded<'_>], kept: &dyn Fn(&str) -> usize, explained: bool) -> Option<Finding> {
    let says = |one: &Recoded<'_>| {
        format!(
            "{} of the {} records that held `{}` hold `{}`, which was never met",
            one.count, one.of, one.old, one.new
        )
    };
    let evidence = recoded.iter().take(SHOWN_MAX).map(|one| Evidence::new(Signal::Rows, says(one))).collect();
    let is_currency = |one: &Recoded<'_>| [one.old, one.new].iter().all(|code| Pattern::CurrencyCode.matches(code));
    if recoded.iter().all(is_currency) {
        let finding = Finding::new(ChangeKind::CurrencyChanged, evidence).loses();
        return Some(
            finding
                .repaired(Repair::Review, Vec::new(), 0.8, Proof::Rows)
                .held("the amounts of these records may be in another currency"),
        );
    }
    let table = recoded.iter().map(|one| (one.new.to_owned(), one.old.to_owned())).collect();
    let steps = vec![Transform::ValueTable { table, closed: false }];
    let is_renamed = |one: &Recoded<'_>| is_renamed(one, kept(one.old));
    let finding = Finding::new(ChangeKind::EnumChanged, evidence);
    if explained && recoded.iter().all(is_renamed) {
        let fewest = recoded.iter().map(|one| one.count).min().unwrap_or(0) as f64;
        let confidence = (fewest + 1.0) / (fewest + 2.0);
        return Some(finding.loses().repaired(Repair::ValueTable, steps, confidence, Proof::Rows));
    }
    let finding = if recoded.iter().any(is_renamed) { finding.loses() } else { finding };
    Some(
        finding
            .repaired(Repair::ValueTable, steps, DIVIDED, Proof::Rows)
            .held("a choice was divided, or its records have moved on: which of both must be said"),
    )
}
