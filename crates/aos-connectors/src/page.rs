//! A page of a stream: records, deletes, what could not be read, and how far all before it is surely read.

use crate::connector::Cursor;
use aos_core::record::RecordBatch;
use serde::{Deserialize, Serialize};

/// How much of a malformed record is kept as evidence.
pub const RAW_EVIDENCE_MAX: usize = 4 * 1024;

/// Limits of a read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadOptions {
    /// A page ends at this many records or at this many source bytes, whichever comes first.
    pub page_records: usize,
    pub page_bytes: usize,
    /// A record longer than this is malformed, and is skipped without being held.
    pub record_bytes_max: usize,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self { page_records: 5_000, page_bytes: 4 << 20, record_bytes_max: 16 << 20 }
    }
}

impl ReadOptions {
    /// Returns the options with room for at least one record per page, so that reading always gets on.
    pub(crate) fn at_least_one(&self) -> Self {
        Self { page_records: self.page_records.max(1), page_bytes: self.page_bytes.max(1), ..self.clone() }
    }
}

/// Some records of a stream, with those that could not be read.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordPage {
    pub batch: RecordBatch,
    /// Records that the source says are gone: the cells of the stream's key, and of its cursor field where that is known.
    pub deleted: Option<RecordBatch>,
    pub malformed: Vec<Malformed>,
    /// Whether the source emptied the stream before the records of this page (`TRUNCATE`): nothing that it held before is left.
    pub emptied: bool,
    /// How far everything up to the end of this page is surely read. It is kept together with the page, or not at all.
    pub checkpoint: Option<Checkpoint>,
    /// How many of the stream's `size_bytes` were read so far; zero where it has no size.
    pub bytes: u64,
    /// How many requests were spent since the page before.
    pub requests: u32,
    /// How many records this whole read will have brought, by the source's own word. The latest word of a read counts.
    pub count: Option<SourceCount>,
}

/// A place in a stream from which a read can go on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    pub cursor: Cursor,
    /// Whether the stream was read to its end, so that this cursor begins the next read instead of going on with this one.
    pub complete: bool,
}

/// How many records a source says it has, and how much that word is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "bound", content = "records", rename_all = "snake_case")]
pub enum SourceCount {
    Exactly(u64),
    AtLeast(u64),
    /// An estimate: good for a forecast, never for a complaint.
    About(u64),
}

impl SourceCount {
    pub fn records(self) -> u64 {
        match self {
            Self::Exactly(records) | Self::AtLeast(records) | Self::About(records) => records,
        }
    }

    /// Tells whether so many records can be all there are.
    pub fn agrees_with(self, read: u64) -> bool {
        match self {
            Self::Exactly(records) => read == records,
            Self::AtLeast(records) => read >= records,
            Self::About(_) => true,
        }
    }
}

impl RecordPage {
    /// Returns a page of records and nothing else.
    pub fn of(batch: RecordBatch) -> Self {
        Self {
            batch,
            deleted: None,
            malformed: Vec::new(),
            emptied: false,
            checkpoint: None,
            bytes: 0,
            requests: 0,
            count: None,
        }
    }

    /// Counts what the page holds, of whatever fate.
    pub fn records(&self) -> u64 {
        let deleted = self.deleted.as_ref().map_or(0, |batch| batch.records.len());
        (self.batch.records.len() + deleted + self.malformed.len()) as u64
    }
}

impl Checkpoint {
    /// A place in the middle of a read.
    pub fn within(cursor: Cursor) -> Self {
        Self { cursor, complete: false }
    }

    /// The end of a read.
    pub fn end(cursor: Cursor) -> Self {
        Self { cursor, complete: true }
    }
}

/// A record that could not be read, with its evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Malformed {
    /// Line or index, starting at 1, as in [`aos_core::record::Record`].
    pub position: u64,
    pub code: MalformedCode,
    pub message: String,
    /// The record as it stands in the source, cut at [`RAW_EVIDENCE_MAX`] bytes.
    pub raw: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MalformedCode {
    TooManyCells,
    TooFewCells,
    /// A quote was opened and never closed.
    UnclosedQuote,
    TooLong,
    /// Bytes that the stream's encoding does not have.
    Encoding,
    /// A NUL byte inside a text record.
    Binary,
    InvalidJson,
    NotAnObject,
    DuplicateMember,
    TooDeep,
    TooManyColumns,
}

impl MalformedCode {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TooManyCells => "too_many_cells",
            Self::TooFewCells => "too_few_cells",
            Self::UnclosedQuote => "unclosed_quote",
            Self::TooLong => "too_long",
            Self::Encoding => "encoding",
            Self::Binary => "binary",
            Self::InvalidJson => "invalid_json",
            Self::NotAnObject => "not_an_object",
            Self::DuplicateMember => "duplicate_member",
            Self::TooDeep => "too_deep",
            Self::TooManyColumns => "too_many_columns",
        }
    }
}

impl Malformed {
    /// Builds the report of a record that could not be read; its raw bytes are cut to what evidence may hold.
    pub fn new(position: u64, code: MalformedCode, message: impl Into<String>, raw: &[u8]) -> Self {
        let mut kept = String::from_utf8_lossy(&raw[..raw.len().min(RAW_EVIDENCE_MAX)]).into_owned();
        // Replacing invalid bytes can lengthen the text again.
        kept.truncate(kept.floor_char_boundary(RAW_EVIDENCE_MAX));
        Self { position, code, message: message.into(), raw: kept }
    }
}
