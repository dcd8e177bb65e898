//! The loop over pages: one function asks for the next, and the way through them never goes in a circle.

use super::reply::Doubt;
use crate::connector::Pages;
use crate::error::Error;
use crate::page::RecordPage;
use aos_core::record::{Record, RecordBatch};
use aos_core::value::Value;
use compact_str::CompactString;
use std::collections::HashSet;
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_64;

/// Something that gives one page after the other.
pub(crate) trait PageSource: Send + 'static {
    fn next(&mut self) -> impl Future<Output = Result<Option<RecordPage>, Error>> + Send;
}

/// Makes pages of a source of them.
pub(crate) fn pages(source: impl PageSource) -> Pages {
    Pages::waiting(futures_util::stream::try_unfold(source, |mut source| async move {
        Ok(source.next().await?.map(|page| (page, source)))
    }))
}

/// The cursors that were met on the way. A source that gives one for the second time would be read for ever, or has skipped something.
#[derive(Debug, Default)]
pub(crate) struct Trail(HashSet<u64>);

impl Trail {
    /// Doubts a cursor that was followed before.
    pub fn check(&self, cursor: &str) -> Result<(), Doubt> {
        if self.0.contains(&xxh3_64(cursor.as_bytes())) {
            return Err(Doubt::new("it gives the same page cursor twice"));
        }
        Ok(())
    }

    pub fn follow(&mut self, cursor: &str) {
        self.0.insert(xxh3_64(cursor.as_bytes()));
    }

    /// Takes back that a cursor was followed: what came of it was not kept.
    pub fn forget(&mut self, cursor: &str) {
        self.0.remove(&xxh3_64(cursor.as_bytes()));
    }
}

/// Records that the source says are gone: their key and, where it is known, when they were.
#[derive(Debug)]
pub(crate) struct Deleted {
    columns: Arc<[CompactString]>,
    records: Vec<Record>,
    position: u64,
}

impl Deleted {
    /// Takes the stream's key column, and its cursor column where it has one.
    pub fn new(key: &str, cursor_field: Option<&str>) -> Self {
        let columns = std::iter::once(key).chain(cursor_field).map(CompactString::from).collect();
        Self { columns, records: Vec::new(), position: 0 }
    }

    pub fn add(&mut self, key: Value, changed_at: Option<Value>) {
        self.position += 1;
        self.records.push(Record { position: self.position, cells: vec![Some(key), changed_at] });
    }

    pub fn take(&mut self) -> Option<RecordBatch> {
        let records = std::mem::take(&mut self.records);
        (!records.is_empty()).then(|| RecordBatch { columns: self.columns.clone(), records })
    }
}

/// Doubts a page that is shorter than announced. One that comes back as short is as short: records were deleted meanwhile.
#[derive(Debug, Default)]
pub(crate) struct Shortfall(Option<usize>);

impl Shortfall {
    pub fn check(&mut self, got: usize, announced: usize) -> Result<(), Doubt> {
        if got >= announced || self.0.replace(got) == Some(got) {
            return Ok(());
        }
        Err(Doubt::new(format!("a page holds {got} records where {announced} were announced")))
    }
}
