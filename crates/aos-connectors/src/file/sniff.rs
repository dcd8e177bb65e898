//! What a file is, by looking into it: compression, encoding, format. The extension is a hint, the content decides.

use super::delimited::dialect::Dialect;
use super::encoding::{Detector, TextEncoding};
use super::input::{self, Bytes, Compression};
use super::json;
use super::json::layout::{FirstLook, Layout};
use crate::error::Error;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// How much of the beginning is looked at for the format.
const HEAD: usize = 256 * 1024;
/// Files up to this size are looked through for their encoding; larger ones at their beginning, middle and end.
const WHOLE_MAX: u64 = 32 << 20;
const PIECE: u64 = 2 << 20;
/// Share of rows with as many cells as the header, below which a text of unknown kind is no table.
const AGREEMENT_MIN: f64 = 0.9;

/// How a file is to be read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sniffed {
    pub(super) compression: Compression,
    pub(super) encoding: TextEncoding,
    pub(super) format: Format,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Format {
    Delimited(Dialect),
    Json(Layout),
    Parquet,
}

impl Sniffed {
    /// Says in words what was assumed.
    pub(super) fn assumed(&self) -> Vec<String> {
        let mut assumed = Vec::new();
        assumed.extend(self.compression.name().map(|name| format!("compressed with {name}")));
        match &self.format {
            Format::Parquet => assumed.push("Parquet".to_owned()),
            Format::Delimited(dialect) => assumed.extend(dialect.assumed()),
            Format::Json(Layout::Lines) => assumed.push("one JSON record per line".to_owned()),
            Format::Json(Layout::Sequence) => assumed.push("JSON records one after another".to_owned()),
            Format::Json(Layout::List(path)) if path.is_empty() => assumed.push("a JSON list of records".to_owned()),
            Format::Json(Layout::List(path)) => assumed.push(format!("a JSON list of records in {}", path.join("."))),
        }
        if self.format != Format::Parquet {
            assumed.push(format!("encoded in {}", self.encoding.name()));
        }
        assumed
    }
}

/// Looks into the file.
pub(super) fn sniff(path: &Path) -> Result<Sniffed, Error> {
    let fail = |source| Error::io(path, source);
    let metadata = std::fs::metadata(path).map_err(fail)?;
    if !metadata.is_file() {
        return Err(unsupported(path, "it is not a regular file"));
    }
    if metadata.len() == 0 {
        return Err(Error::Empty { path: path.to_owned() });
    }
    let (mut bytes, compression, _) = input::open(path, 0)?;
    let mut head = Vec::with_capacity(HEAD);
    (&mut bytes).take(HEAD as u64).read_to_end(&mut head).map_err(fail)?;
    if let Some(reason) = known_other(&head) {
        return Err(unsupported(path, reason));
    }
    if head.starts_with(b"PAR1") {
        return match compression.name() {
            None => Ok(Sniffed { compression, encoding: TextEncoding::Utf8, format: Format::Parquet }),
            Some(name) => Err(unsupported(path, &format!("Parquet inside {name} cannot be read in parts; unpack it"))),
        };
    }
    let complete = head.len() < HEAD;
    let encoding = encoding(path, compression, &head, !complete, bytes, metadata.len())?;
    let text = encoding.decode_head(&head);
    if text.trim().is_empty() && complete {
        return Err(Error::Empty { path: path.to_owned() });
    }
    let format = format(path, &text, complete, encoding)?;
    Ok(Sniffed { compression, encoding, format })
}

/// Decides the encoding on as much of the file as is cheap to look at.
fn encoding(
    path: &Path,
    compression: Compression,
    head: &[u8],
    more: bool,
    mut rest: Bytes,
    size: u64,
) -> Result<TextEncoding, Error> {
    let fail = |source| Error::io(path, source);
    let mut detector = Detector::default();
    detector.look(head);
    if more && compression == Compression::None && size > WHOLE_MAX {
        let mut file = File::open(path).map_err(fail)?;
        let mut piece = Vec::with_capacity(PIECE as usize);
        for offset in [size / 2, size - PIECE] {
            piece.clear();
            file.seek(SeekFrom::Start(offset)).map_err(fail)?;
            (&mut file).take(PIECE).read_to_end(&mut piece).map_err(fail)?;
            detector.look(&piece);
        }
    } else if more {
        let mut rest = (&mut rest).take(WHOLE_MAX);
        let mut piece = Vec::with_capacity(PIECE as usize);
        while (&mut rest).take(PIECE).read_to_end(&mut piece).map_err(fail)? > 0 {
            detector.look(&piece);
            piece.clear();
        }
    }
    detector.decide().ok_or_else(|| Error::Binary { path: path.to_owned() })
}

fn format(path: &Path, text: &str, complete: bool, encoding: TextEncoding) -> Result<Format, Error> {
    let kind = super::listing::Kind::of(path);
    let (lower, delimiter) = match kind {
        Some(kind) => (kind.extension, kind.delimiter),
        None => ("", None),
    };
    let by_lines = matches!(lower, "ndjson" | "jsonl");
    let look = Layout::first_look(text, complete, by_lines);
    let delimited = matches!(lower, "csv" | "tsv" | "tab" | "psv");
    let inside = text.trim_start().get(1..).unwrap_or_default().trim_start();
    let is_json = match &look {
        FirstLook::NotJson => false,
        _ if by_lines || lower == "json" => true,
        // Other names have to hold what is plainly JSON: a table's first cell may begin with a bracket too.
        FirstLook::Known(Layout::List(_)) => inside.starts_with('{'),
        _ => inside.starts_with('"'),
    };
    if is_json {
        return Ok(Format::Json(match look {
            FirstLook::Known(layout) => layout,
            _ => {
                let (source, _) = input::open_text(path, 0, encoding)?;
                json::layout_of_object(source, path, &super::listing::stem(path))?
            }
        }));
    }
    if by_lines || lower == "json" {
        return Err(unsupported(path, "it begins with neither { nor [, so it is no JSON"));
    }
    let dialect = Dialect::sniff(text, complete, delimiter);
    let convincing = dialect.columns > 1 && dialect.agreement >= AGREEMENT_MIN && dialect.looked_at > 1;
    if delimited || convincing {
        return Ok(Format::Delimited(dialect));
    }
    Err(unsupported(path, "its lines are no table, and its name does not say what it is"))
}

fn unsupported(path: &Path, reason: &str) -> Error {
    Error::UnsupportedFormat { path: path.to_owned(), reason: reason.to_owned() }
}

/// Knows formats that people put beside tables, to name them.
fn known_other(head: &[u8]) -> Option<&'static str> {
    match head {
        [b'P', b'K', 3 | 5, 4 | 6, ..] => Some("it is a spreadsheet or a zip archive"),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => Some("it is an old spreadsheet or document"),
        [b'%', b'P', b'D', b'F', ..] => Some("it is a PDF"),
        [b'O', b'b', b'j', 1, ..] => Some("it is an Avro file"),
        [b'O', b'R', b'C', ..] => Some("it is an ORC file"),
        [b'B', b'Z', b'h', ..] => Some("it is compressed with bzip2; use gzip or zstd"),
        [0xfd, b'7', b'z', b'X', b'Z', ..] => Some("it is compressed with xz; use gzip or zstd"),
        _ if head.starts_with(b"SQLite format 3\0") => Some("it is an SQLite database"),
        _ => None,
    }
}
