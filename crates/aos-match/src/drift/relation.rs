//! What the values of one column have to do with those of another in the same records: the same, rescaled, moved in time, written
//! otherwise, replaced one by one, cut off. Found by looking at pairs of cells, so what is found holds for the rows that were seen.

use super::affix::{affixed, without};
use super::dialling::dialled;
use super::moment::Clock;
use super::quantity::numbers;
use aos_core::Value;
use aos_core::mapping::Transform;
use aos_core::shape::{ColumnShape, ValueKind};
use indexmap::IndexMap;
use rust_decimal::Decimal;
use std::collections::{HashMap, HashSet};

/// Of fewer pairs than this one that differs proves nothing, so all of them have to obey.
pub(crate) const ROWS_MIN: usize = 8;
/// Fewer pairs than this say nothing.
pub(crate) const ROWS_FEW: usize = 4;
/// How unlikely it is at most that so few pairs obey by chance.
const CHANCE_OF_FEW_MAX: f64 = 0.005;
/// Share of pairs that must obey a relation; the others may have been edited between the two reads.
const AGREE_MIN: f64 = 0.8;
/// A table of more values than this is no list of choices.
const TABLE_MAX: usize = 60;
/// A value that stands beside the same one so often does so in every row.
const PROVED_FROM: usize = 5;
/// The first so many of a sample are enough to see that a relation does not hold, and what share of them has to obey one that may: rows are
/// in the order of the hashes of their keys, so that the first ones are drawn from all.
const FIRST: usize = 64;
const FIRST_AGREE_MIN: f64 = 0.55;
/// Where so few cells are equal, chance need not be known exactly.
const UNLIKE_MAX: f64 = 0.3;

/// How the value before is got from the value after.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Relation {
    Same,
    /// The same number or moment, written otherwise.
    Equal,
    /// The same but for case, spaces and punctuation.
    Rewritten,
    /// Before = after × factor.
    Scaled(Decimal),
    /// Before = after + seconds.
    Shifted(i64),
    /// Value after -> value before.
    Table(IndexMap<String, String>),
    /// The value after is the beginning of the value before, cut at a length.
    Truncated(usize),
    /// Digits behind the point, or the time of day, are gone.
    Rounded,
    /// The value after is a list that holds the value before.
    Wrapped,
    /// Every value after carries these texts in front and behind.
    Affixed(String, String),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Related {
    pub relation: Relation,
    /// Share of the pairs that obey, and the share that would by chance.
    pub agree: f64,
    pub chance: f64,
    pub rows: usize,
}

impl Related {
    /// Agreement beyond chance (Cohen's kappa), 0 to 1.
    pub fn strength(&self) -> f64 {
        ((self.agree - self.chance) / (1.0 - self.chance).max(1e-9)).clamp(0.0, 1.0)
    }

    /// The probability that the relation holds for rows not seen, from those that were (Laplace's rule).
    pub fn trust(&self) -> f64 {
        let rows = self.rows as f64;
        (self.strength() * rows + 1.0) / (rows + 2.0)
    }

    pub fn holds(&self) -> bool {
        self.holds_from(AGREE_MIN)
    }

    /// Whether at least this share of the pairs obeys, beyond chance; of few pairs every one.
    fn holds_from(&self, agree_min: f64) -> bool {
        if self.rows < ROWS_MIN {
            let by_chance = self.chance.powi(i32::try_from(self.rows).unwrap_or(i32::MAX));
            return self.rows >= ROWS_FEW && self.agree >= 1.0 && by_chance <= CHANCE_OF_FEW_MAX;
        }
        self.agree >= agree_min && self.strength() >= agree_min - 0.2
    }

    /// The steps that turn the value after into the value before.
    pub fn transforms(&self, before: &ColumnShape, after: &ColumnShape) -> Vec<Transform> {
        match &self.relation {
            Relation::Scaled(factor) => vec![Transform::Scale { factor: *factor }],
            Relation::Table(table) => vec![Transform::ValueTable { table: table.clone(), closed: false }],
            Relation::Affixed(front, behind) => vec![without(front, behind)],
            Relation::Equal => Clock::beside(after, before).transform().into_iter().collect(),
            _ => Vec::new(),
        }
    }
}

