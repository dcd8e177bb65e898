//! The weights learned from labelled cases (`model.json`) and how they become probabilities. Learning is done by `examples/fit.rs`.

use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

static SHIPPED: LazyLock<Model> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../model.json")).expect("the shipped model is checked by a test")
});

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Weight of each feature of a (column, field) pair, by name.
    pub pair: Vec<(String, f64)>,
    /// Weight of each feature of a (table, entity) pair, by name.
    pub entity: Vec<(String, f64)>,
    /// Final log-odds -> probability that a decided pair is right: slope and intercept (Platt scaling).
    pub calibration: Calibration,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    pub slope: f64,
    pub intercept: f64,
}

impl Calibration {
    pub fn apply(&self, probability: f64) -> f64 {
        sigmoid(self.slope * logit(probability) + self.intercept).clamp(0.001, 0.995)
    }

    /// Returns what would be calibrated to a probability.
    pub(crate) fn undone(&self, probability: f64) -> f64 {
        sigmoid((logit(probability) - self.intercept) / self.slope)
    }
}

impl Model {
    pub fn shipped() -> &'static Self {
        &SHIPPED
    }

    pub(crate) fn pair_probability(&self, features: &[f64]) -> f64 {
        sigmoid(dot(&self.pair, features))
    }

    pub(crate) fn entity_utility(&self, features: &[f64]) -> f64 {
        dot(&self.entity, features)
    }
}

fn dot(weights: &[(String, f64)], features: &[f64]) -> f64 {
    debug_assert_eq!(weights.len(), features.len());
    weights.iter().zip(features).map(|((_, weight), value)| weight * value).sum()
}

pub(crate) fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

pub(crate) fn logit(probability: f64) -> f64 {
    let bounded = probability.clamp(1e-6, 1.0 - 1e-6);
    (bounded / (1.0 - bounded)).ln()
}
