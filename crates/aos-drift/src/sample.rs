//! Records that are looked at while a stream is read: some of each chunk, spread evenly, so that looking costs little however much is read.

use aos_core::drift::{RowSample, RowSampler};
use aos_core::mapping::{EntityMapping, StreamMapping};
use aos_core::record::{Record, RecordBatch};
use aos_core::shape::{Shaper, StreamShape};
use aos_core::value::Value;
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

/// Columns whose values are sketched; a stream of more is looked at by name and type beyond.
const SKETCHED_MAX: usize = 400;

/// Some records, with what cannot be seen in them alone: how many there were, and on how many pages a top-level column was missing.
#[derive(Debug, Clone, Default)]
pub struct Sample {
    pub batches: Vec<RecordBatch>,
    pub records: u64,
    /// Of each top-level column that the mapping reads: pages with it, and pages without it.
    pages: HashMap<String, (u64, u64)>,
    /// Every so many records one is taken.
    stride: u64,
    met: u64,
    /// Digests of the records that were taken.
    taken: HashSet<u64>,
}

impl Sample {
    /// A sample that takes one of so many records.
    pub fn every(stride: u64) -> Self {
        Self { stride: stride.max(1), ..Self::default() }
    }

    /// Takes some of a page's records, each of them once: a record with the same cells, its key among them, is the same record.
    pub fn take(&mut self, batch: &RecordBatch, mapping: &StreamMapping) {
        let mut records: Vec<Record> = Vec::new();
        for record in &batch.records {
            // A page that is given twice says nothing twice.
            if self.met.is_multiple_of(self.stride) && self.taken.insert(digest(batch, record)) {
                records.push(record.clone());
            }
            self.met += 1;
        }
        if !batch.records.is_empty() {
            for source in mapping.entities.iter().flat_map(EntityMapping::sources) {
                let column = source.split(['.', '[']).next().unwrap_or(source);
                let there = batch.columns.iter().any(|name| name == column || name == source);
                let pages = self.pages.entry(source.to_owned()).or_default();
                if there { pages.0 += 1 } else { pages.1 += 1 }
            }
        }
        self.records += records.len() as u64;
        if !records.is_empty() {
            self.batches.push(RecordBatch { columns: batch.columns.clone(), records });
        }
    }

    /// How many records went by.
    pub(crate) fn met(&self) -> u64 {
        self.met
    }

    /// Pages with and without the column of a path that the mapping reads.
    pub(crate) fn pages(&self, source: &str) -> (u64, u64) {
        self.pages.get(source).copied().unwrap_or_default()
    }

    /// Describes what was taken, with sketches of its values.
    pub fn shape(&self, stream: &str, system: &str) -> StreamShape {
        let wide = self.batches.iter().any(|batch| batch.columns.len() > SKETCHED_MAX);
        let shaper = Shaper::new(stream, system);
        let mut shaper = if wide { shaper } else { shaper.with_sketches() };
        self.batches.iter().for_each(|batch| shaper.observe(batch));
        shaper.finish()
    }

    /// Returns rows of the sample by their key, to be compared with the same rows of another version.
    pub fn rows(&self, shape: &StreamShape, key: &[String], rows_max: usize) -> RowSample {
        let paths = shape.columns.iter().map(|column| column.path.clone()).collect();
        let mut sampler = RowSampler::new(paths, key, rows_max);
        self.batches.iter().for_each(|batch| sampler.observe(batch));
        sampler.finish()
    }
}

/// Tells records apart by what their cells say.
fn digest(batch: &RecordBatch, record: &Record) -> u64 {
    let mut hasher = DefaultHasher::new();
    for (at, name) in batch.columns.iter().enumerate() {
        if let Some(value) = record.cell(at) {
            name.hash(&mut hasher);
            add(value, &mut hasher);
        }
    }
    hasher.finish()
}

fn add(value: &Value, hasher: &mut DefaultHasher) {
    std::mem::discriminant(value).hash(hasher);
    match value {
        Value::Null => {}
        Value::Bool(flag) => flag.hash(hasher),
        Value::Number(text) | Value::Text(text) => text.hash(hasher),
        Value::List(items) => {
            items.len().hash(hasher);
            items.iter().for_each(|item| add(item, hasher));
        }
        Value::Object(members) => {
            members.len().hash(hasher);
            for (name, member) in members {
                name.hash(hasher);
                add(member, hasher);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(ids: std::ops::Range<u64>) -> RecordBatch {
        let record = |id: u64| Record {
            position: id,
            cells: vec![
                Some(Value::text(format!("D-{id}"))),
                Some(Value::text(if id.is_multiple_of(2) { "won" } else { "open" })),
            ],
        };
        RecordBatch { columns: ["id".into(), "stage".into()].into(), records: ids.map(record).collect() }
    }

    #[test]
    fn a_page_that_is_given_twice_is_counted_once() {
        let mapping = StreamMapping { version: 1, stream: "deals".into(), entities: Vec::new() };
        let mut sample = Sample::every(1);
        for ids in [0..40, 40..80, 40..80, 0..40, 80..120] {
            sample.take(&page(ids), &mapping);
        }
        let shape = sample.shape("deals", "crm");
        assert_eq!((sample.records, shape.sampled), (120, 120));
        assert!(shape.columns[0].is_unique(), "the key still names one record each");
    }

    #[test]
    fn a_record_that_was_changed_between_two_pages_is_looked_at_again() {
        let mapping = StreamMapping { version: 1, stream: "deals".into(), entities: Vec::new() };
        let mut sample = Sample::every(1);
        let mut changed = page(0..10);
        changed.records.iter_mut().for_each(|record| record.cells[1] = Some(Value::text("lost")));
        sample.take(&page(0..10), &mapping);
        sample.take(&changed, &mapping);
        assert_eq!(sample.records, 20);
    }
}
