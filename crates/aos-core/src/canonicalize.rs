//! The one place where a field is transformed: records in, canonical events and rejections out. Pure and deterministic.

mod cast;
mod plan;
mod write;

use crate::event::{CanonicalEvent, Code, Level, Op, Rejection};
use crate::mapping::{MappingError, StreamMapping};
use crate::ontology::Ontology;
use crate::record::{Record, RecordBatch};
use cast::Cast;
use compact_str::CompactString;
use plan::{EntityPlan, FieldPlan, PivotPlan, Plan};
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_128;

/// How much of a record is kept as the evidence of a rejection.
const EVIDENCE_BYTES_MAX: usize = 4096;

/// Longer keys identify nothing that a person or an index could work with.
const RECORD_ID_BYTES_MAX: usize = 1024;

/// What a batch became. Every record of the batch has events, or a record-level rejection, or is listed as filtered.
#[derive(Debug, Default, PartialEq)]
pub struct Canonicalized {
    pub events: Vec<CanonicalEvent>,
    pub rejections: Vec<Rejection>,
    /// Records that carry nothing of any entity by the mapping's own rules (a metric nobody mapped).
    pub filtered: u64,
}

/// A mapping made ready for one stream; planning is done once per set of columns.
#[derive(Debug)]
pub struct Canonicalizer<'m> {
    ontology: &'m Ontology,
    mapping: &'m StreamMapping,
    plan: Option<(Arc<[CompactString]>, Plan)>,
    /// The same for records that are gone, of which fewer columns are known.
    plan_of_deleted: Option<(Arc<[CompactString]>, Plan)>,
}

/// Turns records into events under a mapping: [`Canonicalizer`] for a single batch.
pub fn canonicalize(
    ontology: &Ontology,
    mapping: &StreamMapping,
    batch: &RecordBatch,
) -> Result<Canonicalized, MappingError> {
    Canonicalizer::new(ontology, mapping).batch(batch)
}

impl<'m> Canonicalizer<'m> {
    pub fn new(ontology: &'m Ontology, mapping: &'m StreamMapping) -> Self {
        Self { ontology, mapping, plan: None, plan_of_deleted: None }
    }

    /// Makes deletes of records that their source says are gone: of the stream's main entity alone, since whatever else they spoke of may
    /// well be there. A record without its key is rejected; a stream whose records have no key of their own has nothing to delete by, and
    /// its records are filtered.
    pub fn deleted(&mut self, batch: &RecordBatch) -> Result<Canonicalized, MappingError> {
        let plan = planned(&mut self.plan_of_deleted, self.ontology, self.mapping, batch)?;
        let mut out = Canonicalized::default();
        let keyed = plan.entities.first().filter(|entity| entity.keyed && entity.pivot.is_none());
        let Some(entity) = keyed else {
            out.filtered = batch.records.len() as u64;
            return Ok(out);
        };
        for record in &batch.records {
            match entity.event(plan, batch, record, true) {
                Ok(Some((event, _))) => out.events.push(CanonicalEvent {
                    op: Op::Delete,
                    mapping_version: self.mapping.version,
                    data: "{}".to_owned(),
                    extras: "{}".to_owned(),
                    ..event
                }),
                Ok(None) => out.filtered += 1,
                Err(rejection) => {
                    out.rejections.push(Rejection { raw: evidence(&batch.to_json(record).to_string()), ..rejection })
                }
            }
        }
        Ok(out)
    }

    pub fn batch(&mut self, batch: &RecordBatch) -> Result<Canonicalized, MappingError> {
        let plan = planned(&mut self.plan, self.ontology, self.mapping, batch)?;
        let mut out = Canonicalized { events: Vec::with_capacity(batch.records.len()), ..Canonicalized::default() };
        for record in &batch.records {
            plan.record(self.mapping.version, batch, record, &mut out);
        }
        Ok(out)
    }
}

