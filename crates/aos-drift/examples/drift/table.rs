//! The tables that drift is applied to: the sample sources with their rows, and the tables of the matching bench with rows grown from
//! their few example values.

use crate::chance::Chance;
use crate::grow::grow;
use aos_core::drift::{RowSampler, Snapshot};
use aos_core::record::{Record, RecordBatch};
use aos_core::shape::{Shaper, StreamShape};
use aos_core::value::Value;
use aos_match::drift::common_key;
use serde::Deserialize;
use std::path::Path;

pub type Row = Vec<Option<String>>;

#[derive(Debug, Clone)]
pub struct Table {
    /// Cases of one system are never split between learning and testing.
    pub system: String,
    pub stream: String,
    pub columns: Vec<String>,
    pub rows: Vec<Row>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    object: String,
    fields: Vec<Field>,
}

#[derive(Deserialize)]
pub struct Field {
    pub name: String,
    #[serde(default)]
    pub samples: Vec<serde_json::Value>,
}

const ROWS_GROWN: usize = 520;
const ROWS_MIN: usize = 48;
const ROWS_MAX: usize = 900;

/// Reads every table of the repository at `root`.
pub fn all(root: &Path) -> Result<Vec<Table>, String> {
    let mut tables = samples(&root.join("samples"))?;
    for folder in ["cases", "held_out"] {
        tables.extend(cases(&root.join("bench/matching").join(folder))?);
    }
    let filled = |table: &Table| (0..table.columns.len()).filter(|at| table.values(*at).next().is_some()).count();
    tables.retain(|table| table.rows.len() >= ROWS_MIN && filled(table) >= 4);
    Ok(tables)
}

fn files(folder: &Path, ending: &str) -> Result<Vec<std::path::PathBuf>, String> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("cannot read {}: {error}", folder.display()))?;
    let mut paths: Vec<_> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    paths.retain(|path| ending.is_empty() && path.is_dir() || path.extension().is_some_and(|own| own == ending));
    paths.sort();
    Ok(paths)
}

fn samples(root: &Path) -> Result<Vec<Table>, String> {
    let mut tables = Vec::new();
    for folder in files(root, "")? {
        let name = |path: &Path| path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
        for path in files(&folder, "csv")? {
            let fail = |error: csv::Error| format!("cannot read {}: {error}", path.display());
            let mut reader = csv::Reader::from_path(&path).map_err(fail)?;
            let columns = reader.headers().map_err(fail)?.iter().map(str::to_owned).collect();
            let cell = |cell: &str| (!cell.is_empty()).then(|| cell.to_owned());
            let rows: Result<Vec<Row>, _> =
                reader.records().map(|row| row.map(|row| row.iter().map(cell).collect())).collect();
            let mut rows = rows.map_err(fail)?;
            rows.truncate(ROWS_MAX);
            tables.push(Table { system: name(&folder), stream: name(&path), columns, rows });
        }
    }
    Ok(tables)
}

fn cases(folder: &Path) -> Result<Vec<Table>, String> {
    let read = |path: &std::path::PathBuf| {
        let fail = |error: String| format!("{}: {error}", path.display());
        let text = std::fs::read_to_string(path).map_err(|error| fail(error.to_string()))?;
        let case: Case = serde_json::from_str(&text).map_err(|error| fail(error.to_string()))?;
        let system =
            case.id.split('.').next().unwrap_or(&case.id).trim_end_matches(|c: char| c.is_ascii_digit()).to_owned();
        let mut chance = Chance::new(&case.id, 1);
        let columns: Vec<Vec<Option<String>>> =
            case.fields.iter().map(|field| grow(field, ROWS_GROWN, &mut chance)).collect();
        let rows = (0..ROWS_GROWN).map(|row| columns.iter().map(|column| column[row].clone()).collect()).collect();
        Ok(Table {
            system,
            stream: case.object,
            columns: case.fields.into_iter().map(|field| field.name).collect(),
            rows,
        })
    };
    files(folder, "json")?.iter().map(read).collect()
}

impl Table {
    fn batch(&self) -> RecordBatch {
        let cell = |cell: &Option<String>| Some(cell.as_ref().map_or(Value::Null, Value::text));
        let record =
            |(at, row): (usize, &Row)| Record { position: at as u64 + 1, cells: row.iter().map(cell).collect() };
        RecordBatch {
            columns: self.columns.iter().map(Into::into).collect(),
            records: self.rows.iter().enumerate().map(record).collect(),
        }
    }

    pub fn shape(&self) -> StreamShape {
        let mut shaper = Shaper::new(&self.stream, &self.system).with_sketches();
        shaper.observe(&self.batch());
        shaper.finish()
    }

    pub fn at(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|own| own == column)
    }

    pub fn values(&self, column: usize) -> impl Iterator<Item = &str> {
        self.rows.iter().filter_map(move |row| row[column].as_deref())
    }
}

/// What the comparison sees of two versions: shapes and rows, or names and types alone.
pub fn snapshots(before: &Table, after: &Table, names_only: bool) -> (Snapshot, Snapshot) {
    let (then, now) = (before.shape(), after.shape());
    if names_only {
        return (Snapshot::of_shape(declared(&then)), Snapshot::of_shape(declared(&now)));
    }
    let key = common_key(&then, &now);
    let sample = |table: &Table, key: &[String]| {
        let mut sampler = RowSampler::new(table.columns.clone(), key, 1_000);
        sampler.observe(&table.batch());
        sampler.finish()
    };
    let rows = (sample(before, &key.before), sample(after, &key.after));
    let snapshot = |shape, rows| Snapshot { rows, ..Snapshot::of_shape(shape) };
    (snapshot(then, rows.0), snapshot(now, rows.1))
}

/// A schema says names and kinds, and nothing of the values.
fn declared(seen: &StreamShape) -> StreamShape {
    let mut shape = StreamShape::of_names(&seen.stream, seen.columns.iter().map(|column| column.path.clone()));
    shape.columns.iter_mut().zip(&seen.columns).for_each(|(column, seen)| column.kind = seen.kind);
    shape
}
