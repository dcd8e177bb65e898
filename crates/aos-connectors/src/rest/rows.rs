//! Records of a page, out of the JSON objects that a source answers with. Every member is a column of its own name; numbers keep their
//! digits; a member that is not there is absent, and null is null.

use super::body::Body;
use crate::page::{Malformed, MalformedCode};
use aos_core::record::{Record, RecordBatch};
use aos_core::value::Value;
use compact_str::CompactString;
use indexmap::IndexSet;
use serde_json::value::RawValue;
use std::sync::Arc;

/// Columns one stream may have; what a describe of the widest known objects tells is far below.
const COLUMNS_MAX: usize = 4_000;

/// Makes records of one stream, page by page. Columns stay where they are from page to page; new ones come behind.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    columns: IndexSet<CompactString>,
    shared: Option<Arc<[CompactString]>>,
    /// Records that were met so far, in the order of the source.
    position: u64,
    records: Vec<Record>,
    malformed: Vec<Malformed>,
    record_bytes_max: usize,
}

/// How much of a page there is.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Mark {
    records: usize,
    malformed: usize,
}

/// What [`Rows::take`] gives: the records since the last time.
#[derive(Debug)]
pub(crate) struct Taken {
    pub batch: RecordBatch,
    pub malformed: Vec<Malformed>,
}

impl Rows {
    /// A record longer than `record_bytes_max` is malformed.
    pub fn new(record_bytes_max: usize) -> Self {
        Self { record_bytes_max, ..Self::default() }
    }

    /// Reads one record as it stands in the answer, and gives its value to `keep`, which may change it or leave it out.
    pub fn read(&mut self, body: &Body<'_>, raw: &RawValue, keep: impl FnOnce(&mut Members) -> Keep) {
        self.position += 1;
        let text = raw.get();
        if body.is_damaged(text) {
            return self.reject(MalformedCode::Encoding, "it holds bytes that are not UTF-8", text);
        }
        if text.len() > self.record_bytes_max {
            let message = format!("it is longer than {} bytes", self.record_bytes_max);
            return self.reject(MalformedCode::TooLong, &message, text);
        }
        match Value::parse_json(text) {
            Ok(Value::Object(members)) => self.push(Members(members), text, keep),
            Ok(_) => self.reject(MalformedCode::NotAnObject, "it is no JSON object", text),
            Err(error) => {
                let code = if error.to_string().contains("deeper") {
                    MalformedCode::TooDeep
                } else {
                    MalformedCode::InvalidJson
                };
                self.reject(code, &error.to_string(), text);
            }
        }
    }

    /// Adds a record that was not read from JSON.
    pub fn add(&mut self, members: Members, keep: impl FnOnce(&mut Members) -> Keep) {
        self.position += 1;
        self.push(members, "", keep);
    }

    /// Notes a record that was not read from JSON and holds bytes that are no text.
    pub fn reject_damaged(&mut self, raw: &str) {
        self.refuse(MalformedCode::Encoding, "it holds bytes that are not UTF-8", raw);
    }

    /// Notes a record that could not be read at all.
    pub fn refuse(&mut self, code: MalformedCode, message: &str, raw: &str) {
        self.position += 1;
        self.reject(code, message, raw);
    }

    fn push(&mut self, mut members: Members, raw: &str, keep: impl FnOnce(&mut Members) -> Keep) {
        if keep(&mut members) == Keep::Nothing {
            return;
        }
        let mut cells = Vec::with_capacity(self.columns.len().max(members.0.len()));
        for (index, (name, value)) in members.0.into_iter().enumerate() {
            // Most records have their members in the same order, so the first guess is right.
            let column = match self.columns.get_index(index) {
                Some(known) if *known == name => index,
                _ => match self.columns.get_index_of(&name) {
                    Some(column) => column,
                    None if self.columns.len() >= COLUMNS_MAX => {
                        return self.reject(MalformedCode::TooManyColumns, "its stream has too many columns", raw);
                    }
                    None => {
                        self.shared = None;
                        self.columns.insert_full(name).0
                    }
                },
            };
            if cells.len() <= column {
                cells.resize(column + 1, None);
            }
            if cells[column].is_some() {
                return self.reject(MalformedCode::DuplicateMember, "it has two members of one name", raw);
            }
            cells[column] = Some(value);
        }
        self.records.push(Record { position: self.position, cells });
    }

    fn reject(&mut self, code: MalformedCode, message: &str, raw: &str) {
        self.malformed.push(Malformed::new(self.position, code, message, raw.as_bytes()));
    }

    /// Tells how much was read since the last time.
    pub fn mark(&self) -> Mark {
        Mark { records: self.records.len(), malformed: self.malformed.len() }
    }

    /// Forgets what was read after a mark that was made since the last time.
    pub fn cut(&mut self, mark: Mark) {
        self.records.truncate(mark.records);
        self.malformed.truncate(mark.malformed);
    }

    /// Returns what was read since the last time.
    pub fn take(&mut self) -> Taken {
        let columns = self.shared.get_or_insert_with(|| self.columns.iter().cloned().collect()).clone();
        let records = std::mem::take(&mut self.records);
        Taken { batch: RecordBatch { columns, records }, malformed: std::mem::take(&mut self.malformed) }
    }
}

/// Whether a record belongs to the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    Record,
    Nothing,
}

/// The members of one record, in their order.
#[derive(Debug, Default)]
pub(crate) struct Members(pub Vec<(CompactString, Value)>);

impl Members {
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_text()
    }

    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let index = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.remove(index).1)
    }

    pub fn set(&mut self, name: &str, value: Value) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some(member) => member.1 = value,
            None => self.0.push((name.into(), value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(rows: &mut Rows, json: &str) {
        let body = Body::of(json.as_bytes());
        let raws: Vec<&RawValue> = serde_json::from_str(body.text()).unwrap();
        for raw in raws {
            rows.read(&body, raw, |_| Keep::Record);
        }
    }

    #[test]
    fn value_null_and_absent_stay_three_things_over_pages() {
        let mut rows = Rows::new(1 << 20);
        read(&mut rows, r#"[{"a":1.10,"b":null},{"b":"x","c":12345678901234567890}]"#);
        let first = rows.take().batch;
        read(&mut rows, r#"[{"d":true,"a":""}]"#);
        let second = rows.take().batch;
        let json = |batch: &RecordBatch, at: usize| batch.to_json(&batch.records[at]).to_string();
        assert_eq!(json(&first, 0), r#"{"a":"1.10","b":null}"#);
        assert_eq!(first.records[1].cells[0], None);
        assert_eq!(json(&second, 0), r#"{"a":"","d":true}"#);
        assert_eq!(second.records[0].position, 3);
    }

    #[test]
    fn a_record_that_is_no_object_or_names_a_member_twice_is_kept_as_evidence() {
        let mut rows = Rows::new(1 << 20);
        read(&mut rows, r#"[{"a":1},7,{"a":1,"a":2}]"#);
        let taken = rows.take();
        assert_eq!(taken.batch.records.len(), 1);
        let codes: Vec<_> = taken.malformed.iter().map(|malformed| malformed.code).collect();
        assert_eq!(codes, [MalformedCode::NotAnObject, MalformedCode::DuplicateMember]);
        assert_eq!(taken.malformed[1].raw, r#"{"a":1,"a":2}"#);
    }
}
