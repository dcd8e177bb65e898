//! What a source says of single columns now, record by record, and how it is put into raw records.

use super::chunk::rejection;
use super::pages::PageSource;
use crate::Result;
use aos_core::canonicalize::Canonicalizer;
use aos_core::event::{Level, Rejection};
use aos_core::record::{Record, RecordBatch};
use aos_core::value::Value;
use compact_str::CompactString;
use std::collections::HashMap;
use std::sync::Arc;

/// What the source says is held until the raw records are gone through: so many bytes of text and keys, beside what a map needs.
const VALUES_BYTES_MAX: usize = 128 << 20;
/// Of so many records that could not be read it is kept what was wrong.
const REJECTIONS_MAX: usize = 1_000;

/// What the source says of the columns now, by the record it is about.
pub(super) struct Told {
    pub columns: Arc<[CompactString]>,
    pub values: HashMap<CompactString, Vec<Option<Value>>>,
    pub requests: u64,
    /// Records that came again.
    pub repeated: u64,
    /// Records that could not be read, or not be told apart; some of them with what was wrong.
    pub unread: u64,
    pub rejections: Vec<Rejection>,
}

/// Where a column stands: a cell, or a member of the object in one (`properties.industry`).
pub(super) struct Spot {
    cell: usize,
    member: Option<CompactString>,
}

impl Spot {
    fn of(name: &str, columns: &[CompactString]) -> Option<Self> {
        let at = |name: &str| columns.iter().position(|known| known == name);
        if let Some(cell) = at(name) {
            return Some(Self { cell, member: None });
        }
        let (column, member) = name.split_once('.')?;
        Some(Self { cell: at(column)?, member: Some(member.into()) })
    }

    fn get<'r>(&self, record: &'r Record) -> Option<&'r Value> {
        let cell = record.cell(self.cell)?;
        match &self.member {
            Some(member) => cell.get(member),
            None => Some(cell),
        }
    }

    /// Puts a value there, and says whether it is another one. A cell that is no object has no room for a member.
    fn put(&self, record: &mut Record, value: &Value) -> bool {
        if self.get(record) == Some(value) {
            return false;
        }
        if record.cells.len() <= self.cell {
            record.cells.resize(self.cell + 1, None);
        }
        let cell = &mut record.cells[self.cell];
        let Some(member) = &self.member else {
            *cell = Some(value.clone());
            return true;
        };
        match cell.get_or_insert_with(|| Value::Object(Vec::new())) {
            Value::Object(members) => {
                match members.iter_mut().find(|(name, _)| name == member) {
                    Some((_, held)) => held.clone_from(value),
                    None => members.push((member.clone(), value.clone())),
                }
                true
            }
            _ => false,
        }
    }
}

impl Told {
    /// Reads what the source says, to its end.
    pub fn read(mut pages: PageSource, keys: &mut Canonicalizer<'_>, columns: Arc<[CompactString]>) -> Result<Self> {
        let mut told =
            Self { columns, values: HashMap::new(), requests: 0, repeated: 0, unread: 0, rejections: Vec::new() };
        let mut bytes = 0;
        while let Some(page) = pages.next()? {
            told.requests += u64::from(page.requests);
            told.unread += page.malformed.len() as u64;
            told.reject(page.malformed.into_iter().map(rejection));
            let (batch, ids, unkeyed) = keyed(page.batch, keys)?;
            told.reject(unkeyed);
            let spots: Vec<Option<Spot>> = told.columns.iter().map(|name| Spot::of(name, &batch.columns)).collect();
            for (record, id) in batch.records.iter().zip(ids) {
                let Some(id) = id else {
                    told.unread += 1;
                    continue;
                };
                let values: Vec<Option<Value>> = spots.iter().map(|spot| spot.as_ref()?.get(record).cloned()).collect();
                bytes += id.len() + values.iter().flatten().map(size).sum::<usize>();
                if bytes > VALUES_BYTES_MAX {
                    let what = format!("what the source says of {}", told.columns.join(", "));
                    return Err(aos_connectors::Error::TooLarge { what, limit_bytes: VALUES_BYTES_MAX as u64 }.into());
                }
                told.repeated += u64::from(told.values.insert(id, values).is_some());
            }
        }
        Ok(told)
    }

    fn reject(&mut self, rejections: impl IntoIterator<Item = Rejection>) {
        let left = REJECTIONS_MAX.saturating_sub(self.rejections.len());
        self.rejections.extend(rejections.into_iter().take(left));
    }

