//! What is left to people: things that may be one, each two of them once.

use super::{Pair, Resolver};
use crate::cluster::Cluster;
use crate::record::RecordKey;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Two clusters that may be one thing, by the pair of their records that is most probably one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Uncertain {
    pub pair: Pair,
    /// How many records each of the two has.
    pub left_records: usize,
    pub right_records: usize,
}

impl Resolver {
    /// Returns which clusters may be one thing for all that is known, each two of them once by the pair of their records that is most probably one,
    /// the surest first. Where a person ruled about any of their records, nothing is left to ask.
    pub fn uncertain(&self, clusters: &[Cluster], probability_min: f64) -> Vec<Uncertain> {
        let of: BTreeMap<&RecordKey, usize> = clusters
            .iter()
            .enumerate()
            .flat_map(|(at, cluster)| cluster.records.iter().map(move |record| (record, at)))
            .collect();
        let between = |a: &RecordKey, b: &RecordKey| {
            let (a, b) = (*of.get(a)?, *of.get(b)?);
            Some((a.min(b), a.max(b)))
        };
        let ruled = self.rulings.iter().flat_map(|(left, others)| others.iter().map(move |(right, _)| (left, right)));
        let mut known: BTreeSet<(usize, usize)> = ruled.filter_map(|(left, right)| between(left, right)).collect();
        let size = |record: &RecordKey| of.get(record).map_or(0, |at| clusters[*at].records.len());
        let mut uncertain = Vec::new();
        for pair in self.pairs(probability_min) {
            let Some((left, right)) = between(&pair.left, &pair.right) else { continue };
            if left != right && known.insert((left, right)) {
                let (left_records, right_records) = (size(&pair.left), size(&pair.right));
                uncertain.push(Uncertain { pair, left_records, right_records });
            }
        }
        uncertain
    }
}