/// Returns the plan for a batch's columns, made anew when the last batch had others.
fn planned<'p>(
    plan: &'p mut Option<(Arc<[CompactString]>, Plan)>,
    ontology: &Ontology,
    mapping: &StreamMapping,
    batch: &RecordBatch,
) -> Result<&'p Plan, MappingError> {
    let known =
        plan.as_ref().is_some_and(|(columns, _)| Arc::ptr_eq(columns, &batch.columns) || *columns == batch.columns);
    if !known {
        *plan = Some((batch.columns.clone(), Plan::new(ontology, mapping, &batch.columns)?));
    }
    let (_, plan) = plan.as_ref().expect("planned above");
    Ok(plan)
}

impl Plan {
    fn record(&self, version: u32, batch: &RecordBatch, record: &Record, out: &mut Canonicalized) {
        let events_before = out.events.len();
        for (index, entity) in self.entities.iter().enumerate() {
            let main = index == 0;
            let outcome = match &entity.pivot {
                Some(pivot) => entity.pivoted(pivot, batch, record),
                None => entity.event(self, batch, record, main),
            };
            match outcome {
                Ok(Some((mut event, rejections))) => {
                    event.mapping_version = version;
                    out.events.push(event);
                    out.rejections.extend(rejections);
                }
                // A further entity that this record does not mention, or a metric that nobody mapped.
                Ok(None) => {}
                Err(rejection) if main => {
                    out.rejections.push(Rejection { raw: evidence(&batch.to_json(record).to_string()), ..rejection });
                    return;
                }
                Err(_) => {}
            }
        }
        if out.events.len() == events_before {
            out.filtered += 1;
        }
    }
}

type Made = Result<Option<(CanonicalEvent, Vec<Rejection>)>, Rejection>;

impl EntityPlan {
    /// Makes the event of a record, or says why its key cannot be told.
    fn event(&self, plan: &Plan, batch: &RecordBatch, record: &Record, main: bool) -> Made {
        let mut data = String::with_capacity(64 + 24 * self.fields.len());
        let mut lost: Vec<(&FieldPlan, String)> = Vec::new();
        let mut rejections = Vec::new();
        let mut record_id = CompactString::default();
        let mut source_version = 0;
        let mut anything = false;
        data.push('{');
        for field in &self.fields {
            match field.value(batch, record) {
                Ok(Cast::Absent) => {}
                Ok(cast) => {
                    anything |= !matches!(cast, Cast::Null) && !field.is_key;
                    if field.is_key {
                        record_id = cast.text();
                        if record_id.len() > RECORD_ID_BYTES_MAX {
                            return Err(self.long_key(&record_id, Some(field.source_name.clone()), record));
                        }
                    }
                    if field.is_version {
                        source_version = cast.micros();
                    }
                    write::field(&mut data, &field.target, &cast);
                }
                Err((code, raw)) if field.is_key => {
                    return Err(self.rejection(Level::Record, code, field, &raw, record));
                }
                Err((code, raw)) => {
                    rejections.push(self.rejection(Level::Value, code, field, &raw, record));
                    lost.push((field, raw));
                }
            }
        }
        data.push('}');
        if record_id.is_empty() {
            match (self.keyed, main) {
                (true, true) => return Err(self.missing_key(record)),
                (true, false) => return Ok(None),
                // A stream without a key: a record is known by all it says.
                (false, _) => record_id = content_id(batch, record),
            }
        }
        if !main && !anything && self.fields.len() > 1 {
            return Ok(None);
        }
        let extras = if main { plan.extras(record, &lost) } else { "{}".to_owned() };
        let event = CanonicalEvent {
            entity: self.entity.clone(),
            fragment: self.fragment.clone(),
            op: Op::Upsert,
            record_id,
            source_version,
            mapping_version: 0,
            raw_position: record.position,
            data,
            extras,
        };
        Ok(Some((event, rejections)))
    }

