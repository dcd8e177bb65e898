//! Keeps values of a changed source aside until someone decides: taken out of the record before it is mapped, and told as rejections with
//! their evidence. The raw record stays in the lake, from which it is read again after a repair.

use aos_core::drift::{Change, ChangeKind, ContractAction};
use aos_core::event::{Code, Level, Rejection};
use aos_core::parse;
use aos_core::record::{Path, Record, RecordBatch};
use aos_core::shape::{ColumnShape, ValueKind, form};
use aos_core::value::Value;
use std::collections::HashSet;

/// How much of a value is shown as evidence.
const EVIDENCE_CHARS_MAX: usize = 400;

/// Which values of a path are kept aside.
#[derive(Debug, Clone, PartialEq)]
pub struct Discard {
    pub path: String,
    pub level: Level,
    pub why: String,
    test: Test,
}

#[derive(Debug, Clone, PartialEq)]
enum Test {
    Every,
    Among(HashSet<String>),
    NotOfKind(ValueKind),
    NotWritten(HashSet<String>),
    LongAs(usize),
}

/// What is kept aside of one stream's records.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Quarantine {
    pub discards: Vec<Discard>,
}

impl Discard {
    /// Says which values a change makes doubtful, where its action is to keep them aside.
    pub(crate) fn of(
        change: &Change,
        action: ContractAction,
        accepted: Option<&ColumnShape>,
        observed: Option<&ColumnShape>,
    ) -> Option<Self> {
        let level = match action {
            ContractAction::DiscardRow => Level::Record,
            ContractAction::DiscardValue => Level::Value,
            ContractAction::Evolve | ContractAction::Freeze => return None,
        };
        let sketch = accepted.and_then(|column| column.sketch.as_ref());
        let test = match change.kind {
            // What is rare may be missing in both samples; only what is surely new is doubtful.
            ChangeKind::EnumChanged => {
                sketch.zip(observed.and_then(|column| column.sketch.as_ref())).map(|(was, is)| {
                    let known: HashSet<&String> = was.choices.iter().map(|(choice, _)| choice).collect();
                    let new = is.choices.iter().map(|(choice, _)| choice).filter(|choice| !known.contains(choice));
                    Test::Among(new.cloned().collect())
                })
            }
            ChangeKind::Retyped => accepted.map(|column| Test::NotOfKind(column.kind)),
            ChangeKind::FormatChanged => sketch
                .filter(|sketch| !sketch.forms.is_empty())
                .map(|sketch| Test::NotWritten(sketch.forms.iter().map(|(form, _)| form.clone()).collect())),
            ChangeKind::Truncated => observed.map(|column| Test::LongAs(column.max_length as usize)),
            _ => None,
        };
        let why = change.evidence.first().map(ToString::to_string).unwrap_or_default();
        let why = format!("{} ({}): {why}", change.path, change.kind.as_str().replace('_', " "));
        Some(Self { path: change.path.clone(), level, why, test: test.unwrap_or(Test::Every) })
    }

    fn is_doubtful(&self, value: &Value) -> bool {
        match (&self.test, value) {
            (_, Value::Null) => false,
            (_, Value::Text(text)) if text.trim().is_empty() => false,
            (Test::Every, _) => true,
            (Test::Among(new), value) => value.as_text().is_some_and(|text| new.contains(text)),
            (Test::NotOfKind(kind), value) => !is_of_kind(value, *kind),
            (Test::NotWritten(forms), value) => {
                value.as_text().and_then(form).is_some_and(|form| !forms.contains(&form))
            }
            (Test::LongAs(length), value) => value.as_text().is_some_and(|text| text.chars().count() >= *length),
        }
    }
}

impl Quarantine {
    pub fn is_empty(&self) -> bool {
        self.discards.is_empty()
    }

    /// Takes out of a page what is doubtful. Records that are kept aside as a whole are left out of it, and each has one rejection.
    pub fn screen(&self, batch: &RecordBatch) -> (RecordBatch, Vec<Rejection>) {
        let mut rejections = Vec::new();
        let ways: Vec<Option<Path>> =
            self.discards.iter().map(|discard| Path::resolve(&discard.path, &batch.columns)).collect();
        let mut records = Vec::with_capacity(batch.records.len());
        'records: for record in &batch.records {
            let mut kept = record.clone();
            let mut lost = Vec::new();
            for (discard, way) in self.discards.iter().zip(&ways) {
                let Some(way) = way else { continue };
                let Some(value) = way.get(record).filter(|value| discard.is_doubtful(value)) else { continue };
                if discard.level == Level::Record {
                    rejections.push(discard.rejection(batch.to_json(record).to_string(), record));
                    continue 'records;
                }
                lost.push(discard.rejection(shown(value), record));
                clear(&mut kept, way.column(), &discard.path, &batch.columns[way.column()]);
            }
            rejections.extend(lost);
            records.push(kept);
        }
        (RecordBatch { columns: batch.columns.clone(), records }, rejections)
    }
}

