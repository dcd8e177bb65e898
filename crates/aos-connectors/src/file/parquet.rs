//! Parquet files as pages of records. Decimals keep their scale, dates and times become ISO 8601 text, lists and groups stay nested.

mod cells;

use super::names;
use crate::error::Error;
use crate::page::{ReadOptions, RecordPage};
use aos_core::record::{Record, RecordBatch};
use aos_core::value::Value;
use arrow_array::RecordBatch as ArrowBatch;
use compact_str::CompactString;
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::basic::LogicalType;
use parquet::errors::ParquetError;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const COLUMNS_MAX: usize = 10_000;
/// Rows per batch never go below this, however wide the rows are.
const BATCH_ROWS_MIN: u64 = 64;

/// Reads a Parquet file page by page; its pages on disk are decoded as they are needed.
pub(super) struct ParquetPages {
    path: PathBuf,
    reader: ParquetRecordBatchReader,
    columns: Arc<[CompactString]>,
    uuids: Vec<bool>,
    size_bytes: u64,
    rows: u64,
    read: u64,
    pages: u64,
    done: bool,
}

/// Which rows are read.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Rows {
    pub(super) offset: u64,
    pub(super) limit: Option<usize>,
}

impl ParquetPages {
    pub(super) fn start(path: PathBuf, options: &ReadOptions, rows: Rows) -> Result<Self, Error> {
        let file = File::open(&path).map_err(|error| Error::io(&path, error))?;
        let size_bytes = file.metadata().map_err(|error| Error::io(&path, error))?.len();
        // The file's own types say all we need, without those of the program that wrote it.
        let plain = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        let builder =
            ParquetRecordBatchReaderBuilder::try_new_with_options(file, plain).map_err(|e| damaged(&path, &e))?;
        let fields = builder.parquet_schema().root_schema().get_fields();
        if fields.len() > COLUMNS_MAX {
            return Err(Error::TooManyColumns { path, max: COLUMNS_MAX });
        }
        let columns = names::unique(fields.iter().map(|field| CompactString::new(field.name())).collect());
        let is_uuid =
            |info: &parquet::schema::types::BasicTypeInfo| info.logical_type_ref() == Some(&LogicalType::Uuid);
        let uuids = fields.iter().map(|field| is_uuid(field.get_basic_info())).collect();
        let metadata = builder.metadata();
        let total = u64::try_from(metadata.file_metadata().num_rows()).unwrap_or(0);
        let weight: u64 =
            metadata.row_groups().iter().filter_map(|group| u64::try_from(group.total_byte_size()).ok()).sum();
        let row_bytes = (weight / total.max(1)).max(1);
        let batch = (options.page_bytes as u64 / row_bytes).max(BATCH_ROWS_MIN).min(options.page_records.max(1) as u64);
        let mut builder = builder.with_batch_size(batch as usize).with_offset(rows.offset as usize);
        if let Some(limit) = rows.limit {
            builder = builder.with_limit(limit);
        }
        let reader = builder.build().map_err(|error| damaged(&path, &error))?;
        Ok(Self { path, reader, columns, uuids, size_bytes, rows: total, read: rows.offset, pages: 0, done: false })
    }

    /// How many rows the file says it has.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    fn page(&mut self) -> Result<Option<RecordPage>, Error> {
        let batch = match self.reader.next() {
            Some(Ok(batch)) => Some(batch),
            Some(Err(error)) => return Err(Error::Damaged { path: self.path.clone(), reason: error.to_string() }),
            None => None,
        };
        let records = match batch {
            Some(batch) => self.records(&batch)?,
            // A table without rows still has one page, so that its columns are known.
            None if self.pages == 0 => Vec::new(),
            None => return Ok(None),
        };
        self.pages += 1;
        let bytes = (self.size_bytes as f64 * (self.read as f64 / self.rows.max(1) as f64).min(1.0)) as u64;
        let batch = RecordBatch { columns: Arc::clone(&self.columns), records };
        Ok(Some(RecordPage { bytes, ..RecordPage::of(batch) }))
    }

    fn records(&mut self, batch: &ArrowBatch) -> Result<Vec<Record>, Error> {
        let mut columns = Vec::with_capacity(batch.num_columns());
        for (index, array) in batch.columns().iter().enumerate() {
            let is_uuid = self.uuids.get(index) == Some(&true);
            let values = if is_uuid { cells::uuids(array) } else { cells::values(array) };
            let values = values.map_err(|kind| {
                let reason = format!("column {} is of type {kind}, which is not supported", self.columns[index]);
                Error::UnsupportedFormat { path: self.path.clone(), reason }
            })?;
            columns.push(values.into_iter());
        }
        let first = self.read + 1;
        self.read += batch.num_rows() as u64;
        let mut row = || columns.iter_mut().map(Iterator::next).collect::<Vec<Option<Value>>>();
        Ok((first..=self.read).map(|position| Record { position, cells: row() }).collect())
    }
}

impl Iterator for ParquetPages {
    type Item = Result<RecordPage, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let page = self.page();
        self.done = !matches!(page, Ok(Some(_)));
        page.transpose()
    }
}

fn damaged(path: &Path, error: &ParquetError) -> Error {
    Error::Damaged { path: path.to_owned(), reason: error.to_string() }
}
