//! Reading one stream through the protocol: records become pages, and a page ends with the last state that covers it.

use super::catalog::{DELETED_AT, Described};
use super::message::{Message, State, StateOf, StreamStatus, Trace};
use super::renewed;
use super::run::{Output, Run};
use crate::connector::ReadRequest;
use crate::context::Context;
use crate::error::Error;
use crate::page::{Checkpoint, MalformedCode, RecordPage, SourceCount};
use crate::rest::{Body, Keep, Mark, Members, Rows};
use aos_core::Value;
use aos_core::record::{Record, RecordBatch};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// A page that a slow connector does not fill is handed over after so long, so that its progress is seen and kept.
const PAGE_TIME: Duration = Duration::from_secs(15);

/// Where a reader stands: what the connector said of it, word for word.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    /// The state as text, since a number in it may have more digits than we could keep.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Whether the text is the whole state by itself, as connectors wrote it before there were states per stream.
    #[serde(default)]
    pub legacy: bool,
}

impl Place {
    /// Returns the file that goes back to the connector.
    pub fn file(&self) -> Option<String> {
        let state = self.state.as_ref()?;
        Some(if self.legacy { state.clone() } else { format!("[{state}]") })
    }
}

pub(super) struct Reader {
    run: Option<Run>,
    stream: Described,
    /// Whether later reads begin where this one ends.
    incremental: bool,
    request: ReadRequest,
    rows: Rows,
    deleted: Deleted,
    place: Option<Place>,
    /// How much of the page, and how many deleted records, stood before that place.
    before_place: (Mark, usize),
    /// What ended the read, once the page before it was given.
    failed: Option<Error>,
    status: Option<StreamStatus>,
    /// Records since the last state: the connector says how many it thinks there were.
    since_state: u64,
    count: Option<SourceCount>,
    /// Records and bytes of the page that is being filled.
    held: usize,
    bytes: usize,
    /// A configuration that the connector wants to begin with next time.
    renewed: Option<String>,
    context: Context,
}

struct Deleted {
    columns: Arc<[CompactString]>,
    records: Vec<Record>,
    met: u64,
}

impl Reader {
    pub fn new(run: Run, stream: Described, incremental: bool, request: ReadRequest, context: &Context) -> Self {
        let columns = stream.key().iter().map(String::as_str).chain([DELETED_AT]).map(CompactString::from).collect();
        Self {
            run: Some(run),
            incremental,
            rows: Rows::new(request.options.record_bytes_max),
            deleted: Deleted { columns, records: Vec::new(), met: 0 },
            place: None,
            before_place: (Mark::default(), 0),
            failed: None,
            status: None,
            since_state: 0,
            count: None,
            held: 0,
            bytes: 0,
            renewed: None,
            context: context.clone(),
            stream,
            request,
        }
    }

