//! Further entities: a table that carries another entity's key may also say something about that entity (a deal with its company's name).

use crate::assign::assign;
use crate::entity::Probabilities;
use crate::features::Grid;
use crate::field::{Compiled, Part};

#[derive(Debug, Clone)]
pub(crate) struct Further {
    pub entity: usize,
    pub key_column: usize,
    /// (column, field, probability)
    pub pairs: Vec<(usize, usize, f64)>,
}

/// What the name must say when only the field's rarity speaks for the further entity.
const UNNAMED_PRICE: f64 = 0.9;
const NOT_WORTH_CHOOSING: f64 = 0.4;

/// Finds what columns left over by the main entity say about entities it points to.
pub(crate) fn find_further(
    main: usize,
    grid: &Grid,
    probabilities: &Probabilities,
    taken: &[Option<usize>],
    compiled: &Compiled,
) -> Vec<Further> {
    let mut found: Vec<Further> = Vec::new();
    for f in compiled.entities[main].fields.clone() {
        let (Some(target), Some(key_column)) = (compiled.fields[f].target, taken[f]) else { continue };
        if target == main || found.iter().any(|further| further.entity == target) {
            continue;
        }
        let entity = &compiled.entities[target];
        let free: Vec<usize> = (0..grid.columns.len()).filter(|c| !taken.contains(&Some(*c))).collect();
        let probability = |c: usize, field: usize| {
            let info = &compiled.fields[field];
            if info.part != Part::Plain {
                return 0.0;
            }
            let named = grid.columns[c].words.iter().any(|word| word.entities & (1 << target) != 0);
            // A name that is more than the bare field ("lead industry") is about something else unless it names the entity.
            let rare = info.exclusive && grid.at(c, field).name.score >= 0.9;
            match (named, rare) {
                (true, _) => probabilities.at(c, field),
                (false, true) => probabilities.at(c, field) * UNNAMED_PRICE,
                _ => 0.0,
            }
        };
        let gains: Vec<Vec<f64>> = entity
            .fields
            .clone()
            .map(|field| free.iter().map(|&c| probability(c, field) - NOT_WORTH_CHOOSING).collect())
            .collect();
        let chosen = assign(&gains).into_iter().enumerate();
        let pairs: Vec<_> = chosen
            .filter_map(|(at, column)| column.map(|column| (free[column], entity.fields.start + at)))
            .map(|(c, field)| (c, field, probability(c, field)))
            .collect();
        if !pairs.is_empty() {
            found.push(Further { entity: target, key_column, pairs });
        }
    }
    found
}
