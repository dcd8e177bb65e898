//! How often values and words occur: agreement on what is rare says more than agreement on what is common.

use crate::normal::Normal;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// Values and words seen fewer times than this are not kept one by one.
const KEPT_MIN: u32 = 3;
/// What a value that is not kept counts as: it is in the two records that agree on it.
const RARE: u32 = 2;

/// Frequencies of one field, as of the fit. They stay as they are until the next one, so that a new record changes no other's weight.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Frequencies {
    /// Records with a value.
    pub total: u32,
    values: BTreeMap<u64, u32>,
    words: BTreeMap<u64, u32>,
    /// The sum of squared frequencies: how probable it is that two values taken at random are equal.
    pub collision: f64,
}

impl Frequencies {
    pub fn of<'n>(normals: impl Iterator<Item = &'n Normal>) -> Self {
        let (mut values, mut words) = (HashMap::<u64, u32>::new(), HashMap::<u64, u32>::new());
        let mut total = 0u32;
        for normal in normals {
            total += 1;
            *values.entry(normal.hash).or_default() += 1;
            for word in &normal.words {
                *words.entry(word.hash).or_default() += 1;
            }
        }
        let pairs = f64::from(total) * f64::from(total.saturating_sub(1));
        let equal: f64 = values.values().map(|&count| f64::from(count) * f64::from(count - 1)).sum();
        Self {
            total,
            collision: if pairs > 0.0 { equal / pairs } else { 0.0 },
            values: values.into_iter().filter(|(_, count)| *count >= KEPT_MIN).collect(),
            words: words.into_iter().filter(|(_, count)| *count >= KEPT_MIN).collect(),
        }
    }

    /// Returns how many records have the value.
    pub fn value(&self, hash: u64) -> u32 {
        self.values.get(&hash).copied().unwrap_or(RARE)
    }

    /// Returns how rare a word is (the inverse document frequency of Spärck Jones, 1972), at least a little.
    pub fn rarity(&self, hash: u64) -> f32 {
        let count = f64::from(self.words.get(&hash).copied().unwrap_or(RARE));
        let rarity = (f64::from(self.total.max(RARE)) / count).ln();
        // What is in half of all records still tells apart a little.
        rarity.max(0.2) as f32
    }
}
