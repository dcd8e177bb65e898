//! What has changed *in* a column that is still the same column: type, unit, sign, zone, spelling, choices, missing values. The same
//! rows prove it (`proved`); where there are none, distributions must be so far apart that another sample of the same data cannot
//! explain it (`measured`).

use super::align::Aligned;
use super::finding::{Finding, Proof, Repair};
use super::moment::Clock;
use super::relation::{Cells, Related, Relation, relate};
use super::{choices, digits, makeup, meaning, measured, partly, proved, recoded, written};
use aos_core::drift::{ChangeKind, Evidence, Signal, Snapshot, Widening, widening};
use aos_core::mapping::Transform;
use aos_core::shape::{ColumnShape, Pattern, Sketch, ValueKind};
use std::fmt::Write as _;

/// A change of type loses values where at least this share of them cannot be told in the old type; and by how many standard errors.
pub(super) const UNREADABLE_MIN: f64 = 0.05;
const SPREADS: f64 = 5.0;
/// What sources write where they have no value, in small letters; and how sure it is that they mean none.
const NO_VALUES: [&str; 12] = ["n/a", "na", "n.a.", "#n/a", "null", "none", "nil", "nan", "-", "--", "\\n", "unknown"];
const PLACEHOLDERS_CONFIDENCE: f64 = 0.88;
/// That all of so few records had a value and none has one now is no chance.
const EMPTIED_MIN: f64 = 5.0;
/// A change of type shows in so many values; of fewer than the second, all have to be of the new type.
const VALUES_MIN: u64 = 3;
const VALUES_FEW: u64 = 5;
/// Texts of which fewer are numbers than this were replaced by the numbers that came.
const REPLACED_MAX: f64 = 0.2;
/// So many of the same records have to hold the same value.
const STEADY: f64 = 0.95;
const STEADY_ROWS_MIN: usize = 20;
/// Values that should have been met so often and were not are gone: the probability is below 1e-6.
const EXPECTED_MIN: f64 = 14.0;

/// A column before and the same column after.
pub(crate) struct Same<'s> {
    pub then: &'s ColumnShape,
    pub now: &'s ColumnShape,
    pub before: &'s Snapshot,
    pub after: &'s Snapshot,
}

/// Finds every change in the column.
pub(crate) fn changes(same: &Same<'_>, aligned: Option<&Aligned<'_>>) -> Vec<Finding> {
    let rows = aligned.filter(|rows| !rows.reused);
    let cells = rows.and_then(|rows| rows.cells(&same.then.path, &same.now.path));
    let related = cells.as_ref().and_then(|cells| relate(same.then, same.now, cells)).filter(Related::holds);
    let mut found = Vec::new();
    let is_same = related.as_ref().is_none_or(|related| related.relation == Relation::Same);
    match &related {
        Some(related) => found.extend(proved::change(same, related)),
        None => found.extend(meaning::changed(same)),
    }
    let is_equal = related.as_ref().is_some_and(|related| related.relation == Relation::Equal);
    if is_same && found.is_empty() || is_equal {
        let zeros = digits::zeros(same);
        found = if zeros.is_some() { zeros.into_iter().collect() } else { found };
    }
    if found.is_empty() && is_same {
        found.extend(cells.as_ref().and_then(|cells| partly::proved(same, cells)));
    }
    if found.is_empty() && related.is_none() {
        found.extend(measured::changes(same));
    }
    if found.is_empty() {
        found.extend(retyped(same, related.as_ref()));
    }
    let said = [ChangeKind::EnumChanged, ChangeKind::CurrencyChanged, ChangeKind::Truncated];
    let is_table = |one: &Finding| one.fix.as_ref().is_some_and(|fix| fix.repair == Repair::ValueTable);
    if !found.iter().any(|one| one.conforms || said.contains(&one.kind) || is_table(one)) {
        // Where the same records hold what they held, others came and went, and no choice has another meaning.
        let steady = cells.as_ref().is_some_and(|cells| is_steady(cells));
        let of_all =
            || choices::changed(same).map(|one| if steady { Finding { loses: false, fix: None, ..one } } else { one });
        found.extend(cells.as_ref().and_then(|cells| recoded::changed(same, cells)).or_else(of_all));
    }
    if !found.iter().any(|one| one.conforms || one.retyping.is_some()) {
        found.extend(makeup::changed(same));
    }
    found.extend(null_rate(same.then, same.now));
    found.extend(declared(same));
    found.extend(nullability(same));
    found
}

/// Whether nearly all cells are what they were.
fn is_steady(cells: &Cells<'_>) -> bool {
    let both: Vec<(&str, &str)> = cells.iter().filter_map(|(b, a)| Some(((*b)?, (*a)?))).collect();
    both.len() >= STEADY_ROWS_MIN && both.iter().filter(|(b, a)| b == a).count() as f64 >= STEADY * both.len() as f64
}

