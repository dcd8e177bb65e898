//! What every connector can do: check, discover, read. What a page means is decided by who reads it, when to read by who schedules it.

use crate::context::Context;
use crate::error::Error;
use crate::pace::Budget;
use crate::page::{ReadOptions, RecordPage};
use crate::stream::Stream;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use std::path::PathBuf;
use std::time::Duration;

/// Where a reader stands in a stream, in the connector's own words. It means: everything up to here was surely read. Nobody but the
/// connector looks into it; whoever keeps it gives it back unchanged.
pub type Cursor = serde_json::Value;

/// What a connector's method answers, boxed, so that connectors of all kinds fit into one list.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, Error>>;

/// A source system that can be asked what it holds and be read, and is never written to.
///
/// A method that is dropped half-way leaves nothing behind that matters. Each looks at [`Context::cancel`] between requests and takes its
/// turn at [`Context::pace`] before each.
pub trait Connector: Send + Sync {
    /// Returns the source system's name, e.g. `salesforce`.
    fn system(&self) -> &str;

    /// Returns what the account behind this connector allows, so that all its readers share it; none when nobody is to be spared.
    fn budget(&self) -> Option<Budget> {
        None
    }

    /// Looks whether the source can be read at all, and as whom, without reading it.
    fn check<'a>(&'a self, context: &'a Context) -> Answer<'a, CheckReport>;

    /// Lists the streams with what the source declares of them. A stream that cannot be read is listed with its problem.
    fn discover<'a>(&'a self, context: &'a Context) -> Answer<'a, Vec<Stream>>;

    /// Opens the pages of one stream. Nothing is read before the first page is asked for.
    fn read<'a>(&'a self, request: ReadRequest, context: &'a Context) -> Answer<'a, Pages>;
}

/// What is to be read of a stream.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReadRequest {
    pub stream: String,
    /// A cursor that a checkpoint of this stream carried; from the start when there is none. A cursor in the middle of a read goes on there;
    /// one from the end of a read begins the next one, `overlap` earlier.
    pub cursor: Option<Cursor>,
    /// How far before the end of the last read to begin again, since records may have become visible late. Sized by the reader from what it
    /// measured, and never less than [`Stream::lag`]. It is not applied to a cursor from the middle of a read.
    pub overlap: Duration,
    pub what: ReadWhat,
    /// Only these columns matter, beside the stream's key and cursor field; all of them when there are none. A hint: whole records are fine.
    pub columns: Vec<String>,
    /// The reader wants no more records than these, so the source need not be asked for more. A hint: pages may hold more.
    pub records_max: Option<u64>,
    pub options: ReadOptions,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ReadWhat {
    #[default]
    Records,
    /// Only the cells of the stream's key matter, of every record: the reader wants to know which are still there. Whole records are fine.
    Keys,
}

impl ReadRequest {
    /// Tells whether the reader wants to see a column.
    pub fn wants(&self, column: &str) -> bool {
        self.columns.is_empty() || self.columns.iter().any(|wanted| wanted == column)
    }

    /// Asks for everything in a stream.
    pub fn of(stream: impl Into<String>) -> Self {
        Self { stream: stream.into(), ..Self::default() }
    }
}

/// Pages of one stream, read when they are asked for. After an `Err` there is nothing more.
pub enum Pages {
    /// Pages that take processor time or a disk: whoever asks for one does so on a thread that may block.
    Blocking(Box<dyn Iterator<Item = Result<RecordPage, Error>> + Send>),
    /// Pages that take waiting: `futures_util::stream::try_unfold` makes them from a state and an async function.
    Waiting(BoxStream<'static, Result<RecordPage, Error>>),
}

impl Pages {
    pub fn waiting(pages: impl futures_util::Stream<Item = Result<RecordPage, Error>> + Send + 'static) -> Self {
        Self::Waiting(Box::pin(pages))
    }

    pub fn blocking(pages: impl Iterator<Item = Result<RecordPage, Error>> + Send + 'static) -> Self {
        Self::Blocking(Box::new(pages))
    }
}

/// What a look at the source told.
#[derive(Debug, Clone, Default)]
pub struct CheckReport {
    pub streams: usize,
    pub size_bytes: u64,
    /// As whom the source knows us (an organisation, an account, a user), in words for people.
    pub identity: Option<String>,
    /// What is left of a quota that the source told of, e.g. requests per day.
    pub allowance: Option<Allowance>,
    /// Streams that are there and cannot be read, by name.
    pub problems: Vec<(String, Error)>,
    /// What is there and no stream, and why: files that are none, objects that nobody may read as a whole.
    pub skipped: Vec<Skipped>,
}

/// What a source says may still be asked of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    pub requests_max: u64,
    pub requests_left: u64,
    /// Over which time the limit counts.
    pub per: Duration,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    pub path: PathBuf,
    pub reason: String,
}
