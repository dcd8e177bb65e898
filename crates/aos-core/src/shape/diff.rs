//! What changed between two shapes of one stream, path by path.

use super::{StreamShape, ValueKind};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct ShapeDiff {
    pub changes: Vec<Change>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    Added { path: String, kind: ValueKind },
    Removed { path: String, kind: ValueKind },
    Retyped { path: String, from: ValueKind, to: ValueKind, widening: Widening },
}

/// Whether every value of the old kind can still be told in the new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Widening {
    Widened,
    Narrowed,
    Incompatible,
}

impl ShapeDiff {
    pub fn between(before: &StreamShape, after: &StreamShape) -> Self {
        let removed = before
            .columns
            .iter()
            .filter(|column| after.column(&column.path).is_none())
            .map(|column| Change::Removed { path: column.path.clone(), kind: column.kind });
        let added_or_retyped = after.columns.iter().filter_map(|column| match before.column(&column.path) {
            None => Some(Change::Added { path: column.path.clone(), kind: column.kind }),
            // A column that has shown no value yet has no type to change.
            Some(old)
                if old.kind == column.kind || old.kind == ValueKind::Unknown || column.kind == ValueKind::Unknown =>
            {
                None
            }
            Some(old) => Some(Change::Retyped {
                path: column.path.clone(),
                from: old.kind,
                to: column.kind,
                widening: widening(old.kind, column.kind),
            }),
        });
        Self { changes: removed.chain(added_or_retyped).collect() }
    }

    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

fn widening(from: ValueKind, to: ValueKind) -> Widening {
    use ValueKind::{Date, Datetime, Decimal, Integer, List, Object, String};
    match (from, to) {
        (Integer, Decimal) | (Date, Datetime) => Widening::Widened,
        (from, String) if !matches!(from, List | Object) => Widening::Widened,
        (Decimal, Integer) | (Datetime, Date) => Widening::Narrowed,
        (String, to) if !matches!(to, List | Object) => Widening::Narrowed,
        _ => Widening::Incompatible,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(columns: &[(&str, ValueKind)]) -> StreamShape {
        let mut shape = StreamShape::of_names("t", columns.iter().map(|(name, _)| *name));
        for (column, (_, kind)) in shape.columns.iter_mut().zip(columns) {
            column.kind = *kind;
        }
        shape
    }

    #[test]
    fn changes_are_named_by_path_and_direction() {
        let before = shape(&[("a", ValueKind::Integer), ("b", ValueKind::String), ("c", ValueKind::Unknown)]);
        let after = shape(&[("a", ValueKind::Decimal), ("c", ValueKind::Date), ("d", ValueKind::String)]);
        let diff = ShapeDiff::between(&before, &after);
        assert_eq!(
            diff.changes,
            vec![
                Change::Removed { path: "b".into(), kind: ValueKind::String },
                Change::Retyped {
                    path: "a".into(),
                    from: ValueKind::Integer,
                    to: ValueKind::Decimal,
                    widening: Widening::Widened
                },
                Change::Added { path: "d".into(), kind: ValueKind::String },
            ]
        );
        assert!(ShapeDiff::between(&after, &after).is_empty());
    }

    #[test]
    fn a_fingerprint_sees_types_and_ignores_order() {
        let one = shape(&[("a", ValueKind::Integer), ("b", ValueKind::String)]);
        let turned = shape(&[("b", ValueKind::String), ("a", ValueKind::Integer)]);
        let retyped = shape(&[("a", ValueKind::String), ("b", ValueKind::String)]);
        assert_eq!(one.fingerprint(), turned.fingerprint());
        assert_ne!(one.fingerprint(), retyped.fingerprint());
    }
}
