//! What is known of pairs from elsewhere: decided before, or said by a model. It moves a pair's odds and decides nothing by itself.

use crate::features::{Pairing, Types};
use crate::field::{Compiled, FieldInfo};
use crate::model::{Calibration, logit, sigmoid};
use std::collections::HashMap;

/// Something that speaks for or against one pair of a column and a field.
#[derive(Debug, Clone, PartialEq)]
pub struct Hint {
    /// The column's place in its table.
    pub column: usize,
    pub entity: String,
    pub field: String,
    /// By how much the log-odds of the pair move; below zero it speaks against it.
    pub log_odds: f64,
    /// The probability of the pair where the matcher itself sees nothing in it, because name and values have nothing in common with the field.
    pub alone: f64,
    /// The reason, as people are told.
    pub said: String,
}

/// Nothing that is said from elsewhere moves log-odds further than this, however often it is said.
const LOG_ODDS_MAX: f64 = 9.0;

/// From this likeness on the matcher's own view of a pair is worth more than what it would be without one.
const NAME_SPEAKS: f64 = 0.5;

/// The hints of one table by column and field.
#[derive(Debug, Default)]
pub(crate) struct Hints {
    pairs: HashMap<(usize, usize), Known>,
}

#[derive(Debug, Default)]
struct Known {
    log_odds: f64,
    alone: f64,
    said: Vec<String>,
}

impl Hints {
    pub fn of(hints: &[Hint], compiled: &Compiled) -> Self {
        let mut pairs: HashMap<(usize, usize), Known> = HashMap::new();
        for hint in hints {
            let is =
                |field: &FieldInfo| field.name == hint.field && compiled.entities[field.entity].name == hint.entity;
            let Some(field) = compiled.fields.iter().position(is) else { continue };
            let known = pairs.entry((hint.column, field)).or_default();
            known.log_odds += hint.log_odds;
            known.alone = known.alone.max(hint.alone);
            known.said.push(hint.said.clone());
        }
        Self { pairs }
    }

    /// Whether something speaks for a pair, so that it is worth weighing whatever its name.
    pub fn support(&self, column: usize, field: usize) -> bool {
        self.pairs.get(&(column, field)).is_some_and(Known::supports)
    }

    /// The pairs that something is known of.
    pub fn pairs(&self) -> impl Iterator<Item = (usize, usize)> {
        self.pairs.keys().copied()
    }

    /// Returns the probability of a pair with what is known of it; the model's is none where it sees nothing in the pair. Nothing speaks for
    /// a pair against the values of its column.
    pub fn moved(
        &self,
        (column, field): (usize, usize),
        by_model: Option<f64>,
        pairing: &Pairing,
        calibration: &Calibration,
    ) -> f64 {
        let Some(known) = self.pairs.get(&(column, field)) else { return by_model.unwrap_or_default() };
        let most = if contradicted(pairing) { 0.0 } else { LOG_ODDS_MAX };
        // It is a measured probability already, which the calibration that comes after this must not sharpen.
        let alone = calibration.undone(known.alone);
        let moved = |probability: f64| sigmoid(logit(probability) + known.log_odds.clamp(-LOG_ODDS_MAX, most));
        match by_model {
            // A name that is hardly like the field's is not worse than one that has nothing in common with it.
            Some(probability) if known.supports() && pairing.base < NAME_SPEAKS => {
                if contradicted(pairing) {
                    probability
                } else {
                    moved(probability).max(alone)
                }
            }
            Some(probability) => moved(probability),
            None if known.supports() && !contradicted(pairing) => alone,
            None => 0.0,
        }
    }

    /// What was said of a pair.
    pub fn said(&self, column: usize, field: usize, pairing: &Pairing) -> Vec<String> {
        let Some(known) = self.pairs.get(&(column, field)) else { return Vec::new() };
        let mut said = known.said.clone();
        if known.supports() && contradicted(pairing) {
            said.push("which does not count here: the values of the column are of another kind".to_owned());
        }
        said
    }
}

impl Known {
    fn supports(&self) -> bool {
        self.log_odds > 0.0
    }
}

fn contradicted(pairing: &Pairing) -> bool {
    pairing.types == Types::Bad || pairing.conflict || pairing.form_missing || pairing.out_of_range
}
