//! From the model's log odds to a probability that is true: what people decided about pairs bends the scale.

use serde::{Deserialize, Serialize};

/// The shipped scale: the model takes fields for independent and is therefore too sure by about this factor.
const SHIPPED: Calibration = Calibration { slope: 0.7, offset: 0.0 };
/// What the shipped scale weighs: about as many decisions of pairs that the model was rather sure of.
const SLOPE_PRIOR: f64 = 60.0;
const OFFSET_PRIOR: f64 = 8.0;
/// Log odds beyond this say nothing more.
const LOG_ODDS_MAX: f64 = 30.0;
const STEPS_MAX: usize = 50;

/// Platt's scaling (1999): `p = 1 / (1 + exp(-(slope * log_odds + offset)))`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    pub slope: f64,
    pub offset: f64,
}

/// A pair that a person decided, with what the model had said.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Reviewed {
    /// The model's natural log odds.
    pub log_odds: f64,
    pub same: bool,
}

impl Default for Calibration {
    fn default() -> Self {
        SHIPPED
    }
}

impl Calibration {
    /// Fits the scale to decisions, held to the shipped one by a Gaussian prior, so that few decisions cannot overturn it.
    pub fn fit(reviewed: &[Reviewed]) -> Self {
        let (mut slope, mut offset) = (SHIPPED.slope, SHIPPED.offset);
        for _ in 0..STEPS_MAX {
            // Newton's method on the penalised log likelihood, which is concave.
            let mut gradient = (SLOPE_PRIOR * (SHIPPED.slope - slope), OFFSET_PRIOR * (SHIPPED.offset - offset));
            let (mut aa, mut ab, mut bb) = (SLOPE_PRIOR, 0.0, OFFSET_PRIOR);
            for decision in reviewed {
                let x = decision.log_odds.clamp(-LOG_ODDS_MAX, LOG_ODDS_MAX);
                let p = sigmoid(slope * x + offset);
                let miss = f64::from(u8::from(decision.same)) - p;
                gradient = (gradient.0 + miss * x, gradient.1 + miss);
                let spread = p * (1.0 - p);
                (aa, ab, bb) = (aa + spread * x * x, ab + spread * x, bb + spread);
            }
            let determinant = aa * bb - ab * ab;
            let (da, db) =
                ((bb * gradient.0 - ab * gradient.1) / determinant, (aa * gradient.1 - ab * gradient.0) / determinant);
            // More log odds never mean less.
            (slope, offset) = ((slope + da).max(0.05), offset + db);
            if da.abs() + db.abs() < 1e-9 {
                break;
            }
        }
        Self { slope, offset }
    }

    pub fn probability(&self, log_odds: f64) -> f64 {
        sigmoid(self.slope * log_odds.clamp(-LOG_ODDS_MAX, LOG_ODDS_MAX) + self.offset)
    }
}

pub(crate) fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

pub(crate) fn logit(p: f64) -> f64 {
    let p = p.clamp(1e-12, 1.0 - 1e-12);
    (p / (1.0 - p)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_decisions_change_little_and_many_are_followed() {
        let against = |count: usize| vec![Reviewed { log_odds: 4.0, same: false }; count];
        let shipped = Calibration::fit(&[]);
        assert_eq!(shipped, Calibration::default());
        let (few, many) = (Calibration::fit(&against(2)), Calibration::fit(&against(200)));
        assert!(few.probability(4.0) > 0.6, "{few:?}");
        assert!(many.probability(4.0) < 0.25, "{many:?}");
    }

    #[test]
    fn the_fitted_probability_is_the_rate_that_was_decided() {
        let reviewed: Vec<Reviewed> =
            (0..1000).map(|at| Reviewed { log_odds: f64::from(at % 5) - 2.0, same: at % 10 < 7 }).collect();
        let fitted = Calibration::fit(&reviewed);
        let mean: f64 = reviewed.iter().map(|pair| fitted.probability(pair.log_odds)).sum::<f64>() / 1000.0;
        assert!((mean - 0.7).abs() < 0.02, "{mean}");
    }
}
