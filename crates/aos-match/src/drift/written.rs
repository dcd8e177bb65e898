//! Columns whose values are written otherwise: dates in another order, codes of another form, numbers with another sign of currency.

use super::affix::{affixes, without};
use super::finding::{Finding, Proof, Repair};
use super::moment::Clock;
use super::period;
use super::semantic::{Same, UNREADABLE_MIN, retyping, unread};
use super::{digits, distribution};
use aos_core::drift::{ChangeKind, Evidence, Retyping, Signal};
use aos_core::parse;
use aos_core::shape::{ColumnShape, Sketch, ValueKind};
use rust_decimal::prelude::ToPrimitive;

/// A column is written regularly when so few forms make up so much of it.
const REGULAR_FORMS: usize = 3;
const REGULAR_SHARE: f64 = 0.8;
/// A new format of dates is no chance where so many values at least are written in it.
const FORMS_KEPT_MAX: f64 = 0.9;
/// Of so many numbers, and so alike (natural logarithms of size), one tells that they are counted as they were; a thousand is 6.9, a pound 0.8.
const SIZED_MIN: u64 = 30;
const SIZES_APART_MAX: f64 = 0.4;
const SIZED_FROM: f64 = 2.0;
/// How sure it is that numbers are only written otherwise, by the ways of writing alone.
const MARKED: f64 = 0.95;
const CURRENCY_SIGNS: [char; 5] = ['$', '€', '£', '¥', '₹'];

pub(crate) fn changed(same: &Same<'_>, was: &Sketch, is: &Sketch) -> Option<Finding> {
    currency(was, is)
        .or_else(|| times(same, was, is))
        .or_else(|| digits::written(same, MARKED, Proof::Distribution))
        .or_else(|| codes(same, was, is))
}

/// The sign of currency that most numbers carry.
fn currency_sign(sketch: &Sketch) -> Option<char> {
    CURRENCY_SIGNS.into_iter().find(|sign| {
        let with: u64 = sketch.forms.iter().filter(|(form, _)| form.contains(*sign)).map(|(_, count)| count).sum();
        sketch.share(with) >= 0.8
    })
}

fn currency(was: &Sketch, is: &Sketch) -> Option<Finding> {
    let (then, now) = (currency_sign(was)?, currency_sign(is)?);
    (then != now).then(|| {
        let says = format!("amounts carry {now} where they carried {then}");
        Finding::new(ChangeKind::CurrencyChanged, vec![Evidence::new(Signal::Distribution, says)])
            .repaired(Repair::Review, Vec::new(), 0.8, Proof::Distribution)
            .held("a rate of exchange must be given")
    })
}

fn is_time(column: &ColumnShape, other: &ColumnShape) -> bool {
    matches!(column.kind, ValueKind::Date | ValueKind::Datetime)
        || matches!(Clock::beside(column, other), Clock::EpochSeconds | Clock::EpochMillis)
}

/// How a moment says its zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Zone {
    Utc,
    Offset,
    Unsaid,
}

fn zone(sketch: &Sketch) -> Option<Zone> {
    let form = &sketch.forms.first()?.0;
    Some(match () {
        () if !form.contains(':') => return None,
        () if form.ends_with('A') && form.contains("99A") => Zone::Utc,
        () if form.len() > 10 && form[10..].contains(['+', '-']) => Zone::Offset,
        () => Zone::Unsaid,
    })
}