pub(super) fn retyping(same: &Same<'_>) -> Option<aos_core::drift::Retyping> {
    let (from, to) = (same.then.kind, same.now.kind);
    widening(from, to).map(|widening| aos_core::drift::Retyping { from, to, widening })
}

/// A change of type. Where values were seen, so few of the new type may also be chance.
fn retyped(same: &Same<'_>, related: Option<&Related>) -> Option<Finding> {
    let retyping = retyping(same)?;
    // Most of the same records may hold what they held, and the others what is no value of the type.
    if related.is_some_and(|related| related.relation == Relation::Same) && unread(same) < UNREADABLE_MIN {
        return None;
    }
    let (then, now) = (same.then, same.now);
    let mut says = format!("{} → {}", then.kind, now.kind);
    let (mut unreadable, mut replaced) = (0.0, false);
    if let (Some(was), Some(is)) = (&then.sketch, &now.sketch) {
        use ValueKind::{Date, Datetime, Decimal as Number, Integer, String as Text};
        let (kind, other) = if now.kind == Text { (then.kind, is) } else { (now.kind, was) };
        // Of a few values one may be of any type.
        let few = then.present.min(now.present) < VALUES_FEW;
        let changed = match (then.kind, now.kind) {
            (Integer, Number) => is.share(is.fractional) > 0.3 && was.numbers >= 20,
            (Number, Integer) => was.share(was.fractional) > 0.3 && is.numbers >= 20,
            (Date, Datetime) | (Datetime, Date) => true,
            (ValueKind::Boolean, Text) | (Text, ValueKind::Boolean) => !says_yes_or_no(other),
            (ValueKind::List | ValueKind::Object, _) | (_, ValueKind::List | ValueKind::Object) => true,
            (Text, _) | (_, Text) if few => told(other, kind) == 0.0,
            (Text, _) | (_, Text) => told(other, kind) < 0.8 || is_fewer(told(was, kind), told(is, kind), was, is),
            _ => true,
        };
        if !changed || then.present.min(now.present) < VALUES_MIN {
            return None;
        }
        says = format!("{says} in {} and {} values", then.present, now.present);
        // Words that are numbers now were replaced and not only written otherwise.
        replaced = then.kind == Text && matches!(now.kind, Integer | Number) && told(was, Integer) < REPLACED_MAX;
        unreadable = unread(same);
        if unreadable >= UNREADABLE_MIN {
            let _ = write!(says, ", of which {:.0} % cannot be read as {} any more", unreadable * 100.0, then.kind);
        }
    }
    let seen = then.present > 0 && now.present > 0;
    if let Some(found) = seen.then(|| written::affixed(same, retyping)).flatten() {
        return Some(found);
    }
    let as_bits = matches!((then.kind, now.kind), (ValueKind::Boolean, ValueKind::Integer))
        && now.sketch.as_ref().is_some_and(says_yes_or_no);
    let conforms = as_bits
        || matches!(retyping.widening, Widening::Narrowed | Widening::Widened)
            && matches!(
                (then.kind, now.kind),
                (ValueKind::Decimal, ValueKind::Integer) | (ValueKind::Integer, ValueKind::Decimal)
            );
    let finding = Finding {
        retyping: Some(retyping),
        conforms,
        loses: replaced || unreadable >= UNREADABLE_MIN,
        ..Finding::new(ChangeKind::Retyped, vec![Evidence::new(Signal::Type, says)])
    };
    if replaced {
        let finding = finding.repaired(Repair::Review, Vec::new(), 0.5, Proof::Distribution);
        return Some(finding.held("which number stands for which text must be said"));
    }
    if let Some(values) = placeholders(same) {
        let steps = vec![Transform::NullIf { values }];
        return Some(finding.repaired(Repair::Cast, steps, PLACEHOLDERS_CONFIDENCE, Proof::Distribution));
    }
    let confidence = match (retyping.widening, seen) {
        _ if conforms => 0.95,
        // Nothing of what was seen can be read as it was.
        (Widening::Widened, true) if now.kind == ValueKind::String => 0.3,
        (Widening::Widened, _) => 0.9,
        (Widening::Narrowed, _) => 0.87,
        (Widening::Incompatible, _) => 0.5,
    };
    let finding =
        finding.repaired(Repair::Cast, cast(same), confidence, if seen { Proof::Distribution } else { Proof::Names });
    Some(match retyping.widening {
        _ if conforms => finding,
        Widening::Incompatible => incompatible(same, finding),
        _ if is_key(same) && now.kind == ValueKind::String => {
            finding.held("the key's type changes; stored rows must be keyed again")
        }
        _ => finding,
    })
}

