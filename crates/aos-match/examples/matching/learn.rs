//! Learning: logistic regression by Newton's method, drawn towards prior weights so that few cases cannot overturn common sense;
//! a conditional logit for the entity; Platt scaling for the confidence.

use crate::case::{Case, View};
use aos_core::Ontology;
use aos_core::shape::StreamShape;
use aos_match::Matcher;
use aos_match::training::{Calibration, Model, entities, pairs};

/// How strongly weights are held to their prior.
const HELD: f64 = 2.0;
const HELD_ENTITY: f64 = 1.0;
/// Features whose meaning is beyond doubt and whose opposite a few cases could still suggest: what a name says besides or leaves
/// out always speaks against, being without rivals is not enough.
const HELD_FIRMLY: f64 = 30.0;
const FIRM: [&str; 9] = [
    "extra_qualifier",
    "extra_other",
    "missing",
    "name",
    "name_above_half",
    "values_form_missing",
    "ahead_of_columns",
    "type_bad",
    "values_conflict",
];

/// A case in one view with everything that does not depend on the model.
pub struct Lesson {
    pub case: Case,
    pub shape: StreamShape,
    pub group: String,
    pub weight: f64,
    /// Features and answer of each judged pair.
    pairs: Vec<(Vec<f64>, bool)>,
}

pub fn lessons(cases: &[Case], matcher: &Matcher) -> Vec<Lesson> {
    let views = [(View::Full, 1.0), (View::NamesOnly, 0.6)];
    let of_view = |case: &Case, view: View, weight: f64| {
        let shape = case.shape(view);
        let pairs = pairs(matcher, &shape)
            .into_iter()
            .filter(|pair| pair.entity == case.canonical_entity)
            .filter_map(|pair| {
                answer(case, &pair.field, &shape.columns[pair.column].path).map(|right| (pair.features, right))
            })
            .collect();
        Lesson { shape, group: case.group().to_owned(), weight, pairs, case: case.clone() }
    };
    cases.iter().flat_map(|case| views.map(|(view, weight)| of_view(case, view, weight))).collect()
}

/// Right, wrong, or not said.
fn answer(case: &Case, field: &str, column: &str) -> Option<bool> {
    if case.gold.get(field).is_some_and(|right| right == column) {
        return Some(true);
    }
    if case.is_right(field, column) {
        return None; // as good as the gold one: teaches neither
    }
    (case.judges(field) || case.places(column) || case.is_trap(field, column)).then_some(false)
}

pub fn fit(lessons: &[&Lesson], prior: &Model, ontology: &Ontology) -> Model {
    let mut model = prior.clone();
    let examples: Vec<(&[f64], f64, f64)> = lessons
        .iter()
        .flat_map(|lesson| {
            lesson
                .pairs
                .iter()
                .map(|(features, right)| (features.as_slice(), f64::from(u8::from(*right)), lesson.weight))
        })
        .collect();
    let held: Vec<f64> =
        prior.pair.iter().map(|(name, _)| if FIRM.contains(&name.as_str()) { HELD_FIRMLY } else { HELD }).collect();
    let weights = newton(&examples, &weights_of(&prior.pair), &held);
    set(&mut model.pair, &weights);
    let matcher = Matcher::with_model(ontology, model.clone());
    let tables: Vec<Choice> = lessons
        .iter()
        .map(|lesson| {
            let options = entities(&matcher, &lesson.shape);
            let right = options.iter().position(|(name, _)| *name == lesson.case.canonical_entity);
            (options.into_iter().map(|(_, features)| features).collect(), right, lesson.weight)
        })
        .collect();
    set(&mut model.entity, &conditional_logit(&tables, &weights_of(&prior.entity)));
    model
}

