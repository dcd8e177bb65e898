//! Recognising schemas: catalogs, JSON Schema, field lists, describes. What is none of them is records.

use super::{fields, json_schema};
use aos_core::drift::{Declared, DeclaredType, Snapshot};
use aos_core::shape::{ColumnShape, StreamShape};
use indexmap::IndexMap;
use serde_json::Value;

/// What says that a stream is there, and nothing of its columns.
pub const STREAM_NAME: &str = "stream name";
/// Forms in which a version names its streams itself.
pub const NAMED: [&str; 3] = ["catalog", "catalog in messages", STREAM_NAME];

/// Returns what the JSON is, in words, and its streams.
pub fn recognise(value: &Value, name: &str) -> Option<(&'static str, Vec<Snapshot>)> {
    if let Some(catalog) = value.get("catalog").filter(|_| value.get("type").is_some_and(|kind| kind == "CATALOG")) {
        return Some(("catalog", streams(catalog)?));
    }
    if let Some(streams) = streams(value) {
        return Some(("catalog", streams));
    }
    if let Some(stream) = named(value) {
        return Some((STREAM_NAME, vec![Snapshot::of_shape(StreamShape::of_names(stream, [""; 0]))]));
    }
    if let Some(found) = described(value) {
        return Some(found);
    }
    if json_schema::is_schema(value) {
        let name = value.get("title").and_then(Value::as_str).unwrap_or(name);
        return Some(("JSON Schema", vec![json_schema::snapshot(name, value, value)]));
    }
    if let Some(list) = fields::of(value, name) {
        return Some(list);
    }
    types(value, name).map(|snapshot| ("names and types", vec![snapshot]))
}

/// The objects of an API description (OpenAPI, Swagger), and the tables of a dbt catalog or manifest.
fn described(value: &Value) -> Option<(&'static str, Vec<Snapshot>)> {
    let is_api = ["openapi", "swagger"].iter().any(|key| value.get(key).is_some_and(Value::is_string));
    let schemas = ["/components/schemas", "/definitions"].iter().find_map(|at| value.pointer(at)?.as_object());
    if let Some(schemas) = schemas.filter(|_| is_api) {
        let objects = schemas.iter().filter(|(_, schema)| json_schema::has_members(schema, value));
        let all: Vec<Snapshot> = objects.map(|(name, schema)| json_schema::snapshot(name, schema, value)).collect();
        return (!all.is_empty()).then_some(("API description", all));
    }
    let nodes = ["nodes", "sources"].iter().filter_map(|key| value.get(key)?.as_object()).flatten();
    let tables: Vec<Snapshot> = nodes.filter_map(|(id, node)| table(id, node)).collect();
    (value.get("metadata").is_some() && !tables.is_empty()).then_some(("dbt catalog", tables))
}

/// A table of a dbt catalog or manifest: its columns by name.
fn table(id: &str, node: &Value) -> Option<Snapshot> {
    let columns = node.get("columns")?.as_object().filter(|columns| !columns.is_empty())?;
    let name = node.pointer("/metadata/name").or_else(|| node.get("name")).and_then(Value::as_str);
    let name = name.or_else(|| id.rsplit('.').next()).unwrap_or(id);
    let mut snapshot = Snapshot::of_shape(StreamShape::of_names(name, [""; 0]));
    for (key, column) in columns {
        let text = |keys: &[&str]| keys.iter().find_map(|key| column.get(key)?.as_str());
        let name = text(&["name"]).unwrap_or(key);
        add_typed(
            &mut snapshot,
            ColumnShape::unseen(name.to_owned()),
            text(&["type", "data_type"]).unwrap_or_default(),
        );
    }
    Some(snapshot)
}

/// The streams of an Airbyte catalog, discovered or configured.
pub fn streams(catalog: &Value) -> Option<Vec<Snapshot>> {
    let listed = catalog.get("streams")?.as_array()?;
    let streams: Vec<Snapshot> = listed.iter().filter_map(stream).collect();
    (streams.len() == listed.len()).then_some(streams)
}

/// The stream of an object that names one and says nothing else.
fn named(value: &Value) -> Option<&str> {
    let members = value.as_object().filter(|members| members.len() == 1)?;
    members.get("stream")?.as_str().filter(|name| !DeclaredType::is_type(name))
}

fn stream(entry: &Value) -> Option<Snapshot> {
    let stream = entry.get("stream").filter(|stream| stream.is_object()).unwrap_or(entry);
    let name = ["name", "tap_stream_id", "stream"].iter().find_map(|key| stream.get(key)?.as_str())?;
    let schema = ["json_schema", "schema"].iter().find_map(|key| stream.get(key))?;
    let mut snapshot = json_schema::snapshot(name, schema, schema);
    let named = |key: &str| entry.get(key).or_else(|| stream.get(key));
    for key in ["primary_key", "source_defined_primary_key", "key_properties"].iter().filter_map(|key| named(key)) {
        paths(key).into_iter().for_each(|path| declare(&mut snapshot, path, |said| said.key = true));
    }
    for cursor in ["cursor_field", "default_cursor_field"].iter().filter_map(|key| named(key)) {
        declare(&mut snapshot, paths(cursor).join("."), |said| said.cursor = true);
    }
    Some(snapshot)
}

/// Paths as catalogs write them: `["id"]`, `[["id"], ["owner", "id"]]`, `"id"`.
fn paths(value: &Value) -> Vec<String> {
    let text = |part: &Value| part.as_str().map(str::to_owned);
    match value {
        Value::String(path) => vec![path.clone()],
        Value::Array(parts) => parts
            .iter()
            .filter_map(|part| match part {
                Value::Array(steps) => Some(steps.iter().filter_map(text).collect::<Vec<_>>().join(".")),
                part => text(part),
            })
            .collect(),
        _ => Vec::new(),
    }
}

pub fn declare(snapshot: &mut Snapshot, path: String, say: impl FnOnce(&mut Declared)) {
    if snapshot.shape.column(&path).is_some() {
        say(snapshot.declared.entry(path).or_default());
    }
}

/// An object that says a type for each name.
fn types(value: &Value, name: &str) -> Option<Snapshot> {
    let members = value.as_object().filter(|members| !members.is_empty())?;
    let typed = members.values().filter(|kind| kind.as_str().is_some_and(DeclaredType::is_type)).count();
    if typed * 5 < members.len() * 4 || !members.values().all(Value::is_string) {
        return None;
    }
    let mut snapshot =
        Snapshot::of_shape(StreamShape { system: String::new(), ..StreamShape::of_names(name, [""; 0]) });
    for (name, kind) in members {
        add_typed(&mut snapshot, ColumnShape::unseen(name.clone()), kind.as_str().unwrap_or_default());
    }
    Some(snapshot)
}

/// Adds a column of a declared type, with the members the type names.
pub fn add_typed(snapshot: &mut Snapshot, mut column: ColumnShape, kind: &str) {
    let read = DeclaredType::read(kind);
    if read.kind != aos_core::shape::ValueKind::Unknown {
        column.kind = read.kind;
    }
    let path = column.path.clone();
    snapshot.shape.columns.push(column);
    for member in read.members {
        snapshot.shape.columns.push(ColumnShape::unseen(format!("{path}.{member}")));
    }
    if read.declared != Declared::default() {
        snapshot.declared = std::mem::take(&mut snapshot.declared)
            .into_iter()
            .chain([(path, read.declared)])
            .collect::<IndexMap<_, _>>();
    }
}
