//! How likely a column of one version is the same column as one of the other: what names, types, places, distributions, common
//! values and the same rows say, as numbers in a fixed order that the model knows by name.

use super::align::Aligned;
use super::distribution;
use super::naming::{Name, by_name};
use super::relation::{Related, relate};
use crate::matcher::table_words;
use aos_core::drift::{PathDiff, Snapshot, Widening, widening};
use aos_core::shape::{ColumnShape, Pattern, ValueKind};
use std::collections::HashMap;

pub(crate) const NAMES: [&str; 39] = [
    "bias",
    "matcher",
    "same_letters",
    "same_leaf",
    "same_words",
    "common_words",
    "spelling",
    "abbreviation",
    "within",
    "only_form_differs",
    "other_qualifier",
    "kind_same",
    "kind_near",
    "kind_other",
    "neighbours",
    "alone",
    "lead_of_before",
    "lead_of_after",
    "values_seen",
    "overlap",
    "overlap_sure",
    "choices_apart",
    "choices_alike",
    "numbers_alike",
    "numbers_apart",
    "forms_alike",
    "forms_apart",
    "nulls_apart",
    "uniqueness_apart",
    "patterns_apart",
    "rows_seen",
    "rows_agree",
    "rows_disagree",
    "names_alone_matcher",
    "names_alone_same_words",
    "names_alone_spelling",
    "names_alone_alone",
    "synonyms",
    "same_in_stream",
];

/// What is known of a pair of columns.
#[derive(Debug, Clone)]
pub(crate) struct Likeness {
    pub features: [f64; NAMES.len()],
    pub related: Option<Related>,
    pub overlap: f64,
    /// How much the names alone say, for rivals to compare.
    pub by_name: f64,
}

/// Everything that may have become something else.
pub(crate) struct Field<'s> {
    pub before: &'s Snapshot,
    pub after: &'s Snapshot,
    pub diff: &'s PathDiff,
    pub aligned: Option<&'s Aligned<'s>>,
}

/// Weighs each of `gone` against each of `come` (column indexes).
pub(crate) fn likenesses(field: &Field<'_>, gone: &[usize], come: &[usize]) -> Vec<Vec<Likeness>> {
    let of = |snapshot: &'_ Snapshot, at: &[usize]| -> Vec<ColumnShape> {
        at.iter().map(|at| snapshot.shape.columns[*at].clone()).collect()
    };
    let (then, now) = (of(field.before, gone), of(field.after, come));
    let mut from = field.before.shape.clone();
    let mut to = field.after.shape.clone();
    (from.columns, to.columns) = (then.clone(), now.clone());
    let matched = crate::pair::likelihoods(&from, &to);
    let stream = table_words(&field.before.shape);
    let (names_then, names_now): (Vec<Name>, Vec<Name>) = (
        then.iter().map(|one| Name::of(one, &stream)).collect(),
        now.iter().map(|one| Name::of(one, &stream)).collect(),
    );
    let places = Places::of(field, gone, come);
    let mut all: Vec<Vec<Likeness>> = (0..gone.len())
        .map(|b| {
            (0..come.len())
                .map(|a| {
                    let mut one = by_name(&names_then[b], &names_now[a], matched[b][a]);
                    by_kind(&then[b], &now[a], &mut one);
                    one.features[14] = places.neighbours(gone[b], come[a]);
                    by_values(&then[b], &now[a], &mut one);
                    by_rows(field.aligned, &then[b], &now[a], &mut one);
                    one
                })
                .collect()
        })
        .collect();
    compare_rivals(&mut all);
    all
}

fn by_kind(then: &ColumnShape, now: &ColumnShape, one: &mut Likeness) {
    if then.kind == ValueKind::Unknown || now.kind == ValueKind::Unknown {
        return;
    }
    match widening(then.kind, now.kind) {
        // One value may have become a list of them.
        Some(Widening::Incompatible) if now.kind == ValueKind::List && then.kind != ValueKind::Object => {
            one.features[12] = 1.0
        }
        None => one.features[11] = 1.0,
        Some(Widening::Widened | Widening::Narrowed) => one.features[12] = 1.0,
        Some(Widening::Incompatible) => one.features[13] = 1.0,
    }
}

