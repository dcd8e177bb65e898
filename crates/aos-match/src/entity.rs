//! Which entity a table is about: its name, the fields its columns would fill, the key it carries, and what speaks for another entity.

use crate::assign::assign;
use crate::features::Grid;
use crate::field::{Compiled, EntityInfo, Part};
use crate::hint::Hints;
use crate::lexicon::{Lexicon, Role};
use crate::model::Model;
use crate::words::Word;

pub(crate) const NAMES: [&str; 13] = [
    "bias",
    "table_name",
    "table_name_exact",
    "named_otherwise",
    "special_fields",
    "share_of_fields",
    "share_of_columns",
    "key",
    "key_named",
    "key_of_another",
    "required",
    "behind_best",
    "named_another_kind",
];

/// One entity weighed for a table: what speaks for it and against.
#[derive(Debug, Clone)]
pub(crate) struct Weighed {
    pub features: [f64; NAMES.len()],
}

/// The probabilities of every pair of a table, as the model sees them.
pub(crate) struct Probabilities {
    fields: usize,
    values: Vec<f64>,
}

impl Probabilities {
    pub fn new(grid: &Grid, compiled: &Compiled, model: &Model, links: &[u32], hints: &Hints) -> Self {
        let fields = compiled.fields.len();
        let mut values = vec![0.0; grid.columns.len() * fields];
        for c in 0..grid.columns.len() {
            for f in 0..fields {
                if grid.at(c, f).base >= crate::features::WORTH_WEIGHING {
                    values[c * fields + f] = model.pair_probability(&grid.features(c, f, compiled, links[c]));
                }
            }
        }
        for (c, f) in hints.pairs().filter(|(c, _)| *c < grid.columns.len()) {
            let pairing = grid.at(c, f);
            let value = &mut values[c * fields + f];
            let by_model = (pairing.base >= crate::features::WORTH_WEIGHING).then_some(*value);
            *value = hints.moved((c, f), by_model, pairing, &model.calibration);
        }
        Self { fields, values }
    }

    pub fn at(&self, column: usize, field: usize) -> f64 {
        self.values[column * self.fields + field]
    }

    fn best(&self, column: usize, entity: &EntityInfo) -> f64 {
        entity.fields.clone().map(|f| self.at(column, f)).fold(0.0, f64::max)
    }
}

/// Weighs every entity for a table.
pub(crate) fn weigh(
    table_name: &[Word],
    grid: &Grid,
    probabilities: &Probabilities,
    compiled: &Compiled,
) -> Vec<Weighed> {
    let columns = grid.columns.len();
    let best: Vec<Vec<f64>> =
        (0..columns).map(|c| compiled.entities.iter().map(|entity| probabilities.best(c, entity)).collect()).collect();
    let special = |c: usize, e: usize, p: f64| {
        let total: f64 = best[c].iter().sum::<f64>().max(p);
        if total > 0.0 { p * (best[c][e] / total) } else { 0.0 }
    };
    let names: Vec<(f64, bool)> = compiled.entities.iter().map(|entity| fit_table(table_name, entity)).collect();
    let mut weighed: Vec<Weighed> = Vec::with_capacity(compiled.entities.len());
    for (e, entity) in compiled.entities.iter().enumerate() {
        let chosen = choose(entity, columns, probabilities);
        let filled: f64 = chosen.iter().flatten().map(|(_, p)| p).sum();
        let specials: f64 = chosen.iter().flatten().map(|&(c, p)| special(c, e, p)).sum();
        let key = chosen[entity.key - entity.fields.start];
        let required: Vec<f64> =
            entity.required.iter().map(|f| chosen[f - entity.fields.start].map_or(0.0, |(_, p)| p)).collect();
        let other_name =
            names.iter().enumerate().filter(|(other, _)| *other != e).map(|(_, (score, _))| *score).fold(0.0, f64::max);
        weighed.push(Weighed {
            features: [
                1.0,
                names[e].0,
                f64::from(u8::from(names[e].1)),
                (other_name - names[e].0).max(0.0),
                specials.min(6.0),
                filled / entity.fields.len() as f64,
                filled / columns.max(1) as f64,
                key.map_or(0.0, |(_, p)| p),
                key.map_or(0.0, |(c, p)| if names_entity(&grid.columns[c].words, e) { p } else { 0.0 }),
                key_of_another(e, grid, compiled),
                required.iter().sum::<f64>() / required.len().max(1) as f64,
                0.0,
                f64::from(u8::from(
                    names[e].0 < 0.5 && table_name.iter().any(|word| Lexicon::get().is_kind(&word.text)),
                )),
            ],
        });
    }
    let specials: Vec<f64> = weighed.iter().map(|one| one.features[4]).collect();
    for (e, one) in weighed.iter_mut().enumerate() {
        let rival =
            specials.iter().enumerate().filter(|(other, _)| *other != e).map(|(_, value)| *value).fold(0.0, f64::max);
        one.features[11] = (rival - specials[e]).clamp(-3.0, 3.0);
    }
    weighed
}

