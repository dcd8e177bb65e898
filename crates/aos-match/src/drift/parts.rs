//! One column that has become several, and several that have become one. With the same rows at hand this is proved cell by cell;
//! without, the words of the one are looked for among the values of the others.

use super::align::{Aligned, Column};
use super::relation::ROWS_FEW;
use super::several::several;
use aos_core::drift::{RowSample, Snapshot};
use aos_core::shape::ValueKind;
use std::collections::HashSet;

/// Share of rows that must be put together exactly.
pub(super) const EXACT_MIN: f64 = 0.9;
/// Share of words that must be found where rows cannot be compared.
const FOUND_MIN: f64 = 0.3;
/// Where fewer of the rows are paired, words of the others are looked for as well.
const COVERAGE_MIN: f64 = 0.5;
/// Fewer different wholes may be put together of anything.
const WHOLES_MIN: usize = 3;
/// Columns beyond this many are not tried as parts.
const PARTS_MAX: usize = 60;

/// `whole` = `parts` joined by `separators`. Column indexes: of `parts` and `whole` one is before, the other after.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Joined {
    pub whole: usize,
    pub parts: Vec<usize>,
    /// The texts between the parts, one fewer than these.
    pub separators: Vec<String>,
    pub agree: f64,
    /// How many of the wholes hold the separator as often as it stands between parts, so that cutting there gives the parts.
    pub cut_well: f64,
    pub rows: usize,
    /// Proved row by row, not only made likely by words in common.
    pub proved: bool,
}

impl Joined {
    /// The text between all parts, where it is the same one.
    pub fn separator(&self) -> Option<&str> {
        let first = self.separators.first()?;
        self.separators.iter().all(|other| other == first).then_some(first.as_str())
    }
}

/// Which side holds the one column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whole {
    Before,
    After,
}

/// Finds columns of one version that are several columns of the other put together.
pub(crate) fn joined(
    before: &Snapshot,
    after: &Snapshot,
    aligned: Option<&Aligned<'_>>,
    gone: &[usize],
    come: &[usize],
    whole: Whole,
) -> Vec<Joined> {
    let (wholes, parts, of_wholes, of_parts) = match whole {
        Whole::Before => (gone, come, before, after),
        Whole::After => (come, gone, after, before),
    };
    if parts.len() < 2 || parts.len() > PARTS_MAX {
        return Vec::new();
    }
    let text = |snapshot: &Snapshot, at: usize| {
        !matches!(snapshot.shape.columns[at].kind, ValueKind::Boolean | ValueKind::List | ValueKind::Object)
    };
    let parts: Vec<usize> = parts.iter().copied().filter(|at| text(of_parts, *at)).collect();
    let mut found: Vec<Joined> = wholes
        .iter()
        .filter(|at| text(of_wholes, **at))
        .filter_map(|&at| {
            let path = &of_wholes.shape.columns[at].path;
            let rows = aligned.filter(|rows| !rows.reused && rows.rows() >= ROWS_FEW);
            match rows {
                Some(rows) if rows.coverage() >= COVERAGE_MIN => by_rows(rows, path, at, &parts, of_parts, whole),
                Some(rows) => by_rows(rows, path, at, &parts, of_parts, whole)
                    .or_else(|| by_words(&of_wholes.rows, path, at, &parts, of_parts)),
                None => by_words(&of_wholes.rows, path, at, &parts, of_parts),
            }
        })
        .collect();
    found.sort_by(|x, y| y.agree.total_cmp(&x.agree).then(x.whole.cmp(&y.whole)));
    let mut taken = HashSet::new();
    found.retain(|one| one.parts.iter().all(|part| taken.insert(*part)));
    found
}

