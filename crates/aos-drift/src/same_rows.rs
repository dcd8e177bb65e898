//! What a comparison of the same records adds to what names and distributions say, and how far it is believed of a read.

use crate::judge::Seen;
use aos_core::drift::{Change, ChangeKind, Evidence, RowSample, Severity, Signal, Snapshot};
use aos_core::mapping::Transform;
use aos_core::shape::{ColumnShape, StreamShape, ValueKind};
use aos_match::drift::{CommonKey, Drift, Repair, common_key, known_key};
use indexmap::IndexMap;
use rust_decimal::Decimal;
use std::collections::{HashMap, HashSet};

/// How many rows of each version are compared cell by cell, and how many of the accepted one are looked through for them.
const ROWS_MAX: usize = 2_000;
const ROWS_HELD_MAX: usize = 10 * ROWS_MAX;
/// Rows that both versions have to hold before they say anything; and where nothing else has changed in a read of what is new, whose records
/// were changed by somebody anyway.
const SHARED_MIN: usize = 8;
const SHARED_CHANGED_MIN: usize = 30;
/// A column tells records apart whose values are that many, and met so seldom twice.
const TELLING_MIN: u64 = 10;
const TELLING_SHARE: f64 = 0.5;
/// How much of what a column held is held now, under whatever keys, where its records have only been given others' keys.
const HELD_MIN: f64 = 0.5;
/// How sure it is that two choices have changed places, where the records that were compared are those that somebody changed.
const EXCHANGED_MIN: f64 = 0.8;
/// What a moment begins with up to its month, and in how many months moments lie that do not move on by themselves.
const MONTH_CHARS: usize = 7;
const MONTHS_MIN: usize = 3;

/// Looks for rows of both versions under one key: the one that the stream is known by, else one that the shapes themselves suggest. Where too
/// few can be paired, rows are returned all the same: what holds a value in turns is seen in the rows of one version.
pub(crate) fn same_rows(
    seen: &Seen<'_>,
    before: &StreamShape,
    after: &StreamShape,
    rows: impl Fn(&StreamShape, &[String], usize) -> RowSample,
) -> Option<(RowSample, RowSample)> {
    let paired =
        |key: CommonKey| (rows(before, &key.before, ROWS_HELD_MAX), seen.sample.rows(after, &key.after, ROWS_MAX));
    let known = seen.key.and_then(|key| known_key(before, after, key)).map(paired);
    if known.as_ref().is_some_and(|(then, now)| shared(then, now) >= SHARED_MIN) {
        return known;
    }
    let common = common_key(before, after);
    if common.before.is_empty() { known } else { Some(paired(common)) }
}

/// Whether a read may have enough of the same records for their rows to speak where nothing else does.
pub(crate) fn may_share(seen: &Seen<'_>) -> bool {
    seen.sample.records >= shared_min(seen) as u64
}

/// Whether so many rows are in both versions that they may speak where nothing else does.
pub(crate) fn share_enough(seen: &Seen<'_>, then: &RowSample, now: &RowSample) -> bool {
    shared(then, now) >= shared_min(seen)
}

fn shared_min(seen: &Seen<'_>) -> usize {
    if seen.whole { SHARED_MIN } else { SHARED_CHANGED_MIN }
}

fn shared(then: &RowSample, now: &RowSample) -> usize {
    let keys: HashSet<&str> = then.rows.iter().map(|row| row.key.as_str()).collect();
    now.rows.iter().filter(|row| keys.contains(row.key.as_str())).count()
}

/// Keeps what names and distributions say has moved where rows say that it is gone: records that are new were changed, perhaps in that very
/// value, so their rows prove agreement and nothing else. A person decides.
fn doubted(by_names: Drift, mut by_rows: Drift) -> Drift {
    for change in &mut by_rows.changes {
        let elsewhere =
            |other: &&Change| other.path == change.path && other.kind != ChangeKind::Removed && other.to.is_some();
        let Some(other) = by_names.changes.iter().find(elsewhere).filter(|_| change.kind == ChangeKind::Removed) else {
            continue;
        };
        *change = other.clone();
        by_rows.proposals.retain(|proposal| proposal.path != change.path);
        let own = by_names.proposals.iter().filter(|proposal| proposal.path == change.path).cloned();
        by_rows.proposals.extend(own.map(|mut proposal| {
            let why = "the rows of these records, which are new, do not agree";
            proposal.evidence.push(Evidence::new(Signal::Held, why));
            proposal
        }));
    }
    by_rows
}