/// Fits slope and intercept so that log-odds become honest probabilities (Platt 1999, with his smoothed targets).
pub fn platt(judged: &[(f64, bool)]) -> Calibration {
    let right = judged.iter().filter(|(_, right)| *right).count() as f64;
    let wrong = judged.len() as f64 - right;
    let (high, low) = ((right + 1.0) / (right + 2.0), 1.0 / (wrong + 2.0));
    let rows: Vec<[f64; 2]> = judged
        .iter()
        .map(|(p, _)| [(p.clamp(1e-6, 1.0 - 1e-6) / (1.0 - p.clamp(1e-6, 1.0 - 1e-6))).ln(), 1.0])
        .collect();
    let examples: Vec<(&[f64], f64, f64)> = rows
        .iter()
        .zip(judged)
        .map(|(row, (_, right))| (row.as_slice(), if *right { high } else { low }, 1.0))
        .collect();
    let weights = newton(&examples, &[1.0, 0.0], &[0.5, 0.5]);
    Calibration { slope: weights[0], intercept: weights[1] }
}

fn weights_of(named: &[(String, f64)]) -> Vec<f64> {
    named.iter().map(|(_, weight)| *weight).collect()
}

fn set(named: &mut [(String, f64)], weights: &[f64]) {
    for ((_, weight), new) in named.iter_mut().zip(weights) {
        *weight = (new * 1e4).round() / 1e4;
    }
}

/// Minimises log loss plus ½ · Σ heldᵢ · (wᵢ − priorᵢ)².
#[allow(clippy::needless_range_loop)] // matrices read best by index
fn newton(examples: &[(&[f64], f64, f64)], prior: &[f64], held: &[f64]) -> Vec<f64> {
    let n = prior.len();
    let mut weights = prior.to_vec();
    for _ in 0..30 {
        let mut gradient: Vec<f64> = (0..n).map(|i| held[i] * (weights[i] - prior[i])).collect();
        let mut hessian = vec![vec![0.0; n]; n];
        (0..n).for_each(|i| hessian[i][i] = held[i]);
        for (features, target, weight) in examples {
            let p = sigmoid(features.iter().zip(&weights).map(|(x, w)| x * w).sum());
            let (error, curve) = (weight * (p - target), weight * p * (1.0 - p));
            for i in (0..n).filter(|&i| features[i] != 0.0) {
                gradient[i] += error * features[i];
                for j in 0..=i {
                    hessian[i][j] += curve * features[i] * features[j];
                }
            }
        }
        for i in 0..n {
            for j in 0..i {
                hessian[j][i] = hessian[i][j];
            }
        }
        let step = solve(hessian, gradient);
        let largest = step.iter().fold(0.0f64, |most, s| most.max(s.abs()));
        let damp = if largest > 2.0 { 2.0 / largest } else { 1.0 };
        weights.iter_mut().zip(&step).for_each(|(w, s)| *w -= damp * s);
        if largest < 1e-6 {
            break;
        }
    }
    weights
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

/// The features of each entity for a table, the right one or none, and the table's weight.
type Choice = (Vec<Vec<f64>>, Option<usize>, f64);

/// Chooses among a table's entities and "none" (utility 0), by gradient descent.
fn conditional_logit(tables: &[Choice], prior: &[f64]) -> Vec<f64> {
    let n = prior.len();
    let mut weights = prior.to_vec();
    let rate = 0.5 / tables.len().max(1) as f64;
    for _ in 0..3_000 {
        let mut gradient: Vec<f64> = (0..n).map(|i| HELD_ENTITY * (weights[i] - prior[i])).collect();
        for (options, right, weight) in tables {
            let powers: Vec<f64> = options
                .iter()
                .map(|x| x.iter().zip(&weights).map(|(x, w)| x * w).sum::<f64>().clamp(-30.0, 30.0).exp())
                .collect();
            let total = 1.0 + powers.iter().sum::<f64>();
            for (at, (features, power)) in options.iter().zip(&powers).enumerate() {
                let error = weight * (power / total - f64::from(u8::from(*right == Some(at))));
                (0..n).for_each(|i| gradient[i] += error * features[i]);
            }
        }
        weights.iter_mut().zip(&gradient).for_each(|(w, g)| *w -= rate * g);
    }
    weights
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}
