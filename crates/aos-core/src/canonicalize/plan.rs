//! A mapping resolved against the columns of a stream, so that a record costs no look-up by name.

use super::cast::{self, Cast};
use super::write;
use crate::event::Code;
use crate::mapping::{EntityMapping, FieldRule, MappingError, Pivot, StreamMapping, Transform};
use crate::ontology::{Entity, FieldType, Ontology};
use crate::record::{Path, Record, RecordBatch};
use crate::value::Value;
use compact_str::CompactString;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, LazyLock};

#[derive(Debug)]
pub(super) struct Plan {
    pub entities: Vec<EntityPlan>,
    columns: Arc<[CompactString]>,
    /// Top-level columns that no rule enters: copied to extras whole.
    unread: Vec<usize>,
    /// Top-level columns entered by paths: copied without the members that rules read.
    entered: Vec<usize>,
    read_paths: HashSet<String>,
}

#[derive(Debug)]
pub(super) struct EntityPlan {
    pub entity: Arc<str>,
    pub fragment: Arc<str>,
    pub key: String,
    /// Whether a rule gives the key; without one, records are known by their content.
    pub keyed: bool,
    pub fields: Vec<FieldPlan>,
    pub pivot: Option<PivotPlan>,
}

#[derive(Debug)]
pub(super) struct FieldPlan {
    pub target: String,
    pub kind: FieldType,
    pub is_key: bool,
    /// The field that tells when the record last changed.
    pub is_version: bool,
    pub source_name: String,
    sources: Vec<Path>,
    transforms: Vec<Transform>,
    /// Whether the field holds an identifier, so that a nested reference gives its id rather than its name.
    reference: bool,
    expressions: Vec<Compiled>,
}

#[derive(Debug)]
pub(super) struct PivotPlan {
    pub key: Path,
    pub name: Path,
    pub value: Path,
    pub value_name: String,
    pub time: Option<Path>,
    pub targets: HashMap<String, PivotTarget>,
}

#[derive(Debug)]
pub(super) struct PivotTarget {
    pub field: String,
    pub kind: FieldType,
    pub fragment: Arc<str>,
}

#[derive(Debug)]
struct Compiled {
    expression: minijinja::Expression<'static, 'static>,
}

/// How many instructions one expression may take on one record.
const EXPRESSION_FUEL: u64 = 20_000;
/// Expressions see values up to this length; longer ones are an error rather than a slow record.
const EXPRESSION_INPUT_MAX: usize = 64 * 1024;

static ENVIRONMENT: LazyLock<minijinja::Environment<'static>> = LazyLock::new(|| {
    let mut environment = minijinja::Environment::new();
    environment.set_fuel(Some(EXPRESSION_FUEL));
    // `range` would make fuel meaningless: one instruction, any amount of memory.
    environment.add_function(
        "range",
        |_: minijinja::value::Rest<minijinja::Value>| -> Result<minijinja::Value, minijinja::Error> {
            Err(minijinja::Error::new(minijinja::ErrorKind::UnknownFunction, "range is not available in mappings"))
        },
    );
    environment
});

impl Plan {
    pub fn new(
        ontology: &Ontology,
        mapping: &StreamMapping,
        columns: &Arc<[CompactString]>,
    ) -> Result<Self, MappingError> {
        // Columns of a page may be fewer than the stream's; a rule whose column this page lacks reads "absent".
        let names: Vec<&EntityMapping> = mapping.entities.iter().collect();
        let mut entities = Vec::with_capacity(names.len());
        for entity_mapping in names {
            let unknown = || MappingError::UnknownEntity {
                stream: mapping.stream.clone(),
                entity: entity_mapping.entity.clone(),
            };
            let entity = ontology.entity(&entity_mapping.entity).ok_or_else(unknown)?;
            entities.push(EntityPlan::new(mapping, entity_mapping, entity, columns)?);
        }
        let read_paths: HashSet<String> =
            mapping.entities.iter().flat_map(EntityMapping::sources).map(str::to_owned).collect();
        let whole: HashSet<usize> = columns
            .iter()
            .enumerate()
            .filter(|(_, name)| read_paths.contains(name.as_str()))
            .map(|(index, _)| index)
            .collect();
        let touched: HashSet<usize> =
            read_paths.iter().filter_map(|path| Path::resolve(path, columns)).map(|path| path.column()).collect();
        let unread = (0..columns.len()).filter(|index| !touched.contains(index)).collect();
        let entered = (0..columns.len()).filter(|index| touched.contains(index) && !whole.contains(index)).collect();
        Ok(Self { entities, columns: columns.clone(), unread, entered, read_paths })
    }