/// Returns what rows say, as far as it is believed of paths of which names and distributions say nothing; what those say where that is nothing.
///
/// Records that come because they were changed differ in their rows, so of a read of what is new in which nothing else speaks only that is
/// believed which nobody does to single records: keys of others, values of another column, one factor for all of them, two choices in each
/// other's place.
pub(crate) fn believed(by_names: Drift, by_rows: Drift, (before, after): (&Snapshot, &Snapshot), whole: bool) -> Drift {
    let named: HashSet<String> =
        by_names.changes.iter().filter(|change| matters(change)).map(|c| c.path.clone()).collect();
    let lenient = whole || !named.is_empty();
    let told = |change: &&Change| {
        use ChangeKind as C;
        match change.kind {
            _ if !matters(change) => false,
            _ if named.contains(&change.path) => true,
            C::IdReused => stand_elsewhere(before, after, &change.path, lenient),
            C::ScaleChanged | C::CurrencyChanged if is_revalued(&by_rows, &change.path) => false,
            C::ScaleChanged | C::CurrencyChanged | C::SignChanged | C::Swapped => true,
            C::EnumChanged => are_exchanged(&by_rows, &change.path, lenient),
            C::TimeZoneChanged => lenient && is_spread(before, &change.path),
            // The next period of what repeats comes under keys of its own.
            C::KeyChanged => false,
            _ => lenient,
        }
    };
    let told: Vec<Change> = by_rows.changes.iter().filter(told).cloned().collect();
    // Where the rows are of other records, nothing can be said of any column.
    let others = by_rows.changes.iter().any(|change| change.kind == ChangeKind::IdReused && !told.contains(change));
    if named.is_empty() && (told.is_empty() || others) {
        return by_names;
    }
    let mut drift = by_rows;
    drift.changes.retain(|change| !matters(change) || told.contains(change));
    drift.proposals.retain(|proposal| drift.changes.iter().any(|change| change.path == proposal.path));
    match (whole, named.is_empty()) {
        (true, _) => drift,
        (false, false) => doubted(by_names, drift),
        (false, true) => held(drift),
    }
}

fn matters(change: &Change) -> bool {
    change.severity > Severity::Harmless
}

/// Leaves choices that stand for others to a person.
fn held(mut drift: Drift) -> Drift {
    for proposal in drift.proposals.iter_mut().filter(|proposal| proposal.repair == Repair::ValueTable) {
        let why = "these records were changed since they were read, perhaps in that very value";
        proposal.evidence.push(Evidence::new(Signal::Held, why));
    }
    drift
}

/// Whether what was there before is there beside other keys. Measurements are others at every read, and their keys are the same; and a record
/// may be changed in all it has.
fn stand_elsewhere(before: &Snapshot, after: &Snapshot, key: &str, whole: bool) -> bool {
    let telling: Vec<(&ColumnShape, &ColumnShape)> = before
        .shape
        .columns
        .iter()
        .filter(|column| column.path != key && tells_apart(column))
        .filter_map(|column| Some((column, after.shape.column(&column.path)?)))
        .collect();
    let cells: Vec<Cells> =
        telling.iter().filter_map(|(was, _)| Cells::of(&before.rows, &after.rows, &was.path)).collect();
    let differ = most(cells.iter().map(|cells| 2 * cells.differing > cells.all));
    // Some of those that were edited may well come to hold what others hold.
    if (whole || differ) && most(cells.iter().filter_map(Cells::hold_others)) {
        return true;
    }
    // In a large stream the other record may be none of those that were looked at.
    let texts = telling.iter().filter(|(was, _)| was.kind == ValueKind::String);
    let contained =
        texts.filter_map(|(was, is)| Some(was.sketch.as_ref()?.containment(is.sketch.as_ref()?) >= HELD_MIN));
    whole && differ && most(contained)
}

fn most(said: impl Iterator<Item = bool>) -> bool {
    let (mut yes, mut all) = (0, 0);
    for one in said {
        (yes, all) = (yes + usize::from(one), all + 1);
    }
    2 * yes > all
}

