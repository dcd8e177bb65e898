//! Changes in a column that the same rows prove, cell by cell.

use super::digits;
use super::finding::{Finding, Proof, Repair};
use super::moment::Clock;
use super::quantity::is_unit;
use super::relation::{Related, Relation};
use super::semantic::{Same, retyping};
use aos_core::drift::{ChangeKind, Evidence, Signal, widening};
use aos_core::shape::{ColumnShape, ValueKind};
use indexmap::IndexMap;
use rust_decimal::Decimal;

/// What was met less often may be missing among the rows by chance.
const CHOICE_TIMES_MIN: u64 = 3;

/// Says what the relation between the cells before and after means for the column.
pub(crate) fn change(same: &Same<'_>, related: &Related) -> Option<Finding> {
    let rows = format!("{:.0} % of {} rows", related.agree * 100.0, related.rows);
    let evidence = |says: String| vec![Evidence::new(Signal::Rows, says)];
    let trust = related.trust();
    let finding = match &related.relation {
        // The text of an object is now the object.
        Relation::Same if is_within(same) => Finding {
            retyping: retyping(same),
            ..Finding::new(
                ChangeKind::Retyped,
                evidence(format!("the text is now the object or list it says in {rows}")),
            )
        }
        .repaired(Repair::Keep, Vec::new(), trust, Proof::Rows),
        Relation::Same => return None,
        Relation::Scaled(factor) if epochs(same) => {
            let _ = factor;
            Finding::new(ChangeKind::FormatChanged, evidence(format!("the same moments in another unit in {rows}")))
                .repaired(
                    Repair::DateFormat,
                    Clock::beside(same.now, same.then).transform().into_iter().collect(),
                    trust,
                    Proof::Rows,
                )
        }
        Relation::Scaled(factor) if factor.is_sign_negative() && factor.abs() == Decimal::ONE => Finding::new(
            ChangeKind::SignChanged,
            evidence(format!("the sign is turned in {rows}")),
        )
        .repaired(Repair::Rescale, related.transforms(same.then, same.now), trust, Proof::Rows),
        Relation::Scaled(factor) => {
            let says = evidence(format!("before = after × {factor} in {rows}"));
            let as_rate = Decimal::new(2, 1) < factor.abs() && factor.abs() < Decimal::from(5);
            let money = as_rate && *factor != Decimal::TWO && !is_unit(*factor);
            let kind = if money { ChangeKind::CurrencyChanged } else { ChangeKind::ScaleChanged };
            let repaired = Finding::new(kind, says).repaired(
                Repair::Rescale,
                related.transforms(same.then, same.now),
                trust,
                Proof::Rows,
            );
            // A rate of exchange holds for a day.
            if money {
                repaired.held("the factor looks like a rate of exchange, which does not stay")
            } else {
                repaired
            }
        }
        Relation::Shifted(seconds) => {
            let says = format!("{:+} h between before and after in {rows}", -*seconds as f64 / 3_600.0);
            Finding::new(ChangeKind::TimeZoneChanged, evidence(says))
                .repaired(Repair::Review, Vec::new(), trust, Proof::Rows)
                .held("no mapping rule moves a time; the source must say its zone")
        }
        Relation::Table(table) => {
            let says = evidence(format!("each value stands for one of before in {rows}"));
            let lost = Finding::new(ChangeKind::EnumChanged, says).loses();
            let kind = if widening(same.then.kind, same.now.kind).is_some() { ChangeKind::Retyped } else { lost.kind };
            let lost = Finding { kind, retyping: retyping(same), ..lost };
            let unsure = table.len() > 2 && related.rows < table.len() * 4;
            let trust = if unsure { trust.min(0.8) } else { trust };
            let merged = merged(same, table);
            let repaired =
                lost.repaired(Repair::ValueTable, related.transforms(same.then, same.now), trust, Proof::Rows);
            match merged.is_empty() {
                true => repaired,
                false => repaired
                    .because(&format!("{} cannot be told any more", merged.join(", ")))
                    .held("several choices have become one, and which one a record had must be said"),
            }
        }
        Relation::Truncated(length) => Finding::new(
            ChangeKind::Truncated,
            evidence(format!("values end after {length} characters; {rows} agree up to there")),
        )
        .loses()
        .repaired(Repair::Review, Vec::new(), trust, Proof::Rows)
        .held("what was cut off cannot be got back by a rule"),
        Relation::Rounded => {
            let lost = match same.now.kind {
                ValueKind::Date => "the time of day is gone",
                ValueKind::Integer => "the digits behind the point are gone",
                _ => "digits behind the point are gone",
            };
            let finding = Finding::new(ChangeKind::Truncated, evidence(format!("{lost} in {rows}"))).loses();
            Finding {
                retyping: retyping(same),
                kind: if retyping(same).is_some() { ChangeKind::Retyped } else { finding.kind },
                ..finding
            }
            .repaired(Repair::Review, Vec::new(), trust, Proof::Rows)
            .held("what was cut off cannot be got back by a rule")
        }
        Relation::Wrapped => Finding {
            retyping: retyping(same),
            ..Finding::new(ChangeKind::Retyped, evidence(format!("the value is now within a list in {rows}")))
        }
        .repaired(Repair::Unwrap, Vec::new(), trust, Proof::Rows),
        Relation::Affixed(front, behind) => {
            let says = format!("`{front}` stands in front and `{behind}` behind in {rows}");
            let finding = Finding::new(ChangeKind::FormatChanged, evidence(says));
            let retyping = retyping(same);
            let kind = if retyping.is_some() { ChangeKind::Retyped } else { finding.kind };
            Finding { retyping, kind, ..finding }.repaired(
                Repair::Expression,
                related.transforms(same.then, same.now),
                trust,
                Proof::Rows,
            )
        }
        // Grouped digits look like decimals: 3558395 is 3.558.395 now, and 650583 is 650.583.
        Relation::Rewritten if matches!(same.then.kind, ValueKind::Integer | ValueKind::Decimal) => Finding {
            retyping: retyping(same),
            ..Finding::new(
                ChangeKind::Retyped,
                evidence(format!("the same digits with other marks between them in {rows}")),
            )
        }
        .loses()
        .repaired(Repair::Review, Vec::new(), trust, Proof::Rows)
        .held("whether a mark groups digits or begins the decimals is not said"),
        Relation::Rewritten if is_within(same) => Finding {
            retyping: retyping(same),
            ..Finding::new(
                ChangeKind::Retyped,
                evidence(format!("the text is now the object or list it says in {rows}")),
            )
        }
        .repaired(Repair::Keep, Vec::new(), trust, Proof::Rows),
        // What has changed in an object or a list is said of its members.
        Relation::Rewritten if holds_others(same.then.kind) && holds_others(same.now.kind) => return None,
        Relation::Rewritten => Finding::new(
            ChangeKind::FormatChanged,
            evidence(format!("the same but for case, spaces and punctuation in {rows}")),
        )
        .repaired(Repair::Keep, Vec::new(), trust, Proof::Rows),
        Relation::Equal => return equal(same, related, rows),
    };
    Some(finding)
}

