//! What has changed *in* a column that is still the same column: type, unit, sign, zone, spelling, choices, missing values. The same
//! rows prove it (`proved`); where there are none, distributions must be so far apart that another sample of the same data cannot
//! explain it (`measured`).

use super::align::Aligned;
use super::finding::{Finding, Proof, Repair};
use super::moment::Clock;
use super::relation::{Related, Relation, relate};
use super::{choices, measured, proved, written};
use aos_core::drift::{ChangeKind, Evidence, Signal, Snapshot, Widening, widening};
use aos_core::mapping::Transform;
use aos_core::shape::{ColumnShape, Pattern, Sketch, ValueKind};

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
    match &related {
        Some(related) => found.extend(proved::change(same, related)),
        None => found.extend(measured::changes(same)),
    }
    if found.is_empty() {
        found.extend(retyped(same, related.as_ref()));
    }
    let said = [ChangeKind::EnumChanged, ChangeKind::CurrencyChanged, ChangeKind::Truncated];
    if !found.iter().any(|one| said.contains(&one.kind)) {
        found.extend(choices::changed(same));
    }
    found.extend(null_rate(same.then, same.now));
    found.extend(declared(same));
    found
}

pub(super) fn retyping(same: &Same<'_>) -> Option<aos_core::drift::Retyping> {
    let (from, to) = (same.then.kind, same.now.kind);
    widening(from, to).map(|widening| aos_core::drift::Retyping { from, to, widening })
}

/// A change of type. Where values were seen, so few of the new type may also be chance.
fn retyped(same: &Same<'_>, related: Option<&Related>) -> Option<Finding> {
    let retyping = retyping(same)?;
    if related.is_some_and(|related| related.relation == Relation::Same) {
        return None;
    }
    let (then, now) = (same.then, same.now);
    let mut says = format!("{} → {}", then.kind, now.kind);
    if let (Some(was), Some(is)) = (&then.sketch, &now.sketch) {
        use ValueKind::{Date, Datetime, Decimal as Number, Integer, String as Text};
        let share = |sketch: &Sketch, kind: ValueKind| match kind {
            Integer => sketch.share(sketch.numbers.saturating_sub(sketch.fractional)),
            Number => sketch.share(sketch.numbers),
            Date | Datetime => sketch.share(sketch.times),
            _ => 1.0,
        };
        let (kind, other) = if now.kind == Text { (then.kind, is) } else { (now.kind, was) };
        let changed = match (then.kind, now.kind) {
            (Integer, Number) => is.share(is.fractional) > 0.3 && was.numbers >= 20,
            (Number, Integer) => was.share(was.fractional) > 0.3 && is.numbers >= 20,
            (Date, Datetime) | (Datetime, Date) => true,
            (ValueKind::Boolean, Text) | (Text, ValueKind::Boolean) => !says_yes_or_no(other),
            (Text, _) | (_, Text) => share(other, kind) < 0.8,
            _ => true,
        };
        if !changed || then.present.min(now.present) < 5 {
            return None;
        }
        says = format!("{says} in {} and {} values", then.present, now.present);
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
        ..Finding::new(ChangeKind::Retyped, vec![Evidence::new(Signal::Type, says)])
    };
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
    if is_time { Clock::of(same.now).transform().into_iter().collect() } else { Vec::new() }
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
    if of_then < 20.0 || of_now < 20.0 || then.path.contains("[]") || then.path.contains('.') && then.absent > 0 {
        return None;
    }
    let (was, is) = (then.null_rate(), now.null_rate());
    let pooled = (was * of_then + is * of_now) / (of_then + of_now);
    let error = (pooled * (1.0 - pooled) * (1.0 / of_then + 1.0 / of_now)).sqrt().max(1e-9);
    let emptied = is > 0.999 && was < 0.9;
    let moved = (is - was).abs();
    if moved < 0.15 || moved / error < 6.0 {
        return None;
    }
    let says = format!("{:.0} % of the records had no value, now {:.0} %", was * 100.0, is * 100.0);
    let finding = Finding::new(ChangeKind::NullRateChanged, vec![Evidence::new(Signal::Distribution, says)]);
    Some(if emptied || is > was + 0.5 { finding.loses() } else { finding })
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
    if was.key != is.key {
        let says = if was.key { "no longer part of the key" } else { "now part of the key" };
        let finding = Finding::new(ChangeKind::KeyChanged, vec![Evidence::new(Signal::Key, says)]);
        found.push(
            finding.repaired(Repair::Review, Vec::new(), 0.9, Proof::Names).held("stored rows must be keyed again"),
        );
    }
    found
}
