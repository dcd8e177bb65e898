//! What the values of a column look like as a whole, in memory that does not grow with the column: enough to tell later whether
//! another column holds the same values, or the same kind of values in another unit, sign, zone or spelling.

use chrono::Timelike;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap};
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

/// How many of the smallest hashes are kept: the overlap of two columns is then known to about ± 0.09.
const HASHES_MAX: usize = 128;
/// A column with more distinct values than this is no list of choices, and its values are not counted one by one.
const CHOICES_MAX: usize = 100;
const CHOICE_CHARS_MAX: usize = 80;
/// How many numbers the quantiles are computed from.
const NUMBERS_MAX: usize = 1_024;
/// The quantiles kept: 0, 0.05, …, 1.
const QUANTILES: usize = 21;
const FORMS_MAX: usize = 48;
/// Texts longer than this have no form worth comparing.
const FORM_CHARS_MAX: usize = 40;
const LENGTH_MAX: u32 = 400;

/// A bounded summary of the values of one column.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Sketch {
    /// The smallest hashes of the distinct values, ascending: a uniform sample of them that two columns share (Beyer et al. 2007,
    /// "On synopses for distinct-value estimation under multiset operations").
    pub hashes: Vec<u64>,
    /// Every value with its count, most frequent first; empty when there are too many to be choices.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<(String, u64)>,
    /// How many values are numbers, and 21 evenly spaced quantiles of them.
    #[serde(default)]
    pub numbers: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quantiles: Vec<f64>,
    #[serde(default)]
    pub negative: u64,
    #[serde(default)]
    pub fractional: u64,
    /// How many values are dates or times.
    #[serde(default)]
    pub times: u64,
    /// Count of times of day by hour, as written; empty when no value has one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hours: Vec<u64>,
    /// How values are written, most frequent first: digits become `9`, letters `A` or `a`, runs of letters one of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forms: Vec<(String, u64)>,
    /// Count of values by their length in characters, shortest first; longer ones count as the longest length kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lengths: Vec<(u32, u64)>,
    /// How many values were looked at.
    pub count: u64,
}

impl Sketch {
    /// Estimates how many of the smaller column's distinct values the other one holds too, 0 to 1.
    pub fn containment(&self, other: &Self) -> f64 {
        let (Some(&last), Some(&other_last)) = (self.hashes.last(), other.hashes.last()) else { return 0.0 };
        // Below this bound both samples are complete.
        let bound = match (self.is_complete(), other.is_complete()) {
            (true, true) => u64::MAX,
            (true, false) => other_last,
            (false, true) => last,
            (false, false) => last.min(other_last),
        };
        let within = |hashes: &[u64]| hashes.partition_point(|hash| *hash <= bound);
        let (here, there) = (&self.hashes[..within(&self.hashes)], &other.hashes[..within(&other.hashes)]);
        let common = here.iter().filter(|hash| there.binary_search(hash).is_ok()).count();
        common as f64 / here.len().min(there.len()).max(1) as f64
    }

    /// Whether every distinct value is among the hashes.
    fn is_complete(&self) -> bool {
        self.hashes.len() < HASHES_MAX
    }

    /// Returns the share of values written in this form.
    pub fn form_share(&self, form: &str) -> f64 {
        let found = self.forms.iter().find(|(known, _)| known == form).map_or(0, |(_, count)| *count);
        found as f64 / self.count.max(1) as f64
    }

    pub fn share(&self, count: u64) -> f64 {
        count as f64 / self.count.max(1) as f64
    }
}

/// Builds a [`Sketch`] value by value.
#[derive(Debug, Default)]
pub(super) struct Sketcher {
    hashes: BTreeSet<u64>,
    choices: HashMap<String, u64>,
    too_many: bool,
    sample: BinaryHeap<Ranked>,
    numbers: u64,
    negative: u64,
    fractional: u64,
    times: u64,
    hours: [u64; 24],
    forms: HashMap<String, u64>,
    lengths: BTreeMap<u32, u64>,
    count: u64,
}

/// A number with a random rank: those of lowest rank are a fair sample, and the same input always gives the same one.
#[derive(Debug, PartialEq)]
struct Ranked(u64, f64);

impl Eq for Ranked {}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0).then(self.1.total_cmp(&other.1))
    }
}

impl Sketcher {
    pub(super) fn scalar(&mut self, text: &str) {
        self.count += 1;
        let hash = xxh3_64(text.as_bytes());
        if self.hashes.len() < HASHES_MAX || self.hashes.last().is_some_and(|last| hash < *last) {
            self.hashes.insert(hash);
            if self.hashes.len() > HASHES_MAX {
                self.hashes.pop_last();
            }
        }
        let length = u32::try_from(text.chars().count()).unwrap_or(LENGTH_MAX).min(LENGTH_MAX);
        *self.lengths.entry(length).or_default() += 1;
        self.choice(text, length);
        if let Some(form) = form(text) {
            let room = self.forms.len() < FORMS_MAX;
            match self.forms.get_mut(&form) {
                Some(count) => *count += 1,
                None if room => _ = self.forms.insert(form, 1),
                None => {}
            }
        }
    }

