//! Table to table: the columns of one table matched to the columns of another, by the same evidence.

use crate::assign::assign;
use crate::decide::DECIDED_FROM;
use crate::entity::Probabilities;
use crate::evidence;
use crate::hint::Hints;
use crate::values::ValueProfile;
use crate::{Candidate, ColumnMatch, Decision, EntityChoice, Matcher, TableMatch};
use aos_core::Ontology;
use aos_core::ontology::{Entity, Field, FieldType};
use aos_core::shape::{ColumnShape, Pattern, StreamShape, ValueKind};
use indexmap::IndexMap;
use std::collections::HashSet;

/// Matches the columns of `from` to the columns of `to`; `entity` in the answer is the name of `to`.
pub fn match_tables(from: &StreamShape, to: &StreamShape, top: usize) -> TableMatch {
    let columns: Vec<String> = to.columns.iter().map(|column| column.path.clone()).collect();
    let matcher = matcher_of(to);
    let grid = matcher.grid(from);
    let common = overlaps(from, to);
    let alike =
        Probabilities::new(&grid, &matcher.compiled, &matcher.model, &vec![0; grid.columns.len()], &Hints::default());
    let confidence = |c: usize, f: usize| {
        let by_evidence = matcher.model.calibration.apply(alike.at(c, f));
        1.0 - (1.0 - by_evidence) * (1.0 - COMMON_VALUES_SAY * common[c][f])
    };
    let taken = assign_pairs(grid.columns.len(), to.columns.len(), confidence);
    let write = |c: usize| {
        let shape = &from.columns[c];
        let why = |f: usize| {
            let mut said = evidence::of_pair(shape, &grid.columns[c], &matcher.compiled.fields[f], grid.at(c, f), None);
            if common[c][f] > 0.0 {
                said.push(format!("values: {:.0} % in common", common[c][f] * 100.0));
            }
            said
        };
        let named = |f: usize| (to.stream.clone(), columns[f].clone());
        let mut ranked: Vec<(usize, f64)> =
            (0..to.columns.len()).map(|f| (f, confidence(c, f))).filter(|(_, p)| *p >= WORTH_SHOWING).collect();
        ranked.sort_by(|a, b| {
            (Some(b.0) == taken[c]).cmp(&(Some(a.0) == taken[c])).then(b.1.total_cmp(&a.1)).then(a.0.cmp(&b.0))
        });
        ranked.truncate(top);
        let candidate = |&(f, confidence): &(usize, f64)| {
            let (entity, field) = named(f);
            Candidate { entity, field, confidence, evidence: why(f) }
        };
        let decision = taken[c].map(|f| {
            let (entity, field) = named(f);
            Decision { entity, field, confidence: confidence(c, f), evidence: why(f) }
        });
        let reason = decision.is_none().then(|| match ranked.first() {
            Some((f, p)) => format!("too unsure, or better served by another: {} at {p:.2}", columns[*f]),
            None => "no column has a name, type or values like it".to_owned(),
        });
        ColumnMatch {
            column: shape.path.clone(),
            kind: shape.kind,
            decision,
            candidates: ranked.iter().map(candidate).collect(),
            reason,
        }
    };
    let columns: Vec<ColumnMatch> = (0..grid.columns.len()).map(write).collect();
    let decided: Vec<f64> =
        columns.iter().filter_map(|column| column.decision.as_ref()).map(|decision| decision.confidence).collect();
    let entity = (!decided.is_empty()).then(|| EntityChoice {
        entity: to.stream.clone(),
        confidence: decided.iter().sum::<f64>() / decided.len() as f64,
        evidence: vec![format!("{} of {} columns have a counterpart", decided.len(), columns.len())],
        key_column: None,
    });
    TableMatch { stream: from.stream.clone(), entity, further: Vec::new(), columns, pivot: None }
}

/// Returns for each column of `from` and each of `to` how likely they are the same, by names, types and forms of values.
pub(crate) fn likelihoods(from: &StreamShape, to: &StreamShape) -> Vec<Vec<f64>> {
    let matcher = matcher_of(to);
    let grid = matcher.grid(from);
    let alike =
        Probabilities::new(&grid, &matcher.compiled, &matcher.model, &vec![0; grid.columns.len()], &Hints::default());
    let of = |c: usize, f: usize| if c < grid.columns.len() { alike.at(c, f) } else { 0.0 };
    (0..from.columns.len()).map(|c| (0..to.columns.len()).map(|f| of(c, f)).collect()).collect()
}

/// A matcher to the columns of a table, as if they were the fields of an ontology.
fn matcher_of(to: &StreamShape) -> Matcher {
    let mut fields: IndexMap<String, Field> = IndexMap::new();
    for (at, column) in to.columns.iter().enumerate() {
        fields.insert(field_name(&column.path, at, &fields), as_field(column));
    }
    // No key: what identifies a row of the other table is a column like any other here.
    let entity =
        Entity { label: String::new(), description: String::new(), key: String::new(), aliases: Vec::new(), fields };
    Matcher::new(&Ontology { version: 1, entities: [("target".to_owned(), entity)].into() })
}

/// How much full agreement of values says on its own.
const COMMON_VALUES_SAY: f64 = 0.7;
const WORTH_SHOWING: f64 = 0.02;

fn assign_pairs(columns: usize, fields: usize, confidence: impl Fn(usize, usize) -> f64) -> Vec<Option<usize>> {
    let gains: Vec<Vec<f64>> =
        (0..columns).map(|c| (0..fields).map(|f| confidence(c, f) - DECIDED_FROM).collect()).collect();
    assign(&gains)
}

/// A name of the ontology's alphabet for a column, unique among those taken.
fn field_name(path: &str, at: usize, taken: &IndexMap<String, Field>) -> String {
    let mut name = crate::words::split_words(path).join("_");
    name.truncate(60);
    if name.is_empty() || taken.contains_key(&name) {
        name = format!("{name}_{at}");
    }
    name
}

fn as_field(column: &ColumnShape) -> Field {
    let kind = match column.kind {
        ValueKind::Integer => FieldType::Integer,
        ValueKind::Decimal => FieldType::Decimal,
        ValueKind::Boolean => FieldType::Boolean,
        ValueKind::Date => FieldType::Date,
        ValueKind::Datetime => FieldType::Datetime,
        _ => FieldType::String,
    };
    let pii = match ValueProfile::of(column).unmistakable() {
        Some("email") => Some(aos_core::ontology::Pii::Email),
        Some("phone") if column.follows(Pattern::Phone) > 0.8 => Some(aos_core::ontology::Pii::Phone),
        _ => None,
    };
    let aliases = std::iter::once(column.path.clone()).chain(column.label.clone()).collect();
    Field { kind, required: false, unit: None, range: None, pii, references: None, description: String::new(), aliases }
}

/// For each column of `from` and each of `to`: the share of values they have in common.
fn overlaps(from: &StreamShape, to: &StreamShape) -> Vec<Vec<f64>> {
    let sets: Vec<HashSet<&str>> =
        to.columns.iter().map(|column| column.samples.iter().map(String::as_str).collect()).collect();
    let share = |column: &ColumnShape, set: &HashSet<&str>| {
        let common = column.samples.iter().filter(|value| value.len() > 2 && set.contains(value.as_str())).count();
        common as f64 / column.samples.len().min(set.len()).max(1) as f64
    };
    from.columns.iter().map(|column| sets.iter().map(|set| share(column, set)).collect()).collect()
}