fn by_rows(
    rows: &Aligned<'_>,
    path: &str,
    whole_at: usize,
    parts: &[usize],
    of_parts: &Snapshot,
    whole: Whole,
) -> Option<Joined> {
    let columns: Vec<(usize, Column<'_>)> = parts
        .iter()
        .filter_map(|&at| {
            let part = &of_parts.shape.columns[at].path;
            let cells = match whole {
                Whole::Before => rows.cells(path, part)?,
                Whole::After => rows.cells(part, path)?.into_iter().map(|(part, whole)| (whole, part)).collect(),
            };
            Some((at, cells))
        })
        .collect();
    let known: HashSet<&str> = columns.first()?.1.iter().filter_map(|cell| cell.0).collect();
    if known.len() < WHOLES_MIN {
        return None;
    }
    let share = |cells: &Column<'_>, holds: &dyn Fn(&str, &str) -> bool| {
        // Where one part is missing the other is the whole.
        let both: Vec<bool> = cells
            .iter()
            .filter_map(|(whole, part)| Some(((*whole)?, (*part)?)))
            .filter(|(whole, part)| whole != part)
            .map(|(whole, part)| holds(whole, part))
            .collect();
        if both.len() < ROWS_FEW { 0.0 } else { both.iter().filter(|yes| **yes).count() as f64 / both.len() as f64 }
    };
    let at_front =
        |cells: &Column<'_>| share(cells, &|whole, part| whole.len() > part.len() && whole.starts_with(part));
    let at_back = |cells: &Column<'_>| share(cells, &|whole, part| whole.len() > part.len() && whole.ends_with(part));
    let fronts: Vec<&(usize, Column<'_>)> = columns.iter().filter(|(_, cells)| at_front(cells) >= EXACT_MIN).collect();
    let backs: Vec<&(usize, Column<'_>)> = columns.iter().filter(|(_, cells)| at_back(cells) >= EXACT_MIN).collect();
    let mut best: Option<Joined> = None;
    for (front, first) in &fronts {
        for (back, last) in backs.iter().filter(|(back, _)| back != front) {
            let Some((separator, agree, count)) = put_together(first, last) else { continue };
            let wholes = first.iter().filter_map(|(whole, _)| *whole);
            let cut_well = held(wholes, &separator, 1);
            let (parts, separators) = (vec![*front, *back], vec![separator]);
            let one = Joined { whole: whole_at, parts, separators, agree, cut_well, rows: count, proved: true };
            if best.as_ref().is_none_or(|known| one.agree > known.agree) {
                best = Some(one);
            }
        }
    }
    best.or_else(|| several(whole_at, &columns))
}

/// The text between two parts, if it is nearly always the same one.
fn put_together(first: &Column<'_>, last: &Column<'_>) -> Option<(String, f64, usize)> {
    let mut between: Vec<&str> = Vec::new();
    let mut rows = 0;
    for ((whole, front), (_, back)) in first.iter().zip(last) {
        let (Some(whole), Some(front), Some(back)) = (whole, front, back) else { continue };
        rows += 1;
        let middle = whole.strip_prefix(front).and_then(|rest| rest.strip_suffix(back));
        between.extend(middle);
    }
    between.sort_unstable();
    let usual = between.chunk_by(|x, y| x == y).max_by_key(|same| same.len())?;
    let agree = usual.len() as f64 / rows.max(1) as f64;
    let separator = usual[0];
    (rows >= ROWS_FEW && agree >= EXACT_MIN && is_separator(separator)).then(|| (separator.to_owned(), agree, rows))
}

/// Whether a text stands between values and is none.
pub(super) fn is_separator(text: &str) -> bool {
    text.chars().count() <= 3 && text.chars().all(|c| !c.is_alphanumeric() || c == 'T')
}

/// Returns which share of some texts holds a separator exactly so often; an empty one cuts nowhere.
pub(super) fn held<'t>(wholes: impl Iterator<Item = &'t str>, separator: &str, times: usize) -> f64 {
    let (mut holding, mut all) = (0usize, 0usize);
    for whole in wholes {
        all += 1;
        holding += usize::from(!separator.is_empty() && whole.matches(separator).count() == times);
    }
    holding as f64 / all.max(1) as f64
}

const SEPARATORS: [&str; 6] = [" ", ", ", "-", "/", "|", "_"];

/// Looks for the first and last words of the whole among the values of the parts.
fn by_words(rows: &RowSample, path: &str, whole_at: usize, parts: &[usize], of_parts: &Snapshot) -> Option<Joined> {
    let wholes = column(rows, path);
    if wholes.len() < 20 {
        return None;
    }
    let values: Vec<(usize, HashSet<&str>)> = parts
        .iter()
        .map(|&at| (at, column(&of_parts.rows, &of_parts.shape.columns[at].path).into_iter().collect()))
        .filter(|(_, values): &(usize, HashSet<&str>)| values.len() >= 4)
        .collect();
    let mut best: Option<Joined> = None;
    for separator in SEPARATORS {
        let cut: Vec<(&str, &str)> = wholes.iter().filter_map(|whole| whole.split_once(separator)).collect();
        if cut.len() * 2 < wholes.len() {
            continue;
        }
        let found = |pick: &dyn Fn(&(&str, &str)) -> bool| {
            cut.iter().filter(|pair| pick(pair)).count() as f64 / cut.len() as f64
        };
        for (front, first) in &values {
            let in_front = found(&|pair| first.contains(pair.0));
            let whole_in_front = cut
                .iter()
                .filter(|pair| {
                    first
                        .iter()
                        .any(|value| value.len() > pair.0.len() && value.starts_with(pair.0) && value.ends_with(pair.1))
                })
                .count();
            if in_front < FOUND_MIN || whole_in_front * 10 > cut.len() {
                continue;
            }
            for (back, last) in values.iter().filter(|(back, _)| back != front) {
                // Several words may never come in the same order twice; the words themselves do.
                let words: HashSet<&str> = last.iter().flat_map(|value| value.split(' ')).collect();
                let behind = found(&|pair| last.contains(pair.1) || pair.1.split(' ').all(|word| words.contains(word)));
                let agree = in_front.min(behind);
                if agree >= FOUND_MIN && best.as_ref().is_none_or(|known| agree > known.agree) {
                    let parts = vec![*front, *back];
                    let cut_well = held(wholes.iter().copied(), separator, 1);
                    let (separators, rows) = (vec![separator.to_owned()], cut.len());
                    best = Some(Joined { whole: whole_at, parts, separators, agree, cut_well, rows, proved: false });
                }
            }
        }
    }
    best
}

fn column<'r>(rows: &'r RowSample, path: &str) -> Vec<&'r str> {
    let Some(at) = rows.paths.iter().position(|known| known == path) else { return Vec::new() };
    rows.rows.iter().filter_map(|row| row.cells[at].as_deref()).collect()
}