fn times(same: &Same<'_>, was: &Sketch, is: &Sketch) -> Option<Finding> {
    if !is_time(same.then, same.now) || !is_time(same.now, same.then) {
        return None;
    }
    // Where some are written otherwise only, the one format must be new.
    let alike = distribution::forms_alike(was, is);
    let same_format = same.then.date_format == same.now.date_format;
    let told_apart =
        |column: &ColumnShape| column.date_format.as_ref().is_some_and(|format| !is_ambiguous(column, format));
    let turned = !same_format && told_apart(same.then) && told_apart(same.now);
    if !turned && alike > if same_format { 0.1 } else { FORMS_KEPT_MAX } {
        return None;
    }
    let form = |sketch: &Sketch| sketch.forms.first().map_or_else(String::new, |(form, _)| form.clone());
    let shown = |column: &ColumnShape, sketch: &Sketch| {
        column.date_format.clone().filter(|_| turned).unwrap_or_else(|| form(sketch))
    };
    let says = format!("written {} → {}", shown(same.then, was), shown(same.now, is));
    let evidence = vec![Evidence::new(Signal::Distribution, says)];
    if let (Some(then), Some(now)) = (zone(was), zone(is))
        && now == Zone::Unsaid
        && then != Zone::Unsaid
        && Clock::beside(same.now, same.then) == Clock::Iso
    {
        return Some(
            Finding::new(ChangeKind::TimeZoneChanged, evidence)
                .repaired(Repair::Keep, Vec::new(), 0.7, Proof::Distribution)
                .held("the zone is no longer said; it is taken for UTC"),
        );
    }
    let unsaid = matches!((zone(was), zone(is)), (Some(Zone::Utc | Zone::Offset), Some(Zone::Unsaid)));
    let transforms: Vec<_> = Clock::beside(same.now, same.then).transform().into_iter().collect();
    let conforms = transforms.is_empty();
    let kinds = retyping(same).filter(|_| conforms);
    let kind = if kinds.is_some() && same.then.kind == ValueKind::Datetime {
        ChangeKind::Retyped
    } else {
        ChangeKind::FormatChanged
    };
    let loses = kind == ChangeKind::Retyped;
    let finding =
        Finding { conforms: conforms && !loses, retyping: kinds.filter(|_| loses), ..Finding::new(kind, evidence) };
    let finding = if loses { finding.loses() } else { finding };
    Some(match Clock::beside(same.now, same.then) {
        _ if loses => finding
            .repaired(Repair::Review, Vec::new(), 0.95, Proof::Distribution)
            .held("the time of day is gone and cannot be got back by a rule"),
        _ if conforms => finding.repaired(Repair::Keep, Vec::new(), 0.95, Proof::Distribution),
        // 04/05/2026 may be in May or in April: only a day above twelve tells.
        Clock::Format(format) if is_ambiguous(same.now, &format) => finding
            .repaired(Repair::DateFormat, transforms, 0.6, Proof::Distribution)
            .held("day and month could be exchanged"),
        _ if unsaid => {
            let finding = finding.repaired(Repair::DateFormat, transforms, 0.93, Proof::Distribution);
            finding.held("the zone is no longer said; it is taken for UTC")
        }
        _ => finding.repaired(Repair::DateFormat, transforms, 0.93, Proof::Distribution),
    })
}

/// Numbers that carry a text now: a currency, a unit.
pub(crate) fn affixed(same: &Same<'_>, retyping: Retyping) -> Option<Finding> {
    let numeric = matches!(same.then.kind, ValueKind::Integer | ValueKind::Decimal);
    let values: Vec<&str> = same.now.samples.iter().map(String::as_str).collect();
    if !numeric || same.now.kind != ValueKind::String || values.len() < 8 {
        return None;
    }
    let (front, behind) = affixes(&values);
    let bare = |text: &&str| parse::decimal(&text[front.len()..text.len() - behind.len()]).is_some();
    if front.is_empty() && behind.is_empty() || !values.iter().all(bare) {
        return None;
    }
    let says = format!("numbers carry `{front}` in front and `{behind}` behind");
    let finding = Finding {
        retyping: Some(retyping),
        ..Finding::new(ChangeKind::Retyped, vec![Evidence::new(Signal::Distribution, says)])
    };
    let finding = finding.repaired(Repair::Expression, vec![without(front, behind)], 0.93, Proof::Distribution);
    Some(if [front, behind].iter().all(|affix| keeps_size(affix)) || are_as_large(same, (front, behind)) {
        finding
    } else {
        finding.loses().held("what stands beside the number may say thousands, percent or another unit")
    })
}

/// Whether the numbers beside the text are of the size they were, so that the text counts no thousands and is no other unit.
fn are_as_large(same: &Same<'_>, (front, behind): (&str, &str)) -> bool {
    let bare = |text: &String| parse::decimal(text.strip_prefix(front)?.strip_suffix(behind)?)?.to_f64();
    let mut numbers: Vec<f64> = same.now.samples.iter().filter_map(bare).collect();
    // Of fractions of one the sizes are too near to each other.
    let is_sized = |was: &&Sketch| was.numbers >= SIZED_MIN && was.quantiles[10].abs() >= SIZED_FROM;
    let Some(was) = same.then.sketch.as_ref().filter(is_sized) else { return false };
    if (numbers.len() as u64) < SIZED_MIN {
        return false;
    }
    numbers.sort_by(f64::total_cmp);
    let quantiles = (0..=20).map(|at| numbers[at * (numbers.len() - 1) / 20]).collect();
    let count = numbers.len() as u64;
    let is = Sketch { numbers: count, count, quantiles, ..Sketch::default() };
    distribution::numbers_apart(was, &is).is_some_and(|apart| apart <= SIZES_APART_MAX)
}

