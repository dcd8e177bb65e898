//! Records as a connector reads them: a batch shares its columns, a record holds its cells.

use crate::value::Value;
use compact_str::CompactString;
use std::sync::Arc;

/// A page of records of one stream.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordBatch {
    pub columns: Arc<[CompactString]>,
    pub records: Vec<Record>,
}

/// One record. A cell that is `None`, or beyond the end, is absent: the source said nothing, not even null.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Where the record stands in its stream: line or index, starting at 1.
    pub position: u64,
    pub cells: Vec<Option<Value>>,
}

impl Record {
    pub fn cell(&self, column: usize) -> Option<&Value> {
        self.cells.get(column)?.as_ref()
    }
}

impl RecordBatch {
    /// Returns the record as a JSON object without its absent cells: the evidence shown to people.
    pub fn to_json(&self, record: &Record) -> serde_json::Value {
        let members = self.columns.iter().enumerate();
        members
            .filter_map(|(index, name)| Some((name.to_string(), record.cell(index)?.to_json())))
            .collect::<serde_json::Map<_, _>>()
            .into()
    }
}

/// A way from a record to one of its values: a column, then members. `a.b` enters objects, `a[]` enters a list
/// (its primary or first item). A column whose own name is the whole text wins.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    column: usize,
    steps: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq)]
enum Step {
    Member(CompactString),
    Item,
}

impl Path {
    /// Finds the path among the columns, or returns `None` when no column begins it.
    pub fn resolve(text: &str, columns: &[CompactString]) -> Option<Self> {
        if let Some(column) = columns.iter().position(|name| name == text) {
            return Some(Self { column, steps: Vec::new() });
        }
        // The longest column name that is a prefix begins the path, so that "a.b" can be a column of its own.
        let (column, name) = columns
            .iter()
            .enumerate()
            .filter(|(_, name)| text.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with(['.', '['])))
            .max_by_key(|(_, name)| name.len())?;
        let steps = text[name.len()..]
            .split('.')
            .flat_map(|part| {
                let (member, item) = match part.strip_suffix("[]") {
                    Some(member) => (member, Some(Step::Item)),
                    None => (part, None),
                };
                let member = (!member.is_empty()).then(|| Step::Member(member.into()));
                member.into_iter().chain(item)
            })
            .collect();
        Some(Self { column, steps })
    }

    pub fn column(&self) -> usize {
        self.column
    }

    /// Returns the value at the path; `None` when it is absent.
    pub fn get<'r>(&self, record: &'r Record) -> Option<&'r Value> {
        let mut value = record.cell(self.column)?;
        for step in &self.steps {
            value = match (step, value) {
                (_, Value::Null) => return Some(value),
                (Step::Member(name), _) => value.get(name)?,
                (Step::Item, Value::List(items)) => primary(items)?,
                (Step::Item, _) => return None,
            };
        }
        Some(value)
    }
}

/// Returns the item marked primary, or the first.
fn primary(items: &[Value]) -> Option<&Value> {
    items.iter().find(|item| item.get("primary") == Some(&Value::Bool(true))).or_else(|| items.first())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(json: &str) -> (Vec<CompactString>, Record) {
        let Value::Object(members) = Value::parse_json(json).unwrap() else { panic!("an object") };
        let (columns, cells) = members.into_iter().map(|(name, value)| (name, Some(value))).unzip();
        (columns, Record { position: 1, cells })
    }

    #[test]
    fn a_path_enters_objects_and_the_primary_item_of_lists() {
        let (columns, record) = record(
            r#"{"org_id":{"value":7},"email":[{"value":"a@x"},{"value":"b@x","primary":true}],"a.b":1,"n":null}"#,
        );
        let get = |path: &str| Path::resolve(path, &columns).unwrap().get(&record).cloned();
        assert_eq!(get("org_id.value"), Some(Value::Number("7".into())));
        assert_eq!(get("email[].value"), Some(Value::text("b@x")));
        assert_eq!(get("a.b"), Some(Value::Number("1".into())));
        assert_eq!(get("n.x"), Some(Value::Null));
        assert_eq!(get("org_id.gone"), None);
        assert_eq!(Path::resolve("nothing", &columns), None);
    }
}
