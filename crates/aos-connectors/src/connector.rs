//! What every connector can do, and the values it answers with. What a page means is decided by who reads it.

use crate::error::Error;
use aos_core::record::RecordBatch;
use aos_core::shape::StreamShape;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// How much of a malformed record is kept as evidence.
pub const RAW_EVIDENCE_MAX: usize = 4 * 1024;

/// Pages of one stream, read lazily. After an `Err` there is nothing more.
pub type Pages = Box<dyn Iterator<Item = Result<RecordPage, Error>> + Send>;

/// A source system that can be asked what it holds and read from the start.
pub trait Connector: Send + Sync {
    /// Returns the source system's name, e.g. `salesforce`.
    fn system(&self) -> &str;

    /// Looks whether the source can be read at all, without reading it.
    fn check(&self) -> Result<CheckReport, Error>;

    /// Lists the streams with their shape, sampled. A stream that cannot be read is listed with its problem.
    fn discover(&self) -> Result<Vec<Stream>, Error>;

    /// Reads one stream from its start.
    fn read(&self, stream: &str, options: &ReadOptions) -> Result<Pages, Error>;
}

#[derive(Debug, Clone, Default)]
pub struct CheckReport {
    pub streams: usize,
    pub size_bytes: u64,
    /// Streams that are there and cannot be read, by name.
    pub problems: Vec<(String, Error)>,
    /// Files that are no stream, and why.
    pub skipped: Vec<Skipped>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    pub path: PathBuf,
    pub reason: String,
}

/// One table of the source, as a look at a sample of it tells.
#[derive(Debug, Clone)]
pub struct Stream {
    pub name: String,
    pub paths: Vec<PathBuf>,
    pub shape: StreamShape,
    pub size_bytes: u64,
    /// Changes when the stream's content does: equal versions mean there is nothing new to read.
    pub version: String,
    /// What was assumed to read it (format, encoding, missing header), for people.
    pub assumed: Vec<String>,
    /// Why the stream cannot be read; its shape is then without columns.
    pub problem: Option<Error>,
}

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
    pub malformed: Vec<Malformed>,
    /// How many of the stream's `size_bytes` were read so far.
    pub bytes: u64,
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
