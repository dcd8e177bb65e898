//! JSON Schema as catalogs use it: properties with types and formats, nested objects and lists, choices. What says nothing about the
//! shape of records is left out.

use super::catalog::declare;
use aos_core::drift::Snapshot;
use aos_core::shape::{ColumnShape, StreamShape, ValueKind};
use serde_json::Value;

/// How deep objects are entered, as with records.
const DEPTH_MAX: usize = 4;
/// Of a document whose schemas refer to each other in circles, so many columns are read.
const COLUMNS_MAX: usize = 2_000;

/// Tells a schema from a record.
pub fn is_schema(value: &Value) -> bool {
    let of_object = kinds(value).contains(&"object");
    value.get("properties").is_some_and(Value::is_object) && (of_object || value.get("$schema").is_some())
}

/// Whether a schema of a document says members of an object.
pub fn has_members(schema: &Value, document: &Value) -> bool {
    parts(schema, document).iter().any(|part| part.get("properties").is_some_and(Value::is_object))
}

/// Reads a schema of a document, within which it may refer to others.
pub fn snapshot(stream: &str, schema: &Value, document: &Value) -> Snapshot {
    let mut snapshot = Snapshot::of_shape(StreamShape::of_names(stream, [""; 0]));
    add_members(&mut snapshot, "", (schema, document), 0);
    snapshot
}

fn add_members(snapshot: &mut Snapshot, path: &str, (schema, document): (&Value, &Value), depth: usize) {
    for part in parts(schema, document) {
        let Some(members) = part.get("properties").and_then(Value::as_object) else { continue };
        let required = part.get("required").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        for (name, member) in members {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            if snapshot.shape.columns.len() < COLUMNS_MAX && snapshot.shape.column(&path).is_none() {
                add(snapshot, path.clone(), (chosen(member, document), document), depth);
                declare(snapshot, path, |said| {
                    said.nullable = nullable(member, document);
                    said.required = Some(required.iter().any(|one| one == name));
                });
            }
        }
    }
}

/// A schema, or those of which all hold.
fn parts<'v>(schema: &'v Value, document: &'v Value) -> Vec<&'v Value> {
    let schema = referred(schema, document);
    let all = schema.get("allOf").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    std::iter::once(schema).chain(all.iter().map(|part| referred(part, document))).collect()
}

/// The schema that is meant by a reference within the document: `{"$ref": "#/$defs/owner"}`.
fn referred<'v>(schema: &'v Value, document: &'v Value) -> &'v Value {
    let at = schema.get("$ref").and_then(Value::as_str).and_then(|at| at.strip_prefix('#'));
    at.and_then(|at| document.pointer(at)).unwrap_or(schema)
}

fn add(snapshot: &mut Snapshot, path: String, (schema, document): (&Value, &Value), depth: usize) {
    let mut column = ColumnShape::unseen(path.clone());
    column.kind = kind(schema);
    column.label = schema.get("title").and_then(Value::as_str).map(str::to_owned);
    snapshot.shape.columns.push(column);
    let choices: Vec<String> = schema
        .get("enum")
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice)
        .iter()
        .filter(|choice| !choice.is_null())
        .map(|choice| choice.as_str().map_or_else(|| choice.to_string(), str::to_owned))
        .collect();
    let length = schema.get("maxLength").and_then(Value::as_u64).and_then(|length| u32::try_from(length).ok());
    if !choices.is_empty() || length.is_some() {
        declare(snapshot, path.clone(), |said| {
            said.choices = choices;
            said.length = length;
        });
    }
    if depth < DEPTH_MAX {
        add_members(snapshot, &path, (schema, document), depth + 1);
        if let Some(item) = schema.get("items").map(|item| chosen(item, document)) {
            add_members(snapshot, &format!("{path}[]"), (item, document), depth + 1);
        }
    }
}

/// Whether null is a value by this schema, or by one of its alternatives; unknown where no type is said.
fn nullable(schema: &Value, document: &Value) -> Option<bool> {
    let schema = referred(schema, document);
    let says_null = |one: &Value| {
        let one = referred(one, document);
        kinds(one).contains(&"null") || one.get("nullable").and_then(Value::as_bool) == Some(true)
    };
    let alternatives = ["anyOf", "oneOf"].iter().find_map(|key| schema.get(key)?.as_array());
    let any = says_null(schema) || alternatives.is_some_and(|several| several.iter().any(says_null));
    (any || alternatives.is_some() || !kinds(schema).is_empty()).then_some(any)
}

/// Of several alternatives the first that is not null.
fn chosen<'v>(schema: &'v Value, document: &'v Value) -> &'v Value {
    let schema = referred(schema, document);
    // To what says members itself, alternatives are further conditions.
    if has_members(schema, document) {
        return schema;
    }
    let several = ["anyOf", "oneOf", "allOf"].iter().find_map(|key| schema.get(key)?.as_array());
    let first = several.and_then(|several| several.iter().find(|one| kinds(one) != ["null"]));
    first.map_or(schema, |first| referred(first, document))
}

fn kinds(schema: &Value) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(kind)) => vec![kind.as_str()],
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn kind(schema: &Value) -> ValueKind {
    let text = |key: &str| schema.get(key).and_then(Value::as_str);
    match (text("format"), text("airbyte_type")) {
        (Some("date-time"), _) | (_, Some("timestamp_with_timezone" | "timestamp_without_timezone")) => {
            return ValueKind::Datetime;
        }
        (Some("date"), _) => return ValueKind::Date,
        (_, Some("integer" | "big_integer")) => return ValueKind::Integer,
        _ => {}
    }
    let kinds: Vec<&str> = kinds(schema).into_iter().filter(|kind| *kind != "null").collect();
    match kinds.as_slice() {
        ["object"] => ValueKind::Object,
        ["array"] => ValueKind::List,
        ["integer"] => ValueKind::Integer,
        ["number"] | ["integer", "number"] | ["number", "integer"] => ValueKind::Decimal,
        ["boolean"] => ValueKind::Boolean,
        [] if schema.get("properties").is_some() || schema.get("allOf").is_some() => ValueKind::Object,
        [] => ValueKind::Unknown,
        // Of several types a text is the one that all can be written in.
        _ => ValueKind::String,
    }
}