    /// Reads the next page; `None` at the end. What came up to a state is given also where the connector fails after it.
    pub async fn next(&mut self) -> Result<Option<RecordPage>, Error> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        match self.read_page().await {
            Err(error) if !matches!(error, Error::Canceled) && self.place.is_some() => {
                let (mark, deleted) = self.before_place;
                self.rows.cut(mark);
                self.deleted.records.truncate(deleted);
                self.failed = Some(error);
                Ok(Some(self.page_so_far()))
            }
            read => read,
        }
    }

    async fn read_page(&mut self) -> Result<Option<RecordPage>, Error> {
        let Some(mut run) = self.run.take() else { return Ok(None) };
        let options = self.request.options.at_least_one();
        let begun = Instant::now();
        loop {
            match run.next().await? {
                Output::Line(line) => {
                    self.take(&mut run, &line)?;
                    if let Some(config) = self.renewed.take() {
                        renewed::keep(config, &self.context).await?;
                    }
                }
                Output::TooLong(beginning) => self.too_long(&beginning),
                Output::End => {
                    run.end().await?;
                    return self.last_page().map(Some);
                }
            }
            let full = self.held >= options.page_records || self.bytes >= options.page_bytes;
            if full || (self.place.is_some() && begun.elapsed() > PAGE_TIME) {
                self.run = Some(run);
                return Ok(Some(self.page_so_far()));
            }
        }
    }

    fn page_so_far(&mut self) -> RecordPage {
        let checkpoint = self.place.take().and_then(|place| serde_json::to_value(place).ok());
        self.page(checkpoint.map(Checkpoint::within))
    }

    fn take(&mut self, run: &mut Run, line: &[u8]) -> Result<(), Error> {
        let body = Body::of(line);
        let text = body.text().trim();
        match run.hear(Message::parse(text)) {
            Some(Message::Record(record)) if self.stream.is_named(&record.stream, record.namespace.as_deref()) => {
                self.met(line.len());
                let deleted = &mut self.deleted;
                self.rows.read(&body, record.data, |members| deleted.sort(members));
            }
            Some(Message::Record(record)) => {
                let what = format!(
                    "it sent a record of {} when only {} was asked for",
                    record.stream,
                    self.stream.stream_name()
                );
                return Err(Error::Contract { what });
            }
            Some(Message::State(state)) => self.keep(&state)?,
            Some(Message::Trace(Trace::Stream { name, status })) if name == self.stream.name() => {
                self.status = Some(status)
            }
            Some(Message::Trace(Trace::Estimate { stream, records })) if stream == self.stream.name() => {
                self.count = Some(SourceCount::About(records));
            }
            Some(Message::NewConfig(config)) => self.renewed = Some(config.get().to_owned()),
            // A record that cannot be read is one that was lost; other garbage is only noise.
            None if looks_like_record(text) && matches!(Message::parse(text), Message::Garbage(_)) => {
                self.garbled(line)
            }
            _ => {}
        }
        Ok(())
    }

    fn keep(&mut self, state: &State<'_>) -> Result<(), Error> {
        if let StateOf::Stream { name, namespace } = &state.of
            && !self.stream.is_named(name, namespace.as_deref())
        {
            return Ok(());
        }
        let met = std::mem::take(&mut self.since_state);
        if let Some(told) = state.records
            && told != met
        {
            let what =
                format!("it counted {told} records of {} up to a state and sent {met}", self.stream.stream_name());
            return Err(Error::Contract { what });
        }
        self.place = Some(Place { state: Some(state.text.to_owned()), legacy: state.of == StateOf::Legacy });
        self.before_place = (self.rows.mark(), self.deleted.records.len());
        Ok(())
    }

    fn met(&mut self, bytes: usize) {
        self.since_state += 1;
        self.held += 1;
        self.bytes += bytes;
    }

    fn too_long(&mut self, beginning: &[u8]) {
        let text = String::from_utf8_lossy(beginning);
        if looks_like_record(&text) {
            self.met(beginning.len());
            let message = format!("the record is longer than {} bytes", self.request.options.record_bytes_max);
            self.rows.refuse(MalformedCode::TooLong, &message, &text);
        }
    }

    fn garbled(&mut self, line: &[u8]) {
        self.met(line.len());
        let text = String::from_utf8_lossy(line);
        self.rows.refuse(MalformedCode::InvalidJson, "the connector garbled the record", &text);
    }

    fn last_page(&mut self) -> Result<RecordPage, Error> {
        match self.status {
            None | Some(StreamStatus::Complete | StreamStatus::Unknown) => {}
            Some(StreamStatus::Started | StreamStatus::Running | StreamStatus::Incomplete) => {
                let said = format!("the connector ended without having read all of {}", self.stream.stream_name());
                return Err(Error::Transient { said });
            }
        }
        // A stream that is always read whole begins anew next time; its last state would make it send nothing at all.
        let place = if self.incremental { self.place.take().or_else(|| self.given()) } else { None };
        let cursor = serde_json::to_value(place.unwrap_or_default());
        Ok(self.page(cursor.ok().map(Checkpoint::end)))
    }

    /// The place this read began at: a connector that has nothing new may say nothing.
    fn given(&self) -> Option<Place> {
        serde_json::from_value(self.request.cursor.clone()?).ok()
    }

    fn page(&mut self, checkpoint: Option<Checkpoint>) -> RecordPage {
        (self.held, self.bytes) = (0, 0);
        let taken = self.rows.take();
        let records = std::mem::take(&mut self.deleted.records);
        let deleted = (!records.is_empty()).then(|| RecordBatch { columns: self.deleted.columns.clone(), records });
        RecordPage { deleted, malformed: taken.malformed, checkpoint, count: self.count, ..RecordPage::of(taken.batch) }
    }
}

impl Deleted {
    /// Takes a record that says of itself that it is gone.
    fn sort(&mut self, members: &mut Members) -> Keep {
        if members.get(DELETED_AT).is_none_or(Value::is_null) {
            return Keep::Record;
        }
        self.met += 1;
        let cells = self.columns.iter().map(|name| members.get(name).cloned()).collect();
        self.records.push(Record { position: self.met, cells });
        Keep::Nothing
    }
}

/// Whether a line was meant as a record, whole or not.
fn looks_like_record(text: &str) -> bool {
    let beginning: String = text.chars().take(200).filter(|letter| !letter.is_whitespace()).collect();
    beginning.contains(r#""type":"RECORD""#)
}