    /// Makes the event of one named value of a long-format record.
    fn pivoted(&self, pivot: &PivotPlan, batch: &RecordBatch, record: &Record) -> Made {
        let record_id = pivot.key.get(record).map(cast::identifier).unwrap_or_default();
        if record_id.is_empty() {
            return Err(self.missing_key(record));
        }
        if record_id.len() > RECORD_ID_BYTES_MAX {
            return Err(self.long_key(&record_id, None, record));
        }
        let Some(target) = pivot.name.get(record).and_then(|name| pivot.targets.get(name.as_text()?.trim())) else {
            return Ok(None);
        };
        let source_version = pivot.time.as_ref().and_then(|path| cast::time_of(path.get(record)?)).unwrap_or(0);
        let mut data = String::with_capacity(64);
        data.push('{');
        write::field(&mut data, &self.key, &Cast::Text(record_id.clone().into()));
        let mut rejections = Vec::new();
        for field in self.fields.iter().filter(|field| !field.is_key) {
            match field.value(batch, record) {
                Ok(Cast::Absent) => {}
                Ok(cast) => write::field(&mut data, &field.target, &cast),
                Err((code, raw)) => rejections.push(self.rejection(Level::Value, code, field, &raw, record)),
            }
        }
        match pivot.value.get(record).map(|value| cast::cast(value, target.kind, false)) {
            None | Some(Ok(Cast::Absent)) => return Ok(None),
            Some(Ok(cast)) => write::field(&mut data, &target.field, &cast),
            Some(Err(raw)) => {
                let message = format!(
                    "{} cannot be read as {} for {}.{}",
                    write::shown(&raw),
                    target.kind,
                    self.entity,
                    target.field
                );
                rejections.push(Rejection {
                    level: Level::Value,
                    code: Code::Uncastable,
                    message,
                    column: Some(pivot.value_name.clone()),
                    raw: evidence(&raw),
                    position: record.position,
                });
            }
        }
        data.push('}');
        let event = CanonicalEvent {
            entity: self.entity.clone(),
            fragment: target.fragment.clone(),
            op: Op::Upsert,
            record_id,
            source_version,
            mapping_version: 0,
            raw_position: record.position,
            data,
            extras: "{}".to_owned(),
        };
        Ok(Some((event, rejections)))
    }

    fn missing_key(&self, record: &Record) -> Rejection {
        let column = self.fields.iter().find(|field| field.is_key).map(|field| field.source_name.clone());
        let place = column.as_deref().unwrap_or("the key column");
        let message = format!("{place} is empty, so the record cannot be identified as {} ({})", self.entity, self.key);
        Rejection {
            level: Level::Record,
            code: Code::MissingKey,
            message,
            column,
            raw: String::new(),
            position: record.position,
        }
    }

    fn long_key(&self, key: &str, column: Option<String>, record: &Record) -> Rejection {
        let message = format!(
            "the key {} of {} is {} bytes long; at most {RECORD_ID_BYTES_MAX} identify a record",
            write::shown(key),
            self.entity,
            key.len()
        );
        let (level, code, raw) = (Level::Record, Code::Uncastable, evidence(key));
        Rejection { level, code, message, column, raw, position: record.position }
    }

    fn rejection(&self, level: Level, code: Code, field: &FieldPlan, raw: &str, record: &Record) -> Rejection {
        let message = match code {
            Code::UnknownValue => {
                format!("{} is not in the value table of {}.{}", write::shown(raw), self.entity, field.target)
            }
            Code::ExpressionFailed => format!("the expression for {}.{} failed: {raw}", self.entity, field.target),
            _ => format!("{} cannot be read as {} for {}.{}", write::shown(raw), field.kind, self.entity, field.target),
        };
        Rejection {
            level,
            code,
            message,
            column: Some(field.source_name.clone()),
            raw: evidence(raw),
            position: record.position,
        }
    }
}

/// Names a record of a stream without a key by a hash of everything it says.
fn content_id(batch: &RecordBatch, record: &Record) -> CompactString {
    CompactString::from(format!("row-{:032x}", xxh3_128(batch.to_json(record).to_string().as_bytes())))
}

fn evidence(raw: &str) -> String {
    let mut end = raw.len().min(EVIDENCE_BYTES_MAX);
    while !raw.is_char_boundary(end) {
        end -= 1;
    }
    raw[..end].to_owned()
}

#[cfg(test)]
mod tests;
