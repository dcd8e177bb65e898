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
    let known = [
        "name",
        "type",
        "label",
        "samples",
        "key",
        "length",
        "scale",
        "nullable",
        "description",
        "cursor",
        "choices",
        "mode",
        "fields",
        "default",
        "doc",
        "comment",
        "precision",
        "maxLength",
        "policyTags",
        "defaultValueExpression",
        "metadata",
        "aliases",
        "primary_key",
    ];
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
    list.iter().for_each(|field| add(&mut snapshot, "", field));
    Some((if described { "object description" } else { "field list" }, vec![snapshot]))
}

fn samples(field: &Value) -> &[Value] {
    field.get("samples").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// How deep fields are within fields.
const DEPTH_MAX: usize = 4;

fn add(snapshot: &mut Snapshot, within: &str, field: &Value) {
    let text = |key: &str| field.get(key).and_then(Value::as_str);
    let Some(name) = text("name") else { return };
    let name = &format!("{within}{name}");
    let mut column = seen(name, samples(field));
    column.label = text("label").map(str::to_owned);
    let said = said_type(field);
    let repeated = text("mode").is_some_and(|mode| mode.eq_ignore_ascii_case("repeated"));
    let kind = if repeated { "array".to_owned() } else { said.kind };
    add_typed(snapshot, column, &kind);
    let number =
        |key: &str| field.get(key).and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok()).filter(|n| *n > 0);
    let flag = |key: &str| field.get(key).and_then(Value::as_bool) == Some(true);
    let listed = ["picklistValues", "choices", "options", "enum"].iter().find_map(|key| field.get(key)?.as_array());
    let listed = listed.or(said.choices);
    let choices: Vec<String> = listed.map_or(&[][..], Vec::as_slice).iter().filter_map(choice).collect();
    let (length, scale) = (number("length"), number("scale"));
    let (key, cursor) = (flag("key") || kind == "id", flag("cursor"));
    let holder = if repeated || kind == "array" { format!("{name}[].") } else { format!("{name}.") };
    if holder.matches('.').count() <= DEPTH_MAX {
        said.members.iter().for_each(|member| add(snapshot, &holder, member));
    }
    let nullable = nullable(field);
    let says = key || cursor || length.is_some() || scale.is_some() || nullable.is_some();
    if says || !choices.is_empty() {
        let said = snapshot.declared.entry(name.to_owned()).or_default();
        said.key |= key;
        said.cursor |= cursor;
        said.length = length.or(said.length);
        said.scale = scale.or(said.scale);
        said.choices = choices;
        said.nullable = nullable;
    }
}

/// Whether null is a value: said outright, by BigQuery's mode, by Salesforce's `nillable` or by one of Avro's types.
fn nullable(field: &Value) -> Option<bool> {
    let outright = ["nullable", "nillable"].iter().find_map(|key| field.get(key)?.as_bool());
    let by_mode = || match field.get("mode")?.as_str()?.to_lowercase().as_str() {
        "nullable" => Some(true),
        "required" => Some(false),
        _ => None,
    };
    let by_types = || field.get("type")?.as_array().map(|kinds| kinds.iter().any(|one| one == "null"));
    outright.or_else(by_mode).or_else(by_types)
}

/// What a field says of its type, in our own form, Avro's or BigQuery's.
struct Said<'v> {
    kind: String,
    members: &'v [Value],
    choices: Option<&'v Vec<Value>>,
}

fn said_type<'v>(field: &'v Value) -> Said<'v> {
    let members = |value: &'v Value| value.get("fields").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let kind = field.get("type").map(|kind| match kind {
        // Of several, the first that is not null.
        Value::Array(kinds) => kinds.iter().find(|one| one.as_str() != Some("null")).unwrap_or(kind),
        kind => kind,
    });
    match kind {
        Some(Value::String(kind)) => {
            let kind = if kind.eq_ignore_ascii_case("record") { "object" } else { kind };
            Said { kind: kind.to_owned(), members: members(field), choices: None }
        }
        Some(inner @ Value::Object(_)) => {
            let word = |key: &str| inner.get(key).and_then(Value::as_str).unwrap_or_default();
            let logical = word("logicalType").split('-').next().unwrap_or_default();
            let kind = match (word("type"), logical) {
                ("record", _) => "object",
                (_, "timestamp" | "local") => "timestamp",
                (_, "date") => "date",
                (_, "decimal") => "decimal",
                (plain, _) => plain,
            };
            let item = inner.get("items").filter(|_| kind == "array").unwrap_or(inner);
            Said {
                kind: kind.to_owned(),
                members: members(item),
                choices: inner.get("symbols").and_then(Value::as_array),
            }
        }
        _ => Said { kind: String::new(), members: members(field), choices: None },
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