    /// Writes the JSON object of what no rule reads, and of the values that were lost.
    pub fn extras(&self, record: &Record, lost: &[(&FieldPlan, String)]) -> String {
        let mut json = String::with_capacity(2 + 24 * self.unread.len());
        json.push('{');
        for &index in &self.unread {
            if let Some(value) = record.cell(index) {
                write::member(&mut json, &self.columns[index], value);
            }
        }
        for &index in &self.entered {
            if let Some(rest) = record.cell(index).and_then(|value| self.rest(&self.columns[index], value)) {
                write::member(&mut json, &self.columns[index], &rest);
            }
        }
        for (field, raw) in lost {
            write::member(&mut json, &field.source_name, &Value::text(raw));
        }
        json.push('}');
        json
    }

    /// Returns the value without the members that rules read, or `None` when nothing is left.
    fn rest(&self, path: &str, value: &Value) -> Option<Value> {
        if self.read_paths.contains(path) {
            return None;
        }
        let Value::Object(members) = value else { return Some(value.clone()) };
        let rest: Vec<_> = members
            .iter()
            .filter_map(|(name, member)| Some((name.clone(), self.rest(&format!("{path}.{name}"), member)?)))
            .collect();
        (!rest.is_empty()).then_some(Value::Object(rest))
    }
}

impl EntityPlan {
    fn new(
        stream: &StreamMapping,
        mapping: &EntityMapping,
        entity: &Entity,
        columns: &[CompactString],
    ) -> Result<Self, MappingError> {
        // Fields are written in the ontology's order, whatever order the rules have: the same record always gives the same text.
        let mut fields = Vec::new();
        for (name, field) in &entity.fields {
            let Some(rule) = mapping.rule(name) else { continue };
            let is_key = *name == entity.key;
            let reference = is_key || field.references.is_some() || name.ends_with("_id");
            let is_version = matches!(name.as_str(), "updated_at" | "last_updated");
            fields.push(FieldPlan::new(stream, rule, field.kind, columns, is_key, is_version, reference)?);
        }
        if let Some(unknown) = mapping.fields.iter().find(|rule| !entity.fields.contains_key(&rule.target)) {
            return Err(MappingError::UnknownField {
                stream: stream.stream.clone(),
                entity: mapping.entity.clone(),
                field: unknown.target.clone(),
            });
        }
        let keyed = fields.iter().any(|field| field.is_key);
        let pivot = mapping.pivot.as_ref().map(|pivot| PivotPlan::new(stream, pivot, entity, columns)).transpose()?;
        Ok(Self {
            entity: mapping.entity.as_str().into(),
            fragment: stream.stream.as_str().into(),
            key: entity.key.clone(),
            keyed,
            fields,
            pivot,
        })
    }
}

impl FieldPlan {
    fn new(
        stream: &StreamMapping,
        rule: &FieldRule,
        kind: FieldType,
        columns: &[CompactString],
        is_key: bool,
        is_version: bool,
        reference: bool,
    ) -> Result<Self, MappingError> {
        let sources = rule.sources.iter().filter_map(|source| Path::resolve(source, columns)).collect();
        let mut expressions = Vec::new();
        for transform in &rule.transforms {
            if let Transform::Expression { expression } = transform {
                expressions.push(Compiled::new(expression).map_err(|error| MappingError::Expression {
                    stream: stream.stream.clone(),
                    field: rule.target.clone(),
                    message: error.to_string(),
                })?);
            }
        }
        let source_name = rule.sources.first().cloned().unwrap_or_else(|| rule.target.clone());
        Ok(Self {
            target: rule.target.clone(),
            kind,
            is_key,
            is_version,
            source_name,
            sources,
            transforms: rule.transforms.clone(),
            reference,
            expressions,
        })
    }

    /// Reads, transforms and casts this field of a record; what cannot be told comes back as text with the reason.
    pub fn value<'r>(&self, batch: &RecordBatch, record: &'r Record) -> Result<Cast<'r>, (Code, String)> {
        if self.transforms.is_empty() {
            let Some(value) = self.said(record) else { return Ok(Cast::Absent) };
            return cast::cast(value, self.kind, self.reference).map_err(|raw| (Code::Uncastable, raw));
        }
        self.transformed(batch, record)
    }

    fn transformed<'r>(&self, batch: &RecordBatch, record: &'r Record) -> Result<Cast<'r>, (Code, String)> {
        let mut value = self.said(record).map(Cow::Borrowed);
        let mut format = None;
        let mut expressions = self.expressions.iter();
        for transform in &self.transforms {
            value = match transform {
                Transform::Constant { value } => Some(Cow::Owned(Value::text(value))),
                Transform::Concat { separator } => self.concat(record, separator).map(Cow::Owned),
                Transform::DateFormat { format: stated } => {
                    format = Some(stated.as_str());
                    value
                }
                Transform::Expression { .. } => {
                    let compiled = expressions.next().expect("one per expression transform");
                    let result = compiled
                        .eval(value.as_deref(), batch, record)
                        .map_err(|error| (Code::ExpressionFailed, error))?;
                    Some(Cow::Owned(result))
                }
                simple => match value {
                    Some(value) => Some(apply(simple, value)?),
                    None => None,
                },
            };
        }
        let Some(value) = value else { return Ok(Cast::Absent) };
        let cast = match format {
            Some(format) => cast::cast_time(&value, self.kind, format),
            None => cast::cast(&value, self.kind, self.reference),
        };
        cast.map(Cast::into_owned).map_err(|raw| (Code::Uncastable, raw))
    }

    /// Returns what the first of the sources says that says anything, null included.
    fn said<'r>(&self, record: &'r Record) -> Option<&'r Value> {
        self.sources.iter().find_map(|path| path.get(record))
    }

    fn concat(&self, record: &Record, separator: &str) -> Option<Value> {
        let parts: Vec<&str> = self
            .sources
            .iter()
            .filter_map(|path| path.get(record)?.as_text())
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .collect();
        (!parts.is_empty()).then(|| Value::text(parts.join(separator)))
    }
}

