//! The decision for one table: its main entity, then which column is which field, with confidence and reasons.

use crate::assign::assign;
use crate::entity::{Probabilities, Weighed, weigh};
use crate::evidence;
use crate::features::Grid;
use crate::field::{Compiled, Part};
use crate::further::{Further, find_further};
use crate::hint::Hints;
use crate::matcher::table_words;
use crate::model::Model;
use crate::pivot::find_pivot;
use crate::{Candidate, ColumnMatch, Decision, EntityChoice, FurtherEntity, TableMatch};
use aos_core::shape::StreamShape;

/// A table with all that was prepared for deciding about it.
pub(crate) struct Table<'a> {
    pub shape: &'a StreamShape,
    pub grid: &'a Grid,
    /// (column, entity, "Table.Key") for each foreign key found.
    pub links: &'a [(usize, usize, String)],
    /// What is known of its pairs from elsewhere.
    pub hints: &'a Hints,
}

/// A pair is decided from this confidence on: more likely right than wrong.
pub(crate) const DECIDED_FROM: f64 = 0.5;
/// A table is given an entity from this confidence on.
const ENTITY_FROM: f64 = 0.5;
const CANDIDATES_MAX: usize = 8;
const WORTH_SHOWING: f64 = 0.02;

pub(crate) fn decide(table: &Table, compiled: &Compiled, model: &Model) -> TableMatch {
    let columns = table.grid.columns.len();
    let mut linked = vec![0u32; columns];
    table
        .links
        .iter()
        .filter(|(column, ..)| *column < columns)
        .for_each(|&(column, entity, _)| linked[column] |= 1 << entity);
    let probabilities = Probabilities::new(table.grid, compiled, model, &linked, table.hints);
    let name = compiled.words.read(&table_words(table.shape));
    let weighed = weigh(&name, table.grid, &probabilities, compiled);
    let mut beliefs = beliefs(&weighed, model);
    let pivot = find_pivot(table.shape, table.grid, &probabilities, compiled);
    if let Some(pivot) = &pivot {
        beliefs
            .iter_mut()
            .enumerate()
            .for_each(|(e, belief)| *belief = if e == pivot.entity { belief.max(0.9) } else { *belief * 0.1 });
    }
    let main =
        (0..beliefs.len()).max_by(|&a, &b| beliefs[a].total_cmp(&beliefs[b])).filter(|&e| beliefs[e] >= ENTITY_FROM);
    let settled = settle(main, table, &probabilities, &beliefs, compiled, model);
    let mut answer = write(table, main, &weighed, &beliefs, &settled, &probabilities, compiled, model);
    if let Some(pivot) = pivot.filter(|pivot| Some(pivot.entity) == main) {
        pivot.apply(&mut answer, compiled);
    }
    answer
}

/// The probability of each entity; what is left over is the belief that it is none of them.
pub(crate) fn beliefs(weighed: &[Weighed], model: &Model) -> Vec<f64> {
    let powers: Vec<f64> =
        weighed.iter().map(|one| model.entity_utility(&one.features).clamp(-30.0, 30.0).exp()).collect();
    let total = 1.0 + powers.iter().sum::<f64>();
    powers.into_iter().map(|power| power / total).collect()
}

/// Who gets what: for each column the field and the confidence, and the further entities that take part.
struct Settled {
    column_field: Vec<Option<(usize, f64)>>,
    field_column: Vec<Option<usize>>,
    further: Vec<Further>,
}

fn settle(
    main: Option<usize>,
    table: &Table,
    probabilities: &Probabilities,
    beliefs: &[f64],
    compiled: &Compiled,
    model: &Model,
) -> Settled {
    let columns = table.grid.columns.len();
    let mut settled = Settled {
        column_field: vec![None; columns],
        field_column: vec![None; compiled.fields.len()],
        further: Vec::new(),
    };
    let Some(main) = main else { return settled };
    let entity = &compiled.entities[main];
    let confidence = |c: usize, f: usize| model.calibration.apply(probabilities.at(c, f) * beliefs[main]);
    let gains: Vec<Vec<f64>> =
        entity.fields.clone().map(|f| (0..columns).map(|c| confidence(c, f) - DECIDED_FROM).collect()).collect();
    for (at, chosen) in assign(&gains).into_iter().enumerate() {
        let field = entity.fields.start + at;
        if let Some(column) = chosen {
            settled.column_field[column] = Some((field, confidence(column, field)));
            settled.field_column[field] = Some(column);
        }
    }
    for further in find_further(main, table.grid, probabilities, &settled.field_column, compiled) {
        for &(column, field, probability) in &further.pairs {
            let confidence = model.calibration.apply(probability * beliefs[main]);
            if settled.column_field[column].is_none() && confidence >= DECIDED_FROM {
                settled.column_field[column] = Some((field, confidence));
                settled.field_column[field] = Some(column);
            }
        }
        settled.further.push(further);
    }
    settled.further.retain(|further| {
        further.pairs.iter().any(|(column, field, _)| settled.column_field[*column].is_some_and(|(f, _)| f == *field))
    });
    settled
}

