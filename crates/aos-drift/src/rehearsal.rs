//! What a repair would do, found out by doing it to raw records without keeping anything: the same records under the mapping as it is and
//! as it would be, compared cell by cell.

use aos_core::canonicalize::Canonicalizer;
use aos_core::event::{Level, Op};
use aos_core::mapping::{MappingError, StreamMapping};
use aos_core::ontology::Ontology;
use aos_core::record::RecordBatch;
use indexmap::IndexMap;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// How many changed cells are shown, and how many of one field.
const CELLS_MAX: usize = 200;
const CELLS_OF_A_FIELD_MAX: usize = 25;

/// What would change.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Rehearsal {
    /// Raw records that it was tried on.
    pub records: u64,
    /// Rows that the mapping gives as it is, and as it would be.
    pub rows_before: u64,
    pub rows_after: u64,
    /// Rows of which at least one cell would change, come or go.
    pub rows_changed: u64,
    /// Records that are rejected as a whole, as it is and as it would be.
    pub rejected_before: u64,
    pub rejected_after: u64,
    pub fields: Vec<FieldEffect>,
    /// Some of the cells that would change.
    pub cells: Vec<CellChange>,
}

/// What would become of one field over all rows.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldEffect {
    pub entity: String,
    pub field: String,
    pub same: u64,
    /// Another value than before.
    pub changed: u64,
    /// A value where there was none, and none where there was one.
    pub gained: u64,
    pub lost: u64,
    /// Values that cannot be told in the field's type, as it is and as it would be.
    pub uncastable_before: u64,
    pub uncastable_after: u64,
}

/// One cell before and after.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CellChange {
    pub entity: String,
    pub record_id: String,
    pub field: String,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub before: Option<Value>,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub after: Option<Value>,
}

/// Entity, fragment and record of a row.
pub type RowKey = (String, String, String);

/// What is known of some rows: what a mapping gives of raw records, or what is held.
#[derive(Debug, Default)]
pub struct Given {
    records: u64,
    rows: IndexMap<RowKey, Map<String, Value>>,
    rejected: u64,
    /// Values that could not be cast, by entity and field.
    uncastable: BTreeMap<(String, String), u64>,
}

impl Given {
    /// Says what a mapping gives of raw records.
    ///
    /// # Errors
    /// What is wrong with the mapping.
    pub fn of(ontology: &Ontology, mapping: &StreamMapping, batches: &[RecordBatch]) -> Result<Self, MappingError> {
        let mut canonicalizer = Canonicalizer::new(ontology, mapping);
        let mut given =
            Self { records: batches.iter().map(|batch| batch.records.len() as u64).sum(), ..Self::default() };
        let mut of_columns: BTreeMap<String, u64> = BTreeMap::new();
        for batch in batches {
            let made = canonicalizer.batch(batch)?;
            for event in made.events.into_iter().filter(|event| event.op == Op::Upsert) {
                let key = (event.entity.to_string(), event.fragment.to_string(), event.record_id.to_string());
                given.hold(key, &event.data);
            }
            for rejection in made.rejections {
                match (rejection.level, rejection.column) {
                    (Level::Record, _) => given.rejected += 1,
                    (Level::Value, Some(column)) => *of_columns.entry(column).or_default() += 1,
                    (Level::Value, None) => {}
                }
            }
        }
        for entity in &mapping.entities {
            for rule in &entity.fields {
                let lost = rule.sources.first().and_then(|source| of_columns.get(source)).copied().unwrap_or(0);
                if lost > 0 {
                    given.uncastable.insert((entity.entity.clone(), rule.target.clone()), lost);
                }
            }
        }
        Ok(given)
    }

    /// Adds a row as it is held: a JSON object of its fields.
    pub fn hold(&mut self, key: RowKey, data: &str) {
        if let Ok(Value::Object(data)) = serde_json::from_str(data) {
            self.rows.insert(key, data);
        }
    }

    /// Lists which rows these are.
    pub fn keys(&self) -> impl Iterator<Item = &RowKey> {
        self.rows.keys()
    }

