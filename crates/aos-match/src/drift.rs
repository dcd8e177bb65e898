//! Drift explained: what two versions of a stream have to do with each other, and which repairs would make the old mapping right
//! again. Names, types, values, places and the same rows are evidence; a learned model weighs it; confidence is calibrated.
//! Pure, like everything here: the caller reads the versions.

mod affix;
mod align;
mod choices;
mod compare;
mod dialling;
mod digits;
mod distribution;
mod explain;
mod family;
mod finding;
mod hint;
mod likeness;
mod makeup;
mod mapped;
mod meaning;
mod measured;
mod model;
mod moment;
mod moved;
mod naming;
mod objects;
mod partly;
mod parts;
mod period;
mod proposal;
mod proved;
mod quantity;
mod recoded;
mod relation;
mod semantic;
mod several;
mod story;
mod streams;
mod swapped;
mod turns;
mod written;

pub use align::{CommonKey, common_key, known_key};
pub use compare::{compare, compare_with};
pub use finding::{Proof, Repair};
pub use model::DriftModel;
pub use proposal::{AUTO_FROM, Proposal, REVIEW_FROM, RuleEdit, Tier};
pub use streams::{Partners, compare_named_streams, compare_streams};

use aos_core::drift::{Change, Severity};
use serde::Serialize;

/// Everything that was found.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Drift {
    pub changes: Vec<Change>,
    /// Repairs, the likeliest of a path first.
    pub proposals: Vec<Proposal>,
}

impl Drift {
    pub fn is_breaking(&self) -> bool {
        self.changes.iter().any(|change| change.severity == Severity::Breaking)
    }
}

/// What learning needs: the features of every pair of columns that may be the same column, by name. Not used when comparing.
pub mod training {
    use super::align::Aligned;
    use super::compare;
    use super::likeness::{self, Field};
    use aos_core::drift::{PathDiff, Snapshot};

    pub use super::model::DriftModel;
    pub use crate::model::Calibration;

    pub const PAIR_FEATURES: &[&str] = &likeness::NAMES;

    /// One pair with its features, by path.
    #[derive(Debug, Clone)]
    pub struct PairExample {
        pub path: String,
        pub to: String,
        pub features: Vec<f64>,
    }

    /// Lists every pair of a lost and a new column.
    pub fn pairs(before: &Snapshot, after: &Snapshot) -> Vec<PairExample> {
        let diff = PathDiff::between(&before.shape, &after.shape);
        let aligned = Aligned::of(before, after);
        let field = Field { before, after, diff: &diff, aligned: aligned.as_ref() };
        let likely = likeness::likenesses(&field, &diff.removed, &diff.added);
        let mut examples = Vec::new();
        for (b, row) in diff.removed.iter().zip(&likely) {
            for (a, one) in diff.added.iter().zip(row) {
                examples.push(PairExample {
                    path: before.shape.columns[*b].path.clone(),
                    to: after.shape.columns[*a].path.clone(),
                    features: one.features.to_vec(),
                });
            }
        }
        examples
    }

    /// Lists the best pair of every lost column that rules and rows do not explain: what it rests on, its probability before
    /// calibration, and whether it is right.
    pub fn judge(
        before: &Snapshot,
        after: &Snapshot,
        model: &DriftModel,
        is_right: impl Fn(&str, &str) -> bool,
    ) -> Vec<(&'static str, f64, bool)> {
        let unity = Calibration { slope: 1.0, intercept: 0.0 };
        let plain = DriftModel { names: unity, values: unity, rows: unity, ..model.clone() };
        let weighed = compare::weighed(before, after, &plain);
        weighed.into_iter().map(|(path, to, view, p)| (view, p, is_right(&path, &to))).collect()
    }
}
