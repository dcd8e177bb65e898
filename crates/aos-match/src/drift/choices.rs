//! Columns that hold one of a few choices: values that came, went, were renamed or divided; currencies among them.

use super::finding::{Finding, Proof, Repair};
use super::period;
use super::semantic::Same;
use crate::words::{split_words, squeeze};
use aos_core::drift::{ChangeKind, Evidence, Signal};
use aos_core::mapping::Transform;
use aos_core::shape::{ColumnShape, Pattern, Sketch, ValueKind};
use indexmap::IndexMap;

/// A value that should have been met this often by chance, and was not, is gone: the probability is below e^-12.
const EXPECTED_MIN: f64 = 12.0;
const ROWS_MIN: u64 = 20;
/// Values of a list of choices come back: on average at least this often.
const TIMES_MIN: u64 = 4;
const SHOWN_MAX: usize = 5;
/// How sure it is that a choice was divided where shares agree, and by how many standard errors they may differ.
const DIVIDED: f64 = 0.93;
const SPREADS: f64 = 3.0;
/// Of two values the frequent one has this share at least before it can be told from the other, among so many.
const EXCHANGED_MIN: f64 = 0.8;
const EXCHANGED_ROWS_MIN: u64 = 60;
/// What makes a word say the opposite.
const DENIALS: [&str; 8] = ["in", "un", "non", "not", "no", "dis", "de", "re"];

/// Finds values that came or went beyond chance, or against what the schemas declare.
pub(crate) fn changed(same: &Same<'_>) -> Option<Finding> {
    let declared = |choices: &[String]| -> Vec<(String, f64)> {
        choices.iter().map(|choice| (choice.clone(), f64::NAN)).collect()
    };
    let schema = (same.before.declared(&same.then.path), same.after.declared(&same.now.path));
    if let (Some(was), Some(is)) = schema
        && !was.choices.is_empty()
        && !is.choices.is_empty()
    {
        let gone = missing(&declared(&was.choices), &is.choices);
        let come = missing(&declared(&is.choices), &was.choices);
        return describe(same, (gone, come, true), was.choices.len(), Signal::Type);
    }
    if let Some(finding) = exchanged(same) {
        return Some(finding);
    }
    // Yes and no are choices once they have become words.
    let became_words = same.then.kind != ValueKind::Boolean || same.now.kind == ValueKind::String;
    let (was, is) = (choices_of(same.then).filter(|_| became_words)?, choices_of(same.now)?);
    if period::goes_on(same.then, same.now) {
        return None;
    }
    let known = |sketch: &Sketch| -> Vec<String> { sketch.choices.iter().map(|(value, _)| value.clone()).collect() };
    let often = |of: &Sketch, in_other: &Sketch| -> Vec<(String, f64)> {
        let expected = |count: u64| count as f64 / of.count as f64 * in_other.count as f64;
        of.choices
            .iter()
            .filter(|(_, count)| *count >= 3 && expected(*count) >= EXPECTED_MIN)
            .map(|(value, count)| (value.clone(), of.share(*count)))
            .collect()
    };
    let (gone, come) = (missing(&often(was, is), &known(is)), missing(&often(is, was), &known(was)));
    if gone.is_empty() && come.is_empty() {
        return None;
    }
    // What is rare proves nothing by itself; once something is proved it belongs to it where it is spelled alike or begins alike.
    let shares = |of: &Sketch| -> Vec<(String, f64)> {
        of.choices.iter().map(|(value, count)| (value.clone(), of.share(*count))).collect()
    };
    let (all_gone, all_come) = (missing(&shares(was), &known(is)), missing(&shares(is), &known(was)));
    let alike = |one: &(String, f64), others: &[(String, f64)]| {
        others.iter().any(|other| {
            squeeze(&one.0) == squeeze(&other.0) || begins_with(&one.0, &other.0) || begins_with(&other.0, &one.0)
        })
    };
    let with_rare = |sure: Vec<(String, f64)>, all: &[(String, f64)], others: &[(String, f64)]| -> Vec<(String, f64)> {
        all.iter().filter(|one| sure.contains(one) || alike(one, others)).cloned().collect()
    };
    let (gone, come) = (with_rare(gone, &all_gone, &all_come), with_rare(come, &all_come, &all_gone));
    // Where rare ones went or came as well, one is not known to stand for the other.
    let alone = gone.len() == all_gone.len() && come.len() == all_come.len();
    describe(same, (gone, come, alone), was.choices.len(), Signal::Distribution)
}