/// The words for no value that stand among the numbers and dates of before, where nothing else does that is none.
fn placeholders(same: &Same<'_>) -> Option<Vec<String>> {
    let numeric = matches!(same.then.kind, ValueKind::Integer | ValueKind::Decimal);
    let is_none = |text: &&String| NO_VALUES.contains(&text.trim().to_lowercase().as_str());
    let (none, others): (Vec<&String>, Vec<&String>) = same.now.samples.iter().partition(is_none);
    let readable = others.iter().all(|text| aos_core::parse::decimal(text).is_some());
    let is_text = same.now.kind == ValueKind::String;
    (numeric && is_text && readable && !none.is_empty() && others.len() >= VALUES_MIN as usize)
        .then(|| none.into_iter().cloned().collect())
}

/// Which share of the values cannot be told in the type of before any more, where they are texts now.
pub(super) fn unread(same: &Same<'_>) -> f64 {
    let (then, now) = (same.then, same.now);
    match (&then.sketch, &now.sketch) {
        (Some(was), Some(is)) if now.kind == ValueKind::String && then.date_format.is_none() => {
            told(was, then.kind) - told(is, then.kind)
        }
        _ => 0.0,
    }
}

/// Which share of the values can be told as values of the kind.
fn told(sketch: &Sketch, kind: ValueKind) -> f64 {
    match kind {
        ValueKind::Integer => sketch.share(sketch.numbers.saturating_sub(sketch.fractional)),
        ValueKind::Decimal => sketch.share(sketch.numbers),
        ValueKind::Date | ValueKind::Datetime => sketch.share(sketch.times),
        ValueKind::Boolean if !sketch.choices.is_empty() && !says_yes_or_no(sketch) => 0.0,
        _ => 1.0,
    }
}

/// Whether a share has fallen by more than another sample of the same data explains.
fn is_fewer(then: f64, now: f64, was: &Sketch, is: &Sketch) -> bool {
    let (of_then, of_now) = (was.count.max(1) as f64, is.count.max(1) as f64);
    let pooled = (then * of_then + now * of_now) / (of_then + of_now);
    let error = (pooled * (1.0 - pooled) * (1.0 / of_then + 1.0 / of_now)).sqrt();
    then - now >= UNREADABLE_MIN && then - now >= SPREADS * error
}

fn is_key(same: &Same<'_>) -> bool {
    same.before.declared(&same.then.path).is_some_and(|one| one.key)
}

/// Whether all choices are words for yes and no.
fn says_yes_or_no(sketch: &Sketch) -> bool {
    !sketch.choices.is_empty() && sketch.choices.iter().all(|(value, _)| aos_core::parse::boolean(value).is_some())
}

/// The steps that read the new type as the old one, where a cast alone does not.
fn cast(same: &Same<'_>) -> Vec<Transform> {
    let is_time = matches!(same.then.kind, ValueKind::Date | ValueKind::Datetime);
    if is_time { Clock::beside(same.now, same.then).transform().into_iter().collect() } else { Vec::new() }
}

/// A text that has become an object or a list, and the like: what one can say without having seen the values.
fn incompatible(same: &Same<'_>, finding: Finding) -> Finding {
    use ValueKind::{List, Object, String as Text};
    match (same.then.kind, same.now.kind) {
        (Text, Object) => {
            let json = same.then.follows(Pattern::JsonText) >= 0.8;
            // What is called an id may have been expanded to the object that it names.
            let called_id = crate::words::split_words(&same.then.path).last().is_some_and(|word| word == "id");
            let unseen = same.then.present == 0 && !called_id && !is_key(same);
            let confidence = if json {
                0.9
            } else if unseen {
                0.86
            } else {
                0.7
            };
            finding
                .repaired(Repair::Keep, Vec::new(), confidence, Proof::Names)
                .because("JSON text may have become the object it says")
        }
        (Object, Text) if same.now.follows(Pattern::JsonText) >= 0.8 => finding
            .repaired(Repair::Review, Vec::new(), 0.5, Proof::Distribution)
            .because("the object has become the JSON text that says it")
            .held("its members cannot be read any more"),
        (Object, scalar) if scalar != List => finding
            .repaired(Repair::Flatten, Vec::new(), 0.75, Proof::Names)
            .because("what identifies an object often stands for it")
            .held("which member of the object the value is must be said"),
        (_, List) => {
            finding.repaired(Repair::Unwrap, Vec::new(), 0.7, Proof::Names).held("one value has become several")
        }
        _ => finding.held("values of the one type cannot be told in the other"),
    }
}

