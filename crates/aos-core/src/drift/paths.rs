//! Which paths two versions of a stream have in common, by name alone.

use super::Widening;
use crate::shape::{StreamShape, ValueKind};
use std::collections::HashMap;

/// Column indexes of the two shapes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PathDiff {
    pub removed: Vec<usize>,
    pub added: Vec<usize>,
    /// (before, after) of each path that is in both.
    pub kept: Vec<(usize, usize)>,
}

impl PathDiff {
    pub fn between(before: &StreamShape, after: &StreamShape) -> Self {
        let places: HashMap<&str, usize> =
            after.columns.iter().enumerate().map(|(at, column)| (column.path.as_str(), at)).collect();
        let mut diff = Self::default();
        let mut taken = vec![false; after.columns.len()];
        for (at, column) in before.columns.iter().enumerate() {
            match places.get(column.path.as_str()) {
                Some(&place) => {
                    taken[place] = true;
                    diff.kept.push((at, place));
                }
                None => diff.removed.push(at),
            }
        }
        diff.added = (0..after.columns.len()).filter(|at| !taken[*at]).collect();
        diff
    }
}

/// Tells whether every value of the old kind can still be told in the new one; `None` when the kind is the same or one is unknown.
pub fn widening(from: ValueKind, to: ValueKind) -> Option<Widening> {
    use ValueKind::{Date, Datetime, Decimal, Integer, List, Object, String, Unknown};
    Some(match (from, to) {
        (from, to) if from == to => return None,
        (Unknown, _) | (_, Unknown) => return None,
        (Integer, Decimal) | (Date, Datetime) => Widening::Widened,
        (from, String) if !matches!(from, List | Object) => Widening::Widened,
        (Decimal, Integer) | (Datetime, Date) => Widening::Narrowed,
        (String, to) if !matches!(to, List | Object) => Widening::Narrowed,
        _ => Widening::Incompatible,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_removed_added_or_kept() {
        let before = StreamShape::of_names("t", ["a", "b", "c"]);
        let after = StreamShape::of_names("t", ["c", "d", "a"]);
        let diff = PathDiff::between(&before, &after);
        assert_eq!(diff, PathDiff { removed: vec![1], added: vec![1], kept: vec![(0, 2), (2, 0)] });
    }

    #[test]
    fn a_type_widens_only_where_no_value_is_lost() {
        for (from, to, expected) in [
            (ValueKind::Integer, ValueKind::Decimal, Some(Widening::Widened)),
            (ValueKind::Integer, ValueKind::String, Some(Widening::Widened)),
            (ValueKind::Decimal, ValueKind::Integer, Some(Widening::Narrowed)),
            (ValueKind::Object, ValueKind::String, Some(Widening::Incompatible)),
            (ValueKind::Boolean, ValueKind::Integer, Some(Widening::Incompatible)),
            (ValueKind::Unknown, ValueKind::Integer, None),
            (ValueKind::Date, ValueKind::Date, None),
        ] {
            assert_eq!(widening(from, to), expected, "{from} to {to}");
        }
    }

    #[test]
    fn a_fingerprint_sees_types_and_ignores_order() {
        let mut one = StreamShape::of_names("t", ["a", "b"]);
        let turned = StreamShape::of_names("t", ["b", "a"]);
        assert_eq!(one.fingerprint(), turned.fingerprint());
        one.columns[0].kind = ValueKind::Integer;
        assert_ne!(one.fingerprint(), turned.fingerprint());
    }
}
