//! File sources at the door people use: files are written, a source is opened, and what it says and reads is looked at.

mod bad_input;
mod delimited;
mod json;
mod parquet;
mod paths;
mod properties;
mod sampling;

use aos_connectors::{Error, FileOptions, FileSource, Malformed, MalformedCode, ReadOptions};
use aos_core::Value;
use aos_core::record::Record;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A folder of files that is gone after the test.
struct Folder(TempDir);

impl Folder {
    fn with(files: &[(&str, &[u8])]) -> Self {
        let folder = Self(TempDir::new().unwrap());
        for (name, bytes) in files {
            let path = folder.path(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn source(&self) -> FileSource {
        FileSource::open("crm", self.0.path(), FileOptions::default()).unwrap()
    }
}

/// All that a stream holds.
#[derive(Debug, Default)]
struct Table {
    columns: Vec<String>,
    records: Vec<Record>,
    malformed: Vec<Malformed>,
    pages: usize,
    bytes: u64,
}

impl Table {
    fn rows(&self) -> Vec<Vec<Option<&str>>> {
        let text = |cell: &'_ Option<Value>| match cell {
            Some(Value::Null) | None => None,
            Some(value) => Some(value.as_text().unwrap_or("(nested)").to_owned().leak() as &str),
        };
        self.records.iter().map(|record| record.cells.iter().map(text).collect()).collect()
    }

    fn positions(&self) -> Vec<u64> {
        self.records.iter().map(|record| record.position).collect()
    }

    fn codes(&self) -> Vec<(u64, MalformedCode)> {
        self.malformed.iter().map(|malformed| (malformed.position, malformed.code)).collect()
    }

    fn cell(&self, row: usize, column: &str) -> Option<&Value> {
        let index = self.columns.iter().position(|name| name == column).expect("a known column");
        self.records[row].cell(index)
    }
}

fn read_with(source: &FileSource, stream: &str, options: &ReadOptions) -> Result<Table, Error> {
    let mut table = Table::default();
    for page in source.read(stream, options)? {
        let page = page?;
        table.columns = page.batch.columns.iter().map(ToString::to_string).collect();
        table.records.extend(page.batch.records);
        table.malformed.extend(page.malformed);
        table.pages += 1;
        assert!(page.bytes >= table.bytes, "progress never goes back");
        table.bytes = page.bytes;
    }
    Ok(table)
}

/// Writes one file, and reads its only stream.
fn try_read(name: &str, bytes: &[u8]) -> Result<Table, Error> {
    let folder = Folder::with(&[(name, bytes)]);
    read_file(&folder.path(name))
}

fn read_file(path: &Path) -> Result<Table, Error> {
    let source = FileSource::of_files("crm", &[path.to_owned()], FileOptions::default())?;
    let stream = source.discover()?.remove(0);
    let table = read_with(&source, &stream.name, &ReadOptions::default())?;
    assert_eq!(table.bytes, std::fs::metadata(path).unwrap().len(), "all of the file was read");
    Ok(table)
}

fn read(name: &str, text: impl AsRef<[u8]>) -> Table {
    try_read(name, text.as_ref()).unwrap()
}
