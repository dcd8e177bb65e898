//! Of what the values of a column are made, where neither its type nor its distribution says so: lists and objects among single values,
//! some values that are not of the column's type, numbers that come as texts.

use super::finding::{Finding, Proof, Repair};
use super::semantic::Same;
use aos_core::drift::{ChangeKind, Evidence, Retyping, Signal, Snapshot, Widening};
use aos_core::shape::{ColumnShape, ValueKind};

/// So much of the values at least is of another making, where so little was before.
const MIXED_MIN: f64 = 0.05;
const MIXED_BEFORE_MAX: f64 = 0.005;
/// Fewer values say nothing.
const VALUES_MIN: u64 = 5;
/// So many values at least, and so much of all, are not of the type of which all were, of so many.
const UNREAD_MIN: f64 = 8.0;
const UNREAD_SHARE: f64 = 0.01;
const READ_MIN: u64 = 100;

/// Finds values of another making than before.
pub(crate) fn changed(same: &Same<'_>) -> Option<Finding> {
    let (then, now) = (same.then, same.now);
    if then.present.min(now.present) < VALUES_MIN || then.kind != now.kind {
        return None;
    }
    holding(then, now).or_else(|| unread(then, now)).or_else(|| typed(same))
}

fn share(count: Option<u64>, column: &ColumnShape) -> Option<f64> {
    Some(count? as f64 / column.present.max(1) as f64)
}

fn holds_others(kind: ValueKind) -> bool {
    matches!(kind, ValueKind::List | ValueKind::Object)
}

/// Lists and objects among single values, or the other way round.
fn holding(then: &ColumnShape, now: &ColumnShape) -> Option<Finding> {
    let (was, is) = (share(then.holding, then)?, share(now.holding, now)?);
    let of_them = holds_others(then.kind);
    let (was, is) = if of_them { (1.0 - was, 1.0 - is) } else { (was, is) };
    (was <= MIXED_BEFORE_MAX && is >= MIXED_MIN).then(|| {
        let what = if of_them { "single values among lists or objects" } else { "lists or objects" };
        let says = format!("{:.0} % of {} values are {what}, which none was", is * 100.0, now.present);
        Finding::new(ChangeKind::Retyped, vec![Evidence::new(Signal::Type, says)])
            .loses()
            .repaired(Repair::Review, Vec::new(), 0.5, Proof::Distribution)
            .held("values of two makings are in one column: which one counts must be said")
    })
}

/// Some values that cannot be read as what all could be read.
fn unread(then: &ColumnShape, now: &ColumnShape) -> Option<Finding> {
    let single = !holds_others(then.kind) && !matches!(then.kind, ValueKind::String | ValueKind::Unknown);
    let share = 1.0 - now.conforming;
    let count = share * now.present as f64;
    let is_new = then.conforming >= 1.0 && then.present.min(now.present) >= READ_MIN;
    (single && is_new && count >= UNREAD_MIN && share >= UNREAD_SHARE).then(|| {
        let says = format!("{count:.0} of {} values cannot be read as {}, as all could before", now.present, then.kind);
        let retyping = Retyping { from: then.kind, to: ValueKind::String, widening: Widening::Widened };
        let finding = Finding::new(ChangeKind::Retyped, vec![Evidence::new(Signal::Type, says)]);
        Finding { retyping: Some(retyping), ..finding }
            .repaired(Repair::Review, Vec::new(), 0.5, Proof::Distribution)
            .held("what these values mean must be said")
    })
}

/// Numbers, or yes and no, that come as texts where they did not, or the other way round: they are read as before.
fn typed(same: &Same<'_>) -> Option<Finding> {
    let (then, now) = (same.then, same.now);
    if !matches!(then.kind, ValueKind::Integer | ValueKind::Decimal | ValueKind::Boolean) {
        return None;
    }
    let (was, is) = (share(then.typed, then)?, share(now.typed, now)?);
    // A table of texts, such as CSV, says nothing by its texts.
    let knows = |snapshot: &Snapshot, own: &ColumnShape| {
        let typed = |column: &ColumnShape| column.typed.unwrap_or(0) + column.holding.unwrap_or(0) > 0;
        snapshot.shape.columns.iter().any(|column| column.path != own.path && typed(column))
    };
    if (was - is).abs() < MIXED_MIN || !knows(same.before, then) || !knows(same.after, now) {
        return None;
    }
    let (kind, text) = (then.kind, ValueKind::String);
    let (share, from, to) = if was > is { (1.0 - is, kind, text) } else { (is, text, kind) };
    let (written, widening) =
        if was > is { ("texts", Widening::Widened) } else { ("no texts any more", Widening::Narrowed) };
    let says = format!("{:.0} % of the values come as {written}, and say what they did", share * 100.0);
    let finding = Finding::new(ChangeKind::Retyped, vec![Evidence::new(Signal::Type, says)]);
    Some(Finding { retyping: Some(Retyping { from, to, widening }), conforms: true, ..finding }.repaired(
        Repair::Cast,
        Vec::new(),
        0.95,
        Proof::Distribution,
    ))
}
