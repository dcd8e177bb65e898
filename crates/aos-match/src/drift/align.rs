//! The same records in two versions: by a key that both hold, or by position where the cells agree with it.

use super::likeness;
use super::relation::{Cells, ROWS_FEW, ROWS_MIN, Related, plain, relate};
use aos_core::drift::{RowSample, Snapshot, same_key};
use aos_core::shape::{ColumnShape, StreamShape, ValueKind};
use std::collections::HashMap;

/// Rows without which a column's being unique means nothing; of fewer, only one that is called so names records.
const KEY_ROWS_MIN: u64 = 8;
const KEY_ROWS_FEW: u64 = 4;
/// Share of keys that must be in both versions.
const COMMON_MIN: f64 = 0.2;
/// How well the columns that have kept their names must agree for rows paired by a key, and for rows paired by position only.
const AGREE_BY_KEY: f64 = 0.35;
const AGREE_BY_POSITION: f64 = 0.6;

/// A column with so many different values that two rows share one by chance this seldom shows by keeping them that its rows are the same
/// records, whatever has become of the other columns.
const NAMES_CHANCE_MAX: f64 = 0.05;
const NAMES_KEPT: f64 = 0.5;

/// What pairs so many of the rows names them, whatever it is called.
const COVERAGE_MIN: f64 = 0.5;
/// A column whose cells are seldom equal may be written otherwise.
const UNLIKE: f64 = 0.5;
/// A number agrees with what it was by chance alone below this (Cohen's kappa).
const MOVED_MAX: f64 = 0.1;
/// Share of cells that stay as they are between two versions of a record, and the log-odds from which a row is another record.
const KEPT: f64 = 0.9;
const OTHER_MIN: f64 = 2.0;

/// One column of each version, row by row.
pub(crate) type Column<'s> = Vec<(Option<&'s str>, Option<&'s str>)>;

/// Rows of the version before beside the same rows of the version after.
#[derive(Debug)]
pub(crate) struct Aligned<'s> {
    before: &'s RowSample,
    after: &'s RowSample,
    /// Row indexes of the two samples.
    pairs: Vec<(usize, usize)>,
    /// Paths of the key in the two versions; none when rows are paired by several columns together, or by position.
    pub key: Option<(String, String)>,
    /// The key pairs the rows, and their cells say that they are other records.
    pub reused: bool,
    /// Share of the rows that were found to be other records than before.
    pub replaced: f64,
    /// Whether all numbers that have kept their names are others now, as measurements are.
    pub amounts_move: bool,
}

/// What names the same records in two versions: paths of one or several columns of each, in the same order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CommonKey {
    pub before: Vec<String>,
    pub after: Vec<String>,
}

/// Columns that name a record together where none does alone; more would break with every edit.
const TOGETHER: usize = 3;
/// How many of the rows they have to pair.
const TOGETHER_MIN: f64 = 0.2;

/// Chooses the columns by which rows of two versions can be paired; none when only their position is left.
pub fn common_key(before: &StreamShape, after: &StreamShape) -> CommonKey {
    if let Some((then, now)) = key_pair(before, after) {
        return CommonKey { before: vec![then], after: vec![now] };
    }
    let mut telling: Vec<(u64, &str)> = before
        .columns
        .iter()
        .filter_map(|b| Some((b, after.column(&b.path)?)))
        .filter(|(b, a)| {
            b.kind == a.kind
                && !matches!(b.kind, ValueKind::Decimal | ValueKind::Boolean | ValueKind::Object | ValueKind::List)
        })
        .filter(|(b, a)| b.distinct.min(a.distinct) >= 10 && b.null_rate() < 0.3 && b.max_length <= 80)
        .filter(|(b, a)| b.sketch.as_ref().zip(a.sketch.as_ref()).is_some_and(|(was, is)| was.containment(is) >= 0.5))
        .map(|(b, _)| (b.distinct, b.path.as_str()))
        .collect();
    telling.sort_by(|x, y| y.0.cmp(&x.0).then(x.1.cmp(y.1)));
    telling.truncate(TOGETHER);
    let rows = before.columns.iter().map(|column| column.present).max().unwrap_or(0);
    // Three columns of ten values each tell a thousand rows apart.
    let apart: f64 = telling.iter().map(|(distinct, _)| *distinct as f64).product();
    if telling.len() < 2 || apart < 10.0 * rows as f64 {
        return CommonKey::default();
    }
    let paths: Vec<String> = telling.into_iter().map(|(_, path)| path.to_owned()).collect();
    CommonKey { before: paths.clone(), after: paths }
}

