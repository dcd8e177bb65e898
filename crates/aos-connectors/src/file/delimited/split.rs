//! Where one delimited record ends and its cells begin. Works on bytes in place: nothing is copied, nothing is decided about values.

use super::dialect::Dialect;
use memchr::{memchr, memchr_iter, memchr2};
use std::borrow::Cow;

pub(super) const QUOTE: u8 = b'"';

/// One cell of a record, as offsets into the record's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cell {
    start: usize,
    end: usize,
    kind: CellKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CellKind {
    Plain,
    /// In quotes, with nothing to resolve between them.
    Quoted,
    /// In quotes, with doubled or escaped quotes inside, or text behind the closing quote.
    Escaped,
}

impl Cell {
    /// Returns the text of the cell and whether it was quoted.
    pub(super) fn text<'r>(&self, record: &'r str, dialect: &Dialect) -> (Cow<'r, str>, bool) {
        match self.kind {
            CellKind::Plain => (Cow::Borrowed(&record[self.start..self.end]), false),
            CellKind::Quoted => (Cow::Borrowed(&record[self.start + 1..self.end - 1]), true),
            CellKind::Escaped => (Cow::Owned(unescape(&record[self.start + 1..self.end], dialect.escape)), true),
        }
    }

    /// True for a cell with nothing in it, not even quotes.
    pub(super) fn is_void(&self) -> bool {
        self.start == self.end
    }
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Split {
    /// A record of `length` bytes whose end was found after `consumed` bytes.
    Record {
        length: usize,
        consumed: usize,
        lines: u64,
    },
    Blank {
        consumed: usize,
    },
    /// A quote opened in the first line does not close; the line ends after `consumed` bytes.
    Unclosed {
        consumed: usize,
    },
    /// The record's end is not in sight.
    Partial,
}

/// Splits the first record of `bytes`; `ended` says that nothing comes after them.
pub(super) fn split(bytes: &[u8], dialect: &Dialect, ended: bool, cells: &mut Vec<Cell>) -> Split {
    cells.clear();
    let (line, consumed) = match memchr(b'\n', bytes) {
        Some(at) => (&bytes[..at], at + 1),
        None if ended => (bytes, bytes.len()),
        None => return Split::Partial,
    };
    if dialect.quoting && memchr(QUOTE, line).is_some() {
        return split_quoted(bytes, dialect, ended, cells);
    }
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.is_empty() {
        return Split::Blank { consumed };
    }
    let mut start = 0;
    for end in memchr_iter(dialect.delimiter, line) {
        cells.push(Cell { start, end, kind: CellKind::Plain });
        start = end + 1;
    }
    cells.push(Cell { start, end: line.len(), kind: CellKind::Plain });
    Split::Record { length: line.len(), consumed, lines: 1 }
}

/// What follows a cell.
enum After {
    Delimiter(usize),
    RecordEnd { length: usize, consumed: usize },
}

fn split_quoted(bytes: &[u8], dialect: &Dialect, ended: bool, cells: &mut Vec<Cell>) -> Split {
    let mut start = 0;
    loop {
        let blanks = if dialect.spaced { bytes[start..].iter().take_while(|byte| **byte == b' ').count() } else { 0 };
        let (cell, after) = if bytes.get(start + blanks) == Some(&QUOTE) {
            match quoted_cell(bytes, start + blanks, dialect, ended) {
                Quoted::Cell(cell, after) => (cell, after),
                Quoted::Unclosed => {
                    return Split::Unclosed { consumed: memchr(b'\n', bytes).map_or(bytes.len(), |at| at + 1) };
                }
                Quoted::Partial => return Split::Partial,
            }
        } else {
            let Some((end, after)) = plain_end(bytes, start, dialect, ended) else { return Split::Partial };
            (Cell { start, end, kind: CellKind::Plain }, after)
        };
        cells.push(cell);
        match after {
            After::Delimiter(next) => start = next,
            After::RecordEnd { length, consumed } => {
                return Split::Record { length, consumed, lines: newlines(&bytes[..consumed]).max(1) };
            }
        }
    }
}

enum Quoted {
    Cell(Cell, After),
    Unclosed,
    Partial,
}

fn quoted_cell(bytes: &[u8], start: usize, dialect: &Dialect, ended: bool) -> Quoted {
    let missing = if ended { Quoted::Unclosed } else { Quoted::Partial };
    let escape = dialect.escape.unwrap_or(QUOTE);
    let mut kind = CellKind::Quoted;
    let mut from = start + 1;
    let close = loop {
        let Some(at) = bytes.get(from..).and_then(|rest| memchr2(QUOTE, escape, rest)).map(|at| at + from) else {
            return missing;
        };
        let next = bytes.get(at + 1);
        if bytes[at] != QUOTE || next == Some(&QUOTE) {
            kind = CellKind::Escaped;
            from = at + 2;
        } else if next.is_none() && !ended {
            return Quoted::Partial;
        } else {
            break at;
        }
    };
    let Some((end, after)) = plain_end(bytes, close + 1, dialect, ended) else { return Quoted::Partial };
    if end == close + 1 {
        return Quoted::Cell(Cell { start, end, kind }, after);
    }
    // Text behind the closing quote. In a cell over several lines it shows that an earlier line opened a quote it never closed.
    if memchr(b'\n', &bytes[start..close]).is_some() {
        return Quoted::Unclosed;
    }
    Quoted::Cell(Cell { start, end, kind: CellKind::Escaped }, after)
}

/// Finds where text outside quotes ends, from `start`; `None` when that is not in sight.
fn plain_end(bytes: &[u8], start: usize, dialect: &Dialect, ended: bool) -> Option<(usize, After)> {
    let rest = &bytes[start..];
    let Some(at) = memchr2(dialect.delimiter, b'\n', rest) else {
        let end = start + rest.strip_suffix(b"\r").unwrap_or(rest).len();
        return ended.then_some((end, After::RecordEnd { length: end, consumed: bytes.len() }));
    };
    if rest[at] == dialect.delimiter {
        return Some((start + at, After::Delimiter(start + at + 1)));
    }
    let end = start + rest[..at].strip_suffix(b"\r").unwrap_or(&rest[..at]).len();
    Some((end, After::RecordEnd { length: end, consumed: start + at + 1 }))
}

/// Resolves the text behind an opening quote: doubled and escaped quotes, and what follows the closing one as it stands.
fn unescape(text: &str, escape: Option<u8>) -> String {
    let mut resolved = String::with_capacity(text.len());
    let mut open = true;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let escapes = open && escape.is_some_and(|escape| character == char::from(escape));
        match character {
            '"' if open && characters.peek() == Some(&'"') => resolved.extend(characters.next()),
            '"' if open => open = false,
            _ if escapes && matches!(characters.peek(), Some('"' | '\\')) => resolved.extend(characters.next()),
            _ => resolved.push(character),
        }
    }
    resolved
}

pub(super) fn newlines(bytes: &[u8]) -> u64 {
    memchr_iter(b'\n', bytes).count() as u64
}
