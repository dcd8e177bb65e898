//! Bytes of a file as text parsers want them: decompressed, counted, in a window that grows only as far as one record may.

use super::encoding::{Decoded, TextEncoding};
use crate::error::Error;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

pub(super) type Bytes = Box<dyn Read + Send>;

/// How much a window reads at a time; also the least a [`Decoded`] reader is asked for.
const CHUNK: usize = 256 * 1024;
const SMALLEST_READ: usize = 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    Gzip,
    Zstd,
}

impl Compression {
    pub(super) fn of(head: &[u8]) -> Self {
        match head {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            _ => Self::None,
        }
    }

    pub(super) fn name(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Gzip => Some("gzip"),
            Self::Zstd => Some("zstd"),
        }
    }
}

/// How many bytes of the file itself were read, shared with whoever reports progress.
#[derive(Debug, Clone, Default)]
pub(super) struct Progress(Arc<AtomicU64>);

impl Progress {
    pub(super) fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

struct Counted<R> {
    inner: R,
    progress: Progress,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.progress.0.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// Opens the file from `offset`, decompressed. An offset only makes sense in a file without compression.
pub(super) fn open(path: &Path, offset: u64) -> Result<(Bytes, Compression, Progress), Error> {
    let fail = |source| Error::io(path, source);
    let mut file = File::open(path).map_err(fail)?;
    let mut magic = Vec::with_capacity(4);
    (&mut file).take(4).read_to_end(&mut magic).map_err(fail)?;
    file.seek(SeekFrom::Start(offset)).map_err(fail)?;
    let progress = Progress::default();
    let counted = Counted { inner: file, progress: progress.clone() };
    let compression = if offset > 0 { Compression::None } else { Compression::of(&magic) };
    let bytes: Bytes = match compression {
        Compression::None => Box::new(counted),
        Compression::Gzip => {
            Box::new(flate2::bufread::MultiGzDecoder::new(io::BufReader::with_capacity(64 * 1024, counted)))
        }
        Compression::Zstd => Box::new(zstd::Decoder::new(counted).map_err(fail)?),
    };
    Ok((bytes, compression, progress))
}

/// Opens the file from `offset` as UTF-8, without a byte order mark.
pub(super) fn open_text(path: &Path, offset: u64, encoding: TextEncoding) -> Result<(Bytes, Progress), Error> {
    let (mut bytes, _, progress) = open(path, offset)?;
    if offset == 0 {
        io::copy(&mut (&mut bytes).take(encoding.bom_length()), &mut io::sink()).map_err(|e| Error::io(path, e))?;
    }
    Ok(match encoding.decoder() {
        Some(decoder) => (Box::new(Decoded::new(bytes, decoder)), progress),
        None => (bytes, progress),
    })
}

/// What asking a [`Window`] for more came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fill {
    More,
    /// The source has ended: what is in the window is all there is.
    End,
    /// The window is as large as it may get.
    Full,
}

/// A sliding view of the source: parsers look at all of it, and consume what they understood.
pub(super) struct Window {
    source: Bytes,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    max: usize,
    ended: bool,
    consumed: u64,
}

impl Window {
    pub(super) fn new(source: Bytes, max: usize) -> Self {
        Self { source, buffer: vec![0; CHUNK], start: 0, end: 0, max: max.max(CHUNK), ended: false, consumed: 0 }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    pub(super) fn consume(&mut self, count: usize) {
        self.start += count;
        self.consumed += count as u64;
        debug_assert!(self.start <= self.end);
    }

    /// How many bytes were consumed so far.
    pub(super) fn consumed(&self) -> u64 {
        self.consumed
    }

    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// Reads more of the source behind what is there.
    pub(super) fn fill(&mut self) -> io::Result<Fill> {
        if self.ended {
            return Ok(Fill::End);
        }
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        // Half a chunk of room keeps reads large without moving much.
        if self.buffer.len() - self.end < CHUNK / 2 {
            if self.end >= self.max {
                return Ok(Fill::Full);
            }
            let length = (self.buffer.len() * 2).min(self.max + CHUNK);
            self.buffer.resize(length, 0);
        }
        // The room is filled whole, and grows by doubling: a long record is looked at again only a few times.
        let before = self.end;
        while self.end < self.buffer.len() {
            match self.source.read(&mut self.buffer[self.end..]) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(count) => self.end += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
            if self.buffer.len() - self.end < SMALLEST_READ {
                break;
            }
        }
        Ok(if self.end > before { Fill::More } else { Fill::End })
    }

    /// Drops everything up to and including the next `stop`, without holding it. False when the source ended first.
    pub(super) fn skip_past(&mut self, stop: u8) -> io::Result<bool> {
        loop {
            if let Some(at) = memchr::memchr(stop, self.bytes()) {
                self.consume(at + 1);
                return Ok(true);
            }
            self.consume(self.bytes().len());
            if self.fill()? == Fill::End {
                return Ok(false);
            }
        }
    }
}
