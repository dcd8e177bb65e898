//! Delimited text (CSV, TSV and their kin) as pages of records. Cells stay exactly as written, untrimmed and untyped.
//!
//! An empty cell is null; an empty cell in quotes is an empty text. Blank lines are no records. A record's position is the line it
//! begins on. A record with too many or too few cells is malformed, and the rest of the file is still read.

pub(super) mod dialect;
mod split;
mod typed;

use super::input::{Bytes, Fill, Progress, Window};
use super::names;
use crate::error::Error;
use crate::page::{Malformed, MalformedCode, ReadOptions, RecordPage};
use aos_core::record::{Record, RecordBatch};
use aos_core::value::Value;
use compact_str::CompactString;
use dialect::Dialect;
use split::{Cell, Split, split};
use std::borrow::Cow;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;

const COLUMNS_MAX: usize = 10_000;

/// Reads a delimited text page by page.
pub(super) struct DelimitedPages {
    path: PathBuf,
    window: Window,
    dialect: Dialect,
    options: ReadOptions,
    progress: Progress,
    columns: Arc<[CompactString]>,
    cells: Vec<Cell>,
    /// The line the next record begins on.
    line: u64,
    pages: u64,
    done: bool,
}

/// What the window's first record turned out to be.
enum Next {
    Record(Record),
    Malformed(Malformed),
    End,
}

impl DelimitedPages {
    /// Begins at the start of a file: reads its header, or names the columns where there is none.
    pub(super) fn start(
        path: PathBuf,
        source: Bytes,
        progress: Progress,
        dialect: Dialect,
        options: ReadOptions,
    ) -> Result<Self, Error> {
        let mut pages = Self::resume(path, source, progress, dialect, options, Arc::default());
        let fail = |pages: &Self, error| Error::io(&pages.path, error);
        if pages.dialect.separator_line {
            pages.window.skip_past(b'\n').map_err(|error| fail(&pages, error))?;
            pages.line += 1;
        }
        let names: Vec<CompactString> = if pages.dialect.header {
            pages.read_header()?
        } else {
            (0..pages.dialect.columns).map(|_| CompactString::default()).collect()
        };
        if names.len() > COLUMNS_MAX {
            return Err(Error::TooManyColumns { path: pages.path, max: COLUMNS_MAX });
        }
        pages.columns = names::unique(names);
        Ok(pages)
    }

    /// Begins anywhere behind the header, at the beginning of a line.
    pub(super) fn resume(
        path: PathBuf,
        source: Bytes,
        progress: Progress,
        dialect: Dialect,
        options: ReadOptions,
        columns: Arc<[CompactString]>,
    ) -> Self {
        let source = if dialect.carriage_returns { Box::new(CarriageReturns(source)) } else { source };
        let window = Window::new(source, options.record_bytes_max);
        Self { path, window, dialect, options, progress, columns, cells: Vec::new(), line: 1, pages: 0, done: false }
    }

    pub(super) fn columns(&self) -> &Arc<[CompactString]> {
        &self.columns
    }

    /// Drops the rest of the line a reader was put into.
    pub(super) fn skip_line(&mut self) -> Result<(), Error> {
        self.window.skip_past(b'\n').map_err(|error| Error::io(&self.path, error))?;
        Ok(())
    }

    fn read_header(&mut self) -> Result<Vec<CompactString>, Error> {
        loop {
            match self.split_next().map_err(|error| Error::io(&self.path, error))? {
                Split::Record { length, consumed, lines } => {
                    let names = match std::str::from_utf8(&self.window.bytes()[..length]) {
                        Ok(text) => {
                            self.cells.iter().map(|cell| names::clean(&cell.text(text, &self.dialect).0)).collect()
                        }
                        Err(_) => {
                            let reason =
                                "the header has bytes that the rest of the file's encoding does not".to_owned();
                            return Err(Error::Encoding { path: self.path.clone(), reason });
                        }
                    };
                    self.window.consume(consumed);
                    self.line += lines;
                    return Ok(names);
                }
                Split::Blank { consumed } => {
                    self.window.consume(consumed);
                    self.line += 1;
                }
                Split::Unclosed { .. } | Split::Partial if self.window.bytes().is_empty() => {
                    return Err(Error::Empty { path: self.path.clone() });
                }
                Split::Unclosed { .. } => {
                    let reason = "the header line opens a quote and never closes it".to_owned();
                    return Err(Error::Damaged { path: self.path.clone(), reason });
                }
                Split::Partial => {
                    let reason = format!("its first line is longer than {} bytes", self.options.record_bytes_max);
                    return Err(Error::UnsupportedFormat { path: self.path.clone(), reason });
                }
            }
        }
    }

    /// Finds the window's next record, reading on as far as one record may reach.
    fn split_next(&mut self) -> io::Result<Split> {
        loop {
            let ended = self.window.ended();
            if ended && self.window.bytes().is_empty() {
                return Ok(Split::Partial);
            }
            let found = split(self.window.bytes(), &self.dialect, ended, &mut self.cells);
            if found != Split::Partial {
                return Ok(found);
            }
            if self.window.fill()? == Fill::Full {
                return Ok(Split::Partial);
            }
        }
    }

