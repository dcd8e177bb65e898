//! Tables in long format: one row per metric, with a column that names it and a column that holds it.

use crate::entity::Probabilities;
use crate::features::Grid;
use crate::field::{Compiled, FieldInfo, Part};
use crate::name::fit;
use crate::words::{Word, squeeze};
use crate::{Candidate, Decision, PivotField, PivotMatch, TableMatch};
use aos_core::ontology::FieldType;
use aos_core::shape::{ColumnShape, StreamShape, ValueKind};

/// A metric is a field when its name fits this well.
const FITS_FROM: f64 = 0.8;
const METRICS_MIN: usize = 2;
const METRICS_MAX: usize = 500;
/// A table in long format is narrow.
const COLUMNS_MAX: usize = 16;

/// A metric, the field it names, and how well.
type Named = (String, usize, f64);

pub(crate) struct Pivot {
    pub entity: usize,
    key_column: usize,
    name_column: usize,
    value_column: usize,
    time: Option<(usize, usize)>,
    fields: Vec<Named>,
    unmatched: Vec<String>,
}

/// Finds the columns that make a long table, if it is one.
pub(crate) fn find_pivot(
    shape: &StreamShape,
    grid: &Grid,
    probabilities: &Probabilities,
    compiled: &Compiled,
) -> Option<Pivot> {
    if grid.columns.len() > COLUMNS_MAX {
        return None;
    }
    let named =
        (0..grid.columns.len()).filter(|&c| is_name_column(&shape.columns[c]) && value_column(grid, c).is_some());
    let candidates = named
        .filter_map(|c| best_entity(&shape.columns[c].samples, compiled).map(|(entity, fields)| (c, entity, fields)));
    let (name_column, entity, fields) = candidates.max_by_key(|(_, _, fields)| fields.len())?;
    let value_column = value_column(grid, name_column)?;
    let key = compiled.entities[entity].key;
    let key_column = (0..grid.columns.len())
        .filter(|&c| c != name_column && c != value_column && grid.at(c, key).name.score >= 0.75)
        .max_by(|&a, &b| grid.at(a, key).base.total_cmp(&grid.at(b, key).base))?;
    let unmatched = shape.columns[name_column]
        .samples
        .iter()
        .filter(|metric| !fields.iter().any(|(known, ..)| known == *metric))
        .cloned()
        .collect();
    let time = time_column(grid, entity, &[name_column, value_column, key_column], probabilities, compiled);
    Some(Pivot { entity, key_column, name_column, value_column, time, fields, unmatched })
}

fn is_name_column(column: &ColumnShape) -> bool {
    let few = (METRICS_MIN..=METRICS_MAX).contains(&(column.distinct as usize));
    let short = column.max_length <= 64;
    column.kind == ValueKind::String && few && short && (column.distinct < column.present || column.present < 4)
}

/// The entity whose numeric fields most of the metrics name.
fn best_entity(metrics: &[String], compiled: &Compiled) -> Option<(usize, Vec<Named>)> {
    let read: Vec<(&String, Vec<Word>, String)> =
        metrics.iter().map(|metric| (metric, compiled.words.read_name(metric), squeeze(metric))).collect();
    let mut best: Option<(usize, Vec<Named>)> = None;
    for (e, entity) in compiled.entities.iter().enumerate() {
        let mut fields: Vec<Named> = Vec::new();
        for (metric, words, squeezed) in &read {
            let numeric = entity.fields.clone().filter(|&f| is_number(&compiled.fields[f]));
            let fits = numeric.map(|f| (f, fit(words, squeezed, &compiled.fields[f]).score));
            if let Some((f, score)) = fits.max_by(|a, b| a.1.total_cmp(&b.1)).filter(|(_, score)| *score >= FITS_FROM)
                && !fields.iter().any(|(_, known, _)| *known == f)
            {
                fields.push(((*metric).clone(), f, score));
            }
        }
        let enough = fields.len() >= METRICS_MIN && fields.len() * 3 >= metrics.len();
        if enough && best.as_ref().is_none_or(|(_, known)| fields.len() > known.len()) {
            best = Some((e, fields));
        }
    }
    best
}

fn is_number(field: &FieldInfo) -> bool {
    matches!(field.kind, FieldType::Integer | FieldType::Decimal)
}

