//! The reading half of a sync, on a thread of its own: pages become raw segments and, at the same time, events. Memory is bounded by the
//! size of a chunk and the one chunk that may wait.

use super::seen::Seen;
use crate::drift::Watch;
use crate::{Error, Result};
use aos_connectors::{Checkpoint, Malformed, Pages, RecordPage, SourceCount};
use aos_core::canonicalize::{Canonicalized, Canonicalizer};
use aos_core::event::{CanonicalEvent, Code, Level, Rejection};
use aos_core::mapping::StreamMapping;
use aos_core::record::{Record, RecordBatch};
use aos_core::shape::{Shaper, StreamShape};
use aos_core::value::Value;
use aos_core::{ConnectionId, Ontology};
use aos_drift::{Judged, Quarantine, Sample};
use aos_lake::{Segment, SegmentWriter, TenantLake};
use compact_str::CompactString;
use futures_util::StreamExt;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{self, Sender};
use tokio_util::task::AbortOnDropHandle;

/// A chunk is committed at this many records; it is also one raw segment.
const CHUNK_RECORDS_MAX: u64 = 10_000;
/// ... or at about this many bytes of canonical text, whichever comes first.
const CHUNK_BYTES_MAX: usize = 12 << 20;
/// ... or, from a source that makes one wait, once it is so old and one can go on after it: a slow read that is cut off loses little.
const CHUNK_AGE_MAX: Duration = Duration::from_secs(5);
/// Up to so many records a source's own count is compared with those that are different, and not only with those that came.
const COUNTED_MAX: u64 = 1_000_000;
/// Names the column that marks a raw record as gone, among those that its source gave.
pub(crate) const DELETED_COLUMN: &str = "_autonomos_deleted";

/// How many records are looked at before any is kept, or those of so much time; and of every later chunk.
const JUDGED_FIRST: u64 = 1_000;
const JUDGED_AGE_MAX: Duration = Duration::from_secs(5);
const JUDGED_OF_CHUNK: u64 = 100;

pub(super) struct Reading {
    pub lake: TenantLake,
    pub connection: ConnectionId,
    pub stream: String,
    pub ontology: Arc<Ontology>,
    pub mapping: Arc<StreamMapping>,
    /// Whether to remember which records were met. It is done in any case where the source says exactly how many there are, so that what it
    /// gives twice counts once.
    pub watching: bool,
    /// What the stream is judged by; none where nothing was accepted of it yet.
    pub watch: Option<Arc<Watch>>,
    /// What is kept aside of its records.
    pub quarantine: Arc<Quarantine>,
}

/// What a read came upon besides records.
pub(super) struct End {
    pub seen: Option<Seen>,
    /// The shape of what was looked at; none where nothing was read, or mapped.
    pub observed: Option<StreamShape>,
    /// What the first records were judged to be; none where there is nothing to compare them with.
    pub judged: Option<Box<Judged>>,
    /// What stopped the read: nothing that shows it was handed over.
    pub drift: Option<(Box<Judged>, Sample)>,
}

/// Records that are committed together.
#[derive(Default)]
pub(super) struct Chunk {
    pub segment: Option<Segment>,
    pub events: Vec<CanonicalEvent>,
    pub rejections: Vec<Rejection>,
    pub read: u64,
    pub filtered: u64,
    pub rejected: u64,
    pub warnings: BTreeMap<String, u64>,
    /// Source bytes read up to the end of this chunk.
    pub bytes: u64,
    pub requests: u64,
    /// Records that the source said are gone, of those read.
    pub gone: u64,
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

/// What the reading half takes pages from.
pub(crate) enum PageSource {
    Blocking(Box<dyn Iterator<Item = Result<RecordPage, aos_connectors::Error>> + Send>),
    /// A task asks for pages ahead: one waits here while the one before is worked on. `None` is the end.
    Waiting(
        mpsc::Receiver<Option<Result<RecordPage, aos_connectors::Error>>>,
        #[allow(dead_code)] AbortOnDropHandle<()>,
    ),
}

impl PageSource {
    pub fn of(pages: Pages) -> Self {
        match pages {
            Pages::Blocking(pages) => Self::Blocking(pages),
            Pages::Waiting(mut pages) => {
                let (sender, receiver) = mpsc::channel(1);
                let asking = tokio::spawn(async move {
                    while let Some(page) = pages.next().await {
                        let ends = page.is_err();
                        if sender.send(Some(page)).await.is_err() || ends {
                            return;
                        }
                    }
                    let _ = sender.send(None).await;
                });
                Self::Waiting(receiver, AbortOnDropHandle::new(asking))
            }
        }
    }