    fn next_record(&mut self) -> io::Result<Next> {
        loop {
            match self.split_next()? {
                Split::Record { length, consumed, lines } => {
                    let next = self.record(length);
                    self.window.consume(consumed);
                    self.line += lines;
                    return Ok(next);
                }
                Split::Blank { consumed } => {
                    self.window.consume(consumed);
                    self.line += 1;
                }
                Split::Unclosed { consumed } => return Ok(self.unclosed(consumed)),
                Split::Partial if self.window.bytes().is_empty() => return Ok(Next::End),
                // A record that fills the window: a quote that stays open over many lines, or one endless line.
                Split::Partial => match memchr::memchr(b'\n', self.window.bytes()) {
                    Some(at) => return Ok(self.unclosed(at + 1)),
                    None => return self.too_long().map(Next::Malformed),
                },
            }
        }
    }

    /// Gives up only the line that opened the quote; the lines it would have swallowed are read.
    fn unclosed(&mut self, consumed: usize) -> Next {
        let message = "a quote is opened and not closed";
        let raw = &self.window.bytes()[..consumed];
        let malformed = Malformed::new(self.line, MalformedCode::UnclosedQuote, message, raw.trim_ascii_end());
        self.window.consume(consumed);
        self.line += 1;
        Next::Malformed(malformed)
    }

    fn too_long(&mut self) -> io::Result<Malformed> {
        let malformed = self.longer_than_allowed(self.window.bytes());
        self.window.skip_past(b'\n')?;
        self.line += 1;
        Ok(malformed)
    }

    fn longer_than_allowed(&self, raw: &[u8]) -> Malformed {
        let message = format!("the record is longer than {} bytes", self.options.record_bytes_max);
        Malformed::new(self.line, MalformedCode::TooLong, message, raw)
    }

    fn record(&mut self, length: usize) -> Next {
        let raw = &self.window.bytes()[..length];
        let malformed = |code, message: String| Next::Malformed(Malformed::new(self.line, code, message, raw));
        if length > self.options.record_bytes_max {
            return Next::Malformed(self.longer_than_allowed(raw));
        }
        let Ok(text) = std::str::from_utf8(raw) else {
            return malformed(
                MalformedCode::Encoding,
                "the record is not valid UTF-8, as the file's sample was".into(),
            );
        };
        if memchr::memchr(0, raw).is_some() {
            return malformed(MalformedCode::Binary, "the record holds a NUL byte".into());
        }
        let expected = self.columns.len();
        let trailing = self.dialect.trailing_delimiter && self.cells.len() == expected + 1;
        let cells = match &self.cells[..] {
            [cells @ .., last] if trailing && last.is_void() => cells,
            cells => cells,
        };
        if cells.len() != expected {
            let code = if cells.len() > expected { MalformedCode::TooManyCells } else { MalformedCode::TooFewCells };
            return malformed(code, format!("{} cells where the header has {expected}", cells.len()));
        }
        let cells = cells.iter().map(|cell| Some(value(cell.text(text, &self.dialect)))).collect();
        Next::Record(Record { position: self.line, cells })
    }

    fn page(&mut self) -> Result<Option<RecordPage>, Error> {
        let mut records = Vec::with_capacity(self.options.page_records.min(8_192));
        let mut malformed: Vec<Malformed> = Vec::new();
        let mut size = 0;
        while records.len() + malformed.len() < self.options.page_records && size < self.options.page_bytes {
            let before = self.window.consumed();
            match self.next_record().map_err(|error| Error::io(&self.path, error))? {
                Next::Record(record) => records.push(record),
                Next::Malformed(found) => malformed.push(found),
                Next::End => {
                    self.done = true;
                    break;
                }
            }
            size += (self.window.consumed() - before) as usize;
        }
        // A table without rows still has one page, so that its columns are known.
        if self.done && self.pages > 0 && records.is_empty() && malformed.is_empty() {
            return Ok(None);
        }
        self.pages += 1;
        let batch = RecordBatch { columns: Arc::clone(&self.columns), records };
        Ok(Some(RecordPage { malformed, bytes: self.progress.bytes(), ..RecordPage::of(batch) }))
    }
}

impl Iterator for DelimitedPages {
    type Item = Result<RecordPage, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let page = self.page();
        self.done |= page.is_err();
        page.transpose()
    }
}

fn value((text, quoted): (Cow<'_, str>, bool)) -> Value {
    match text {
        Cow::Borrowed("") if !quoted => Value::Null,
        Cow::Borrowed(text) => Value::Text(CompactString::new(text)),
        Cow::Owned(text) => Value::Text(text.into()),
    }
}

/// Reads files whose lines end with a lone carriage return.
struct CarriageReturns(Bytes);

impl Read for CarriageReturns {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.0.read(buffer)?;
        buffer[..count].iter_mut().filter(|byte| **byte == b'\r').for_each(|byte| *byte = b'\n');
        Ok(count)
    }
}
