//! Probabilities that are true for one tenant: the shipped ones, corrected by what people decided. Logistic calibration (Platt 1999,
//! "Probabilistic outputs for support vector machines") of the log-odds, with a normal prior on slope and intercept that keeps the shipped
//! model until decisions speak against it.

use serde::Serialize;

/// Variances of the prior around slope 1 and intercept 0.
const SLOPE_VARIANCE: f64 = 0.05;
const INTERCEPT_VARIANCE: f64 = 0.25;
const STEPS_MAX: usize = 50;
const BINS: usize = 10;

/// The correction of log-odds that was fitted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Fitted {
    pub slope: f64,
    pub intercept: f64,
}

impl Default for Fitted {
    fn default() -> Self {
        Self { slope: 1.0, intercept: 0.0 }
    }
}

impl Fitted {
    /// Corrects a stated probability, to four digits: what is shown, kept and compared with the threshold is one number.
    pub fn apply(&self, probability: f64) -> f64 {
        (sigmoid(self.slope * log_odds(probability) + self.intercept) * 1e4).round() / 1e4
    }
}

/// How far stated probabilities are from what came true.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reliability {
    /// Decisions it rests on.
    pub decisions: usize,
    /// Expected calibration error over ten bins of equal width, 0 to 1; none without decisions.
    pub ece: Option<f64>,
    pub bins: Vec<ReliabilityBin>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReliabilityBin {
    pub from: f64,
    pub to: f64,
    pub decisions: usize,
    /// The mean stated probability, and the share that was right.
    pub stated: f64,
    pub right: f64,
}

/// Fits the correction to decisions: stated probability, and whether it was right.
pub fn fitted(decisions: &[(f64, bool)]) -> Fitted {
    let (mut slope, mut intercept) = (1.0, 0.0);
    for _ in 0..STEPS_MAX {
        // The gradient and the Hessian of the negative log-posterior.
        let (mut g0, mut g1) = ((slope - 1.0) / SLOPE_VARIANCE, intercept / INTERCEPT_VARIANCE);
        let (mut h00, mut h01, mut h11) = (1.0 / SLOPE_VARIANCE, 0.0, 1.0 / INTERCEPT_VARIANCE);
        for (probability, right) in decisions {
            let x = log_odds(*probability);
            let p = sigmoid(slope * x + intercept);
            let error = p - f64::from(u8::from(*right));
            let weight = (p * (1.0 - p)).max(1e-9);
            g0 += error * x;
            g1 += error;
            h00 += weight * x * x;
            h01 += weight * x;
            h11 += weight;
        }
        let determinant = h00 * h11 - h01 * h01;
        let (d0, d1) = ((h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant);
        // Steps are bounded, so that a far start does not jump over the minimum.
        slope -= d0.clamp(-0.5, 0.5);
        intercept -= d1.clamp(-1.0, 1.0);
        if d0.abs() + d1.abs() < 1e-9 {
            break;
        }
    }
    Fitted { slope: slope.max(0.05), intercept }
}

/// Measures how true stated probabilities were.
pub fn reliability(decisions: &[(f64, bool)]) -> Reliability {
    let mut bins = Vec::new();
    for at in 0..BINS {
        let (from, to) = (at as f64 / BINS as f64, (at + 1) as f64 / BINS as f64);
        let within = |p: f64| p >= from && (p < to || (at + 1 == BINS && p <= to));
        let own: Vec<&(f64, bool)> = decisions.iter().filter(|(p, _)| within(*p)).collect();
        if own.is_empty() {
            continue;
        }
        let count = own.len() as f64;
        bins.push(ReliabilityBin {
            from,
            to,
            decisions: own.len(),
            stated: own.iter().map(|(p, _)| p).sum::<f64>() / count,
            right: own.iter().filter(|(_, right)| *right).count() as f64 / count,
        });
    }
    let total = decisions.len() as f64;
    let gap = |bin: &ReliabilityBin| bin.decisions as f64 / total * (bin.stated - bin.right).abs();
    let ece = (!decisions.is_empty()).then(|| bins.iter().map(gap).sum());
    Reliability { decisions: decisions.len(), ece, bins }
}

fn log_odds(probability: f64) -> f64 {
    let p = probability.clamp(1e-4, 1.0 - 1e-4);
    (p / (1.0 - p)).ln()
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_decisions_the_shipped_probabilities_hold() {
        let none = fitted(&[]);
        for p in [0.1, 0.5, 0.9, 0.97] {
            assert!((none.apply(p) - p).abs() < 1e-6, "{p}");
        }
    }

    #[test]
    fn many_decisions_move_probabilities_to_what_came_true() {
        // 0.9 was right only half of the time.
        let decisions: Vec<(f64, bool)> = (0..400).map(|at| (0.9, at % 2 == 0)).collect();
        let corrected = fitted(&decisions).apply(0.9);
        assert!((0.47..0.56).contains(&corrected), "{corrected}");
        let few = fitted(&decisions[..4]).apply(0.9);
        assert!(few > 0.65, "four decisions do not overturn the model: {few}");
    }

    #[test]
    fn one_wrong_in_two_leaves_a_probability_of_0_997_above_0_95() {
        let corrected = fitted(&[(0.997, true), (0.997, false)]).apply(0.997);
        assert!((0.95..0.997).contains(&corrected), "{corrected}");
        let wrong = vec![(0.997, false); 20];
        assert!(fitted(&wrong).apply(0.997) < 0.5, "what is wrong every time is believed no more");
    }

    #[test]
    fn the_error_of_true_probabilities_is_small() {
        let decisions: Vec<(f64, bool)> = (0..1_000).map(|at| (0.8, at % 5 != 0)).collect();
        let measured = reliability(&decisions);
        assert!(measured.ece.unwrap() < 1e-9);
        assert_eq!((measured.decisions, measured.bins.len()), (1_000, 1));
        assert!(reliability(&[]).ece.is_none());
    }
}