    /// Makes room for the columns among those of raw records, and returns where each stands.
    pub fn room_in(&self, batch: &mut RecordBatch) -> Vec<Spot> {
        let mut columns: Vec<CompactString> = batch.columns.to_vec();
        let spot = |name: &CompactString| {
            Spot::of(name, &columns).unwrap_or_else(|| {
                columns.push(name.clone());
                Spot { cell: columns.len() - 1, member: None }
            })
        };
        let spots = self.columns.iter().map(spot).collect();
        batch.columns = columns.into();
        spots
    }

    /// Puts what was told of a record into it, and says whether it is another one now. What the source said nothing of stays.
    pub fn put_into(&self, record: &mut Record, id: &str, spots: &[Spot]) -> bool {
        let mut changed = false;
        for (value, spot) in self.values.get(id).into_iter().flatten().zip(spots) {
            changed |= value.as_ref().is_some_and(|value| spot.put(record, value));
        }
        changed
    }
}

/// Returns each record's id, by its key alone, and what is wrong with those that have none: what is asked for need not be enough to make a row
/// of.
pub(super) fn keyed(
    mut batch: RecordBatch,
    keys: &mut Canonicalizer<'_>,
) -> Result<(RecordBatch, Vec<Option<CompactString>>, Vec<Rejection>)> {
    let places: Vec<u64> = batch.records.iter().map(|record| record.position).collect();
    for (at, record) in (1..).zip(&mut batch.records) {
        record.position = at;
    }
    let mut ids = vec![None; batch.records.len()];
    let keyed = keys.deleted(&batch)?;
    for event in keyed.events {
        let at = usize::try_from(event.raw_position).ok().and_then(|at| at.checked_sub(1));
        if let Some(id) = at.and_then(|at| ids.get_mut(at)) {
            *id = Some(event.record_id);
        }
    }
    for (record, place) in batch.records.iter_mut().zip(places) {
        record.position = place;
    }
    let unkeyed = keyed.rejections.into_iter().filter(|rejection| rejection.level == Level::Record);
    Ok((batch, ids, unkeyed.collect()))
}

fn size(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 0,
        Value::Number(text) | Value::Text(text) => text.len(),
        Value::List(items) => items.iter().map(size).sum(),
        Value::Object(members) => members.iter().map(|(name, value)| name.len() + size(value)).sum(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(columns: &[&str], json: &[&str]) -> RecordBatch {
        let cells = json.iter().map(|text| Some(Value::parse_json(text).unwrap())).collect();
        let columns = columns.iter().map(|name| CompactString::from(*name)).collect();
        RecordBatch { columns, records: vec![Record { position: 1, cells }] }
    }

    #[test]
    fn a_member_of_an_object_is_put_beside_the_others_and_nothing_said_changes_nothing() {
        let told = |value: Option<Value>| Told {
            columns: Arc::new(["properties.industry".into()]),
            values: HashMap::from([("1".into(), vec![value])]),
            requests: 0,
            repeated: 0,
            unread: 0,
            rejections: Vec::new(),
        };
        let mut raw = batch(&["id", "properties"], &["\"1\"", r#"{"name":"Acme","industry":null}"#]);
        let energy = told(Some(Value::text("Energy")));
        let spots = energy.room_in(&mut raw);
        let record = &mut raw.records[0];
        assert!(energy.put_into(record, "1", &spots));
        assert!(!energy.put_into(record, "1", &spots), "it is there now");
        assert!(!told(None).put_into(record, "1", &spots) && !energy.put_into(record, "2", &spots));
        assert_eq!(record.cells[1], Some(Value::parse_json(r#"{"name":"Acme","industry":"Energy"}"#).unwrap()));
    }

    #[test]
    fn a_column_that_raw_records_do_not_have_yet_comes_behind_the_others() {
        let told = Told {
            columns: Arc::new(["Region__c".into()]),
            values: HashMap::from([("1".into(), vec![Some(Value::Null)])]),
            requests: 0,
            repeated: 0,
            unread: 0,
            rejections: Vec::new(),
        };
        let mut raw = batch(&["Id"], &["\"1\""]);
        let spots = told.room_in(&mut raw);
        assert!(told.put_into(&mut raw.records[0], "1", &spots), "null is not the same as nothing");
        assert_eq!(raw.columns.iter().map(CompactString::as_str).collect::<Vec<_>>(), ["Id", "Region__c"]);
        assert_eq!(raw.records[0].cells[1], Some(Value::Null));
    }
}