/// The key that a stream is known by, where both versions hold it and it does more than count rows: a record that is put in between gives a
/// number to another one.
pub fn known_key(before: &StreamShape, after: &StreamShape, path: &str) -> Option<CommonKey> {
    let (then, now) = (before.column(path)?, after.column(path)?);
    let names = now.present > 0 && !is_counter(then) && !is_counter(now);
    names.then(|| CommonKey { before: vec![path.to_owned()], after: vec![path.to_owned()] })
}

/// The column of each version whose values name the same records.
fn key_pair(before: &StreamShape, after: &StreamShape) -> Option<(String, String)> {
    let mut best: Option<(f64, &ColumnShape, &ColumnShape)> = None;
    for b in before.columns.iter().filter(|column| may_be_key(column)) {
        for a in after.columns.iter().filter(|column| may_be_key(column)) {
            let (Some(then), Some(now)) = (&b.sketch, &a.sketch) else { continue };
            let common = then.containment(now);
            let same_name = b.path == a.path;
            if common < COMMON_MIN && !(same_name && b.kind != a.kind && may_be_same_keys(b, a)) {
                continue;
            }
            let score = common + if same_name { 0.3 } else { 0.0 } + if called_id(b) { 0.2 } else { 0.0 }
                - if is_counter(b) || is_counter(a) { 0.5 } else { 0.0 };
            if best.is_none_or(|(known, ..)| score > known) {
                best = Some((score, b, a));
            }
        }
    }
    best.map(|(_, b, a)| (b.path.clone(), a.path.clone()))
}

/// Whether the values of two columns may be the same keys in another type: `0042` and `42`. `gid://shop/42` is not `42` in any type.
fn may_be_same_keys(before: &ColumnShape, after: &ColumnShape) -> bool {
    let digits = |column: &ColumnShape| {
        column.samples.iter().all(|text| same_key(text).bytes().all(|byte| byte.is_ascii_digit()))
    };
    let common = || before.samples.iter().any(|then| after.samples.iter().any(|now| same_key(then) == same_key(now)));
    digits(before) && digits(after) || common()
}

fn may_be_key(column: &ColumnShape) -> bool {
    let kinds = matches!(column.kind, ValueKind::String | ValueKind::Integer | ValueKind::Unknown);
    kinds
        && (column.present >= KEY_ROWS_MIN || column.present >= KEY_ROWS_FEW && called_id(column))
        && column.null_rate() < 0.02
        && column.distinct as f64 >= 0.97 * column.present as f64
        && column.max_length <= 80
        && !column.path.contains("[]")
}

pub(crate) fn called_id(column: &ColumnShape) -> bool {
    let words = crate::words::canonical(&crate::words::segments(&column.path));
    words.last().is_some_and(|word| matches!(word.as_str(), "id" | "key" | "number" | "code" | "uuid" | "reference"))
}

/// Numbers without gaps count rows; they name nothing.
pub(crate) fn is_counter(column: &ColumnShape) -> bool {
    column.kind == ValueKind::Integer
        && column.distinct as f64 >= 0.97 * column.present as f64
        && column
            .min
            .zip(column.max)
            .is_some_and(|(min, max)| (0.0..=1.0).contains(&min) && max - min + 1.0 <= column.present as f64 * 1.02)
}

impl<'s> Aligned<'s> {
    /// Pairs the rows of the two samples, or returns `None` when nothing pairs them.
    pub fn of(before: &'s Snapshot, after: &'s Snapshot) -> Option<Self> {
        let key = match (before.rows.key.as_slice(), after.rows.key.as_slice()) {
            ([then], [now]) => Some((then.clone(), now.clone())),
            _ => None,
        };
        let places: HashMap<&str, usize> =
            after.rows.rows.iter().enumerate().map(|(at, row)| (row.key.as_str(), at)).collect();
        let pairs: Vec<(usize, usize)> = before
            .rows
            .rows
            .iter()
            .enumerate()
            .filter_map(|(at, row)| Some((at, *places.get(row.key.as_str())?)))
            .collect();
        let (before_rows, after_rows) = (&before.rows, &after.rows);
        let mut aligned = Self {
            before: before_rows,
            after: after_rows,
            pairs,
            key,
            reused: false,
            replaced: 0.0,
            amounts_move: false,
        };
        // Several columns that are the same in a few records are so by chance.
        let together = before_rows.key.len() > 1;
        let all = before_rows.rows.len().min(after_rows.rows.len());
        let least = match together {
            true => ROWS_MIN.max((TOGETHER_MIN * all as f64) as usize),
            // A few of many are paired by chance.
            false if aligned.coverage() < COVERAGE_MIN => ROWS_MIN,
            false => ROWS_FEW,
        };
        if aligned.pairs.len() < least {
            return None;
        }
        let kept = aligned.comparable(&before.shape, &after.shape);
        let related = aligned.related(&kept, &before.shape, &after.shape);
        let (steady, agreement) = aligned.agreement(&related, &before.shape);
        let wanted = match aligned.key.is_some() {
            // Nothing but the key has kept its name, so nothing can speak for it.
            true if kept.is_empty() && aligned.key_is_called_id(&before.shape) => 0.0,
            true => AGREE_BY_KEY,
            false => AGREE_BY_POSITION,
        };
        if agreement < wanted && !keeps_names(&related) {
            let counts = aligned.key.as_ref().is_none_or(|(path, _)| {
                before.shape.column(path).is_some_and(is_counter) || after.shape.column(path).is_some_and(is_counter)
            });
            // Few columns may all have changed their writing; then nothing is proved either way.
            // Numbers that are all different may be measurements, which mean nothing where they come again.
            let column = aligned.key.as_ref().and_then(|(path, _)| before.shape.column(path));
            let names = column.is_some_and(|one| one.kind != ValueKind::Integer || called_id(one));
            let proved = steady >= 2 && agreement < 0.05 && aligned.pairs.len() >= ROWS_MIN;
            aligned.reused = !counts && names && proved;
            return aligned.reused.then_some(aligned);
        }
        aligned.set_apart_replaced(kept, before, after);
        aligned.amounts_move = aligned.all_amounts_moved(before, after);
        Some(aligned)
    }

