//! Records that are looked at while a stream is read: some of each chunk, spread evenly, so that looking costs little however much is read.

use aos_core::drift::{RowSample, RowSampler};
use aos_core::mapping::{EntityMapping, StreamMapping};
use aos_core::record::{Record, RecordBatch};
use aos_core::shape::{Shaper, StreamShape};
use std::collections::HashMap;

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
}

impl Sample {
    /// A sample that takes one of so many records.
    pub fn every(stride: u64) -> Self {
        Self { stride: stride.max(1), ..Self::default() }
    }

    /// Takes some of a page's records.
    pub fn take(&mut self, batch: &RecordBatch, mapping: &StreamMapping) {
        let mut records: Vec<Record> = Vec::new();
        for record in &batch.records {
            if self.met.is_multiple_of(self.stride) {
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