#[allow(clippy::too_many_arguments)] // the one place where everything known comes together
fn write(
    table: &Table,
    main: Option<usize>,
    weighed: &[Weighed],
    beliefs: &[f64],
    settled: &Settled,
    probabilities: &Probabilities,
    compiled: &Compiled,
    model: &Model,
) -> TableMatch {
    let path = |column: usize| table.shape.columns[column].path.clone();
    let entity = main.map(|e| EntityChoice {
        entity: compiled.entities[e].name.clone(),
        confidence: beliefs[e],
        evidence: entity_evidence(e, table, &weighed[e], settled, compiled),
        key_column: settled.field_column[compiled.entities[e].key].map(path),
    });
    let further = settled
        .further
        .iter()
        .map(|further| FurtherEntity {
            entity: compiled.entities[further.entity].name.clone(),
            key_column: path(further.key_column),
        })
        .collect();
    let columns = (0..table.grid.columns.len())
        .map(|c| write_column(c, table, main, beliefs, settled, probabilities, compiled, model));
    TableMatch { stream: table.shape.stream.clone(), entity, further, columns: columns.collect(), pivot: None }
}

#[allow(clippy::too_many_arguments)]
fn write_column(
    c: usize,
    table: &Table,
    main: Option<usize>,
    beliefs: &[f64],
    settled: &Settled,
    probabilities: &Probabilities,
    compiled: &Compiled,
    model: &Model,
) -> ColumnMatch {
    let shape = &table.shape.columns[c];
    let link = |f: usize| {
        let target = compiled.fields[f].target?;
        table
            .links
            .iter()
            .find(|(column, entity, _)| *column == c && *entity == target)
            .map(|(_, _, text)| text.as_str())
    };
    let why = |f: usize| {
        let pairing = table.grid.at(c, f);
        let mut said = evidence::of_pair(shape, &table.grid.columns[c], &compiled.fields[f], pairing, link(f));
        said.extend(table.hints.said(c, f, pairing));
        said
    };
    let named = |f: usize| (compiled.entities[compiled.fields[f].entity].name.clone(), compiled.fields[f].name.clone());
    let decided = settled.column_field[c];
    let mut ranked: Vec<(usize, f64)> = (0..compiled.fields.len())
        .filter(|&f| probabilities.at(c, f) >= WORTH_SHOWING && decided.is_none_or(|(field, _)| field != f))
        .map(|f| (f, model.calibration.apply(probabilities.at(c, f) * beliefs[compiled.fields[f].entity])))
        .collect();
    ranked.extend(decided);
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    if let Some((field, _)) = decided
        && let Some(at) = ranked.iter().position(|(f, _)| *f == field)
    {
        ranked[..=at].rotate_right(1);
    }
    ranked.truncate(CANDIDATES_MAX);
    let candidates = ranked
        .iter()
        .map(|&(f, confidence)| {
            let (entity, field) = named(f);
            Candidate { entity, field, confidence, evidence: why(f) }
        })
        .collect();
    let decision = decided.map(|(f, confidence)| {
        let (entity, field) = named(f);
        Decision { entity, field, confidence, evidence: why(f) }
    });
    let reason = decision.is_none().then(|| reason(c, main, &ranked, table, settled, compiled));
    ColumnMatch { column: shape.path.clone(), kind: shape.kind, decision, candidates, reason }
}

fn reason(
    c: usize,
    main: Option<usize>,
    ranked: &[(usize, f64)],
    table: &Table,
    settled: &Settled,
    compiled: &Compiled,
) -> String {
    let Some(main) = main else { return "the table is about no entity of the ontology".to_owned() };
    let best = ranked.iter().find(|(f, _)| compiled.fields[*f].entity == main).copied();
    let taken = best.and_then(|(f, _)| settled.field_column[f]).map(|other| table.shape.columns[other].path.as_str());
    evidence::unmapped(best, taken, compiled, best.map(|(f, _)| table.grid.at(c, f)))
}

fn entity_evidence(e: usize, table: &Table, weighed: &Weighed, settled: &Settled, compiled: &Compiled) -> Vec<String> {
    let entity = &compiled.entities[e];
    let mut said = Vec::new();
    if weighed.features[1] >= 0.5 {
        said.push(format!("table name: {} ≈ {}", table.shape.stream, entity.name.replace('_', " ")));
    }
    let filled = entity.fields.clone().filter(|f| settled.field_column[*f].is_some()).count();
    said.push(format!("fills {filled} of {} fields", entity.fields.len()));
    if let Some(key) = settled.field_column[entity.key] {
        said.push(format!("key: {}", table.shape.columns[key].path));
    }
    let special: Vec<&str> = entity
        .fields
        .clone()
        .filter(|&f| {
            compiled.fields[f].exclusive && compiled.fields[f].part == Part::Plain && settled.field_column[f].is_some()
        })
        .map(|f| compiled.fields[f].name.as_str())
        .take(4)
        .collect();
    if !special.is_empty() {
        said.push(format!("only it has: {}", special.join(", ")));
    }
    said
}