/// Two values that are met as often as the other was: they have changed places. Or yes and no, in other words than before.
fn exchanged(same: &Same<'_>) -> Option<Finding> {
    let (was, is) = (same.then.sketch.as_ref()?, same.now.sketch.as_ref()?);
    let ([one, other], [first, second]) = (was.choices.as_slice(), is.choices.as_slice()) else { return None };
    if was.count.min(is.count) < EXCHANGED_ROWS_MIN {
        return None;
    }
    let words = |sketch: &Sketch| sketch.choices.iter().map(|(value, _)| value.clone()).collect::<Vec<_>>();
    let both_bool = same.then.kind == ValueKind::Boolean && same.now.kind == ValueKind::Boolean;
    if both_bool && words(was).iter().all(|word| !words(is).contains(word)) {
        let says = format!("yes and no are written {} → {}", words(was).join(", "), words(is).join(", "));
        let finding = Finding::new(ChangeKind::FormatChanged, vec![Evidence::new(Signal::Distribution, says)]);
        let finding = Finding { conforms: true, ..finding };
        return Some(finding.repaired(Repair::Keep, Vec::new(), 0.95, Proof::Distribution));
    }
    // Most frequent first: what was rare is now met as often as what was not.
    let crosswise = one.0 == second.0 && other.0 == first.0;
    let (then, now) = (was.share(one.1), is.share(first.1));
    let is_turned =
        crosswise && then >= EXCHANGED_MIN && now >= EXCHANGED_MIN && (then - now).abs() <= 1.0 - EXCHANGED_MIN;
    is_turned.then(|| {
        let says = format!("{:.0} % were `{}`, now {:.0} % are `{}`", then * 100.0, one.0, now * 100.0, first.0);
        let table = IndexMap::from([(first.0.clone(), one.0.clone()), (second.0.clone(), other.0.clone())]);
        Finding::new(ChangeKind::EnumChanged, vec![Evidence::new(Signal::Distribution, says)])
            .loses()
            .repaired(
                Repair::ValueTable,
                vec![Transform::ValueTable { table, closed: false }],
                0.7,
                Proof::Distribution,
            )
            .held("the two values may have changed places; no row could be compared")
    })
}

/// The sketch of a column whose values are choices, with enough of them.
pub(super) fn choices_of(column: &ColumnShape) -> Option<&Sketch> {
    let sketch = column.sketch.as_ref()?;
    let few = sketch.choices.len() as u64;
    let repeated = few > 0 && sketch.count >= ROWS_MIN && few * TIMES_MIN <= sketch.count;
    let kind = match column.kind {
        ValueKind::String | ValueKind::Boolean => true,
        ValueKind::Integer => few <= 12,
        _ => false,
    };
    (repeated && kind).then_some(sketch)
}

fn missing(values: &[(String, f64)], among: &[String]) -> Vec<(String, f64)> {
    values.iter().filter(|(value, _)| !among.contains(value)).cloned().collect()
}

/// Values with their shares.
type Shares = Vec<(String, f64)>;

fn describe(
    same: &Same<'_>,
    (gone, come, alone): (Shares, Shares, bool),
    all: usize,
    signal: Signal,
) -> Option<Finding> {
    if gone.is_empty() && come.is_empty() {
        return None;
    }
    let shown = |values: &[(String, f64)]| {
        let some: Vec<String> = values.iter().take(SHOWN_MAX).map(|(value, _)| format!("`{value}`")).collect();
        format!("{}{}", some.join(", "), if values.len() > SHOWN_MAX { ", …" } else { "" })
    };
    let mut evidence = Vec::new();
    if !gone.is_empty() {
        evidence.push(Evidence::new(signal, format!("no longer met: {}", shown(&gone))));
    }
    if !come.is_empty() {
        evidence.push(Evidence::new(signal, format!("new: {}", shown(&come))));
    }
    // One more currency beside the known ones is one more choice.
    if !gone.is_empty()
        && same.then.follows(Pattern::CurrencyCode) >= 0.9
        && same.now.follows(Pattern::CurrencyCode) >= 0.9
    {
        let finding = Finding::new(ChangeKind::CurrencyChanged, evidence);
        // A column that names the currency says what amounts mean; it is right as it is.
        return Some(
            finding
                .loses()
                .repaired(Repair::Review, Vec::new(), 0.8, Proof::Distribution)
                .held("amounts beside it may be in another currency"),
        );
    }
    let finding = Finding::new(ChangeKind::EnumChanged, evidence);
    if gone.is_empty() || come.is_empty() {
        return Some(finding);
    }
    let rows = same.then.sketch.as_ref().zip(same.now.sketch.as_ref()).map(|(was, is)| (was.count, is.count));
    // Where all that was ever met is one value, another one in its place need not be the same.
    let constant = all == 1 && signal != Signal::Type;
    Some(match divided(&gone, &come, rows).or_else(|| renamed(&gone, &come, alone && !constant)) {
        Some((table, confidence)) => {
            let transforms = vec![Transform::ValueTable { table, closed: false }];
            finding.loses().repaired(Repair::ValueTable, transforms, confidence, Proof::Distribution)
        }
        None => {
            let finding = if gone.len() == all { finding.loses() } else { finding };
            finding
                .loses()
                .repaired(Repair::Review, Vec::new(), 0.5, Proof::Distribution)
                .held("which new value stands for which old one must be said")
        }
    })
}

