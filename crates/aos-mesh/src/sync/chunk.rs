//! Records that are committed together: one raw segment, with what was made of it.

use crate::Result;
use aos_connectors::{Checkpoint, Malformed, RecordPage, SourceCount};
use aos_core::canonicalize::Canonicalized;
use aos_core::event::{CanonicalEvent, Code, Level, Rejection};
use aos_core::record::{Record, RecordBatch};
use aos_core::value::Value;
use aos_lake::{Segment, SegmentWriter};
use compact_str::CompactString;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::Sender;

/// A chunk is committed at this many records; it is also one raw segment.
pub(super) const CHUNK_RECORDS_MAX: u64 = 10_000;
/// ... or at about this many bytes of canonical text, whichever comes first.
const CHUNK_BYTES_MAX: usize = 12 << 20;
/// ... or, from a source that makes one wait, once it is so old and one can go on after it: a slow read that is cut off loses little.
const CHUNK_AGE_MAX: Duration = Duration::from_secs(5);
/// Names the column that marks a raw record as gone, among those that its source gave.
pub(crate) const DELETED_COLUMN: &str = "_autonomos_deleted";

/// Records that are committed together.
#[derive(Default)]
pub(super) struct Chunk {
    pub segment: Option<Segment>,
    pub events: Vec<CanonicalEvent>,
    pub rejections: Vec<Rejection>,
    pub read: u64,
    /// Records that say what is held, so that nothing is made of them.
    pub unchanged: u64,
    pub filtered: u64,
    pub rejected: u64,
    pub warnings: BTreeMap<String, u64>,
    /// Source bytes read up to the end of this chunk.
    pub bytes: u64,
    pub requests: u64,
    /// Records that the source said are gone, of those read.
    pub gone: u64,
    /// Whether the source emptied the stream before the records of this chunk.
    pub emptied: bool,
    /// The latest place in this chunk from which the read can go on.
    pub checkpoint: Option<Checkpoint>,
    pub count: Option<SourceCount>,
    /// Whether the stream ends with this chunk.
    pub last: bool,
    size: usize,
    begun: Option<Instant>,
    /// Position that the next record of a source without positions of its own gets in this chunk's segment.
    position: u64,
}

/// Makes the chunk's segment durable and hands the chunk over; says whether anyone took it.
pub(super) fn finish(chunk: &mut Chunk, writer: &mut Option<SegmentWriter>, chunks: &Sender<Chunk>) -> Result<bool> {
    chunk.segment = writer.take().map(SegmentWriter::finish).transpose()?;
    let next = Chunk { bytes: chunk.bytes, count: chunk.count, ..Chunk::default() };
    Ok(chunks.blocking_send(std::mem::replace(chunk, next)).is_ok())
}

impl Chunk {
    /// An empty chunk, after so many requests.
    pub fn having_spent(requests: u64) -> Self {
        Self { requests, ..Self::default() }
    }

    pub fn is_full(&self, waits: bool) -> bool {
        let old = || self.begun.is_some_and(|begun| begun.elapsed() >= CHUNK_AGE_MAX);
        self.read >= CHUNK_RECORDS_MAX || self.size >= CHUNK_BYTES_MAX || (waits && self.checkpoint.is_some() && old())
    }

    /// Numbers records by their place in the segment: sources without lines count from wherever their pages begin.
    pub fn renumbered(&mut self, mut page: RecordPage) -> RecordPage {
        let mut next = || {
            self.position += 1;
            self.position
        };
        page.batch.records.iter_mut().for_each(|record| record.position = next());
        page.malformed.iter_mut().for_each(|malformed| malformed.position = next());
        let deleted = page.deleted.iter_mut().flat_map(|deleted| deleted.records.iter_mut());
        deleted.for_each(|record| record.position = next());
        page
    }

    pub fn take(&mut self, page: RecordPage, canonical: [Canonicalized; 2]) {
        self.begun.get_or_insert_with(Instant::now);
        self.emptied |= page.emptied;
        self.read += page.records();
        self.gone += page.deleted.as_ref().map_or(0, |deleted| deleted.records.len() as u64);
        self.bytes = page.bytes;
        self.requests += u64::from(page.requests);
        self.count = page.count.or(self.count);
        self.checkpoint = page.checkpoint.or(self.checkpoint.take());
        self.rejected += page.malformed.len() as u64;
        for canonical in canonical {
            self.filtered += canonical.filtered;
            for rejection in &canonical.rejections {
                match rejection.level {
                    Level::Record => self.rejected += 1,
                    Level::Value => *self.warnings.entry(rejection.code.as_str().to_owned()).or_default() += 1,
                }
            }
            self.size += canonical.events.iter().map(|event| event.data.len() + event.extras.len()).sum::<usize>();
            self.events.extend(canonical.events);
            self.rejections.extend(canonical.rejections);
        }
        self.rejections.extend(page.malformed.into_iter().map(rejection));
    }

    /// Counts records that say what is held.
    pub fn keep_as_it_is(&mut self, records: u64) {
        self.read += records;
        self.unchanged += records;
    }

    /// Counts records that a rule leaves out.
    pub fn leave_out(&mut self, records: u64) {
        self.read += records;
        self.filtered += records;
    }

    /// Counts records that could not be read, with what was wrong with some of them.
    pub fn reject(&mut self, records: u64, rejections: Vec<Rejection>) {
        self.read += records;
        self.rejected += records;
        self.rejections.extend(rejections);
    }

    /// Returns the newest time of change among the chunk's records; none when the source gives none.
    pub fn newest_version(&self) -> Option<i64> {
        self.events.iter().map(|event| event.source_version).filter(|version| *version > 0).max()
    }
}

/// Returns raw records that are gone, with the mark that tells them from others.
pub(super) fn marked(deleted: &RecordBatch) -> RecordBatch {
    let columns: Vec<CompactString> =
        deleted.columns.iter().cloned().chain([CompactString::const_new(DELETED_COLUMN)]).collect();
    let record = |record: &Record| {
        let mut cells = record.cells.clone();
        cells.resize(deleted.columns.len(), None);
        cells.push(Some(Value::Bool(true)));
        Record { position: record.position, cells }
    };
    RecordBatch { columns: columns.into(), records: deleted.records.iter().map(record).collect() }
}

pub(super) fn kept(malformed: &Malformed) -> aos_lake::Malformed {
    let Malformed { position, code, message, raw } = malformed.clone();
    aos_lake::Malformed { position, code: code.as_str().to_owned(), message, raw }
}

/// Returns the rejection of a record that could not be read, as the lake kept it.
pub(crate) fn malformed_in_lake(malformed: aos_lake::Malformed) -> Rejection {
    let aos_lake::Malformed { position, code, message, raw } = malformed;
    let message = format!("{message} ({code})");
    Rejection { level: Level::Record, code: Code::Malformed, message, column: None, raw, position }
}

/// Returns the rejection of a record that could not be read.
pub(super) fn rejection(malformed: Malformed) -> Rejection {
    let message = format!("{} ({})", malformed.message, malformed.code.as_str());
    Rejection {
        level: Level::Record,
        code: Code::Malformed,
        message,
        column: None,
        raw: malformed.raw,
        position: malformed.position,
    }
}