/// One column's cells in the aligned rows, beside the other's.
pub(crate) type Cells<'a> = [(Option<&'a str>, Option<&'a str>)];

/// Finds the simplest relation that holds, or the plain agreement where none does. `None` when there is too little to compare.
pub(crate) fn relate(before: &ColumnShape, after: &ColumnShape, cells: &Cells<'_>) -> Option<Related> {
    let both: Vec<(&str, &str)> = cells.iter().filter_map(|(b, a)| Some(((*b)?, (*a)?))).collect();
    if both.len() < ROWS_FEW {
        return None;
    }
    let same = plain(&both);
    if same.holds() {
        return Some(same);
    }
    let first = &both[..both.len().min(FIRST)];
    let may_hold = both.len() <= 2 * FIRST || written_otherwise(before, after, first, FIRST_AGREE_MIN).is_some();
    let found = may_hold.then(|| written_otherwise(before, after, &both, AGREE_MIN)).flatten();
    let may_be_table = || is_one_value(before) && is_one_value(after) && majorities(first) >= FIRST_AGREE_MIN;
    let found = found.or_else(|| may_be_table().then(|| table(&both)).flatten());
    Some(found.unwrap_or(same))
}

/// Finds how at least this share of the values after follows from the values before, value by value.
fn written_otherwise(
    before: &ColumnShape,
    after: &ColumnShape,
    both: &[(&str, &str)],
    agree_min: f64,
) -> Option<Related> {
    let holds = |found: Option<Related>| found.filter(|found| found.holds_from(agree_min));
    numbers(both, agree_min)
        .or_else(|| moments(before, after, both, agree_min))
        .or_else(|| holds(wrapped(both)))
        // Few choices are better said one by one; how many there are, the first rows do not tell.
        .or_else(|| holds(rewritten(both)).filter(|_| agree_min < AGREE_MIN || !are_choices(both)))
        .or_else(|| holds(dialled(both)))
        .or_else(|| holds(truncated(both)))
        .or_else(|| holds(affixed(both)))
}

/// Lists and objects are no choices.
fn is_one_value(column: &ColumnShape) -> bool {
    !matches!(column.kind, ValueKind::List | ValueKind::Object)
}

/// How many cells are the same text, beside what chance would give.
pub(crate) fn plain(both: &[(&str, &str)]) -> Related {
    let agree = both.iter().filter(|(b, a)| b == a).count() as f64 / both.len().max(1) as f64;
    let counted = if agree < UNLIKE_MAX { &both[..both.len().min(2 * FIRST)] } else { both };
    let chance = chance(counted.iter().map(|pair| pair.0), counted.iter().map(|pair| pair.1), counted.len());
    Related { relation: Relation::Same, agree, chance, rows: both.len() }
}

pub(super) fn chance<'a>(
    before: impl Iterator<Item = &'a str>,
    after: impl Iterator<Item = &'a str>,
    rows: usize,
) -> f64 {
    let mut counts: HashMap<&str, (f64, f64)> = HashMap::new();
    before.for_each(|value| counts.entry(value).or_default().0 += 1.0);
    after.for_each(|value| counts.entry(value).or_default().1 += 1.0);
    let rows = rows.max(1) as f64;
    counts.values().map(|(b, a)| b * a).sum::<f64>() / (rows * rows)
}

pub(super) fn share(of: usize, rows: usize) -> f64 {
    of as f64 / rows.max(1) as f64
}