impl Discard {
    fn rejection(&self, raw: String, record: &Record) -> Rejection {
        Rejection {
            level: self.level,
            code: Code::Drifted,
            message: format!("the source has changed, and this is kept aside until someone decides: {}", self.why),
            column: Some(self.path.clone()),
            raw,
            position: record.position,
        }
    }
}

/// Makes the value at a path null; in a list, the whole list.
fn clear(record: &mut Record, column: usize, path: &str, name: &str) {
    let Some(Some(cell)) = record.cells.get_mut(column) else { return };
    let mut place = cell;
    for member in path.strip_prefix(name).unwrap_or_default().split('.').filter(|member| !member.is_empty()) {
        if member.ends_with("[]") {
            break;
        }
        let Value::Object(members) = place else { break };
        let Some((_, inner)) = members.iter_mut().find(|(known, _)| known == member) else { return };
        place = inner;
    }
    *place = Value::Null;
}

fn is_of_kind(value: &Value, kind: ValueKind) -> bool {
    let text = value.as_text().map(str::trim);
    let number = || text.and_then(parse::decimal);
    match kind {
        ValueKind::Unknown | ValueKind::String => text.is_some(),
        ValueKind::Integer => number().is_some_and(|number| number.is_integer()),
        ValueKind::Decimal => number().is_some(),
        ValueKind::Boolean => text.is_some_and(|text| parse::boolean(text).is_some()),
        ValueKind::Date | ValueKind::Datetime => {
            text.is_some_and(|text| parse::datetime(text).is_some() || parse::date(text).is_some())
        }
        ValueKind::List => matches!(value, Value::List(_)),
        ValueKind::Object => matches!(value, Value::Object(_)),
    }
}

fn shown(value: &Value) -> String {
    match value.as_text() {
        Some(text) => text.chars().take(EVIDENCE_CHARS_MAX).collect(),
        None => value.to_json().to_string().chars().take(EVIDENCE_CHARS_MAX).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn discard(path: &str, level: Level, test: Test) -> Discard {
        Discard { path: path.into(), level, why: String::new(), test }
    }

    fn batch(values: &[&str]) -> RecordBatch {
        let record = |(at, json): (usize, &&str)| Record {
            position: at as u64 + 1,
            cells: vec![Some(Value::parse_json(json).unwrap())],
        };
        RecordBatch { columns: ["deal".into()].into(), records: values.iter().enumerate().map(record).collect() }
    }

    #[test]
    fn doubtful_values_are_taken_out_and_told_with_their_evidence() {
        let quarantine =
            Quarantine { discards: vec![discard("deal.amount", Level::Value, Test::NotOfKind(ValueKind::Decimal))] };
        let page = batch(&[r#"{"amount":"12.5"}"#, r#"{"amount":"a lot","name":"x"}"#, r#"{"amount":null}"#]);
        let (kept, rejections) = quarantine.screen(&page);
        assert_eq!(kept.records.len(), 3);
        assert_eq!(kept.to_json(&kept.records[1]).to_string(), r#"{"deal":{"amount":null,"name":"x"}}"#);
        assert_eq!((rejections.len(), rejections[0].raw.as_str(), rejections[0].position), (1, "a lot", 2));
    }

    #[test]
    fn a_record_that_is_kept_aside_as_a_whole_is_left_out_once() {
        let new = HashSet::from(["lost".to_owned()]);
        let quarantine = Quarantine {
            discards: vec![
                discard("deal", Level::Record, Test::Among(new)),
                discard("deal", Level::Record, Test::Every),
            ],
        };
        let (kept, rejections) = quarantine.screen(&batch(&[r#""lost""#]));
        assert!(kept.records.is_empty());
        assert_eq!((rejections.len(), rejections[0].level, rejections[0].code), (1, Level::Record, Code::Drifted));
    }
}