/// Applies a transform that looks at one value only.
fn apply<'v>(transform: &Transform, value: Cow<'v, Value>) -> Result<Cow<'v, Value>, (Code, String)> {
    let Some(text) = value.as_text() else { return Ok(value) };
    Ok(match transform {
        Transform::Trim => Cow::Owned(Value::text(text.trim())),
        Transform::NullIf { values } if values.iter().any(|none| none == text.trim()) => Cow::Owned(Value::Null),
        Transform::ValueTable { table, closed } => match table.get(text.trim()) {
            Some(replacement) => Cow::Owned(Value::text(replacement)),
            None if *closed => return Err((Code::UnknownValue, text.to_owned())),
            None => value,
        },
        Transform::Split { separator, index } => Cow::Owned(split(text, separator, *index)),
        Transform::Scale { factor } => match crate::parse::decimal(text).and_then(|number| number.checked_mul(*factor))
        {
            Some(scaled) => Cow::Owned(Value::Number(scaled.normalize().to_string().into())),
            None => return Err((Code::Uncastable, text.to_owned())),
        },
        _ => value,
    })
}

fn split(text: &str, separator: &str, index: i32) -> Value {
    let parts: Vec<&str> = text.split(separator).collect();
    let at =
        if index < 0 { parts.len().checked_sub(index.unsigned_abs() as usize) } else { usize::try_from(index).ok() };
    at.and_then(|at| parts.get(at)).map_or(Value::Null, |part| Value::text(part.trim()))
}

impl Compiled {
    fn new(expression: &str) -> Result<Self, minijinja::Error> {
        let expression = ENVIRONMENT.compile_expression_owned(expression.to_owned())?;
        Ok(Self { expression })
    }

    fn eval(&self, value: Option<&Value>, batch: &RecordBatch, record: &Record) -> Result<Value, String> {
        let row = batch.to_json(record);
        if row.to_string().len() > EXPRESSION_INPUT_MAX {
            return Err(format!("the record is longer than {EXPRESSION_INPUT_MAX} bytes"));
        }
        let context = serde_json::json!({ "value": value.map(Value::to_json), "row": row });
        let result = self.expression.eval(minijinja::value::Serde(context)).map_err(|error| error.to_string())?;
        let json = serde_json::to_string(&result).map_err(|error| error.to_string())?;
        Value::parse_json(&json).map_err(|error| error.to_string())
    }
}

impl PivotPlan {
    fn new(
        stream: &StreamMapping,
        pivot: &Pivot,
        entity: &Entity,
        columns: &[CompactString],
    ) -> Result<Self, MappingError> {
        let path = |column: &str| {
            Path::resolve(column, columns).ok_or_else(|| MappingError::MissingColumn {
                stream: stream.stream.clone(),
                column: column.to_owned(),
                known: columns.join(", "),
            })
        };
        let mut targets = HashMap::new();
        for (metric, field) in &pivot.fields {
            let definition = entity.fields.get(field).ok_or_else(|| MappingError::UnknownField {
                stream: stream.stream.clone(),
                entity: stream.entities.first().map(|main| main.entity.clone()).unwrap_or_default(),
                field: field.clone(),
            })?;
            let fragment = format!("{}#{metric}", stream.stream).into();
            targets.insert(metric.clone(), PivotTarget { field: field.clone(), kind: definition.kind, fragment });
        }
        let time = pivot.time_source.as_deref().map(path).transpose()?;
        Ok(Self {
            key: path(&pivot.key_source)?,
            name: path(&pivot.name_source)?,
            value: path(&pivot.value_source)?,
            value_name: pivot.value_source.clone(),
            time,
            targets,
        })
    }
}