fn moments(before: &ColumnShape, after: &ColumnShape, both: &[(&str, &str)], agree_min: f64) -> Option<Related> {
    let (then, now) = (Clock::beside(before, after), Clock::beside(after, before));
    let read: Vec<(i64, i64)> = both.iter().filter_map(|(b, a)| Some((then.seconds(b)?, now.seconds(a)?))).collect();
    if read.len() * 10 < both.len() * 8 {
        return None;
    }
    let rows = both.len();
    let mut offsets: HashMap<i64, usize> = HashMap::new();
    read.iter().for_each(|(b, a)| *offsets.entry(b - a).or_default() += 1);
    let days: HashMap<i64, usize> = read.iter().fold(HashMap::new(), |mut days, (b, _)| {
        *days.entry(b / 86_400).or_default() += 1;
        days
    });
    let chance = days.values().map(|count| share(*count, rows).powi(2)).sum();
    // Summer time gives one zone two offsets an hour apart.
    let with_summer =
        |offset: i64| offsets.get(&offset).copied().unwrap_or(0) + offsets.get(&(offset + 3_600)).copied().unwrap_or(0);
    let (offset, exact) =
        offsets.iter().map(|(offset, count)| (*offset, *count)).max_by_key(|pair| (pair.1, pair.0))?;
    let related = |relation, agreeing| Some(Related { relation, agree: share(agreeing, rows), chance, rows });
    if offset == 0 && share(exact, rows) >= agree_min {
        return related(Relation::Equal, exact);
    }
    let both_halves = [offset, offset - 3_600].into_iter().map(|offset| (offset, with_summer(offset)));
    let (offset, agreeing) = match both_halves.max_by_key(|pair| pair.1) {
        Some(summer) if summer.1 > exact => summer,
        _ => (offset, exact),
    };
    let zone = offset.abs() <= 50_400 && offset % 900 == 0;
    if zone && offset != 0 && share(agreeing, rows) >= agree_min {
        return related(Relation::Shifted(offset), agreeing);
    }
    let same_day = read.iter().filter(|(b, a)| a % 86_400 == 0 && b / 86_400 == a / 86_400).count();
    if share(same_day, rows) >= agree_min {
        return related(Relation::Rounded, same_day);
    }
    None
}

fn rewritten(both: &[(&str, &str)]) -> Option<Related> {
    let folded = |text: &str| crate::words::squeeze(text);
    let pairs: Vec<(String, String)> = both.iter().map(|(b, a)| (folded(b), folded(a))).collect();
    let agreeing = pairs.iter().filter(|(b, a)| b == a && !b.is_empty()).count();
    let chance = chance(pairs.iter().map(|p| p.0.as_str()), pairs.iter().map(|p| p.1.as_str()), both.len());
    Some(Related { relation: Relation::Rewritten, agree: share(agreeing, both.len()), chance, rows: both.len() })
}

fn are_choices(both: &[(&str, &str)]) -> bool {
    both.len() >= 60 && both.iter().map(|pair| pair.1).collect::<HashSet<_>>().len() <= TABLE_MAX / 2
}

/// The share of the pairs that hold what is met most often beside their value after.
fn majorities(both: &[(&str, &str)]) -> f64 {
    let mut counts: HashMap<&str, HashMap<&str, usize>> = HashMap::new();
    both.iter().for_each(|(b, a)| *counts.entry(a).or_default().entry(b).or_default() += 1);
    let most: usize = counts.values().filter_map(|befores| befores.values().max()).sum();
    share(most, both.len())
}

/// Values replaced one by one: each value after stands for one value before.
fn table(both: &[(&str, &str)]) -> Option<Related> {
    let mut counts: IndexMap<&str, IndexMap<&str, usize>> = IndexMap::new();
    for (b, a) in both {
        *counts.entry(a).or_default().entry(b).or_default() += 1;
        if counts.len() > TABLE_MAX {
            return None;
        }
    }
    if counts.len() < 2 || counts.len() * 4 > both.len() {
        return None;
    }
    let mut table = IndexMap::new();
    let mut agreeing = 0;
    for (a, befores) in &counts {
        let (b, count) = befores.iter().max_by_key(|(_, count)| **count)?;
        // A value seen once proves nothing, and one seen often what it shows.
        agreeing += if *count < PROVED_FROM { count.saturating_sub(1) } else { *count };
        table.insert((*a).to_owned(), (*b).to_owned());
    }
    let mut befores: HashMap<&str, usize> = HashMap::new();
    both.iter().for_each(|(b, _)| *befores.entry(b).or_default() += 1);
    if befores.len() < 2 {
        return None;
    }
    table.sort_keys();
    let chance = befores.values().copied().max().map_or(1.0, |most| share(most, both.len()));
    let found =
        Related { relation: Relation::Table(table), agree: share(agreeing, both.len()), chance, rows: both.len() };
    found.holds().then_some(found)
}

