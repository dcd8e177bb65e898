//! JSON files as pages of records: one value at a time is held, never the file. A record that does not parse is malformed, and
//! the rest is still read.

mod cursor;
pub(super) mod layout;
mod scan;

use super::input::{Bytes, Fill, Progress, Window};
use crate::error::Error;
use crate::page::{Malformed, MalformedCode, ReadOptions, RecordPage};
use aos_core::record::{Record, RecordBatch};
use aos_core::value::Value;
use compact_str::CompactString;
use cursor::{Cursor, Taken};
use indexmap::IndexSet;
use layout::Layout;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const COLUMNS_MAX: usize = 10_000;
/// How deep a record may be nested. Values are walked recursively, so this bounds the stack.
const DEPTH_MAX: usize = 64;

/// Reads a JSON file page by page.
pub(super) struct JsonPages {
    path: PathBuf,
    cursor: Cursor,
    layout: Layout,
    options: ReadOptions,
    progress: Progress,
    columns: Columns,
    /// The line or index of the next record.
    position: u64,
    pages: u64,
    done: bool,
}

enum Next {
    Value {
        length: usize,
        depth: usize,
    },
    Malformed(Malformed),
    End,
    /// The input ends inside the list.
    Cut,
}

/// Looks through an object for the list that holds the records.
pub(super) fn layout_of_object(source: Bytes, path: &Path, stem: &str) -> Result<Layout, Error> {
    let mut cursor = Cursor { window: Window::new(source, 0) };
    Layout::of_object(&mut cursor, stem).map_err(|error| Error::io(path, error))
}

impl JsonPages {
    pub(super) fn start(
        path: PathBuf,
        source: Bytes,
        progress: Progress,
        layout: Layout,
        options: ReadOptions,
    ) -> Result<Self, Error> {
        let mut cursor = Cursor { window: Window::new(source, options.record_bytes_max) };
        if let Layout::List(members) = &layout {
            let entered = cursor.enter_list(members).map_err(|error| Error::io(&path, error))?;
            if !entered {
                let reason = format!("its list of records ({}) is no longer there", members.join("."));
                return Err(Error::Damaged { path, reason });
            }
        }
        Ok(Self::resume(path, cursor.window, progress, layout, options))
    }

    /// Begins at the window's first byte, which begins a record, or a line when records stand on lines.
    pub(super) fn resume(
        path: PathBuf,
        window: Window,
        progress: Progress,
        layout: Layout,
        options: ReadOptions,
    ) -> Self {
        let cursor = Cursor { window };
        Self {
            path,
            cursor,
            layout,
            options,
            progress,
            columns: Columns::default(),
            position: 1,
            pages: 0,
            done: false,
        }
    }

    fn next_value(&mut self) -> io::Result<Next> {
        if self.layout == Layout::Lines {
            return self.next_line();
        }
        let listed = matches!(self.layout, Layout::List(_));
        loop {
            match self.cursor.peek()? {
                Some(b',') if listed => self.cursor.window.consume(1),
                Some(b']') if listed => return Ok(Next::End),
                None => return Ok(if listed { Next::Cut } else { Next::End }),
                Some(_) => break,
            }
        }
        Ok(match self.cursor.take()? {
            Taken::Value { length, .. } if length > self.options.record_bytes_max => {
                let malformed = self.too_long();
                self.cursor.window.consume(length);
                Next::Malformed(malformed)
            }
            Taken::Value { length, depth } => Next::Value { length, depth },
            Taken::TooLong => {
                let malformed = self.too_long();
                self.cursor.skip()?;
                Next::Malformed(malformed)
            }
            Taken::Cut => Next::Cut,
        })
    }

    fn next_line(&mut self) -> io::Result<Next> {
        loop {
            let bytes = self.cursor.window.bytes();
            let length = match memchr::memchr(b'\n', bytes) {
                Some(at) => at,
                None if self.cursor.window.ended() && bytes.is_empty() => return Ok(Next::End),
                None if self.cursor.window.ended() => bytes.len(),
                None => {
                    if self.cursor.window.fill()? == Fill::Full {
                        let malformed = self.too_long();
                        self.cursor.window.skip_past(b'\n')?;
                        return Ok(Next::Malformed(malformed));
                    }
                    continue;
                }
            };
            let line = &bytes[..length];
            if line.trim_ascii().is_empty() {
                let consumed = (length + 1).min(bytes.len());
                self.cursor.window.consume(consumed);
                self.position += 1;
            } else if length > self.options.record_bytes_max {
                let malformed = self.too_long();
                self.cursor.window.consume(length);
                self.end_line();
                return Ok(Next::Malformed(malformed));
            } else {
                let mut scanner = scan::Scanner::default();
                scanner.feed(line.trim_ascii_start());
                return Ok(Next::Value { length, depth: scanner.deepest() });
            }
        }
    }

