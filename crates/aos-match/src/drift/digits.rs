//! How numbers are written, alone and within codes: the mark before the decimals, what stands around them, zeros in front, how many digits.

use super::distribution;
use super::finding::{Finding, Proof, Repair};
use super::semantic::{Same, retyping};
use aos_core::drift::{ChangeKind, Evidence, Signal};
use aos_core::shape::{ColumnShape, Sketch, ValueKind};
use std::collections::BTreeMap;

/// How many values have to show a mark before their decimals.
const MARKED_SHARE: f64 = 0.3;
/// From and up to which share of the numbers something stands around them, or around none.
const DRESSED: f64 = 0.8;
const BARE: f64 = 0.02;
/// That no value has a zero in front is no chance below this probability, had nothing changed.
const CHANCE_MAX: f64 = 1e-5;
/// How far apart the shares of padded numbers are at least, where padding came or went.
const PADDED_APART_MAX: f64 = 0.5;
/// How alike ways of writing are that differ in how many digits they have.
const COUNTED_ALIKE: f64 = 0.97;

/// Numbers that are written otherwise and read as they were: with another mark before the decimals, or with a text around them.
pub(crate) fn written(same: &Same<'_>, confidence: f64, proof: Proof) -> Option<Finding> {
    let number = |column: &ColumnShape| matches!(column.kind, ValueKind::Integer | ValueKind::Decimal);
    let (was, is) = (same.then.sketch.as_ref()?, same.now.sketch.as_ref()?);
    if !number(same.then) || !number(same.now) {
        return None;
    }
    let says = marked(was, is).or_else(|| dressed(was, is))?;
    let signal = if proof == Proof::Rows { Signal::Rows } else { Signal::Distribution };
    let retyping = retyping(same);
    let kind = if retyping.is_some() { ChangeKind::Retyped } else { ChangeKind::FormatChanged };
    Some(Finding { conforms: true, retyping, ..Finding::new(kind, vec![Evidence::new(signal, says)]) }.repaired(
        Repair::Cast,
        Vec::new(),
        confidence,
        proof,
    ))
}

fn marked(was: &Sketch, is: &Sketch) -> Option<String> {
    let (then, now) = (fraction_mark(was)?, fraction_mark(is)?);
    (then != now).then(|| format!("decimals follow `{now}` where they followed `{then}`"))
}

/// Says that numbers carry a text, such as a currency, which they did not, or the other way round.
fn dressed(was: &Sketch, is: &Sketch) -> Option<String> {
    let is_dressed =
        |form: &str| form.contains(|c: char| !matches!(c, '9' | '.' | ',' | '-' | '+' | ' ' | '\'' | '(' | ')'));
    let share = |sketch: &Sketch| {
        let with = sketch.forms.iter().filter(|(form, _)| is_dressed(form));
        sketch.share(with.map(|(_, count)| count).sum())
    };
    let form = |sketch: &Sketch| sketch.forms.first().map_or_else(String::new, |(form, _)| form.clone());
    let (then, now) = (share(was), share(is));
    (then.max(now) >= DRESSED && then.min(now) <= BARE).then(|| format!("written {} → {}", form(was), form(is)))
}

/// The mark before the decimals of a column; none where too few have decimals, or both marks are met.
fn fraction_mark(sketch: &Sketch) -> Option<char> {
    let share = |mark: char| {
        let with = sketch.forms.iter().filter(|(form, _)| mark_of(form) == Some(mark));
        sketch.share(with.map(|(_, count)| count).sum())
    };
    let (point, comma) = (share('.'), share(','));
    match () {
        () if point >= MARKED_SHARE && comma < 0.02 => Some('.'),
        () if comma >= MARKED_SHARE && point < 0.02 => Some(','),
        () => None,
    }
}

fn mark_of(form: &str) -> Option<char> {
    let at = form.rfind(['.', ','])?;
    let (head, mark, tail) = (&form[..at], form[at..].chars().next()?, &form[at + 1..]);
    let is_fraction = !tail.is_empty() && tail.bytes().all(|byte| matches!(byte, b'9' | b'+')) && !head.contains(mark);
    // Three digits behind a comma are a group.
    let is_group = mark == ',' && tail == "999" && !head.contains('.');
    (is_fraction && !is_group).then_some(mark)
}

