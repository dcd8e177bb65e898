//! Makes clusters of pairs, without letting a chain of likenesses glue strangers together.
//!
//! Pairs are taken from the surest on. Two clusters become one when the evidence between *all* their members speaks for it in sum, not
//! only that of the pair at hand: greedy average linkage as in correlation clustering (Bansal, Blum and Chawla, 2004). What a person
//! ruled comes before all evidence. The result depends on the records alone, not on the order in which they came.

use crate::record::RecordKey;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// No single pair may speak louder than this, in natural log odds.
const VOICE_MAX: f64 = 4.0;
/// Members of each side that are heard when two clusters are large.
const HEARD_MAX: usize = 40;

/// What a person said about two records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ruling {
    pub left: RecordKey,
    pub right: RecordKey,
    pub verdict: Verdict,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Same,
    Different,
}

/// Records of one thing.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cluster {
    /// Sorted.
    pub records: Vec<RecordKey>,
    /// The probability of the weakest of the pairs that hold it together; 1 for a single record and for what a person put together.
    pub cohesion: f64,
}

/// A pair that may be linked, by the places of its records.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Link {
    pub a: u32,
    pub b: u32,
    pub probability: f64,
}

/// The members of each cluster by their places, and its cohesion.
pub(crate) type Group = (Vec<u32>, f64);

/// Clusters records. `nodes` are in the order of their keys, and so are equal probabilities; `voice` gives the calibrated log odds of any pair.
pub(crate) fn cluster(
    nodes: &[u32],
    links: &[Link],
    rulings: &[(u32, u32, Verdict)],
    voice: impl Fn(u32, u32) -> f64,
) -> Vec<Group> {
    let place: BTreeMap<u32, usize> = nodes.iter().enumerate().map(|(at, node)| (*node, at)).collect();
    let mut groups: Vec<Option<(Vec<usize>, f64)>> = (0..nodes.len()).map(|at| Some((vec![at], 1.0))).collect();
    let mut of: Vec<usize> = (0..nodes.len()).collect();
    let ruled = |verdict: Verdict| {
        rulings
            .iter()
            .filter(move |(_, _, said)| *said == verdict)
            .filter_map(|(a, b, _)| Some((*place.get(a)?, *place.get(b)?)))
            .collect::<Vec<_>>()
    };
    for (a, b) in ruled(Verdict::Same) {
        join(&mut groups, &mut of, a, b, 1.0);
    }
    let apart = ruled(Verdict::Different);
    let mut links: Vec<(usize, usize, f64)> = links
        .iter()
        .filter_map(|link| {
            let (a, b) = (*place.get(&link.a)?, *place.get(&link.b)?);
            Some((a.min(b), a.max(b), link.probability))
        })
        .collect();
    links.sort_by(|x, y| y.2.total_cmp(&x.2).then((x.0, x.1).cmp(&(y.0, y.1))));
    for (a, b, probability) in links {
        let (left, right) = (of[a], of[b]);
        if left == right || apart.iter().any(|(x, y)| is_between(&of, left, right, *x, *y)) {
            continue;
        }
        let heard = |group: usize| {
            groups[group].as_ref().map(|(members, _)| &members[..members.len().min(HEARD_MAX)]).unwrap_or_default()
        };
        let mut sum = 0.0;
        for x in heard(left) {
            sum += heard(right).iter().map(|y| voice(nodes[*x], nodes[*y]).clamp(-VOICE_MAX, VOICE_MAX)).sum::<f64>();
        }
        if sum > 0.0 {
            join(&mut groups, &mut of, a, b, probability);
        }
    }
    groups
        .into_iter()
        .flatten()
        .map(|(members, cohesion)| (members.into_iter().map(|at| nodes[at]).collect(), cohesion))
        .collect()
}

fn is_between(of: &[usize], left: usize, right: usize, x: usize, y: usize) -> bool {
    (of[x] == left && of[y] == right) || (of[x] == right && of[y] == left)
}

fn join(groups: &mut [Option<(Vec<usize>, f64)>], of: &mut [usize], a: usize, b: usize, probability: f64) {
    let (into, from) = (of[a].min(of[b]), of[a].max(of[b]));
    if into == from {
        return;
    }
    let Some((moved, cohesion_of_moved)) = groups[from].take() else { return };
    for member in &moved {
        of[*member] = into;
    }
    if let Some((members, cohesion)) = &mut groups[into] {
        members.extend(moved);
        members.sort_unstable();
        *cohesion = cohesion.min(cohesion_of_moved).min(probability);
    }
}
