//! A page of rows, filled from the lines of a COPY.

use super::cell::CellKind;
use super::copy_text;
use super::session::Lines;
use crate::error::Error;
use crate::page::{Malformed, MalformedCode, ReadOptions};
use aos_core::record::Record;
use bytes::Bytes;

/// A page that is being filled.
pub(super) struct Page {
    pub records: Vec<Record>,
    pub malformed: Vec<Malformed>,
    pub rows: u64,
    pub bytes: u64,
    first_position: u64,
    /// The last whole line, for the place to go on from.
    pub last: Option<Bytes>,
}

impl Page {
    /// Begins a page after so many rows.
    pub fn after(rows: u64, options: &ReadOptions) -> Self {
        let records = Vec::with_capacity(options.page_records.min(10_000));
        Self { records, malformed: Vec::new(), rows: 0, bytes: 0, first_position: rows + 1, last: None }
    }

    /// Takes lines until the page is full or the statement ends, and says whether it did.
    pub async fn fill(&mut self, kinds: &[CellKind], options: &ReadOptions, lines: &mut Lines) -> Result<bool, Error> {
        let options = options.at_least_one();
        let mut last = Bytes::new();
        let ended = loop {
            if self.rows >= options.page_records as u64 || self.bytes >= options.page_bytes as u64 {
                break Ok(false);
            }
            match lines.next().await {
                Ok(Some(piece)) => {
                    let mut start = 0;
                    for end in memchr::memchr_iter(b'\n', &piece) {
                        self.take(kinds, &piece[start..end], options.record_bytes_max);
                        start = end + 1;
                    }
                    self.take(kinds, &piece[start..], options.record_bytes_max);
                    last = piece.slice(start..);
                }
                Ok(None) => break Ok(true),
                Err(error) => break Err(error),
            }
        };
        self.last = (self.rows > 0).then_some(last);
        ended
    }

    fn take(&mut self, kinds: &[CellKind], line: &[u8], record_bytes_max: usize) {
        let position = self.first_position + self.rows;
        self.rows += 1;
        self.bytes += line.len() as u64 + 1;
        if line.len() > record_bytes_max {
            let message = format!("the row is longer than {record_bytes_max} bytes");
            return self.malformed.push(Malformed::new(position, MalformedCode::TooLong, message, line));
        }
        let Ok(text) = std::str::from_utf8(line) else {
            let message =
                "the row holds bytes that are not UTF-8; the database does not know the encoding of its texts";
            return self.malformed.push(Malformed::new(position, MalformedCode::Encoding, message, line));
        };
        let mut cells = Vec::with_capacity(kinds.len());
        let mut found = copy_text::cells(text);
        for kind in kinds {
            let Some(cell) = found.next() else {
                let message = "the row has fewer cells than its table has columns";
                return self.malformed.push(Malformed::new(position, MalformedCode::TooFewCells, message, line));
            };
            cells.push(Some(cell.map_or(aos_core::Value::Null, |text| kind.value(&text))));
        }
        self.records.push(Record { position, cells });
    }
}