/// New value -> old value, where each new one is an old one with further words, or the old one in another style, and those that
/// took the place of one are together met as often as it was.
fn divided(
    gone: &[(String, f64)],
    come: &[(String, f64)],
    rows: Option<(u64, u64)>,
) -> Option<(IndexMap<String, String>, f64)> {
    let (of_then, of_now) = rows.filter(|_| come.len() > gone.len())?;
    let mut table = IndexMap::new();
    for (new, _) in come {
        // Of `in work` and `in`, a new `in work 1` is the longer one.
        let old = gone.iter().filter(|old| begins_with(new, &old.0)).max_by_key(|old| old.0.len())?;
        table.insert(new.clone(), old.0.clone());
    }
    let as_often = |(old, share): &(String, f64)| {
        let together: f64 = come.iter().filter(|(new, _)| table[new] == *old).map(|(_, share)| share).sum();
        let spread = (share * (1.0 - share) * (1.0 / of_then as f64 + 1.0 / of_now as f64)).sqrt();
        (share - together).abs() <= SPREADS * spread + 0.02 * share
    };
    gone.iter().all(as_often).then_some((table, DIVIDED))
}

/// Whether the words of one text begin with all words of another.
fn begins_with(text: &str, other: &str) -> bool {
    let own = split_words(other);
    !own.is_empty() && split_words(text).starts_with(&own)
}

/// Whether one text only says that the other is not so: `inactive`, `not won`.
fn denies(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() < other.len() { (one, other) } else { (other, one) };
    !short.is_empty() && long.strip_suffix(short).is_some_and(|front| DENIALS.contains(&front))
}

/// New value -> old value, by spelling where all are spelled alike, else by how often they are met.
fn renamed(gone: &[(String, f64)], come: &[(String, f64)], alone: bool) -> Option<(IndexMap<String, String>, f64)> {
    let mut table = IndexMap::new();
    let mut surest: f64 = 0.97;
    for (new, share) in come {
        let alike = |old: &str| {
            let (x, y) = (squeeze(old), squeeze(new));
            if x == y {
                1.0
            } else if denies(&x, &y) {
                0.0
            } else if !x.is_empty() && !y.is_empty() && (x.starts_with(&y) || y.starts_with(&x)) {
                0.96
            } else if x.len().min(y.len()) > 1 && (x.contains(&y) || y.contains(&x)) {
                0.85
            } else {
                strsim::jaro_winkler(&x, &y)
            }
        };
        let mut ranked: Vec<(f64, &(String, f64))> = gone.iter().map(|old| (alike(&old.0), old)).collect();
        ranked.sort_by(|x, y| y.0.total_cmp(&x.0));
        let (best, old) = *ranked.first()?;
        let clear = ranked.get(1).is_none_or(|(next, _)| best - next > 0.1);
        let only = alone && gone.len() == 1 && come.len() == 1;
        let as_often = (old.1 - share).abs() < 0.1 * old.1.max(*share) + 0.02;
        let confidence = match () {
            () if denies(&squeeze(&old.0), &squeeze(new)) => return None,
            () if best == 1.0 => 0.97,
            () if best >= 0.85 && clear => 0.82,
            () if only && as_often => 0.7,
            () if best >= 0.7 && clear => 0.6,
            () => return None,
        };
        surest = surest.min(confidence);
        table.insert(new.clone(), old.0.clone());
    }
    // Every old value must have come back as something.
    gone.iter().all(|(old, _)| table.values().any(|value| value == old)).then_some((table, surest))
}
