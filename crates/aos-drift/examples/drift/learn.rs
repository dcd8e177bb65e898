//! Learns the weights of the drift model: logistic regression drawn towards what common sense says, then Platt scaling on systems the
//! weights were not learned from.

use crate::case::DriftCase;
use crate::change::Cure;
use aos_match::drift::training::{Calibration, DriftModel, PAIR_FEATURES, pairs};

/// How strongly weights are held to their prior.
const HELD: f64 = 1.0;
const ROUNDS: usize = 25;

pub struct Example {
    pub features: Vec<f64>,
    pub right: bool,
    /// Cases with many columns must not speak louder than the others.
    pub weight: f64,
}

/// The pairs of a case with their answers; swaps and parts are no question for the model.
pub fn examples(case: &DriftCase) -> Vec<Example> {
    let found = pairs(&case.before, &case.after);
    let right = |path: &str, to: &str| {
        case.truths.iter().any(|truth| {
            truth.path == path
                && matches!(&truth.cure, Cure::Read { sources, .. } if sources.len() == 1 && sources[0] == to)
        })
    };
    let unclear = |path: &str| {
        case.truths
            .iter()
            .any(|truth| truth.path == path && matches!(&truth.cure, Cure::Read { sources, .. } if sources.len() > 1))
    };
    let weight = 1.0 / (found.len() as f64 / 4.0).max(1.0).sqrt();
    found
        .into_iter()
        .filter(|pair| !unclear(&pair.path) && pair.to != "combined")
        .map(|pair| Example { right: right(&pair.path, &pair.to), features: pair.features, weight })
        .collect()
}

pub fn fit(examples: &[Example], prior: &DriftModel) -> DriftModel {
    let before: Vec<f64> = prior.pair.iter().map(|(_, weight)| *weight).collect();
    let mut weights = before.clone();
    for _ in 0..ROUNDS {
        let step = newton_step(examples, &weights, &before);
        let largest = step.iter().fold(0.0f64, |most, one| most.max(one.abs()));
        let damp = if largest > 2.0 { 2.0 / largest } else { 1.0 };
        weights.iter_mut().zip(&step).for_each(|(weight, one)| *weight -= damp * one);
        if largest < 1e-5 {
            break;
        }
    }
    let pair = PAIR_FEATURES
        .iter()
        .zip(weights)
        .map(|(name, weight)| ((*name).to_owned(), (weight * 1e4).round() / 1e4))
        .collect();
    DriftModel { pair, ..prior.clone() }
}

#[allow(clippy::needless_range_loop)] // matrices read best by index
fn newton_step(examples: &[Example], weights: &[f64], prior: &[f64]) -> Vec<f64> {
    let n = weights.len();
    let mut gradient: Vec<f64> = (0..n).map(|i| HELD * (weights[i] - prior[i])).collect();
    let mut curve = vec![vec![0.0; n]; n];
    (0..n).for_each(|i| curve[i][i] = HELD);
    for example in examples {
        let score: f64 = example.features.iter().zip(weights).map(|(x, w)| x * w).sum();
        let p = 1.0 / (1.0 + (-score).exp());
        let error = example.weight * (p - f64::from(u8::from(example.right)));
        let bend = example.weight * p * (1.0 - p);
        for i in (0..n).filter(|i| example.features[*i] != 0.0) {
            gradient[i] += error * example.features[i];
            for j in 0..=i {
                curve[i][j] += bend * example.features[i] * example.features[j];
            }
        }
    }
    for i in 0..n {
        for j in 0..i {
            curve[j][i] = curve[i][j];
        }
    }
    solve(curve, gradient)
}

/// Solves a·x = b by elimination with pivoting; `a` is small and positive definite.
#[allow(clippy::needless_range_loop)] // matrices read best by index
fn solve(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Vec<f64> {
    let n = b.len();
    for i in 0..n {
        let pivot = (i..n).max_by(|&x, &y| a[x][i].abs().total_cmp(&a[y][i].abs())).unwrap_or(i);
        a.swap(i, pivot);
        b.swap(i, pivot);
        for row in i + 1..n {
            let factor = a[row][i] / a[i][i];
            for column in i..n {
                a[row][column] -= factor * a[i][column];
            }
            b[row] -= factor * b[i];
        }
    }
    for i in (0..n).rev() {
        let rest: f64 = (i + 1..n).map(|j| a[i][j] * b[j]).sum();
        b[i] = (b[i] - rest) / a[i][i];
    }
    b
}

/// Fits slope and intercept so that log-odds become honest probabilities (Platt 1999, with his smoothed targets).
pub fn platt(judged: &[(f64, bool)]) -> Calibration {
    let right = judged.iter().filter(|(_, right)| *right).count() as f64;
    let wrong = judged.len() as f64 - right;
    let (high, low) = ((right + 1.0) / (right + 2.0), 1.0 / (wrong + 2.0));
    let (mut slope, mut intercept) = (1.0, 0.0);
    for _ in 0..200 {
        let (mut ds, mut di, mut ss, mut si, mut ii) = (0.5 * (slope - 1.0), 0.5 * intercept, 0.5, 0.0, 0.5);
        for (p, right) in judged {
            let bounded = p.clamp(1e-6, 1.0 - 1e-6);
            let x = (bounded / (1.0 - bounded)).ln();
            let q = 1.0 / (1.0 + (-(slope * x + intercept)).exp());
            let error = q - if *right { high } else { low };
            let bend = (q * (1.0 - q)).max(1e-9);
            (ds, di) = (ds + error * x, di + error);
            (ss, si, ii) = (ss + bend * x * x, si + bend * x, ii + bend);
        }
        let det = ss * ii - si * si;
        let (by_slope, by_intercept) = ((ii * ds - si * di) / det, (ss * di - si * ds) / det);
        slope -= by_slope.clamp(-0.5, 0.5);
        intercept -= by_intercept.clamp(-0.5, 0.5);
        if by_slope.abs().max(by_intercept.abs()) < 1e-7 {
            break;
        }
    }
    let round = |x: f64| (x * 1e4).round() / 1e4;
    Calibration { slope: round(slope.max(0.2)), intercept: round(intercept) }
}
