//! What learning and measuring need: the features of every pair and of every entity, by name. Not used when matching.

use crate::Matcher;
use crate::entity::{Probabilities, weigh};
use crate::features::WORTH_WEIGHING;
use crate::hint::Hints;
use crate::matcher::table_words;
use aos_core::shape::StreamShape;

pub use crate::model::{Calibration, Model};

pub const PAIR_FEATURES: &[&str] = &crate::features::NAMES;
pub const ENTITY_FEATURES: &[&str] = &crate::entity::NAMES;

/// One pair of a table with its features.
#[derive(Debug, Clone)]
pub struct PairExample {
    pub column: usize,
    pub entity: String,
    pub field: String,
    pub features: Vec<f64>,
}

/// Lists every pair of the table that is worth weighing.
pub fn pairs(matcher: &Matcher, table: &StreamShape) -> Vec<PairExample> {
    let grid = matcher.grid(table);
    let compiled = &matcher.compiled;
    let mut examples = Vec::new();
    for column in 0..grid.columns.len() {
        for (f, field) in compiled.fields.iter().enumerate() {
            if grid.at(column, f).base >= WORTH_WEIGHING {
                examples.push(PairExample {
                    column,
                    entity: compiled.entities[field.entity].name.clone(),
                    field: field.name.clone(),
                    features: grid.features(column, f, compiled, 0).to_vec(),
                });
            }
        }
    }
    examples
}

/// Lists the features of every entity for the table, with the pair probabilities of the matcher's model.
pub fn entities(matcher: &Matcher, table: &StreamShape) -> Vec<(String, Vec<f64>)> {
    let grid = matcher.grid(table);
    let probabilities =
        Probabilities::new(&grid, &matcher.compiled, &matcher.model, &vec![0; grid.columns.len()], &Hints::default());
    let name = matcher.compiled.words.read(&table_words(table));
    let weighed = weigh(&name, &grid, &probabilities, &matcher.compiled);
    matcher
        .compiled
        .entities
        .iter()
        .zip(weighed)
        .map(|(entity, one)| (entity.name.clone(), one.features.to_vec()))
        .collect()
}