    /// Consumes the line break behind a record, so that the next one's position is its line.
    fn end_line(&mut self) {
        if self.layout == Layout::Lines && self.cursor.window.bytes().first() == Some(&b'\n') {
            self.cursor.window.consume(1);
        }
    }

    fn too_long(&self) -> Malformed {
        let message = format!("the record is longer than {} bytes", self.options.record_bytes_max);
        Malformed::new(self.position, MalformedCode::TooLong, message, self.cursor.window.bytes())
    }

    fn record(&mut self, length: usize, depth: usize) -> Result<Record, Malformed> {
        let raw = &self.cursor.window.bytes()[..length];
        let malformed = |code, message: String| Malformed::new(self.position, code, message, raw);
        if depth > DEPTH_MAX {
            return Err(malformed(MalformedCode::TooDeep, format!("nested deeper than {DEPTH_MAX} levels")));
        }
        let text = std::str::from_utf8(raw)
            .map_err(|_| malformed(MalformedCode::Encoding, "the record is not valid UTF-8".into()))?;
        let members = match Value::parse_json(text) {
            Ok(Value::Object(members)) => members,
            Ok(_) => return Err(malformed(MalformedCode::NotAnObject, "a record has to be a JSON object".into())),
            Err(error) => return Err(malformed(MalformedCode::InvalidJson, error.to_string())),
        };
        let cells = self.columns.place(members).map_err(|(code, message)| malformed(code, message))?;
        Ok(Record { position: self.position, cells })
    }

    fn page(&mut self) -> Result<Option<RecordPage>, Error> {
        let mut records = Vec::new();
        let mut malformed = Vec::new();
        let mut size = 0;
        while records.len() + malformed.len() < self.options.page_records && size < self.options.page_bytes {
            match self.next_value().map_err(|error| Error::io(&self.path, error))? {
                Next::Value { length, depth } => {
                    match self.record(length, depth) {
                        Ok(record) => records.push(record),
                        Err(found) => malformed.push(found),
                    }
                    self.cursor.window.consume(length);
                    self.end_line();
                    size += length;
                }
                Next::Malformed(found) => malformed.push(found),
                Next::End => {
                    self.done = true;
                    break;
                }
                Next::Cut if records.is_empty() && malformed.is_empty() => {
                    let reason = format!("it ends in the middle of record {}", self.position);
                    return Err(Error::Damaged { path: self.path.clone(), reason });
                }
                // What was read so far is handed over first; the next page finds the cut again.
                Next::Cut => break,
            }
            self.position += 1;
        }
        if self.done && self.pages > 0 && records.is_empty() && malformed.is_empty() {
            return Ok(None);
        }
        self.pages += 1;
        let batch = RecordBatch { columns: self.columns.shared(), records };
        Ok(Some(RecordPage { malformed, bytes: self.progress.bytes(), ..RecordPage::of(batch) }))
    }
}

impl Iterator for JsonPages {
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

/// The columns met so far, in order of appearance.
#[derive(Debug, Default)]
struct Columns {
    names: IndexSet<CompactString>,
    shared: Option<Arc<[CompactString]>>,
}

impl Columns {
    /// Puts the members of an object under their columns; columns that are new are added.
    fn place(&mut self, members: Vec<(CompactString, Value)>) -> Result<Vec<Option<Value>>, (MalformedCode, String)> {
        let mut cells: Vec<Option<Value>> = Vec::with_capacity(self.names.len().min(members.len() + 8));
        for (index, (name, value)) in members.into_iter().enumerate() {
            // Records of one stream mostly name their members in the same order.
            let column = match self.names.get_index(index) {
                Some(known) if *known == name => index,
                _ => self.column(&name)?,
            };
            if cells.len() <= column {
                cells.resize(column + 1, None);
            }
            if cells[column].replace(value).is_some() {
                return Err((MalformedCode::DuplicateMember, format!("the member {name} stands there twice")));
            }
        }
        Ok(cells)
    }

    fn column(&mut self, name: &CompactString) -> Result<usize, (MalformedCode, String)> {
        if let Some(index) = self.names.get_index_of(name) {
            return Ok(index);
        }
        if self.names.len() >= COLUMNS_MAX {
            return Err((
                MalformedCode::TooManyColumns,
                format!("the table would get more than {COLUMNS_MAX} columns"),
            ));
        }
        self.shared = None;
        Ok(self.names.insert_full(name.clone()).0)
    }

    fn shared(&mut self) -> Arc<[CompactString]> {
        Arc::clone(self.shared.get_or_insert_with(|| self.names.iter().cloned().collect()))
    }
}