fn value_column(grid: &Grid, name_column: usize) -> Option<usize> {
    let says_value = |c: usize| {
        grid.columns[c]
            .words
            .iter()
            .any(|word| matches!(word.text.as_str(), "value" | "amount" | "measure" | "reading"))
    };
    let numbers: Vec<usize> = (0..grid.columns.len())
        .filter(|&c| c != name_column && matches!(grid.columns[c].kind, ValueKind::Integer | ValueKind::Decimal))
        .filter(|&c| !grid.columns[c].words.iter().any(|word| word.text == "id"))
        .collect();
    match numbers.as_slice() {
        [only] => Some(*only),
        several => several.iter().copied().find(|&c| says_value(c)),
    }
}

/// The column that says when the metric was taken, with the field for it.
fn time_column(
    grid: &Grid,
    entity: usize,
    used: &[usize],
    probabilities: &Probabilities,
    compiled: &Compiled,
) -> Option<(usize, usize)> {
    let when = |c: &usize| matches!(grid.columns[*c].kind, ValueKind::Date | ValueKind::Datetime) && !used.contains(c);
    let column = (0..grid.columns.len()).find(when)?;
    let datetime = |f: &usize| matches!(compiled.fields[*f].kind, FieldType::Date | FieldType::Datetime);
    let words = compiled.words.read_name(&format!("metric {}", grid.columns[column].squeezed));
    let fits = compiled.entities[entity]
        .fields
        .clone()
        .filter(datetime)
        .map(|f| (f, fit(&words, "", &compiled.fields[f]).score.max(probabilities.at(column, f))));
    fits.max_by(|a, b| a.1.total_cmp(&b.1)).filter(|(_, score)| *score >= 0.5).map(|(f, _)| (column, f))
}

impl Pivot {
    /// Writes the pivot into the table's match: key and time become decisions, name and value say that they unfold.
    pub fn apply(self, answer: &mut TableMatch, compiled: &Compiled) {
        let entity = &compiled.entities[self.entity];
        let path = |column: usize| answer.columns[column].column.clone();
        let pivot = PivotMatch {
            entity: entity.name.clone(),
            key_column: path(self.key_column),
            name_column: path(self.name_column),
            value_column: path(self.value_column),
            time_column: self.time.map(|(column, _)| path(column)),
            fields: self
                .fields
                .iter()
                .map(|(metric, f, score)| PivotField {
                    metric: metric.clone(),
                    field: compiled.fields[*f].name.clone(),
                    confidence: (*score).min(0.99),
                })
                .collect(),
            unmatched: self.unmatched,
        };
        debug_assert!(compiled.fields[entity.key].part == Part::Key);
        let held: Vec<(usize, usize)> = std::iter::once((self.key_column, entity.key)).chain(self.time).collect();
        for (at, column) in answer.columns.iter_mut().enumerate() {
            match held.iter().find(|(column, _)| *column == at) {
                Some((_, field)) => settle(column, &entity.name, &compiled.fields[*field].name),
                None => {
                    column.decision = None;
                    column.reason = Some(match at {
                        at if at == self.name_column => {
                            format!("names the metric: each value unfolds into a field of {}", entity.name)
                        }
                        at if at == self.value_column => {
                            "holds the metric's value: unfolds into the field the row names".to_owned()
                        }
                        _ => "not part of the metric".to_owned(),
                    });
                }
            }
        }
        answer.further.clear();
        if let Some(choice) = &mut answer.entity {
            choice.key_column = Some(pivot.key_column.clone());
            choice.evidence.push(format!("long format: {} metrics named by {}", pivot.fields.len(), pivot.name_column));
        }
        answer.pivot = Some(pivot);
    }
}

fn settle(column: &mut crate::ColumnMatch, entity: &str, field: &str) {
    let known =
        column.candidates.iter().find(|candidate| candidate.entity == entity && candidate.field == field).cloned();
    let decision = match (&column.decision, known) {
        (Some(decision), _) if decision.entity == entity && decision.field == field => return,
        (_, Some(Candidate { entity, field, confidence, evidence })) => {
            Decision { entity, field, confidence: confidence.max(0.8), evidence }
        }
        _ => Decision {
            entity: entity.to_owned(),
            field: field.to_owned(),
            confidence: 0.8,
            evidence: vec!["long format: belongs to the metric".to_owned()],
        },
    };
    column.decision = Some(decision);
    column.reason = None;
}