fn by_values(then: &ColumnShape, now: &ColumnShape, one: &mut Likeness) {
    let flag = |yes: bool| f64::from(u8::from(yes));
    let names_alone = then.present < 4 || now.present < 4;
    if names_alone {
        one.features[33] = one.features[1];
        one.features[34] = one.features[4];
        one.features[35] = one.features[6];
        one.features[36] = 1.0;
        one.overlap = shared_samples(then, now);
        one.features[19] = one.overlap;
        return;
    }
    one.features[18] = 1.0;
    let (Some(was), Some(is)) = (&then.sketch, &now.sketch) else {
        one.overlap = shared_samples(then, now);
        one.features[19] = one.overlap;
        return;
    };
    let few = then.distinct.min(now.distinct);
    // Small whole numbers and yes/no are in common everywhere.
    let telling = matches!(then.kind, ValueKind::String | ValueKind::Unknown)
        || then.max_length.min(now.max_length) >= 5 && then.kind == now.kind;
    one.overlap = if telling { was.containment(is) } else { 0.0 };
    one.features[19] = one.overlap;
    one.features[20] = flag(one.overlap >= 0.3 && few >= 12);
    if !was.choices.is_empty() && !is.choices.is_empty() && few as f64 <= 0.5 * then.present.min(now.present) as f64 {
        let alike = distribution::choices_alike(&was.choices, &is.choices);
        one.features[22] = alike;
        one.features[21] = flag(alike == 0.0);
    }
    if let Some(apart) = distribution::numbers_apart(was, is) {
        one.features[23] = (1.0 - apart).max(0.0);
        one.features[24] = flag(apart > 1.5);
    }
    let forms = distribution::forms_alike(was, is);
    one.features[25] = forms;
    one.features[26] = flag(forms < 0.02 && then.kind == ValueKind::String && now.kind == ValueKind::String);
    one.features[27] = (then.null_rate() - now.null_rate()).abs();
    let unique = |column: &ColumnShape| column.distinct as f64 >= 0.97 * column.present as f64;
    one.features[28] = flag(then.present >= 20 && now.present >= 20 && unique(then) != unique(now));
    one.features[29] = flag(patterns_apart(then, now));
}

/// Share of the samples that both hold, where samples are all there is.
fn shared_samples(then: &ColumnShape, now: &ColumnShape) -> f64 {
    let telling = |column: &ColumnShape| column.samples.iter().any(|value| value.len() > 2);
    if !telling(then) || !telling(now) || then.kind == ValueKind::Boolean {
        return 0.0;
    }
    let common = then.samples.iter().filter(|value| now.samples.contains(value)).count();
    common as f64 / then.samples.len().min(now.samples.len()).max(1) as f64
}

const UNMISTAKABLE: [Pattern; 8] = [
    Pattern::Email,
    Pattern::Url,
    Pattern::Uuid,
    Pattern::CurrencyCode,
    Pattern::AwsRegion,
    Pattern::AwsArn,
    Pattern::SalesforceId,
    Pattern::Epoch,
];

fn patterns_apart(then: &ColumnShape, now: &ColumnShape) -> bool {
    UNMISTAKABLE.iter().any(|pattern| {
        let (was, is) = (then.follows(*pattern), now.follows(*pattern));
        (was >= 0.9 && is < 0.1) || (is >= 0.9 && was < 0.1)
    })
}

fn by_rows(aligned: Option<&Aligned<'_>>, then: &ColumnShape, now: &ColumnShape, one: &mut Likeness) {
    let Some(cells) = aligned.filter(|rows| !rows.reused).and_then(|rows| rows.cells(&then.path, &now.path)) else {
        return;
    };
    let present = |count: usize| count >= super::relation::ROWS_FEW;
    let (was, is) =
        (cells.iter().filter(|cell| cell.0.is_some()).count(), cells.iter().filter(|cell| cell.1.is_some()).count());
    if let Some(related) = relate(then, now, &cells) {
        // Where no number that has kept its name is what it was, numbers that differ say nothing of these two.
        if !related.holds() && is_amount(then) && is_amount(now) && aligned.is_some_and(|rows| rows.amounts_move) {
            one.related = Some(related);
            return;
        }
        one.features[30] = 1.0;
        let strength = related.strength();
        one.features[31] = if related.holds() { strength } else { 0.0 };
        one.features[32] = f64::from(u8::from(related.chance < 0.8 && strength < 0.3));
        one.related = Some(related);
    } else if present(was) && present(is) {
        // Each has values, and never in the same rows.
        one.features[30] = 1.0;
        one.features[32] = 1.0;
    }
}

