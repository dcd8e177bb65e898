//! The weights that turn what is known of two columns into a probability, learned by `bench/drift/run --fit` and kept in `drift_model.json`.

use super::likeness::Likeness;
use crate::model::Calibration;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

static SHIPPED: LazyLock<DriftModel> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../drift_model.json")).expect("the shipped model is checked by a test")
});

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DriftModel {
    /// Weight of each feature of a (column before, column after) pair, by name.
    pub pair: Vec<(String, f64)>,
    /// Log-odds -> probability, by the best that is known: names only, values, the same rows.
    pub names: Calibration,
    pub values: Calibration,
    pub rows: Calibration,
}

impl DriftModel {
    pub fn shipped() -> &'static Self {
        &SHIPPED
    }

    pub(crate) fn odds(&self, likeness: &Likeness) -> f64 {
        let score: f64 = self.pair.iter().zip(likeness.features).map(|((_, weight), value)| weight * value).sum();
        score.clamp(-20.0, 20.0).exp()
    }

    /// The probability of each pair when a column can be only one other: each competes with the others of its row and its column,
    /// and with having no counterpart at all.
    pub(crate) fn probabilities(&self, likenesses: &[Vec<Likeness>]) -> Vec<Vec<f64>> {
        let odds: Vec<Vec<f64>> = likenesses.iter().map(|row| row.iter().map(|one| self.odds(one)).collect()).collect();
        let columns = odds.first().map_or(0, Vec::len);
        let along: Vec<f64> = odds.iter().map(|row| row.iter().sum()).collect();
        let across: Vec<f64> = (0..columns).map(|a| odds.iter().map(|row| row[a]).sum()).collect();
        let one = |b: usize, a: usize| {
            let own = odds[b][a];
            let alone = own / (1.0 + along[b] + across[a] - own);
            self.calibration(&likenesses[b][a]).apply(alone)
        };
        (0..odds.len()).map(|b| (0..columns).map(|a| one(b, a)).collect()).collect()
    }

    fn calibration(&self, likeness: &Likeness) -> Calibration {
        match () {
            () if likeness.features[30] > 0.0 => self.rows,
            () if likeness.features[18] > 0.0 => self.values,
            () => self.names,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::likeness::NAMES;
    use super::*;

    #[test]
    fn the_shipped_model_knows_every_feature_by_name() {
        let names: Vec<&str> = DriftModel::shipped().pair.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, NAMES);
    }
}