    /// Says what changes when these rows take the place of others.
    pub fn instead_of(&self, others: &Self) -> Rehearsal {
        let (was, is) = (others, self);
        let mut rehearsal = Rehearsal {
            records: is.records,
            rows_before: was.rows.len() as u64,
            rows_after: is.rows.len() as u64,
            rejected_before: was.rejected,
            rejected_after: is.rejected,
            ..Rehearsal::default()
        };
        let mut fields: BTreeMap<(String, String), FieldEffect> = BTreeMap::new();
        let nothing = Map::new();
        let gone = was.rows.keys().filter(|key| !is.rows.contains_key(*key));
        for key in is.rows.keys().chain(gone) {
            let (then, now) = (was.rows.get(key).unwrap_or(&nothing), is.rows.get(key).unwrap_or(&nothing));
            let (entity, _, record_id) = key;
            let mut touched = !was.rows.contains_key(key) || !is.rows.contains_key(key);
            let only_then = then.keys().filter(|name| !now.contains_key(*name));
            for name in now.keys().chain(only_then) {
                let (old, new) = (value(then, name), value(now, name));
                let effect = fields.entry((entity.clone(), name.clone())).or_default();
                match (old, new) {
                    (old, new) if old == new => {
                        effect.same += 1;
                        continue;
                    }
                    (None, _) => effect.gained += 1,
                    (_, None) => effect.lost += 1,
                    _ => effect.changed += 1,
                }
                touched = true;
                let shown = effect.changed + effect.gained + effect.lost;
                if shown <= CELLS_OF_A_FIELD_MAX as u64 && rehearsal.cells.len() < CELLS_MAX {
                    rehearsal.cells.push(CellChange {
                        entity: entity.clone(),
                        record_id: record_id.clone(),
                        field: name.clone(),
                        before: old.cloned(),
                        after: new.cloned(),
                    });
                }
            }
            rehearsal.rows_changed += u64::from(touched);
        }
        for (key, lost) in &was.uncastable {
            fields.entry(key.clone()).or_default().uncastable_before = *lost;
        }
        for (key, lost) in &is.uncastable {
            fields.entry(key.clone()).or_default().uncastable_after = *lost;
        }
        rehearsal.fields =
            fields.into_iter().map(|((entity, field), effect)| FieldEffect { entity, field, ..effect }).collect();
        rehearsal
    }
}

/// Tries a mapping on records beside the one that holds.
///
/// # Errors
/// What is wrong with one of the mappings.
pub fn rehearse(
    ontology: &Ontology,
    before: &StreamMapping,
    after: &StreamMapping,
    batches: &[RecordBatch],
) -> Result<Rehearsal, MappingError> {
    Ok(Given::of(ontology, after, batches)?.instead_of(&Given::of(ontology, before, batches)?))
}

/// A null is no value, as an absent one is none.
fn value<'m>(row: &'m Map<String, Value>, name: &str) -> Option<&'m Value> {
    row.get(name).filter(|value| !value.is_null())
}

#[cfg(test)]
mod tests {
    use super::*;
    use aos_core::mapping::{EntityMapping, FieldRule, Origin};
    use aos_core::record::Record;

    fn mapping(amount: &str) -> StreamMapping {
        let rule = |target: &str, source: &str| FieldRule {
            target: target.into(),
            sources: vec![source.into()],
            transforms: Vec::new(),
            confidence: 1.0,
            evidence: Vec::new(),
            origin: Origin::Reviewed,
        };
        let fields = vec![rule("opportunity_id", "id"), rule("amount", amount)];
        let entities = vec![EntityMapping { entity: "opportunity".into(), fields, pivot: None }];
        StreamMapping { version: 1, stream: "deals".into(), entities }
    }

    #[test]
    fn every_changed_cell_is_counted_and_some_are_shown() {
        let record = |at: u64| Record {
            position: at,
            cells: [format!("D{at}"), format!("{}", at * 10), format!("{at} pieces")]
                .into_iter()
                .map(|text| Some(aos_core::Value::text(text)))
                .collect(),
        };
        let columns: Vec<compact_str::CompactString> = vec!["id".into(), "total".into(), "pieces".into()];
        let batch = RecordBatch { columns: columns.into(), records: (1..=40).map(record).collect() };
        let ontology = Ontology::shipped();
        let repair = rehearse(&ontology, &mapping("amount"), &mapping("total"), std::slice::from_ref(&batch)).unwrap();
        let amount = repair.fields.iter().find(|effect| effect.field == "amount").unwrap();
        assert_eq!((amount.gained, amount.lost, amount.changed, amount.same), (40, 0, 0, 0));
        assert_eq!((repair.records, repair.rows_before, repair.rows_after, repair.rows_changed), (40, 40, 40, 40));
        assert_eq!(repair.cells.len(), CELLS_OF_A_FIELD_MAX);
        let held = Given::of(&ontology, &mapping("total"), std::slice::from_ref(&batch)).unwrap();
        let accepted = Given::of(&ontology, &mapping("amount"), std::slice::from_ref(&batch)).unwrap();
        assert_eq!(accepted.instead_of(&held).fields[0].lost, 40, "what is held would lose its values");
        let wrong = rehearse(&ontology, &mapping("total"), &mapping("pieces"), &[batch]).unwrap();
        let amount = wrong.fields.iter().find(|effect| effect.field == "amount").unwrap();
        assert_eq!((amount.lost, amount.uncastable_before, amount.uncastable_after), (40, 0, 40));
    }
}
