//! How often values and words occur: agreement on what is rare says more than agreement on what is common.

use crate::normal::Normal;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// Words seen fewer times than this are not kept one by one.
const KEPT_MIN: u32 = 3;
/// What a word that is not kept counts as: it is in the two records that agree on it.
const RARE: u32 = 2;

/// Frequencies of one field, as of the fit. They stay as they are until the next one, so that a new record changes no other's weight.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Frequencies {
    /// Records with a value.
    pub total: u32,
    /// How many other records have a value, beside one of each source, which may be the same thing.
    others: BTreeMap<u64, u32>,
    /// What that is of a value that is not among them.
    others_else: u32,
    words: BTreeMap<u64, u32>,
    /// The sum of squared frequencies: how probable it is that two values taken at random are equal. Of several sources, it is
    /// that of two values of one source: those of two sources are equal because they are of one thing.
    pub collision: f64,
    /// How many pairs that is known of.
    pub pairs: f64,
}

impl Frequencies {
    /// Counts values, each with the number of its source.
    pub fn of(values: &[(usize, &Normal)]) -> Self {
        let mut counts = HashMap::<(u64, usize), u32>::new();
        let mut words = HashMap::<u64, u32>::new();
        let mut sizes = HashMap::<usize, u32>::new();
        for (source, normal) in values {
            *counts.entry((normal.hash, *source)).or_default() += 1;
            *sizes.entry(*source).or_default() += 1;
            for word in &normal.words {
                *words.entry(word.hash).or_default() += 1;
            }
        }
        let pairs = |count: u32| f64::from(count) * f64::from(count.saturating_sub(1)) / 2.0;
        let (all, equal): (f64, f64) =
            (sizes.values().map(|count| pairs(*count)).sum(), counts.values().map(|count| pairs(*count)).sum());
        let mut others = BTreeMap::<u64, u32>::new();
        for ((hash, _), count) in counts {
            *others.entry(hash).or_default() += count - 1;
        }
        // Within one source it cannot be told whether the second record of a value is another thing.
        let others_else = u32::from(sizes.len() < 2);
        others.retain(|_, count| *count > others_else);
        Self {
            total: u32::try_from(values.len()).unwrap_or(u32::MAX),
            collision: if all > 0.0 { equal / all } else { 0.0 },
            pairs: all,
            others,
            others_else,
            words: words.into_iter().filter(|(_, count)| *count >= KEPT_MIN).collect(),
        }
    }

    /// Returns how many other things have the value of two records that agree on it.
    pub fn others(&self, hash: u64) -> u32 {
        self.others.get(&hash).copied().unwrap_or(self.others_else)
    }

    /// Returns how many records have a word; of a rare one, two.
    pub fn word(&self, hash: u64) -> u32 {
        self.words.get(&hash).copied().unwrap_or(RARE)
    }

    /// Returns how rare a word is (the inverse document frequency of Spärck Jones, 1972), at least a little.
    pub fn rarity(&self, hash: u64) -> f32 {
        let count = f64::from(self.word(hash));
        let rarity = (f64::from(self.total.max(RARE)) / count).ln();
        // What is in half of all records still tells apart a little.
        rarity.max(0.2) as f32
    }
}
