//! Writes a segment: several pages go into one file, which appears whole or not at all.

use crate::directory::{Directory, Unfinished};
use crate::encode;
use crate::error::Error;
use crate::segment::{Malformed, Segment, SegmentId};
use aos_core::record::RecordBatch;
use aos_core::{ConnectionId, TenantId};
use compact_str::CompactString;
use std::collections::HashSet;
use std::io::{self, Write};
use std::sync::Arc;
use uuid::Uuid;
use xxhash_rust::xxh3::Xxh3;

const COMPRESSION_LEVEL: i32 = 1;
/// The buffer is handed to the compressor at this size.
const BUFFER: usize = 256 * 1024;

/// When a segment is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SegmentLimits {
    pub raw_bytes: u64,
    pub records: u64,
}

impl Default for SegmentLimits {
    fn default() -> Self {
        Self { raw_bytes: 32 << 20, records: 500_000 }
    }
}

/// A segment being written. Dropped before it is finished, it leaves nothing.
pub struct SegmentWriter {
    encoder: zstd::Encoder<'static, Checked>,
    buffer: Vec<u8>,
    columns: Option<Arc<[CompactString]>>,
    limits: SegmentLimits,
    tenant: TenantId,
    /// What is known so far; the file's size and checksum come last.
    segment: Segment,
}

/// The file below the compressor: counted and digested as it is written.
struct Checked {
    unfinished: Unfinished,
    hash: Xxh3,
    bytes: u64,
}

impl Write for Checked {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.unfinished.file.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.unfinished.file.flush()
    }
}

impl SegmentWriter {
    pub(crate) fn begin(
        directory: &Directory,
        tenant: TenantId,
        connection: ConnectionId,
        stream: &str,
        limits: SegmentLimits,
    ) -> Result<Self, Error> {
        let id = SegmentId(Uuid::now_v7());
        let unfinished = directory.create(tenant, connection, id)?;
        let fail = unfinished.fail();
        let encoder =
            zstd::Encoder::new(Checked { unfinished, hash: Xxh3::new(), bytes: 0 }, COMPRESSION_LEVEL).map_err(fail)?;
        let segment = Segment {
            id,
            connection,
            stream: stream.to_owned(),
            path: Directory::relative_path(tenant, connection, id),
            records: 0,
            malformed: 0,
            first_position: None,
            last_position: None,
            bytes: 0,
            raw_bytes: 0,
            checksum: String::new(),
        };
        Ok(Self { encoder, buffer: Vec::with_capacity(2 * BUFFER), columns: None, limits, tenant, segment })
    }

    /// Adds a page. After an error the segment is to be dropped.
    pub fn append(&mut self, batch: &RecordBatch, malformed: &[Malformed]) -> Result<(), Error> {
        let first = batch.records.first().map(|record| record.position);
        self.use_columns(&batch.columns, first.or(malformed.first().map(|malformed| malformed.position)))?;
        for record in &batch.records {
            encode::record(&mut self.buffer, &batch.columns, record)
                .map_err(|reason| Error::InvalidRecord { position: record.position, reason })?;
            self.count(record.position);
            self.hand_over(BUFFER)?;
        }
        for found in malformed {
            encode::malformed(&mut self.buffer, found);
            self.count(found.position);
            self.hand_over(BUFFER)?;
        }
        self.segment.records += batch.records.len() as u64;
        self.segment.malformed += malformed.len() as u64;
        Ok(())
    }

    /// True when the segment has reached its size: finish it, and begin another.
    pub fn is_full(&self) -> bool {
        self.segment.raw_bytes + self.buffer.len() as u64 >= self.limits.raw_bytes
            || self.segment.records + self.segment.malformed >= self.limits.records
    }

    /// True when nothing was appended yet.
    pub fn is_empty(&self) -> bool {
        self.columns.is_none()
    }

    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Makes the segment durable and visible, and returns what the store keeps of it.
    pub fn finish(mut self) -> Result<Segment, Error> {
        self.use_columns(&self.columns.clone().unwrap_or_default(), None)?;
        self.hand_over(0)?;
        let fail = self.encoder.get_ref().unfinished.fail();
        let Checked { unfinished, hash, bytes } = self.encoder.finish().map_err(fail)?;
        unfinished.finish()?;
        Ok(Segment { bytes, checksum: format!("{:032x}", hash.digest128()), ..self.segment })
    }

    /// Writes a header line whenever the columns are other than before.
    fn use_columns(&mut self, columns: &Arc<[CompactString]>, first_position: Option<u64>) -> Result<(), Error> {
        let same = |known: &Arc<[CompactString]>| Arc::ptr_eq(known, columns) || known == columns;
        if self.columns.as_ref().is_some_and(same) {
            return Ok(());
        }
        let mut seen = HashSet::with_capacity(columns.len());
        if let Some(twice) = columns.iter().find(|column| !seen.insert(*column)) {
            return Err(Error::DuplicateColumn(twice.to_string()));
        }
        let Segment { connection, stream, .. } = &self.segment;
        encode::header(&mut self.buffer, *connection, stream, columns, first_position);
        self.columns = Some(Arc::clone(columns));
        Ok(())
    }

    fn count(&mut self, position: u64) {
        let Segment { first_position, last_position, .. } = &mut self.segment;
        *first_position = Some(first_position.map_or(position, |first| first.min(position)));
        *last_position = Some(last_position.map_or(position, |last| last.max(position)));
    }

    /// Compresses the buffer once it holds more than `above` bytes.
    fn hand_over(&mut self, above: usize) -> Result<(), Error> {
        if self.buffer.len() <= above {
            return Ok(());
        }
        let fail = self.encoder.get_ref().unfinished.fail();
        self.encoder.write_all(&self.buffer).map_err(fail)?;
        self.segment.raw_bytes += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }
}