pub(super) fn is_amount(column: &ColumnShape) -> bool {
    matches!(column.kind, ValueKind::Integer | ValueKind::Decimal)
}

/// The places of columns among those that have kept their names.
struct Places {
    then: HashMap<usize, (Option<usize>, Option<usize>)>,
    now: HashMap<usize, (Option<usize>, Option<usize>)>,
}

impl Places {
    fn of(field: &Field<'_>, gone: &[usize], come: &[usize]) -> Self {
        let kept_then: HashMap<usize, usize> = field.diff.kept.iter().map(|(b, _)| (*b, *b)).collect();
        let kept_now: HashMap<usize, usize> = field.diff.kept.iter().map(|(b, a)| (*a, *b)).collect();
        let around = |at: usize, kept: &HashMap<usize, usize>, count: usize| {
            let back = at.checked_sub(1).and_then(|at| kept.get(&at).copied());
            let forth = (at + 1 < count).then_some(at + 1).and_then(|at| kept.get(&at).copied());
            (back, forth)
        };
        let count = |snapshot: &Snapshot| snapshot.shape.columns.len();
        Self {
            then: gone.iter().map(|at| (*at, around(*at, &kept_then, count(field.before)))).collect(),
            now: come.iter().map(|at| (*at, around(*at, &kept_now, count(field.after)))).collect(),
        }
    }

    fn neighbours(&self, gone: usize, come: usize) -> f64 {
        let (Some(then), Some(now)) = (self.then.get(&gone), self.now.get(&come)) else { return 0.0 };
        let same = |x: Option<usize>, y: Option<usize>| f64::from(u8::from(x.is_some() && x == y));
        0.5 * (same(then.0, now.0) + same(then.1, now.1))
    }
}

/// Says for each pair how far its names are ahead of the next best on either side, and whether there is another at all.
fn compare_rivals(all: &mut [Vec<Likeness>]) {
    let along: Vec<Rivals> = all.iter().map(|row| Rivals::of(row.iter())).collect();
    let columns = all.first().map_or(0, Vec::len);
    let across: Vec<Rivals> = (0..columns).map(|a| Rivals::of(all.iter().map(|row| &row[a]))).collect();
    for (b, row) in all.iter_mut().enumerate() {
        for (a, one) in row.iter_mut().enumerate() {
            one.features[16] = (one.by_name - along[b].best_beside(a)).clamp(-0.6, 0.6);
            one.features[17] = (one.by_name - across[a].best_beside(b)).clamp(-0.6, 0.6);
            one.features[15] = 2.0 / (along[b].compatible + across[a].compatible).max(2) as f64;
            one.features[36] *= one.features[15];
        }
    }
}

/// All that may be the same column as one: how many could be, and how well the names of the two best agree.
struct Rivals {
    compatible: usize,
    best: (usize, f64),
    second: f64,
}

impl Rivals {
    fn of<'l>(all: impl Iterator<Item = &'l Likeness>) -> Self {
        let mut rivals = Self { compatible: 0, best: (usize::MAX, 0.0), second: 0.0 };
        for (at, one) in all.enumerate() {
            rivals.compatible += usize::from(one.features[13] == 0.0 && one.features[29] == 0.0);
            if one.by_name > rivals.best.1 {
                rivals.second = rivals.best.1;
                rivals.best = (at, one.by_name);
            } else {
                rivals.second = rivals.second.max(one.by_name);
            }
        }
        rivals
    }

    fn best_beside(&self, at: usize) -> f64 {
        if self.best.0 == at { self.second } else { self.best.1 }
    }
}
