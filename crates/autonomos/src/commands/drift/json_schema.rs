//! JSON Schema as catalogs use it: properties with types and formats, nested objects and lists, choices. What says nothing about the
//! shape of records is left out.

use super::catalog::declare;
use aos_core::drift::Snapshot;
use aos_core::shape::{ColumnShape, StreamShape, ValueKind};
use serde_json::Value;

/// How deep objects are entered, as with records.
const DEPTH_MAX: usize = 4;

/// Tells a schema from a record.
pub fn is_schema(value: &Value) -> bool {
    let of_object = kinds(value).contains(&"object");
    value.get("properties").is_some_and(Value::is_object) && (of_object || value.get("$schema").is_some())
}

pub fn snapshot(stream: &str, schema: &Value) -> Snapshot {
    let mut snapshot = Snapshot::of_shape(StreamShape::of_names(stream, [""; 0]));
    add_members(&mut snapshot, "", schema, 0);
    snapshot
}

fn add_members(snapshot: &mut Snapshot, path: &str, schema: &Value, depth: usize) {
    let Some(members) = schema.get("properties").and_then(Value::as_object) else { return };
    for (name, member) in members {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        add(snapshot, path, chosen(member), depth);
    }
}

fn add(snapshot: &mut Snapshot, path: String, schema: &Value, depth: usize) {
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
        add_members(snapshot, &path, schema, depth + 1);
        if let Some(item) = schema.get("items").map(chosen) {
            add_members(snapshot, &format!("{path}[]"), item, depth + 1);
        }
    }
}

/// Of several alternatives the first that is not null.
fn chosen(schema: &Value) -> &Value {
    let several = ["anyOf", "oneOf", "allOf"].iter().find_map(|key| schema.get(key)?.as_array());
    several.and_then(|several| several.iter().find(|one| kinds(one) != ["null"])).unwrap_or(schema)
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
        [] => ValueKind::Unknown,
        // Of several types a text is the one that all can be written in.
        _ => ValueKind::String,
    }
}