/// Whether the values of a column are different in most records, and not since they go through all there are.
fn tells_apart(column: &ColumnShape) -> bool {
    let kinds = matches!(
        column.kind,
        ValueKind::String | ValueKind::Date | ValueKind::Datetime | ValueKind::Integer | ValueKind::Decimal
    );
    let range = column.min.zip(column.max).filter(|_| column.kind == ValueKind::Integer);
    let dense = range.is_some_and(|(min, max)| column.distinct as f64 >= TELLING_SHARE * (max - min + 1.0));
    let share = column.distinct as f64 / column.present.max(1) as f64;
    kinds && !dense && column.distinct >= TELLING_MIN && share >= TELLING_SHARE
}

/// How many cells of a column both versions have under the same key, how many of them differ, and how many of these hold what another
/// record held.
struct Cells {
    all: usize,
    differing: usize,
    others: usize,
}

impl Cells {
    fn of(then: &RowSample, now: &RowSample, path: &str) -> Option<Self> {
        let place = |rows: &RowSample| rows.paths.iter().position(|known| known == path);
        let (at, now_at) = (place(then)?, place(now)?);
        let held: HashMap<&str, &str> =
            then.rows.iter().filter_map(|row| Some((row.key.as_str(), row.cells[at].as_deref()?))).collect();
        let known: HashSet<&str> = held.values().copied().collect();
        let mut cells = Self { all: 0, differing: 0, others: 0 };
        for row in &now.rows {
            let (Some(was), Some(is)) = (held.get(row.key.as_str()), row.cells[now_at].as_deref()) else { continue };
            cells.all += 1;
            cells.differing += usize::from(*was != is);
            cells.others += usize::from(*was != is && known.contains(is));
        }
        Some(cells)
    }

    /// Whether most of the cells that differ hold what another record held; none where too few differ.
    fn hold_others(&self) -> Option<bool> {
        (self.differing >= SHARED_MIN).then_some(2 * self.others > self.differing)
    }
}

/// Whether a factor is so near to one that it is a day's rate against another's, as amounts have that are converted anew for every read.
fn is_revalued(drift: &Drift, path: &str) -> bool {
    let near = |factor: &Decimal| (factor.abs() - Decimal::ONE).abs() <= Decimal::new(2, 2);
    transforms(drift, path).any(|(_, step)| matches!(step, Transform::Scale { factor } if near(factor)))
}

/// Whether known choices have changed places: two of them, or more beside one that has kept its own. Steps of one direction are how records go
/// on. Of records that somebody changed all have to say so, and another choice has to stay: who edits does not turn all of them both ways.
fn are_exchanged(drift: &Drift, path: &str, whole: bool) -> bool {
    transforms(drift, path).any(|(sure, step)| {
        let Transform::ValueTable { table, .. } = step else { return false };
        let moved = || table.iter().filter(|(now, then)| now != then);
        let crossed = moved().any(|(now, then)| table.get(then) == Some(now));
        let stays = moved().count() < table.len();
        match whole {
            true => crossed || stays && moved().any(|(now, _)| comes_back(table, now)),
            false => crossed && stays && sure >= EXCHANGED_MIN,
        }
    })
}

/// Whether following a table from a value leads back to it.
fn comes_back(table: &IndexMap<String, String>, value: &str) -> bool {
    let mut steps = std::iter::successors(table.get(value), |value| table.get(*value)).take(table.len());
    steps.any(|step| step.as_str() == value)
}

/// Whether moments lie so far apart that they are no schedule or sign of life, which moves on by itself.
fn is_spread(before: &Snapshot, path: &str) -> bool {
    let samples = before.shape.column(path).map(|column| column.samples.as_slice()).unwrap_or_default();
    let months: HashSet<&str> = samples.iter().filter_map(|text| text.get(..MONTH_CHARS)).collect();
    months.len() >= MONTHS_MIN
}

/// The steps of the repairs of a path, each with how sure its repair is.
fn transforms<'d>(drift: &'d Drift, path: &'d str) -> impl Iterator<Item = (f64, &'d Transform)> {
    let own = drift.proposals.iter().filter(move |proposal| proposal.path == path);
    own.flat_map(|proposal| proposal.transforms.iter().map(|step| (proposal.confidence, step)))
}