/// Whether a number means the same without what stands beside it: the sign of a currency, or its code in three capitals.
fn keeps_size(affix: &str) -> bool {
    let sign = affix.trim();
    let is_code = sign.len() == 3 && sign.bytes().all(|letter| letter.is_ascii_uppercase());
    is_code || !sign.chars().any(|letter| letter.is_alphanumeric() || matches!(letter, '%' | '‰'))
}

fn is_ambiguous(column: &ColumnShape, format: &str) -> bool {
    let numeric = format.starts_with("%m/%d")
        || format.starts_with("%d/%m")
        || format.starts_with("%d-%m")
        || format.starts_with("%m-%d");
    let first_two = |text: &String| -> Option<(u32, u32)> {
        let mut parts = text.split(['/', '-', ' ']);
        Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
    };
    numeric && column.samples.iter().filter_map(first_two).all(|(first, second)| first <= 12 && second <= 12)
}

fn codes(same: &Same<'_>, was: &Sketch, is: &Sketch) -> Option<Finding> {
    let text = |column: &ColumnShape| matches!(column.kind, ValueKind::String | ValueKind::Integer);
    if !text(same.then)
        || !text(same.now)
        || (same.then.kind == ValueKind::Integer && same.now.kind == ValueKind::Integer)
    {
        return None;
    }
    let regular = |sketch: &Sketch| {
        let most: u64 = sketch.forms.iter().take(REGULAR_FORMS).map(|(_, count)| count).sum();
        sketch.share(most) >= REGULAR_SHARE
    };
    let length = |sketch: &Sketch| {
        let (length, count) = sketch.lengths.iter().max_by_key(|(_, count)| *count)?;
        (sketch.share(*count) >= 0.97).then_some(*length)
    };
    let chosen = |sketch: &Sketch| !sketch.choices.is_empty() && sketch.choices.len() as u64 * 4 <= sketch.count;
    // Choices are told one by one.
    let resized = length(was).zip(length(is)).filter(|(then, now)| then != now && !(chosen(was) && chosen(is)));
    let reformed =
        regular(was) && regular(is) && distribution::forms_alike(was, is) < 0.03 && !(chosen(was) && chosen(is));
    if !reformed && (resized.is_none() || was.count.min(is.count) < 20) {
        return None;
    }
    if digits::counts_on(same, was, is) || period::goes_on(same.then, same.now) {
        return None;
    }
    let form = |sketch: &Sketch| sketch.forms.first().map_or("?", |(form, _)| form.as_str()).to_owned();
    let says = match resized {
        Some((then, now)) if !reformed => format!("every value had {then} characters, now {now}"),
        _ => format!("written {} → {}", form(was), form(is)),
    };
    let retyping = retyping(same);
    let kind = if retyping.is_some() { ChangeKind::Retyped } else { ChangeKind::FormatChanged };
    let is_number = |kind: ValueKind| matches!(kind, ValueKind::Integer | ValueKind::Decimal);
    let loses = unread(same) >= UNREADABLE_MIN || is_number(same.now.kind) && !is_number(same.then.kind);
    Some(
        Finding { retyping, loses, ..Finding::new(kind, vec![Evidence::new(Signal::Distribution, says)]) }
            .repaired(Repair::Review, Vec::new(), 0.5, Proof::Distribution)
            .held("whether the new values mean the old ones must be looked at"),
    )
}

#[cfg(test)]
mod tests {
    use super::keeps_size;

    #[test]
    fn a_number_keeps_its_size_beside_a_currency_and_may_not_beside_other_letters() {
        for currency in ["", "€", " €", "$ ", "EUR", " USD"] {
            assert!(keeps_size(currency), "{currency}");
        }
        for unit in ["K", "k€", "M", "%", " ‰", "Tsd", "mm", "TEUR"] {
            assert!(!keeps_size(unit), "{unit}");
        }
    }
}