    /// Returns the next page, on a thread that may block. A source that goes silent without having come to its end is an error.
    fn next(&mut self) -> Result<Option<RecordPage>> {
        match self {
            Self::Blocking(pages) => Ok(pages.next().transpose()?),
            Self::Waiting(pages, _) => match pages.blocking_recv() {
                Some(Some(page)) => Ok(Some(page?)),
                Some(None) => Ok(None),
                None => Err(Error::Stopped),
            },
        }
    }

    /// Returns the first page alone.
    pub fn first(mut self) -> Result<Option<RecordPage>> {
        self.next()
    }

    fn waits(&self) -> bool {
        matches!(self, Self::Waiting(..))
    }
}

impl Reading {
    /// Reads the stream to its end, and returns what it met where that is watched from the first page on. Stops early, without an error, when
    /// nobody takes the chunks any more, or when what is read is not what was accepted.
    pub fn run(self, mut pages: PageSource, chunks: &Sender<Chunk>) -> Result<End> {
        let mut canonicalizer = Canonicalizer::new(&self.ontology, &self.mapping);
        let main = self.mapping.main().filter(|main| main.pivot.is_none()).map(|main| main.entity.clone());
        let mut end = End { seen: self.watching.then(Seen::default), observed: None, judged: None, drift: None };
        let looked_at = !self.mapping.entities.is_empty();
        let (mut ahead, sample) = self.ahead(&mut pages, looked_at);
        if let (Some(watch), true) = (&self.watch, sample.records > 0) {
            let judged = watch.judge(&sample, &self.mapping);
            if !judged.findings.is_empty() {
                end.drift = Some((Box::new(judged), sample));
                return Ok(end);
            }
            end.judged = Some(Box::new(judged));
        }
        let mut shaper = looked_at.then(|| Shaper::new(&self.stream, "").with_sketches());
        let mut observe = |sample: &Sample| {
            if let Some(shaper) = &mut shaper {
                sample.batches.iter().for_each(|batch| shaper.observe(batch));
            }
        };
        observe(&sample);
        drop(sample);
        let mut sample = Sample::every(CHUNK_RECORDS_MAX / JUDGED_OF_CHUNK);
        let mut begun = false;
        let mut chunk = Chunk::default();
        let mut writer: Option<SegmentWriter> = None;
        loop {
            let (next, looked_at_before) = match ahead.pop_front() {
                Some(page) => (page, true),
                None => (pages.next(), false),
            };
            let page = match next {
                Ok(Some(page)) => page,
                Ok(None) => break,
                Err(error) => {
                    // What a source gave before it broke off, up to where one can go on, is not asked of it twice.
                    if chunk.checkpoint.is_some() {
                        finish(&mut chunk, &mut writer, chunks)?;
                    }
                    return Err(error);
                }
            };
            if chunk.is_full(pages.waits()) {
                let taken = std::mem::replace(&mut sample, Sample::every(CHUNK_RECORDS_MAX / JUDGED_OF_CHUNK));
                if let Some(judged) = self.judged_later(&taken) {
                    end.drift = Some((Box::new(judged), taken));
                    return Ok(end);
                }
                observe(&taken);
                if !finish(&mut chunk, &mut writer, chunks)? {
                    return Ok(end);
                }
            }
            let page = if pages.waits() { chunk.renumbered(page) } else { page };
            if looked_at && !looked_at_before {
                sample.take(&page.batch, &self.mapping);
            }
            let segment = match &mut writer {
                Some(writer) => writer,
                None => writer.insert(self.lake.writer(self.connection, &self.stream)?),
            };
            let malformed: Vec<aos_lake::Malformed> = page.malformed.iter().map(kept).collect();
            segment.append(&page.batch, &malformed)?;
            if let Some(deleted) = &page.deleted {
                segment.append(&marked(deleted), &[])?;
            }
            let deletes = match &page.deleted {
                Some(deleted) => canonicalizer.deleted(deleted)?,
                None => Canonicalized::default(),
            };
            let records = self.canonical(&mut canonicalizer, &page)?;
            let counted = matches!(page.count, Some(SourceCount::Exactly(records)) if records <= COUNTED_MAX);
            if !begun && counted && main.is_some() {
                end.seen.get_or_insert_default();
            }
            begun = true;
            if let Some(seen) = &mut end.seen {
                for event in &records.events {
                    seen.add(event, main.as_deref() == Some(&*event.entity));
                }
                deletes.events.iter().for_each(|event| seen.add_gone(event));
            }
            chunk.take(page, [records, deletes]);
        }
        if let Some(judged) = self.judged_later(&sample) {
            end.drift = Some((Box::new(judged), sample));
            return Ok(end);
        }
        observe(&sample);
        chunk.last = true;
        finish(&mut chunk, &mut writer, chunks)?;
        end.observed = shaper.map(Shaper::finish).filter(|shape| shape.sampled > 0);
        Ok(end)
    }

