//! Which field goes along with which other one among different things.

use super::maximise::shares;
use crate::calibration::sigmoid;
use crate::compare::LEVELS;
use crate::model::{Model, Prepared};
use crate::sample::Draws;
use std::collections::BTreeMap;

/// Pairs with an equal value that are looked at for each field.
const PAIRS: usize = 3_000;
/// What it weighs, in pairs, that fields depend on none.
const PRIOR: f64 = 20.0;
/// Pairs that are the same thing with no more than this probability count as different.
const DIFFERENT_MAX: f64 = 0.1;
/// How often both must agree, and how much more often than by chance (as a natural logarithm), to speak of dependence.
const AGREED_MIN: f64 = 5.0;
const LIFT_MIN: f64 = 1.0;
/// Which part of the pairs of one thing may be taken for different.
const MISTAKEN: f64 = 0.1;

/// Finds for each field the one that it goes along with most among different things, if any.
pub(super) fn fit_dependence(model: &mut Model, records: &[Prepared]) {
    let fields = model.fields.len();
    // given[g][f]: the levels of f where g is equal, among pairs that are probably of different things.
    let mut given = vec![vec![[0.0; LEVELS]; fields]; fields];
    // How many of the pairs are probably of one thing.
    let mut same = vec![0.0; fields];
    for (other, given) in given.iter_mut().enumerate() {
        for (a, b) in equal_pairs(records, other) {
            // People who moved have little in common but what names them: doubt is no sign that two things are different.
            if sigmoid(model.log_odds(&records[a], &records[b])) > DIFFERENT_MAX {
                same[other] += 1.0;
                continue;
            }
            for (counts, level) in given.iter_mut().zip(model.levels(&records[a], &records[b])) {
                if let Some(level) = level {
                    counts[level as usize] += 1.0;
                }
            }
        }
    }
    // The strongest first; a tree has no circles.
    let mut found: Vec<(f64, usize, usize, [f64; LEVELS])> = Vec::new();
    for (other, given) in given.iter().enumerate() {
        for field in (0..fields).filter(|field| *field != other) {
            let u = model.fields[field].u;
            let rates = shares(&given[field], &u, PRIOR);
            let lift = (rates[0] / u[0]).ln();
            let pairs: f64 = given[field].iter().sum();
            // A field that is rarely equal by chance and often in this company, beyond what records of one thing that have little
            // else in common can account for.
            if lift > LIFT_MIN && rates[0] * pairs >= AGREED_MIN + MISTAKEN * same[other] {
                found.push((rates[0] * lift, field, other, rates));
            }
        }
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let mut above: Vec<Option<usize>> = vec![None; fields];
    for (_, field, other, rates) in found {
        let mut up = Some(other);
        while let Some(at) = up.filter(|at| *at != field) {
            up = above[at];
        }
        if above[field].is_none() && up.is_none() {
            above[field] = Some(other);
            model.fields[field].after = Some((other, rates));
        }
    }
}

/// Draws pairs of records that are equal in a field.
fn equal_pairs(records: &[Prepared], field: usize) -> Vec<(usize, usize)> {
    let mut groups: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    for (at, record) in records.iter().enumerate() {
        if let Some(cell) = &record.cells[field] {
            groups.entry(cell.hash).or_default().push(at);
        }
    }
    let groups: Vec<Vec<usize>> = groups.into_values().filter(|group| group.len() > 1).collect();
    let members: usize = groups.iter().map(Vec::len).sum();
    let mut draws = Draws::new(2);
    let mut pairs = Vec::new();
    for group in &groups {
        // Each group gives as many pairs as its share of the records, so that neither large nor small ones are all there is.
        let share = (PAIRS * group.len()).div_ceil(members.max(1)).min(group.len());
        for _ in 0..share {
            let (a, b) = (group[draws.below(group.len())], group[draws.below(group.len())]);
            if a != b {
                pairs.push((a, b));
            }
        }
    }
    pairs
}
