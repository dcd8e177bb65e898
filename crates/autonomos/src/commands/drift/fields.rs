//! Lists of fields: our own simple form, and what CRMs answer when asked to describe an object.

use super::catalog::add_typed;
use aos_core::drift::Snapshot;
use aos_core::record::{Record, RecordBatch};
use aos_core::shape::{ColumnShape, Shaper, StreamShape};
use aos_core::value::Value as Cell;
use serde_json::Value;

/// Reads `{fields: [{name, type, label?, samples?}]}`, or a bare list of such fields.
pub fn of(value: &Value, name: &str) -> Option<(&'static str, Vec<Snapshot>)> {
    if let Some(tables) = value.get("tables").and_then(Value::as_array) {
        let all: Option<Vec<Snapshot>> = tables.iter().map(|table| Some(of(table, name)?.1.remove(0))).collect();
        return all.filter(|all| !all.is_empty()).map(|all| ("field lists", all));
    }
    let list = value.get("fields").unwrap_or(value).as_array()?;
    if list.is_empty() && value.is_array() {
        return None;
    }
    let is_field = |field: &Value| {
        field.get("name").is_some_and(Value::is_string)
            && (field.get("type").is_some() || field.get("label").is_some() || field.get("samples").is_some())
    };
    // Records may have a name and a type too; a list of fields says nothing else.
    let bare = value.is_array();
    let known =
        ["name", "type", "label", "samples", "key", "length", "scale", "nullable", "description", "cursor", "choices"];
    let only_known =
        |field: &Value| field.as_object().is_some_and(|own| own.keys().all(|key| known.contains(&key.as_str())));
    if !list
        .iter()
        .all(|field| is_field(field) && (!bare || only_known(field) && field.get("type").is_some_and(Value::is_string)))
    {
        return None;
    }
    let described = list.iter().any(|field| field.get("picklistValues").is_some() || field.get("soapType").is_some());
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    let stream = ["object", "stream", "name", "id"].iter().find_map(|key| text(key)).unwrap_or(name);
    let sampled = list.iter().map(|field| samples(field).len()).max().unwrap_or(0) as u64;
    let system = text("system").unwrap_or_default().to_owned();
    let mut snapshot = Snapshot::of_shape(StreamShape { system, sampled, ..StreamShape::of_names(stream, [""; 0]) });
    list.iter().for_each(|field| add(&mut snapshot, field));
    Some((if described { "object description" } else { "field list" }, vec![snapshot]))
}

fn samples(field: &Value) -> &[Value] {
    field.get("samples").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn add(snapshot: &mut Snapshot, field: &Value) {
    let text = |key: &str| field.get(key).and_then(Value::as_str);
    let Some(name) = text("name") else { return };
    let mut column = seen(name, samples(field));
    column.label = text("label").map(str::to_owned);
    let kind = match field.get("type") {
        Some(Value::String(kind)) => kind.clone(),
        Some(Value::Array(kinds)) => {
            kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or_default().to_owned()
        }
        _ => String::new(),
    };
    add_typed(snapshot, column, &kind);
    let number =
        |key: &str| field.get(key).and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok()).filter(|n| *n > 0);
    let flag = |key: &str| field.get(key).and_then(Value::as_bool) == Some(true);
    let listed = ["picklistValues", "choices", "options", "enum"].iter().find_map(|key| field.get(key)?.as_array());
    let choices: Vec<String> = listed.map_or(&[][..], Vec::as_slice).iter().filter_map(choice).collect();
    let (length, scale) = (number("length"), number("scale"));
    let (key, cursor) = (flag("key") || kind == "id", flag("cursor"));
    if key || cursor || length.is_some() || scale.is_some() || !choices.is_empty() {
        let said = snapshot.declared.entry(name.to_owned()).or_default();
        said.key |= key;
        said.cursor |= cursor;
        said.length = length.or(said.length);
        said.scale = scale.or(said.scale);
        said.choices = choices;
    }
}

/// A choice, as text or with its stored value; one that is switched off is none.
fn choice(choice: &Value) -> Option<String> {
    if choice.get("active").and_then(Value::as_bool) == Some(false) {
        return None;
    }
    ["value", "name", "label"].iter().find_map(|key| choice.get(key)?.as_str()).or(choice.as_str()).map(str::to_owned)
}

/// The shape of a column of which some values are given.
fn seen(name: &str, samples: &[Value]) -> ColumnShape {
    let cell = |sample: &Value| Cell::parse_json(&sample.to_string()).unwrap_or(Cell::Null);
    let records: Vec<Record> = samples
        .iter()
        .enumerate()
        .map(|(at, sample)| Record { position: at as u64 + 1, cells: vec![Some(cell(sample))] })
        .collect();
    let mut shaper = Shaper::new("", "").with_sketches();
    shaper.observe(&RecordBatch { columns: ["sample".into()].into(), records });
    let found = shaper.finish().columns.into_iter().next().filter(|column| column.present > 0);
    let mut column = found.unwrap_or_else(|| ColumnShape::unseen(String::new()));
    name.clone_into(&mut column.path);
    column
}