/// The choices of before that no choice stands for any more.
fn merged(same: &Same<'_>, table: &IndexMap<String, String>) -> Vec<String> {
    let choices = same.then.sketch.as_ref().map_or(&[][..], |sketch| sketch.choices.as_slice());
    let is_gone = |(value, count): &&(String, u64)| {
        *count >= CHOICE_TIMES_MIN && !table.values().any(|old| old == value) && !table.contains_key(value)
    };
    choices.iter().filter(is_gone).map(|(value, _)| format!("`{value}`")).collect()
}

/// The same numbers or moments: another way of writing them, and perhaps another type.
fn equal(same: &Same<'_>, related: &Related, rows: String) -> Option<Finding> {
    let evidence = vec![Evidence::new(Signal::Rows, format!("the same values, written otherwise, in {rows}"))];
    let transforms = related.transforms(same.then, same.now);
    let is_time = |column: &ColumnShape, other: &ColumnShape| {
        matches!(column.kind, ValueKind::Date | ValueKind::Datetime) || Clock::beside(column, other) != Clock::Iso
    };
    if is_time(same.then, same.now) || is_time(same.now, same.then) {
        let finding = Finding::new(ChangeKind::FormatChanged, evidence);
        let repair = if transforms.is_empty() { Repair::Keep } else { Repair::DateFormat };
        return Some(Finding {
            conforms: transforms.is_empty(),
            ..finding.repaired(repair, transforms, related.trust(), Proof::Rows)
        });
    }
    if let Some(finding) = digits::written(same, related.trust(), Proof::Rows) {
        return Some(finding);
    }
    let retyping = retyping(same)?;
    let finding = Finding { retyping: Some(retyping), conforms: true, ..Finding::new(ChangeKind::Retyped, evidence) };
    Some(finding.repaired(Repair::Cast, Vec::new(), related.trust(), Proof::Rows))
}

/// Whether a text has become an object or a list, or the other way round.
fn is_within(same: &Same<'_>) -> bool {
    holds_others(same.then.kind) != holds_others(same.now.kind)
}

fn holds_others(kind: ValueKind) -> bool {
    matches!(kind, ValueKind::Object | ValueKind::List)
}

fn epochs(same: &Same<'_>) -> bool {
    let epoch = |column: &ColumnShape, other: &ColumnShape| {
        matches!(Clock::beside(column, other), Clock::EpochSeconds | Clock::EpochMillis)
    };
    epoch(same.then, same.now) && epoch(same.now, same.then)
}