    fn choice(&mut self, text: &str, length: u32) {
        if self.too_many {
            return;
        }
        if let Some(count) = self.choices.get_mut(text) {
            *count += 1;
        } else if self.choices.len() < CHOICES_MAX && length as usize <= CHOICE_CHARS_MAX {
            self.choices.insert(text.to_owned(), 1);
        } else {
            self.too_many = true;
            self.choices = HashMap::new();
        }
    }

    pub(super) fn number(&mut self, value: f64, fractional: bool) {
        self.numbers += 1;
        self.negative += u64::from(value < 0.0);
        self.fractional += u64::from(fractional);
        let rank = xxh3_64_with_seed(&self.numbers.to_le_bytes(), 7);
        if self.sample.len() < NUMBERS_MAX || self.sample.peek().is_some_and(|last| rank < last.0) {
            self.sample.push(Ranked(rank, value));
            if self.sample.len() > NUMBERS_MAX {
                self.sample.pop();
            }
        }
    }

    /// Counts a date, or a time with its hour as it is written.
    pub(super) fn time(&mut self, text: &str, has_hour: bool) {
        self.times += 1;
        let hour = text.get(11..13).and_then(|hour| hour.parse::<usize>().ok()).filter(|hour| has_hour && *hour < 24);
        if let Some(hour) = hour {
            self.hours[hour] += 1;
        } else if has_hour && let Some(at) = crate::parse::datetime(text) {
            self.hours[at.hour() as usize] += 1;
        }
    }

    pub(super) fn finish(self) -> Sketch {
        let mut choices: Vec<(String, u64)> = self.choices.into_iter().collect();
        choices.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let mut forms: Vec<(String, u64)> = self.forms.into_iter().collect();
        forms.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let mut sorted: Vec<f64> = self.sample.into_iter().map(|ranked| ranked.1).collect();
        sorted.sort_by(f64::total_cmp);
        let quantile = |at: usize| sorted[at * (sorted.len() - 1) / (QUANTILES - 1)];
        Sketch {
            hashes: self.hashes.into_iter().collect(),
            choices,
            numbers: self.numbers,
            quantiles: if sorted.is_empty() { Vec::new() } else { (0..QUANTILES).map(quantile).collect() },
            negative: self.negative,
            fractional: self.fractional,
            times: self.times,
            hours: if self.hours.iter().all(|count| *count == 0) { Vec::new() } else { self.hours.to_vec() },
            forms,
            lengths: self.lengths.into_iter().collect(),
            count: self.count,
        }
    }
}

/// Returns how a short text is written: digits become `9`, runs of letters `a` or `A`, the rest stays. Long runs of digits, as in
/// numbers of any size, become `9+`.
pub fn form(text: &str) -> Option<String> {
    if text.len() > FORM_CHARS_MAX {
        return None;
    }
    let mut form = String::with_capacity(text.len());
    let mut digits = 0;
    for c in text.chars() {
        if c.is_ascii_digit() {
            digits += 1;
            match digits {
                1..=4 => form.push('9'),
                5 => {
                    form.truncate(form.len() - 4);
                    form.push_str("9+");
                }
                _ => {}
            }
            continue;
        }
        digits = 0;
        let letter = if c.is_uppercase() { 'A' } else { 'a' };
        match () {
            () if !c.is_alphabetic() => form.push(c),
            () if form.ends_with(letter) => {}
            () => form.push(letter),
        }
    }
    Some(form)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sketch(values: impl IntoIterator<Item = String>) -> Sketch {
        let mut sketcher = Sketcher::default();
        values.into_iter().for_each(|value| sketcher.scalar(&value));
        sketcher.finish()
    }

    #[test]
    fn containment_is_estimated_within_its_error() {
        let of = |range: std::ops::Range<u32>| sketch(range.map(|number| format!("id-{number}")));
        assert_eq!(of(0..90).containment(&of(0..40)), 1.0);
        assert_eq!(of(0..90).containment(&of(200..260)), 0.0);
        let half = of(0..10_000).containment(&of(5_000..15_000));
        assert!((half - 0.5).abs() < 0.2, "{half}");
    }

    #[test]
    fn a_sketch_of_a_million_values_stays_small() {
        let mut sketcher = Sketcher::default();
        for number in 0..1_000_000u32 {
            sketcher.scalar(&format!("{number:x}"));
            sketcher.number(f64::from(number), false);
        }
        let sketch = sketcher.finish();
        assert!(serde_json::to_string(&sketch).unwrap().len() < 16 * 1024);
        assert!((sketch.quantiles[10] - 500_000.0).abs() < 60_000.0, "{:?}", sketch.quantiles[10]);
    }

    #[test]
    fn a_form_keeps_separators_and_forgets_content() {
        for (text, expected) in [
            ("2026-01-02T10:00:00Z", "9999-99-99A99:99:99A"),
            ("Acme Corp", "Aa Aa"),
            ("$1,200.50", "$9,999.99"),
            ("cus_1234567", "a_9+"),
            ("31.12.2025", "99.99.9999"),
        ] {
            assert_eq!(form(text).as_deref(), Some(expected));
        }
    }
}