    /// Takes the first pages ahead, as many as it takes to tell what is read. What goes wrong meanwhile comes when it is its turn.
    fn ahead(&self, pages: &mut PageSource, looked_at: bool) -> (VecDeque<Result<Option<RecordPage>>>, Sample) {
        let mut ahead: VecDeque<Result<Option<RecordPage>>> = VecDeque::new();
        let (mut records, begun) = (0, Instant::now());
        while looked_at && records < JUDGED_FIRST && begun.elapsed() < JUDGED_AGE_MAX {
            match pages.next() {
                Ok(Some(page)) => {
                    records += page.batch.records.len() as u64;
                    ahead.push_back(Ok(Some(page)));
                }
                // The end comes once, as an error does.
                end => {
                    ahead.push_back(end);
                    break;
                }
            }
        }
        let mut sample = Sample::every(records / JUDGED_FIRST);
        ahead.iter().flatten().flatten().for_each(|page| sample.take(&page.batch, &self.mapping));
        (ahead, sample)
    }

    fn judged_later(&self, sample: &Sample) -> Option<Judged> {
        self.watch.as_ref()?.judge_later(sample, &self.mapping)
    }

    fn canonical(&self, canonicalizer: &mut Canonicalizer<'_>, page: &RecordPage) -> Result<Canonicalized> {
        if self.mapping.entities.is_empty() {
            return Ok(Canonicalized { filtered: page.batch.records.len() as u64, ..Canonicalized::default() });
        }
        if self.quarantine.is_empty() {
            return Ok(canonicalizer.batch(&page.batch)?);
        }
        let (records, rejections) = self.quarantine.screen(&page.batch);
        let mut canonical = canonicalizer.batch(&records)?;
        canonical.rejections.extend(rejections);
        Ok(canonical)
    }
}

impl Reading {
    /// Reads the stream to its end and returns what it met and nothing else, with the source's own count.
    pub fn keys(self, mut pages: PageSource) -> Result<(Seen, Option<SourceCount>)> {
        let mut canonicalizer = Canonicalizer::new(&self.ontology, &self.mapping);
        let (mut seen, mut count) = (Seen::default(), None);
        while let Some(page) = pages.next()? {
            count = page.count.or(count);
            canonicalizer.batch(&page.batch)?.events.iter().for_each(|event| seen.add(event, true));
        }
        Ok((seen, count))
    }
}

/// Makes the chunk's segment durable and hands the chunk over; says whether anyone took it.
fn finish(chunk: &mut Chunk, writer: &mut Option<SegmentWriter>, chunks: &Sender<Chunk>) -> Result<bool> {
    chunk.segment = writer.take().map(SegmentWriter::finish).transpose()?;
    let next = Chunk { bytes: chunk.bytes, count: chunk.count, ..Chunk::default() };
    Ok(chunks.blocking_send(std::mem::replace(chunk, next)).is_ok())
}

impl Chunk {
    fn is_full(&self, waits: bool) -> bool {
        let old = || self.begun.is_some_and(|begun| begun.elapsed() >= CHUNK_AGE_MAX);
        self.read >= CHUNK_RECORDS_MAX || self.size >= CHUNK_BYTES_MAX || (waits && self.checkpoint.is_some() && old())
    }

    /// Numbers records by their place in the segment: sources without lines count from wherever their pages begin.
    fn renumbered(&mut self, mut page: RecordPage) -> RecordPage {
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

    fn take(&mut self, page: RecordPage, canonical: [Canonicalized; 2]) {
        self.begun.get_or_insert_with(Instant::now);
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

    /// Returns the newest time of change among the chunk's records; none when the source gives none.
    pub fn newest_version(&self) -> Option<i64> {
        self.events.iter().map(|event| event.source_version).filter(|version| *version > 0).max()
    }
}

/// Returns raw records that are gone, with the mark that tells them from others.
fn marked(deleted: &RecordBatch) -> RecordBatch {
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

fn kept(malformed: &Malformed) -> aos_lake::Malformed {
    let Malformed { position, code, message, raw } = malformed.clone();
    aos_lake::Malformed { position, code: code.as_str().to_owned(), message, raw }
}

/// Returns the rejection of a record that could not be read, as the lake kept it.
pub(crate) fn malformed_in_lake(malformed: aos_lake::Malformed) -> Rejection {
    let aos_lake::Malformed { position, code, message, raw } = malformed;
    let message = format!("{message} ({code})");
    Rejection { level: Level::Record, code: Code::Malformed, message, column: None, raw, position }
}

fn rejection(malformed: Malformed) -> Rejection {
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
