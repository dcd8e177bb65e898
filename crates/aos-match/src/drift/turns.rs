//! Records of two makings in one version, as a source gives them while it changes over: some hold a value where it was, and the others hold
//! it in another column, or have exchanged it with another.

use super::align::Column;
use super::distribution;
use super::finding::Proof;
use super::story::Story;
use aos_core::drift::{Evidence, Signal};
use aos_core::shape::{ColumnShape, ValueKind};

/// So many records at least are of each making, and so much of all.
const RECORDS_MIN: usize = 8;
const SHARE_MIN: f64 = 0.05;
/// How seldom a record of two makings holds both columns, and how many of its values must be those of before.
const BOTH_MAX: f64 = 0.05;
const AGREE_MIN: f64 = 0.8;
/// Without the same records: how alike the values of the two columns are.
const ALIKE_MIN: f64 = 0.5;
/// Two columns that hold fewer values may come to the same ones by themselves.
const DIFFERENT_MIN: u64 = 5;
/// More columns that differ than this are not tried in pairs.
const COLUMNS_MAX: usize = 40;

/// A column whose values some records hold in a new one.
pub(crate) struct Elsewhere {
    /// (before, after) indexes of the name that was kept.
    pub kept: (usize, usize),
    /// The new column.
    pub other: usize,
    /// Whether no record holds both, so that reading whichever is there gives each record its own value.
    pub apart: bool,
    pub proof: Proof,
    pub evidence: Evidence,
}

/// Two columns that some records have exchanged: (before, after) indexes of each.
pub(crate) struct Crossed {
    pub one: (usize, usize),
    pub other: (usize, usize),
    pub evidence: Evidence,
}

/// Finds columns that come and go together with a new one: where the one has no value, the other has it.
pub(crate) fn elsewhere(story: &Story<'_>) -> Vec<Elsewhere> {
    let emptier = story
        .open()
        .into_iter()
        .filter(|(then, now)| story.now(*now).null_rate() - story.then(*then).null_rate() >= SHARE_MIN);
    emptier.filter_map(|kept| story.come.iter().find_map(|other| in_turns(story, kept, *other))).collect()
}

fn in_turns(story: &Story<'_>, kept: (usize, usize), other: usize) -> Option<Elsewhere> {
    let (was, is, new) = (story.then(kept.0), story.now(kept.1), story.now(other));
    if was.kind != new.kind || was.kind == ValueKind::Object {
        return None;
    }
    let rows = &story.after.rows;
    let place = |path: &str| rows.paths.iter().position(|known| known == path);
    let (old_at, new_at) = (place(&is.path)?, place(&new.path)?);
    let has = |at: usize| move |row: &&aos_core::drift::SampledRow| row.cells[at].is_some();
    let only =
        |one: usize, not: usize| rows.rows.iter().filter(has(one)).filter(|row| row.cells[not].is_none()).count();
    let (stayed, moved) = (only(old_at, new_at), only(new_at, old_at));
    let both = rows.rows.iter().filter(has(old_at)).filter(has(new_at)).count();
    let all = stayed + moved + both;
    let enough = |count: usize| count >= RECORDS_MIN && count as f64 >= SHARE_MIN * all as f64;
    if !enough(stayed) || !enough(moved) || both as f64 > BOTH_MAX * all as f64 {
        return None;
    }
    let share = moved as f64 / all as f64 * 100.0;
    let cells = story.aligned.filter(|rows| !rows.reused).and_then(|rows| rows.cells(&was.path, &new.path));
    let (agree, count) = cells.as_deref().map_or((0.0, 0), agreement);
    let (proof, signal) = match count >= RECORDS_MIN {
        true if agree >= AGREE_MIN => (Proof::Rows, Signal::Rows),
        true => return None,
        false if are_alike(was, new) => (Proof::Distribution, Signal::Distribution),
        false => return None,
    };
    let says = format!("{share:.0} % of the records hold it in {} and the others in {}", new.path, is.path);
    Some(Elsewhere { kept, other, apart: both == 0, proof, evidence: Evidence::new(signal, says) })
}

/// Share of the rows with both cells in which they are the same, and how many these are.
fn agreement(cells: &[(Option<&str>, Option<&str>)]) -> (f64, usize) {
    let both: Vec<(&str, &str)> = cells.iter().filter_map(|(b, a)| Some(((*b)?, (*a)?))).collect();
    let same = both.iter().filter(|(b, a)| b == a).count();
    (same as f64 / both.len().max(1) as f64, both.len())
}

fn are_alike(was: &ColumnShape, new: &ColumnShape) -> bool {
    let (Some(then), Some(now)) = (&was.sketch, &new.sketch) else { return false };
    if !then.choices.is_empty() && !now.choices.is_empty() {
        return distribution::choices_alike(&then.choices, &now.choices) >= ALIKE_MIN;
    }
    match distribution::numbers_apart(then, now) {
        Some(apart) => apart <= 1.0 - ALIKE_MIN,
        None => distribution::forms_alike(then, now) >= ALIKE_MIN,
    }
}

/// Finds pairs of columns that some of the same records hold crosswise, while the others hold them as they were.
pub(crate) fn crossed(story: &Story<'_>) -> Vec<Crossed> {
    let Some(rows) = story.aligned.filter(|rows| !rows.reused) else { return Vec::new() };
    let differing = |(then, now): (usize, usize)| {
        let (was, is) = (story.then(then), story.now(now));
        let scalar = !matches!(was.kind, ValueKind::Object | ValueKind::List | ValueKind::Boolean);
        let cells = rows.cells(&was.path, &is.path).filter(|_| scalar && was.distinct >= DIFFERENT_MIN)?;
        let (agree, count) = agreement(&cells);
        let some = (1.0 - agree) * count as f64;
        (some >= RECORDS_MIN as f64 && 1.0 - agree >= SHARE_MIN && agree >= SHARE_MIN).then_some(((then, now), cells))
    };
    let columns: Vec<((usize, usize), Column<'_>)> = story.open().into_iter().filter_map(differing).collect();
    let mut found: Vec<Crossed> = Vec::new();
    if columns.len() > COLUMNS_MAX {
        return found;
    }
    for (at, (one, first)) in columns.iter().enumerate() {
        for (other, second) in &columns[at + 1..] {
            let taken = |pair: &(usize, usize)| found.iter().any(|known| known.one == *pair || known.other == *pair);
            let Some(share) = share_crossed(first, second).filter(|_| !taken(one) && !taken(other)) else { continue };
            let says = format!("{:.0} % of the records have exchanged the two, and the others have not", share * 100.0);
            found.push(Crossed { one: *one, other: *other, evidence: Evidence::new(Signal::Rows, says) });
        }
    }
    found
}

/// The share of the rows that hold each other's values, where nearly all others hold their own.
fn share_crossed(first: &Column<'_>, second: &Column<'_>) -> Option<f64> {
    let (mut crossed, mut kept, mut all) = (0usize, 0usize, 0usize);
    for ((b1, a1), (b2, a2)) in first.iter().zip(second) {
        let (Some(b1), Some(a1), Some(b2), Some(a2)) = (b1, a1, b2, a2) else { continue };
        all += 1;
        crossed += usize::from(b1 != b2 && b1 == a2 && b2 == a1);
        kept += usize::from(b1 == a1 && b2 == a2);
    }
    let share = crossed as f64 / all.max(1) as f64;
    let explained = (crossed + kept) as f64 >= AGREE_MIN * all as f64;
    (explained && crossed >= RECORDS_MIN && share >= SHARE_MIN && kept >= RECORDS_MIN).then_some(share)
}
