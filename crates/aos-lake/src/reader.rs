//! Reads a segment back, after its checksum was compared, page by page.

use crate::directory::Directory;
use crate::error::Error;
use crate::parse::{Line, line};
use crate::segment::{FORMAT, Malformed, Segment};
use aos_core::TenantId;
use aos_core::record::RecordBatch;
use compact_str::CompactString;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, Take};
use std::path::Path;
use std::sync::Arc;
use xxhash_rust::xxh3::Xxh3;

const PAGE_RECORDS: usize = 5_000;
const PAGE_BYTES: usize = 8 << 20;

/// Some of a segment's records, with those that could not be read from their source.
#[derive(Debug, Clone, PartialEq)]
pub struct SegmentPage {
    pub batch: RecordBatch,
    pub malformed: Vec<Malformed>,
}

/// Pages of a segment. After an `Err` there is nothing more.
pub struct SegmentReader {
    lines: BufReader<Take<zstd::Decoder<'static, BufReader<File>>>>,
    segment: Segment,
    columns: Arc<[CompactString]>,
    line: Vec<u8>,
    /// How many records and malformed ones were read.
    read: (u64, u64),
    headed: bool,
    done: bool,
}

impl SegmentReader {
    pub(crate) fn open(directory: &Directory, tenant: TenantId, segment: &Segment) -> Result<Self, Error> {
        let mut file = directory.open_segment(tenant, segment.connection, segment.id)?;
        let fail = || Error::io(Path::new(&segment.path));
        let (bytes, checksum) = digest(&mut file).map_err(fail())?;
        if bytes != segment.bytes || checksum != segment.checksum {
            let reason = format!(
                "{bytes} bytes with checksum {checksum} instead of {} with {}",
                segment.bytes, segment.checksum
            );
            return Err(Error::Corrupt { id: segment.id, reason });
        }
        file.rewind().map_err(fail())?;
        let decoder = zstd::Decoder::new(file).map_err(fail())?;
        let lines = BufReader::with_capacity(256 * 1024, decoder.take(segment.raw_bytes));
        Ok(Self {
            lines,
            segment: segment.clone(),
            columns: Arc::default(),
            line: Vec::new(),
            read: (0, 0),
            headed: false,
            done: false,
        })
    }

    fn corrupt(&self, reason: impl Into<String>) -> Error {
        Error::Corrupt { id: self.segment.id, reason: reason.into() }
    }

    /// Reads the next line; `None` at the end.
    fn next_line(&mut self) -> Result<Option<Line>, Error> {
        self.line.clear();
        self.lines.read_until(b'\n', &mut self.line).map_err(|error| self.corrupt(error.to_string()))?;
        let Some(text) = self.line.strip_suffix(b"\n") else {
            return if self.line.is_empty() { Ok(None) } else { Err(self.corrupt("its last line is cut")) };
        };
        let text = std::str::from_utf8(text).map_err(|_| self.corrupt("a line is not UTF-8"))?;
        line(text, &self.columns).map(Some).map_err(|reason| self.corrupt(reason))
    }

    fn page(&mut self) -> Result<Option<SegmentPage>, Error> {
        let (mut records, mut malformed) = (Vec::new(), Vec::new());
        let mut bytes = 0;
        let mut columns = Arc::clone(&self.columns);
        while records.len() + malformed.len() < PAGE_RECORDS && bytes < PAGE_BYTES {
            match self.next_line()? {
                Some(Line::Header { version, .. }) if version > FORMAT => {
                    return Err(Error::NewerFormat { id: self.segment.id, version });
                }
                Some(Line::Header { columns: named, .. }) => {
                    self.columns = named.into();
                    self.headed = true;
                    if !records.is_empty() || !malformed.is_empty() {
                        break;
                    }
                    columns = Arc::clone(&self.columns);
                }
                Some(_) if !self.headed => return Err(self.corrupt("it has no header")),
                Some(Line::Record(record)) => records.push(record),
                Some(Line::Malformed(found)) => malformed.push(found),
                None => {
                    self.done = true;
                    break;
                }
            }
            bytes += self.line.len();
        }
        self.read.0 += records.len() as u64;
        self.read.1 += malformed.len() as u64;
        if self.done && self.read != (self.segment.records, self.segment.malformed) {
            return Err(self.corrupt(format!("{} records instead of {}", self.read.0, self.segment.records)));
        }
        if records.is_empty() && malformed.is_empty() {
            return Ok(None);
        }
        Ok(Some(SegmentPage { batch: RecordBatch { columns, records }, malformed }))
    }
}

impl Iterator for SegmentReader {
    type Item = Result<SegmentPage, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let page = self.page();
        self.done |= !matches!(page, Ok(Some(_)));
        page.transpose()
    }
}

fn digest(file: &mut File) -> io::Result<(u64, String)> {
    let mut hash = Xxh3::new();
    let mut buffer = vec![0; 256 * 1024];
    let mut bytes = 0;
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            return Ok((bytes, format!("{:032x}", hash.digest128())));
        }
        hash.update(&buffer[..count]);
        bytes += count as u64;
    }
}
