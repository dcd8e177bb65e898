//! The reading half of a sync, on a thread of its own: pages become raw segments and, at the same time, events. Memory is bounded by the
//! size of a chunk and the one chunk that may wait.

use crate::Result;
use aos_connectors::{Connector, Malformed, ReadOptions, RecordPage};
use aos_core::canonicalize::{Canonicalized, Canonicalizer};
use aos_core::event::{CanonicalEvent, Code, Level, Rejection};
use aos_core::mapping::StreamMapping;
use aos_core::{ConnectionId, Ontology};
use aos_lake::{Segment, SegmentWriter, TenantLake};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::mpsc::Sender;

/// A chunk is committed at this many records; it is also one raw segment.
const CHUNK_RECORDS_MAX: u64 = 10_000;
/// ... or at about this many bytes of canonical text, whichever comes first.
const CHUNK_BYTES_MAX: usize = 12 << 20;

pub(super) struct Reading {
    pub source: Arc<dyn Connector>,
    pub lake: TenantLake,
    pub connection: ConnectionId,
    pub stream: String,
    pub ontology: Arc<Ontology>,
    pub mapping: Arc<StreamMapping>,
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
    /// Whether the stream ends with this chunk.
    pub last: bool,
    size: usize,
}

impl Reading {
    /// Reads the stream to its end. Stops early, without an error, when nobody takes the chunks any more.
    pub fn run(self, chunks: &Sender<Chunk>) -> Result<()> {
        let mut canonicalizer = Canonicalizer::new(&self.ontology, &self.mapping);
        let mut chunk = Chunk::default();
        let mut writer: Option<SegmentWriter> = None;
        for page in self.source.read(&self.stream, &ReadOptions::default())? {
            let page = page?;
            if chunk.is_full() && !finish(&mut chunk, &mut writer, chunks)? {
                return Ok(());
            }
            let segment = match &mut writer {
                Some(writer) => writer,
                None => writer.insert(self.lake.writer(self.connection, &self.stream)?),
            };
            let malformed: Vec<aos_lake::Malformed> = page.malformed.iter().map(kept).collect();
            segment.append(&page.batch, &malformed)?;
            if self.mapping.entities.is_empty() {
                chunk.filtered += page.batch.records.len() as u64;
                chunk.take(page, Canonicalized::default());
            } else {
                let canonical = canonicalizer.batch(&page.batch)?;
                chunk.take(page, canonical);
            }
        }
        chunk.last = true;
        finish(&mut chunk, &mut writer, chunks)?;
        Ok(())
    }
}

/// Makes the chunk's segment durable and hands the chunk over; says whether anyone took it.
fn finish(chunk: &mut Chunk, writer: &mut Option<SegmentWriter>, chunks: &Sender<Chunk>) -> Result<bool> {
    chunk.segment = writer.take().map(SegmentWriter::finish).transpose()?;
    let next = Chunk { bytes: chunk.bytes, ..Chunk::default() };
    Ok(chunks.blocking_send(std::mem::replace(chunk, next)).is_ok())
}

impl Chunk {
    fn is_full(&self) -> bool {
        self.read >= CHUNK_RECORDS_MAX || self.size >= CHUNK_BYTES_MAX
    }

    fn take(&mut self, page: RecordPage, canonical: Canonicalized) {
        self.read += (page.batch.records.len() + page.malformed.len()) as u64;
        self.bytes = page.bytes;
        self.filtered += canonical.filtered;
        for rejection in &canonical.rejections {
            match rejection.level {
                Level::Record => self.rejected += 1,
                Level::Value => *self.warnings.entry(rejection.code.as_str().to_owned()).or_default() += 1,
            }
        }
        self.rejected += page.malformed.len() as u64;
        self.size += canonical.events.iter().map(|event| event.data.len() + event.extras.len()).sum::<usize>();
        self.events.extend(canonical.events);
        self.rejections.extend(canonical.rejections);
        self.rejections.extend(page.malformed.into_iter().map(rejection));
    }
}

fn kept(malformed: &Malformed) -> aos_lake::Malformed {
    let Malformed { position, code, message, raw } = malformed.clone();
    aos_lake::Malformed { position, code: code.as_str().to_owned(), message, raw }
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
