//! A column that holds another kind of thing under the name it had: mail addresses where telephone numbers were.

use super::finding::{Finding, Proof, Repair};
use super::semantic::Same;
use aos_core::drift::{ChangeKind, Evidence, Signal};
use aos_core::shape::{ColumnShape, Pattern};

/// Ways of writing that nothing else has, in words.
const UNMISTAKABLE: [(Pattern, &str); 7] = [
    (Pattern::Email, "mail addresses"),
    (Pattern::Phone, "telephone numbers"),
    (Pattern::Url, "links"),
    (Pattern::Uuid, "random identifiers (UUID)"),
    (Pattern::IpAddress, "network addresses"),
    (Pattern::CurrencyCode, "currencies"),
    (Pattern::AwsRegion, "regions"),
];
const MOST: f64 = 0.9;
const FEW: f64 = 0.1;
const VALUES_MIN: u64 = 12;

/// Finds values of one kind that have taken the place of another kind. What rows relate has not changed its meaning.
pub(crate) fn changed(same: &Same<'_>) -> Option<Finding> {
    let (then, now) = (same.then, same.now);
    if then.present.min(now.present) < VALUES_MIN {
        return None;
    }
    let only = |column: &ColumnShape, other: &ColumnShape| {
        UNMISTAKABLE.iter().find(|(kind, _)| column.follows(*kind) >= MOST && other.follows(*kind) < FEW)
    };
    let says = match (only(then, now), only(now, then)) {
        (Some((_, was)), Some((_, is))) => format!("{is} where {was} were"),
        // Whose mail address it was may be told by a name now; what else was written otherwise may mean the same.
        (Some((Pattern::Email, was)), None) => format!("no {was} any more"),
        (None, Some((Pattern::Email, is))) => format!("{is} where none were"),
        _ => return None,
    };
    Some(
        Finding::new(ChangeKind::MeaningChanged, vec![Evidence::new(Signal::Distribution, says)])
            .loses()
            .repaired(Repair::Review, Vec::new(), 0.5, Proof::Distribution)
            .held("the column holds something else than it did; whether another one holds it must be said"),
    )
}
