//! Columns whose values are written otherwise: dates in another order, codes of another form, numbers with another sign of currency.

use super::affix::{affixes, without};
use super::distribution;
use super::finding::{Finding, Proof, Repair};
use super::moment::Clock;
use super::semantic::{Same, retyping};
use aos_core::drift::{ChangeKind, Evidence, Retyping, Signal};
use aos_core::parse;
use aos_core::shape::{ColumnShape, Sketch, ValueKind};

/// A column is written regularly when so few forms make up so much of it.
const REGULAR_FORMS: usize = 3;
const REGULAR_SHARE: f64 = 0.8;
const CURRENCY_SIGNS: [char; 5] = ['$', '€', '£', '¥', '₹'];

pub(crate) fn changed(same: &Same<'_>, was: &Sketch, is: &Sketch) -> Option<Finding> {
    currency(was, is).or_else(|| times(same, was, is)).or_else(|| codes(same, was, is))
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

fn is_time(column: &ColumnShape) -> bool {
    matches!(column.kind, ValueKind::Date | ValueKind::Datetime)
        || matches!(Clock::of(column), Clock::EpochSeconds | Clock::EpochMillis)
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
    if !is_time(same.then) || !is_time(same.now) || distribution::forms_alike(was, is) > 0.1 {
        return None;
    }
    let form = |sketch: &Sketch| sketch.forms.first().map_or_else(String::new, |(form, _)| form.clone());
    let says = format!("written {} → {}", form(was), form(is));
    let evidence = vec![Evidence::new(Signal::Distribution, says)];
    if let (Some(then), Some(now)) = (zone(was), zone(is))
        && now == Zone::Unsaid
        && then != Zone::Unsaid
        && Clock::of(same.now) == Clock::Iso
    {
        return Some(
            Finding::new(ChangeKind::TimeZoneChanged, evidence)
                .repaired(Repair::Keep, Vec::new(), 0.7, Proof::Distribution)
                .held("the zone is no longer said; it is taken for UTC"),
        );
    }
    let unsaid = matches!((zone(was), zone(is)), (Some(Zone::Utc | Zone::Offset), Some(Zone::Unsaid)));
    let transforms: Vec<_> = Clock::of(same.now).transform().into_iter().collect();
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
    Some(match Clock::of(same.now) {
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
    Some(if [front, behind].iter().all(|affix| keeps_size(affix)) {
        finding
    } else {
        finding.loses().held("what stands beside the number may say thousands, percent or another unit")
    })
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
    let resized = length(was).zip(length(is)).filter(|(then, now)| then != now);
    let chosen = |sketch: &Sketch| !sketch.choices.is_empty() && sketch.choices.len() as u64 * 4 <= sketch.count;
    let reformed =
        regular(was) && regular(is) && distribution::forms_alike(was, is) < 0.03 && !(chosen(was) && chosen(is));
    if !reformed && (resized.is_none() || was.count.min(is.count) < 20) {
        return None;
    }
    let form = |sketch: &Sketch| sketch.forms.first().map_or("?", |(form, _)| form.as_str()).to_owned();
    let says = match resized {
        Some((then, now)) if !reformed => format!("every value had {then} characters, now {now}"),
        _ => format!("written {} → {}", form(was), form(is)),
    };
    let retyping = retyping(same);
    let kind = if retyping.is_some() { ChangeKind::Retyped } else { ChangeKind::FormatChanged };
    Some(
        Finding { retyping, ..Finding::new(kind, vec![Evidence::new(Signal::Distribution, says)]) }
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
