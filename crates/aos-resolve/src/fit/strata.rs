//! Pairs within each source, and pairs across sources: matches are rare in each to a degree of its own.

use crate::model::{Prepared, Rates};
use std::collections::BTreeMap;

/// Matches that are expected before looking, for each record.
const MATCHES_PER_RECORD: f64 = 0.2;
/// Matches that are expected within one of several sources: each has keys of its own and holds most things once.
const MATCHES_WITHIN: f64 = 0.02;

pub(super) struct Strata {
    pub sources: Vec<String>,
    pub records: Vec<usize>,
}

impl Strata {
    pub fn of(records: &[Prepared]) -> Self {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for record in records {
            *counts.entry(&record.key.source).or_default() += 1;
        }
        Self {
            sources: counts.keys().map(|source| (*source).to_owned()).collect(),
            records: counts.into_values().collect(),
        }
    }

    /// The last one is of pairs across sources.
    pub fn stratum(&self, a: &Prepared, b: &Prepared) -> usize {
        if a.key.source != b.key.source {
            return self.sources.len();
        }
        self.sources.binary_search_by(|source| source.as_str().cmp(&a.key.source)).unwrap_or(self.sources.len())
    }

    pub fn pairs(&self, stratum: usize) -> f64 {
        let within = |records: usize| records as f64 * records.saturating_sub(1) as f64 / 2.0;
        match self.records.get(stratum) {
            Some(records) => within(*records),
            None => {
                within(self.records.iter().sum()) - self.records.iter().map(|records| within(*records)).sum::<f64>()
            }
        }
    }

    /// How probable a match is before looking.
    pub fn prior_rate(&self, stratum: usize) -> f64 {
        let records = self.records.get(stratum).copied().unwrap_or(self.records.iter().sum());
        let alone = self.sources.len() == 1;
        let expected = if stratum < self.sources.len() && !alone { MATCHES_WITHIN } else { MATCHES_PER_RECORD };
        (expected * records as f64 / self.pairs(stratum).max(1.0)).clamp(1e-9, 0.3)
    }

    /// How many pairs are of one thing at these rates.
    pub fn matches(&self, rates: &Rates) -> f64 {
        let within = self.sources.iter().enumerate().map(|(at, source)| rates.of(source, source) * self.pairs(at));
        within.sum::<f64>() + rates.across * self.pairs(self.sources.len())
    }

    pub fn prior_rates(&self) -> Rates {
        let within = self.sources.iter().enumerate().map(|(at, source)| (source.clone(), self.prior_rate(at)));
        Rates { across: self.prior_rate(self.sources.len()), within: within.collect() }
    }
}