    pub fn rows(&self) -> usize {
        self.pairs.len()
    }

    /// Which share of the rows of the smaller sample is paired.
    pub fn coverage(&self) -> f64 {
        self.pairs.len() as f64 / self.before.rows.len().min(self.after.rows.len()).max(1) as f64
    }

    /// The cells of one column of each version, row by row.
    pub fn cells(&self, before: &str, after: &str) -> Option<Column<'s>> {
        let b = self.before.paths.iter().position(|path| path == before)?;
        let a = self.after.paths.iter().position(|path| path == after)?;
        let cell = |&(row, other): &(usize, usize)| {
            (self.before.rows[row].cells[b].as_deref(), self.after.rows[other].cells[a].as_deref())
        };
        Some(self.pairs.iter().map(cell).collect())
    }

    /// The columns that name records and are not what the rows were paired by: what share of them names other records now.
    pub fn reassigned(&self, then: &ColumnShape, now: &ColumnShape) -> Option<f64> {
        let own = self.key.as_ref().is_some_and(|(key, _)| *key == then.path);
        if own || self.reused || !may_be_key(then) || !may_be_key(now) || !called_id(then) || is_counter(then) {
            return None;
        }
        let known = then.sketch.as_ref()?.containment(now.sketch.as_ref()?);
        // A key that is written otherwise is still that key.
        let keys: Vec<_> = self.cells(&then.path, &now.path)?;
        let keys: Vec<_> = keys.into_iter().map(|(b, a)| (b.map(same_key), a.map(same_key))).collect();
        let related = agreement_of(&keys.iter().map(|(b, a)| (b.as_deref(), a.as_deref())).collect::<Vec<_>>())?;
        (known >= 0.5 && related.rows >= 20 && related.agree > 0.02 && related.agree < 0.93)
            .then_some(1.0 - related.agree)
    }

    /// Whether the rows are paired by a column that is called like an identifier and does more than count them.
    fn key_is_called_id(&self, before: &StreamShape) -> bool {
        let column = self.key.as_ref().and_then(|(path, _)| before.column(path));
        column.is_some_and(|column| called_id(column) && !is_counter(column))
    }

    /// How many columns can be compared by name, and how well the better half of them agrees.
    fn agreement(&self, kept: &[(String, Related)], before: &StreamShape) -> (usize, f64) {
        let mut strengths: Vec<f64> = kept.iter().map(|(_, related)| related.strength()).collect();
        if strengths.is_empty() {
            // Every name is new: a column agrees with whichever agrees best.
            strengths = self.best_of_all(before);
        }
        strengths.sort_by(|x, y| y.total_cmp(x));
        let half = strengths.len().div_ceil(2);
        (strengths.len(), strengths.get(half.saturating_sub(1)).copied().unwrap_or(0.0))
    }

    fn all_amounts_moved(&self, before: &'s Snapshot, after: &'s Snapshot) -> bool {
        let amount =
            |shape: &'s StreamShape, path: &str| shape.column(path).filter(|column| likeness::is_amount(column));
        let related = |(path, plain): &(String, Related)| {
            let (then, now) = (amount(&before.shape, path)?, amount(&after.shape, path)?);
            // What only has another unit has not moved.
            Some(relate(then, now, &self.cells(path, path)?).unwrap_or_else(|| plain.clone()))
        };
        let kept = self.comparable(&before.shape, &after.shape);
        let kept: Vec<Related> = kept.iter().filter_map(related).collect();
        !kept.is_empty() && kept.iter().all(|related| !related.holds() && related.strength() < MOVED_MAX)
    }

    /// Columns of the same name whose values vary enough to tell rows apart. An object or a list says what its members say.
    fn comparable(&self, before: &StreamShape, after: &StreamShape) -> Vec<(String, Related)> {
        let keys: Vec<&String> = self.before.key.iter().chain(&self.after.key).collect();
        self.before
            .paths
            .iter()
            .filter(|path| !keys.contains(path) && !holds_others(before, path) && !holds_others(after, path))
            .filter_map(|path| Some((path.clone(), agreement_of(&self.cells(path, path)?)?)))
            .collect()
    }

    /// The same with what relates them, where a key pairs them and that is more than being equal: values that are only written otherwise
    /// agree. Of rows that are paired by position, numbers that count them would.
    fn related(&self, kept: &[(String, Related)], before: &StreamShape, after: &StreamShape) -> Vec<(String, Related)> {
        let by_key = self.key_is_called_id(before) || !self.before.key.is_empty() && self.coverage() >= COVERAGE_MIN;
        let better = |(path, plain): &(String, Related)| {
            let cells = self.cells(path, path).filter(|_| by_key && plain.strength() < UNLIKE)?;
            relate(before.column(path)?, after.column(path)?, &cells).filter(Related::holds)
        };
        kept.iter().map(|one| (one.0.clone(), better(one).unwrap_or_else(|| one.1.clone()))).collect()
    }

    fn best_of_all(&self, before: &StreamShape) -> Vec<f64> {
        let keys: Vec<&String> = self.before.key.iter().chain(&self.after.key).collect();
        let best = |b: &String| {
            let of = |a: &String| Some(agreement_of(&self.cells(b, a)?)?.strength());
            self.after.paths.iter().take(100).filter_map(of).reduce(f64::max)
        };
        let plain = |path: &&String| !keys.contains(path) && !holds_others(before, path);
        self.before.paths.iter().filter(plain).take(60).filter_map(best).collect()
    }

    /// Takes out the rows in which nearly every steady column differs: their keys name other records now.
    fn set_apart_replaced(&mut self, kept: Vec<(String, Related)>, before: &Snapshot, after: &Snapshot) {
        let steady: Vec<(String, Related)> =
            kept.into_iter().filter(|(_, related)| related.strength() >= 0.3 && related.chance < 0.7).collect();
        let counter = self.key.as_ref().is_none_or(|(path, to)| {
            before.shape.column(path).is_some_and(is_counter) || after.shape.column(to).is_some_and(is_counter)
        });
        if steady.len() < 3 || counter || self.pairs.len() < ROWS_MIN {
            return;
        }
        let columns: Vec<_> = steady
            .iter()
            .filter_map(|(path, related)| Some((self.cells(path, path)?, related.chance.max(0.001))))
            .collect();
        // How much likelier the row is another record than the same one with a few edits.
        let is_other = |row: usize| {
            let weigh = |(cells, chance): &(Column<'_>, f64)| {
                Some(if cells[row].0? == cells[row].1? {
                    (chance / KEPT).ln()
                } else {
                    ((1.0 - chance) / (1.0 - KEPT)).ln()
                })
            };
            let weights: Vec<f64> = columns.iter().filter_map(weigh).collect();
            weights.len() >= 3 && weights.iter().sum::<f64>() > OTHER_MIN
        };
        let others: Vec<bool> = (0..self.pairs.len()).map(is_other).collect();
        let count = others.iter().filter(|other| **other).count();
        self.replaced = count as f64 / self.pairs.len() as f64;
        if self.pairs.len() - count >= ROWS_MIN {
            let mut at = 0;
            self.pairs.retain(|_| {
                at += 1;
                !others[at - 1]
            });
        }
    }
}

fn holds_others(shape: &StreamShape, path: &str) -> bool {
    shape.column(path).is_some_and(|one| matches!(one.kind, ValueKind::Object | ValueKind::List))
}

/// Whether some column that tells records apart holds what it held under the same keys.
fn keeps_names(kept: &[(String, Related)]) -> bool {
    kept.iter().any(|(_, related)| related.chance < NAMES_CHANCE_MAX && related.strength() >= NAMES_KEPT)
}

fn agreement_of(cells: &Cells<'_>) -> Option<Related> {
    let both: Vec<(&str, &str)> = cells.iter().filter_map(|(b, a)| Some(((*b)?, (*a)?))).collect();
    (both.len() >= ROWS_FEW).then(|| plain(&both)).filter(|related| related.chance < 0.8)
}