/// Assigns columns to the entity's fields one to one, as if the table were about it.
pub(crate) fn choose(entity: &EntityInfo, columns: usize, probabilities: &Probabilities) -> Vec<Option<(usize, f64)>> {
    let gains: Vec<Vec<f64>> = entity
        .fields
        .clone()
        .map(|f| (0..columns).map(|c| probabilities.at(c, f) - NOT_WORTH_CHOOSING).collect())
        .collect();
    let pick = |(at, c): (usize, Option<usize>)| c.map(|c| (c, probabilities.at(c, entity.fields.start + at)));
    assign(&gains).into_iter().enumerate().map(pick).collect()
}

const NOT_WORTH_CHOOSING: f64 = 0.2;

/// How well the table's name says the entity, and whether it says nothing else.
fn fit_table(name: &[Word], entity: &EntityInfo) -> (f64, bool) {
    let mut best = (0.0f64, false);
    for phrase in &entity.phrases {
        let weight = |word: &Word| match word.role {
            Role::Noise => 0.1,
            Role::Form => 0.5,
            _ => 1.0,
        };
        let said = |word: &Word| name.iter().any(|other| other.id == word.id || (other.entities & word.entities) != 0);
        let cover: f64 = phrase.iter().filter(|word| said(word)).map(weight).sum();
        let total: f64 = phrase.iter().map(weight).sum();
        let explained =
            |word: &Word| phrase.iter().any(|other| other.id == word.id || (other.entities & word.entities) != 0);
        let extra: f64 = name.iter().filter(|word| !explained(word)).map(weight).sum();
        if total > 0.0 && cover > 0.0 {
            let score = cover / (total + 0.5 * extra);
            best = (best.0.max(score), best.1 || (extra == 0.0 && cover == total));
        }
    }
    best
}

fn names_entity(words: &[Word], entity: usize) -> bool {
    words.iter().any(|word| word.entities & (1 << entity) != 0)
}

/// Whether the table's first column identifies another entity, or another kind of thing.
fn key_of_another(entity: usize, grid: &Grid, compiled: &Compiled) -> f64 {
    let Some(first) = grid.columns.first().filter(|first| !first.repeats) else { return 0.0 };
    if names_entity(&first.words, entity) {
        return 0.0;
    }
    let other_key = |(other, info): (usize, &EntityInfo)| {
        other != entity
            && compiled.fields[info.key].part == Part::Key
            && names_entity(&first.words, other)
            && grid.at(0, info.key).name.score > 0.85
    };
    let identifies =
        first.words.last().is_some_and(|word| matches!(word.text.as_str(), "id" | "number" | "code" | "key"));
    let other_kind =
        identifies && first.words.len() <= 3 && first.words.iter().any(|word| Lexicon::get().is_kind(&word.text));
    f64::from(u8::from(other_kind || compiled.entities.iter().enumerate().any(other_key)))
}
