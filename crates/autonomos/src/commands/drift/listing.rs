//! Tables that list the columns of other tables: what `information_schema.columns`, `DESCRIBE` and `SHOW COLUMNS` answer, in a file of records.

use super::catalog::{add_typed, declare};
use aos_connectors::ReadOptions;
use aos_connectors::file::FileSource;
use aos_core::drift::{DeclaredType, Snapshot};
use aos_core::record::{Record, RecordBatch};
use aos_core::shape::{ColumnShape, StreamShape};
use indexmap::IndexMap;

/// What the columns of such a table are called, in small letters without separators.
const NAME: [&str; 5] = ["columnname", "field", "fieldname", "name", "column"];
const KIND: [&str; 6] = ["datatype", "columntype", "fieldtype", "type", "udtname", "formattedtype"];
const TABLE: [&str; 3] = ["tablename", "table", "viewname"];
const LENGTH: [&str; 2] = ["charactermaximumlength", "length"];
const SCALE: [&str; 2] = ["numericscale", "scale"];
const NULLS: [&str; 4] = ["isnullable", "nullable", "null", "nulls"];
const KEY: [&str; 5] = ["columnkey", "key", "primarykey", "isprimarykey", "constrainttype"];
/// A list of more columns than this is none.
const LINES_MAX: usize = 200_000;
/// Fewer lines say too little to be told from records.
const LINES_MIN: usize = 2;

/// Where in a record the parts of a line are found.
struct Places {
    name: usize,
    kind: usize,
    table: Option<usize>,
    length: Option<usize>,
    scale: Option<usize>,
    key: Option<usize>,
    nulls: Option<usize>,
}

impl Places {
    fn of(batch: &RecordBatch) -> Option<Self> {
        let plain = |name: &str| name.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
        let names: Vec<String> = batch.columns.iter().map(|name| plain(name)).collect();
        let find = |known: &[&str]| known.iter().find_map(|one| names.iter().position(|name| name == one));
        let (name, kind) = (find(&NAME)?, find(&KIND)?);
        let (length, scale) = (find(&LENGTH), find(&SCALE));
        Some(Self { name, kind, table: find(&TABLE), length, scale, key: find(&KEY), nulls: find(&NULLS) })
    }
}

/// One column of one table, as a line says it.
struct Line {
    table: Option<String>,
    name: String,
    kind: String,
    length: Option<u32>,
    scale: Option<u32>,
    key: bool,
    nullable: Option<bool>,
}

impl Line {
    fn of(places: &Places, record: &Record) -> Option<Self> {
        let text =
            |at: usize| record.cell(at)?.as_text().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let number = |at: Option<usize>| at.and_then(text)?.parse().ok().filter(|number| *number > 0);
        let key = places.key.and_then(text).is_some_and(|said| {
            ["pri", "primary key", "pk", "y", "yes", "true", "t"].contains(&said.to_lowercase().as_str())
        });
        Some(Self {
            table: places.table.and_then(text),
            name: text(places.name)?,
            kind: text(places.kind)?,
            length: number(places.length),
            scale: number(places.scale),
            key,
            nullable: places.nulls.and_then(text).and_then(|said| aos_core::parse::boolean(&said)),
        })
    }
}

/// Reads the only stream of a source as a list of columns; `None` where it holds other records.
pub fn of_source(source: &FileSource, stream: &str) -> anyhow::Result<Option<Vec<Snapshot>>> {
    let mut lines: Vec<Line> = Vec::new();
    for page in source.read(stream, &ReadOptions::default())? {
        let page = page?;
        let Some(places) = Places::of(&page.batch) else { return Ok(None) };
        for record in &page.batch.records {
            let Some(line) = Line::of(&places, record) else { return Ok(None) };
            lines.push(line);
        }
        // Looking at the first page tells; a long table of records is not read to its end for it.
        if lines.len() > LINES_MAX || !are_types(&lines) {
            return Ok(None);
        }
    }
    Ok((lines.len() >= LINES_MIN).then(|| tables(&lines, stream)).flatten())
}

/// Whether the lines say types, and not the types of something else that has a name.
fn are_types(lines: &[Line]) -> bool {
    let typed = lines.iter().filter(|line| DeclaredType::is_type(&line.kind)).count();
    typed * 10 >= lines.len() * 9
}

/// The tables that the lines list; none where a table has two columns of one name.
fn tables(lines: &[Line], stream: &str) -> Option<Vec<Snapshot>> {
    let mut tables: IndexMap<&str, Snapshot> = IndexMap::new();
    for line in lines {
        let name = line.table.as_deref().unwrap_or(stream);
        let table = tables.entry(name).or_insert_with(|| Snapshot::of_shape(StreamShape::of_names(name, [""; 0])));
        if table.shape.column(&line.name).is_some() {
            return None;
        }
        add_typed(table, ColumnShape::unseen(line.name.clone()), &line.kind);
        declare(table, line.name.clone(), |said| {
            said.key |= line.key;
            said.length = said.length.or(line.length);
            said.scale = said.scale.or(line.scale);
            said.nullable = line.nullable;
        });
    }
    Some(tables.into_values().collect())
}