fn null_rate(then: &ColumnShape, now: &ColumnShape) -> Option<Finding> {
    let total = |column: &ColumnShape| (column.present + column.nulls + column.absent) as f64;
    let (of_then, of_now) = (total(then), total(now));
    let none_left = then.null_rate() == 0.0 && now.null_rate() >= 1.0;
    let least = if none_left { EMPTIED_MIN } else { 20.0 };
    if of_then < least || of_now < least || then.path.contains("[]") || then.path.contains('.') && then.absent > 0 {
        return None;
    }
    let (was, is) = (then.null_rate(), now.null_rate());
    let pooled = (was * of_then + is * of_now) / (of_then + of_now);
    let error = (pooled * (1.0 - pooled) * (1.0 / of_then + 1.0 / of_now)).sqrt().max(1e-9);
    let emptied = is > 0.999 && was < 0.9;
    let moved = (is - was).abs();
    if is >= 1.0 && (1.0 - was) * of_now >= EXPECTED_MIN && was >= 0.85 {
        let says = format!("{:.1} % of the records had a value, now none of {of_now}", (1.0 - was) * 100.0);
        return Some(Finding::new(ChangeKind::NullRateChanged, vec![Evidence::new(Signal::Distribution, says)]));
    }
    if !none_left && (moved < 0.15 || moved / error < 6.0) {
        return None;
    }
    let says = format!("{:.0} % of the records had no value, now {:.0} %", was * 100.0, is * 100.0);
    let finding = Finding::new(ChangeKind::NullRateChanged, vec![Evidence::new(Signal::Distribution, says)]);
    Some(if emptied || is > was + 0.5 { finding.loses() } else { finding })
}

/// Whether a value may be missing, where both schemas say so. What no longer may be is no loss to anybody who reads.
fn nullability(same: &Same<'_>) -> Option<Finding> {
    // Lists of required names are seldom kept up where a name changes.
    if same.then.path != same.now.path {
        return None;
    }
    let (was, is) = (same.before.declared(&same.then.path)?, same.after.declared(&same.now.path)?);
    let changed = |was: Option<bool>, is: Option<bool>| (was? != is?).then_some(is?);
    let (nullable, required) = (changed(was.nullable, is.nullable), changed(was.required, is.required));
    let says = [
        nullable.map(|now| if now { "null is allowed now" } else { "null is no longer allowed" }),
        required.map(|now| if now { "every record has it now" } else { "records may be without it now" }),
    ];
    let evidence: Vec<Evidence> = says.into_iter().flatten().map(|says| Evidence::new(Signal::Type, says)).collect();
    let loosened = nullable == Some(true) || required == Some(false);
    (!evidence.is_empty())
        .then(|| Finding { conforms: !loosened, ..Finding::new(ChangeKind::NullabilityChanged, evidence) })
}

/// What two schemas say of the column, besides its type.
fn declared(same: &Same<'_>) -> Vec<Finding> {
    let (Some(was), Some(is)) = (same.before.declared(&same.then.path), same.after.declared(&same.now.path)) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    if let (Some(was), Some(is)) = (was.length, is.length)
        && is < was
    {
        let says = format!("up to {was} characters were allowed, now {is}");
        found.push(Finding::new(ChangeKind::Truncated, vec![Evidence::new(Signal::Type, says)]));
    }
    if let (Some(was), Some(is)) = (was.scale, is.scale)
        && is < was
    {
        let says = format!("{was} digits behind the point were kept, now {is}");
        found.push(Finding::new(ChangeKind::Truncated, vec![Evidence::new(Signal::Type, says)]));
    }
    let times = |column: &ColumnShape| matches!(column.kind, ValueKind::Date | ValueKind::Datetime);
    if was.written != is.written && times(same.then) && times(same.now) {
        let shown = |written: &Option<String>| written.clone().unwrap_or_else(|| "not said".to_owned());
        let says = format!("written as {} → {}", shown(&was.written), shown(&is.written));
        let conforms =
            ![&was.written, &is.written].iter().any(|one| one.as_deref().is_some_and(|one| one.contains("epoch")));
        let finding =
            Finding { conforms, ..Finding::new(ChangeKind::FormatChanged, vec![Evidence::new(Signal::Type, says)]) };
        let repair = if conforms { Repair::Keep } else { Repair::DateFormat };
        found.push(finding.repaired(repair, Vec::new(), 0.86, Proof::Names));
    }
    // Where no key was declared, nothing was kept by one.
    if was.key != is.key && same.before.declared.values().any(|one| one.key) {
        let says = if was.key { "no longer part of the key" } else { "now part of the key" };
        let finding = Finding::new(ChangeKind::KeyChanged, vec![Evidence::new(Signal::Key, says)]);
        found.push(
            finding.repaired(Repair::Review, Vec::new(), 0.9, Proof::Names).held("stored rows must be keyed again"),
        );
    }
    found
}