/// Whether codes are written as they were, but for one digit more or less: `INV-999` and `INV-1000`. Zeros in front that are gone, or new, are
/// another way of writing.
pub(super) fn counts_on(same: &Same<'_>, was: &Sketch, is: &Sketch) -> bool {
    let longest = |sketch: &Sketch| sketch.lengths.last().map_or(0, |(length, _)| *length);
    let without_lengths = |sketch: &Sketch| -> Vec<(String, u64)> {
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        sketch.forms.iter().for_each(|(form, count)| *counts.entry(one_digit_each(form)).or_default() += count);
        counts.into_iter().collect()
    };
    let written = |sketch: &Sketch| Sketch { forms: without_lengths(sketch), ..sketch.clone() };
    longest(was).abs_diff(longest(is)) <= 1
        && (padded(same.then) - padded(same.now)).abs() < PADDED_APART_MAX
        && distribution::forms_alike(&written(was), &written(is)) >= COUNTED_ALIKE
}

/// Codes of digits of which some had zeros in front and none has them now: `01067` is `1067`.
pub(crate) fn zeros(same: &Same<'_>) -> Option<Finding> {
    let (then, now) = (same.then, same.now);
    let numbers = now.sketch.as_ref().is_some_and(|sketch| sketch.share(sketch.numbers) >= 0.95);
    let retyping =
        retyping(same).filter(|_| then.kind == ValueKind::String && now.kind == ValueKind::Integer && numbers)?;
    let share = padded(then);
    let chance = (1.0 - share).powf(now.present as f64);
    (then.samples.iter().filter(|text| is_padded(text)).count() >= 2 && chance < CHANCE_MAX).then(|| {
        let says = format!("{:.0} % of the values had a zero in front, now none has", share * 100.0);
        let finding = Finding::new(ChangeKind::Retyped, vec![Evidence::new(Signal::Distribution, says)]).loses();
        Finding { retyping: Some(retyping), ..finding }
            .repaired(Repair::Review, Vec::new(), 0.5, Proof::Distribution)
            .held("how many digits a code has must be said")
    })
}

/// Whether zeros in front were there and are gone.
pub(super) fn lost_zeros(same: &Same<'_>) -> bool {
    padded(same.then) - padded(same.now) >= PADDED_APART_MAX
}

/// The share of the example values with a zero in front of a number.
fn padded(column: &ColumnShape) -> f64 {
    let with = column.samples.iter().filter(|text| is_padded(text)).count();
    with as f64 / column.samples.len().max(1) as f64
}

/// Whether a number in the text has a zero in front.
fn is_padded(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.len() > 1 && digits.starts_with('0'))
}

/// A way of writing with one `9` for each number, however many digits it has.
pub(super) fn one_digit_each(form: &str) -> String {
    let mut short = String::with_capacity(form.len());
    for c in form.chars() {
        let is_more = c == '9' || c == '+';
        if !(is_more && short.ends_with('9')) {
            short.push(c);
        }
    }
    short
}

#[cfg(test)]
mod tests {
    use super::{mark_of, one_digit_each};

    #[test]
    fn a_comma_before_three_digits_groups_and_before_others_begins_the_decimals() {
        for (form, mark) in [
            ("99,99", Some(',')),
            ("9.999,99", Some(',')),
            ("9,999.99", Some('.')),
            ("9,999", None),
            ("9.999", Some('.')),
            ("9.999.999", None),
            ("999", None),
        ] {
            assert_eq!(mark_of(form), mark, "{form}");
        }
    }

    #[test]
    fn a_number_of_any_length_is_one_digit() {
        assert_eq!(one_digit_each("A-999"), one_digit_each("A-9+"));
        assert_eq!(one_digit_each("9999-99-99"), "9-9-9");
    }
}
