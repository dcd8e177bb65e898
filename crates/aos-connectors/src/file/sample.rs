//! The shape and the version of a file, from looks at a part of it. Whoever reads the file whole sees more.

use super::delimited::DelimitedPages;
use super::input::{self, Window};
use super::json::JsonPages;
use super::json::layout::Layout;
use super::listing::SourceFile;
use super::parquet::{ParquetPages, Rows};
use super::sniff::{Format, Sniffed};
use crate::error::Error;
use crate::page::{ReadOptions, RecordPage};
use aos_core::shape::{Shaper, StreamShape};
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use xxhash_rust::xxh3::Xxh3;

/// How many records are looked at in the middle and at the end of a large file.
const FURTHER_RECORDS: usize = 250;
/// From this size on, a file's beginning is not trusted to speak for the rest.
const LARGE: u64 = 4 << 20;
const TAIL: u64 = 256 * 1024;
/// How much of the beginning, middle and end goes into a file's version.
const VERSION_PIECE: u64 = 64 * 1024;

/// Looks at the first records, and at some further in where one can jump there.
pub(super) fn shape(file: &SourceFile, sniffed: &Sniffed, system: &str, records: usize) -> Result<StreamShape, Error> {
    let mut shaper = Shaper::new(&file.name, system);
    let first = ReadOptions { page_records: records, ..ReadOptions::default() };
    for page in super::pages(&file.path, sniffed, &first)?.take(1) {
        shaper.observe(&page?.batch);
    }
    for page in further(&file.path, sniffed)? {
        shaper.observe(&page.batch);
    }
    Ok(shaper.finish())
}

fn further(path: &Path, sniffed: &Sniffed) -> Result<Vec<RecordPage>, Error> {
    let options = ReadOptions { page_records: FURTHER_RECORDS, ..ReadOptions::default() };
    if sniffed.format == Format::Parquet {
        return further_rows(path, &options);
    }
    let size = std::fs::metadata(path).map_err(|error| Error::io(path, error))?.len();
    let can_jump = sniffed.compression.name().is_none() && sniffed.encoding.is_bytewise();
    if size < LARGE || !can_jump {
        return Ok(Vec::new());
    }
    let mut pages = Vec::new();
    for offset in [size / 2, size - TAIL] {
        let Some(page) = page_at(path, offset, sniffed, &options)? else { continue };
        // A jump into the middle of a quoted cell reads nonsense, and nonsense is mostly malformed.
        if page.malformed.len() * 5 <= page.batch.records.len() {
            pages.push(page);
        }
    }
    Ok(pages)
}

/// Reads one page from the first line that begins behind the offset; `None` when the format has no lines to begin at.
fn page_at(path: &Path, offset: u64, sniffed: &Sniffed, options: &ReadOptions) -> Result<Option<RecordPage>, Error> {
    let (source, progress) = input::open_text(path, offset, sniffed.encoding)?;
    let (path, options) = (path.to_owned(), options.clone());
    match &sniffed.format {
        Format::Delimited(dialect) => {
            let (beginning, unused) = input::open_text(&path, 0, sniffed.encoding)?;
            let start = DelimitedPages::start(path.clone(), beginning, unused, dialect.clone(), options.clone())?;
            let columns = Arc::clone(start.columns());
            let mut pages = DelimitedPages::resume(path, source, progress, dialect.clone(), options, columns);
            pages.skip_line()?;
            pages.next().transpose()
        }
        Format::Json(Layout::Lines) => {
            let mut window = Window::new(source, options.record_bytes_max);
            window.skip_past(b'\n').map_err(|error| Error::io(&path, error))?;
            JsonPages::resume(path, window, progress, Layout::Lines, options).next().transpose()
        }
        Format::Json(_) | Format::Parquet => Ok(None),
    }
}

fn further_rows(path: &Path, options: &ReadOptions) -> Result<Vec<RecordPage>, Error> {
    let start = ParquetPages::start(path.to_owned(), options, Rows { offset: 0, limit: Some(0) })?;
    let (rows, count) = (start.rows(), FURTHER_RECORDS as u64);
    if rows < 8 * count {
        return Ok(Vec::new());
    }
    let page = |offset| {
        let rows = Rows { offset, limit: Some(FURTHER_RECORDS) };
        ParquetPages::start(path.to_owned(), options, rows)?.next().transpose()
    };
    Ok([page(rows / 2)?, page(rows - count)?].into_iter().flatten().collect())
}

/// Tells one content of a file from another, cheaply: by size, time of change, and a hash of its beginning, middle and end.
pub(super) fn version(path: &Path) -> Result<String, Error> {
    let fail = |error| Error::io(path, error);
    let mut file = std::fs::File::open(path).map_err(fail)?;
    let metadata = file.metadata().map_err(fail)?;
    let (size, stamp) = (metadata.len(), stamp(&metadata).map_err(fail)?);
    let mut hash = Xxh3::new();
    let mut piece = Vec::with_capacity(VERSION_PIECE as usize);
    for offset in [0, size / 2, size.saturating_sub(VERSION_PIECE)] {
        piece.clear();
        file.seek(SeekFrom::Start(offset)).map_err(fail)?;
        (&mut file).take(VERSION_PIECE).read_to_end(&mut piece).map_err(fail)?;
        hash.update(&piece);
    }
    Ok(format!("{stamp}{:016x}", hash.digest()))
}

/// What a version begins with: as much of it as a look at the folder tells.
pub(super) fn stamp(metadata: &std::fs::Metadata) -> std::io::Result<String> {
    let changed = metadata.modified()?.duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    Ok(format!("{:x}-{changed:x}-", metadata.len()))
}