fn truncated(both: &[(&str, &str)]) -> Option<Related> {
    let length = both.iter().map(|(_, a)| a.chars().count()).max()?;
    let cut =
        both.iter().filter(|(b, a)| a.len() < b.len() && b.starts_with(a) && a.chars().count() + 2 > length).count();
    let same = both.iter().filter(|(b, a)| a == b).count();
    let chance = plain(both).chance;
    let found = Related {
        relation: Relation::Truncated(length),
        agree: share(cut + same, both.len()),
        chance,
        rows: both.len(),
    };
    (cut >= 3 && length >= 2).then_some(found)
}

fn wrapped(both: &[(&str, &str)]) -> Option<Related> {
    let holds = |b: &str, a: &str| {
        a.starts_with('[')
            && match Value::parse_json(a) {
                Ok(Value::List(items)) => items.iter().any(|item| match item {
                    Value::Text(text) => text == b,
                    other => Value::parse_json(b).is_ok_and(|value| value == *other),
                }),
                _ => false,
            }
    };
    let agreeing = both.iter().filter(|(b, a)| holds(b, a)).count();
    let chance = plain(both).chance;
    Some(Related { relation: Relation::Wrapped, agree: share(agreeing, both.len()), chance, rows: both.len() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pairs: &[(&str, &str)]) -> Related {
        let cells: Vec<_> = pairs.iter().map(|(b, a)| (Some(*b), Some(*a))).collect();
        relate(&ColumnShape::unseen("b".into()), &ColumnShape::unseen("a".into()), &cells).unwrap()
    }

    fn texts(pair: impl Fn(usize) -> (String, String)) -> Related {
        let pairs: Vec<(String, String)> = (0..40).map(pair).collect();
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(b, a)| (b.as_str(), a.as_str())).collect();
        found(&pairs)
    }

    #[test]
    fn relations_are_found_between_cells_of_the_same_rows() {
        let scaled = texts(|i| (format!("{}.5", i + 3), format!("{}", (i + 3) * 1000 + 500)));
        assert_eq!(scaled.relation, Relation::Scaled(Decimal::new(1, 3)));
        let negated = texts(|i| (format!("{}", i + 3), format!("-{}", i + 3)));
        assert_eq!(negated.relation, Relation::Scaled(Decimal::NEGATIVE_ONE));
        let equal = texts(|i| (format!("{i}.0"), format!("{i}")));
        assert_eq!(equal.relation, Relation::Equal);
        let moved =
            texts(|i| (format!("2026-01-{:02}T10:00:00Z", i % 28 + 1), format!("2026-01-{:02}T12:00:00Z", i % 28 + 1)));
        assert_eq!(moved.relation, Relation::Shifted(-7_200));
        let replaced = texts(|i| (["open", "won", "lost"][i % 3].to_owned(), ["1", "2", "3"][i % 3].to_owned()));
        assert!(matches!(&replaced.relation, Relation::Table(table) if table["2"] == "won"));
        let cut = texts(|i| (format!("a long name number {i}"), "a long nam".to_owned()));
        assert_eq!(cut.relation, Relation::Truncated(10));
        let wrapped = texts(|i| (format!("x{i}"), format!("[\"x{i}\"]")));
        assert_eq!(wrapped.relation, Relation::Wrapped);
        let prefixed = texts(|i| (format!("{i}"), format!("cus_{i}")));
        assert_eq!(prefixed.relation, Relation::Affixed("cus_".into(), String::new()));
    }

    #[test]
    fn unrelated_columns_are_not_related() {
        let other = texts(|i| (format!("{}", (i * 7919) % 1000 + 2), format!("{}", (i * 104_729) % 997 + 5)));
        assert!(!other.holds(), "{other:?}");
        let constant = texts(|_| ("USD".to_owned(), "USD".to_owned()));
        assert!(constant.strength() < 0.1);
    }
}
