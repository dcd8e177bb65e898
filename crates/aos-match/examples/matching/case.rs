//! Labelled cases: a real table's columns with the right answer. Read from JSON; turned into the shape a connector would have found.

use aos_core::record::{Record, RecordBatch};
use aos_core::shape::{ColumnShape, Shaper, StreamShape, ValueKind};
use aos_core::value::Value;
use indexmap::IndexMap;
use serde::Deserialize;
use std::path::Path;

#[derive(Debug, Clone, Deserialize)]
pub struct Case {
    pub id: String,
    #[serde(default)]
    pub system: String,
    /// The table's name in its source.
    pub object: String,
    /// The entity the table is about; `none` when the ontology has none for it.
    pub canonical_entity: String,
    pub fields: Vec<CaseField>,
    /// Field -> the right column.
    #[serde(default)]
    pub gold: IndexMap<String, String>,
    /// Field -> columns that are right as well.
    #[serde(default)]
    pub acceptable: IndexMap<String, Vec<String>>,
    /// Field -> look-alike columns that are wrong.
    #[serde(default)]
    pub traps: IndexMap<String, Vec<String>>,
    /// Fields that no column holds.
    #[serde(default)]
    pub absent: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct CaseField {
    pub name: String,
    #[serde(default, rename = "type")]
    pub kind: String,
    #[serde(default)]
    pub label: Option<String>,
    #[serde(default)]
    pub samples: Vec<serde_json::Value>,
}

/// Fields that others call by another name than the ontology.
const SYNONYMS: [(&str, &str, &str); 2] =
    [("ticket", "organization_id", "account_id"), ("account", "revenue", "annual_revenue")];

/// What of a case the matcher is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    Full,
    NamesOnly,
}

impl Case {
    /// The system's name; cases of one system are never split between learning and testing.
    pub fn group(&self) -> &str {
        self.id.split('.').next().unwrap_or(&self.id).trim_end_matches(|c: char| c.is_ascii_digit())
    }

    pub fn is_right(&self, field: &str, column: &str) -> bool {
        self.gold.get(field).is_some_and(|right| right == column)
            || self.acceptable.get(field).is_some_and(|also| also.iter().any(|name| name == column))
    }

    pub fn is_trap(&self, field: &str, column: &str) -> bool {
        self.traps.get(field).is_some_and(|traps| traps.iter().any(|name| name == column))
    }

    /// Whether the case says what is right for this field.
    pub fn judges(&self, field: &str) -> bool {
        self.gold.contains_key(field) || self.absent.iter().any(|name| name == field)
    }

    /// Whether the column is known to be the right one of some field.
    pub fn places(&self, column: &str) -> bool {
        self.gold.values().any(|right| right == column)
    }

    pub fn shape(&self, view: View) -> StreamShape {
        if view == View::NamesOnly {
            return StreamShape::of_names(self.object.clone(), self.fields.iter().map(|field| field.name.clone()));
        }
        let columns: Vec<ColumnShape> = self.fields.iter().map(column_shape).collect();
        let sampled = self.fields.iter().map(|field| field.samples.len()).max().unwrap_or(0) as u64;
        StreamShape { stream: self.object.clone(), system: self.system.clone(), sampled, columns }
    }

    fn translate(mut self) -> Self {
        for (entity, theirs, ours) in SYNONYMS {
            if self.canonical_entity != entity {
                continue;
            }
            if let Some(column) = self.gold.shift_remove(theirs) {
                self.gold.insert(ours.to_owned(), column);
            }
            for map in [&mut self.acceptable, &mut self.traps] {
                if let Some(columns) = map.shift_remove(theirs) {
                    map.insert(ours.to_owned(), columns);
                }
            }
            self.absent.iter_mut().filter(|name| *name == theirs).for_each(|name| *name = ours.to_owned());
        }
        self
    }
}

fn column_shape(field: &CaseField) -> ColumnShape {
    let mut shaper = Shaper::new("", "");
    let records = field
        .samples
        .iter()
        .enumerate()
        .map(|(at, sample)| Record { position: at as u64 + 1, cells: vec![Some(value(sample))] });
    shaper.observe(&RecordBatch { columns: vec![field.name.as_str().into()].into(), records: records.collect() });
    let found = shaper.finish().columns.into_iter().next();
    let mut shape = found.unwrap_or_else(|| ColumnShape::unseen(field.name.clone()));
    shape.path.clone_from(&field.name);
    shape.label.clone_from(&field.label);
    if shape.kind == ValueKind::Unknown {
        shape.kind = declared(&field.kind);
    }
    shape
}

fn value(json: &serde_json::Value) -> Value {
    Value::parse_json(&json.to_string()).unwrap_or(Value::Null)
}

/// Reads a vendor's name of a type; unknown names say nothing.
fn declared(kind: &str) -> ValueKind {
    match kind.to_ascii_lowercase().as_str() {
        "boolean" | "bool" | "check" | "checkbox" => ValueKind::Boolean,
        "int" | "integer" | "bigint" => ValueKind::Integer,
        "double" | "decimal" | "money" | "currency" | "float" | "monetary" | "number" | "percent" => ValueKind::Decimal,
        "date" => ValueKind::Date,
        "datetime" | "timestamp" => ValueKind::Datetime,
        "array" | "one2many" | "many2many" | "list" => ValueKind::List,
        "object" | "address" => ValueKind::Object,
        "string" | "picklist" | "text" | "textarea" | "reference" | "lookup" | "many2one" | "char" | "varchar"
        | "id" | "enum" | "phone" | "url" | "email" | "memo" | "enumeration" | "selection" | "link" | "data"
        | "select" | "owner" | "uniqueidentifier" | "html" => ValueKind::String,
        _ => ValueKind::Unknown,
    }
}

/// Reads every case of a folder, in order of their file names.
pub fn read_cases(folder: &Path) -> Result<Vec<Case>, String> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("cannot read {}: {error}", folder.display()))?;
    let mut paths: Vec<_> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "json") && !path.ends_with("canonical.json"));
    paths.sort();
    let read = |path: &std::path::PathBuf| {
        let text = std::fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        let case: Case =
            serde_json::from_str(&text).map_err(|error| format!("{} is no labelled case: {error}", path.display()))?;
        Ok(case.translate())
    };
    let cases: Vec<Case> = paths.iter().map(read).collect::<Result<_, String>>()?;
    if cases.is_empty() { Err(format!("{} holds no case (*.json)", folder.display())) } else { Ok(cases) }
}
