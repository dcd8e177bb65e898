//! Files as records with common fields: which column is the key, what each other one holds, and which columns of different files say the
//! same.

use crate::show::aside;
use anyhow::{Context, bail};
use aos_connectors::ReadOptions;
use aos_connectors::file::{FileOptions, FileSource, discover_sources};
use aos_core::shape::StreamShape;
use aos_match::match_tables;
use aos_resolve::{Field, Record, RecordKey, guess_class, guess_key};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// A column with another name is taken for the same from this confidence on.
const SAME_COLUMN_MIN: f64 = 0.6;

pub struct Tables {
    pub fields: Vec<Field>,
    pub records: Vec<Record>,
    pub sources: Vec<Source>,
}

/// A file, as it was taken.
#[derive(Debug, Serialize)]
pub struct Source {
    pub source: String,
    pub records: usize,
    /// The column that names its rows; none where they are named by their number.
    pub key: Option<String>,
}

struct Table {
    source: String,
    shape: StreamShape,
    names: Vec<String>,
    rows: Vec<Vec<Option<String>>>,
    key: Option<usize>,
    /// The common name of each column.
    fields: Vec<String>,
}

pub fn read(paths: &[PathBuf], key: Option<&str>) -> anyhow::Result<Tables> {
    let mut tables = open(paths)?;
    for table in &mut tables {
        table.key = match key {
            None => guess_key(&table.names, &table.rows),
            Some(name) => {
                let at = table.names.iter().position(|own| own.eq_ignore_ascii_case(name));
                let at = at.with_context(|| {
                    format!("{} has no column `{name}`; it has {}", table.source, table.names.join(", "))
                })?;
                Some(at)
            }
        };
        check_key(table)?;
    }
    align(&mut tables);
    let fields = fields(&tables);
    let mut records = Vec::new();
    let mut sources = Vec::new();
    for table in tables {
        let places: Vec<Option<usize>> = fields
            .iter()
            .map(|field| (0..table.names.len()).find(|at| Some(*at) != table.key && table.fields[*at] == field.name))
            .collect();
        for (at, row) in table.rows.iter().enumerate() {
            let id = table.key.and_then(|key| row[key].clone()).unwrap_or_else(|| format!("row {}", at + 1));
            let values = places.iter().map(|place| row[(*place)?].clone()).collect();
            records.push(Record { key: RecordKey::new(&table.source, id), values });
        }
        let key = table.key.map(|key| table.names[key].clone());
        sources.push(Source { source: table.source, records: table.rows.len(), key });
    }
    Ok(Tables { fields, records, sources })
}

/// Opens what `connect` would: each file of a folder and of its sub-folders is a table.
fn open(paths: &[PathBuf]) -> anyhow::Result<Vec<Table>> {
    let options = FileOptions::default();
    let found = discover_sources(paths, &options)?;
    for skipped in found.skipped {
        aside(format_args!("{} is skipped: {}", skipped.path.display(), skipped.reason));
    }
    let mut tables = Vec::new();
    for source in found.sources {
        read_tables(&source.name, &source.open(options.clone())?, &mut tables)?;
    }
    Ok(tables)
}

fn read_tables(system: &str, files: &FileSource, tables: &mut Vec<Table>) -> anyhow::Result<()> {
    for stream in files.discover()? {
        if let Some(problem) = stream.problem {
            return Err(problem.into());
        }
        let name = |taken: &[Table]| {
            let own = stream.name.clone();
            let is_taken = |name: &str| taken.iter().any(|table| table.source == name);
            let named = if is_taken(&own) { format!("{system}/{own}") } else { own };
            let numbered = (2..).map(|number| format!("{named} {number}"));
            std::iter::once(named.clone()).chain(numbered).find(|name| !is_taken(name)).unwrap_or_default()
        };
        let mut table = Table {
            source: name(tables),
            shape: stream.shape.clone(),
            names: Vec::new(),
            rows: Vec::new(),
            key: None,
            fields: Vec::new(),
        };
        let mut malformed = 0;
        for page in files.read(&stream.name, &ReadOptions::default())? {
            let page = page?;
            malformed += page.malformed.len();
            let names: Vec<String> = page.batch.columns.iter().map(ToString::to_string).collect();
            // Pages of nested records may have columns of their own.
            for name in &names {
                if !table.names.contains(name) {
                    table.names.push(name.clone());
                }
            }
            let places: Vec<usize> =
                names.iter().filter_map(|name| table.names.iter().position(|own| own == name)).collect();
            for record in &page.batch.records {
                let mut row = vec![None; table.names.len()];
                for (at, place) in places.iter().enumerate() {
                    let text = record.cell(at).and_then(|value| value.as_text()).map(str::trim);
                    row[*place] = text.filter(|text| !text.is_empty()).map(str::to_owned);
                }
                table.rows.push(row);
            }
        }
        let width = table.names.len();
        table.rows.iter_mut().for_each(|row| row.resize(width, None));
        if malformed > 0 {
            aside(format_args!("{}: {malformed} rows cannot be read and are left out", table.source));
        }
        tables.push(table);
    }
    Ok(())
}

fn check_key(table: &Table) -> anyhow::Result<()> {
    let Some(key) = table.key else { return Ok(()) };
    let mut seen = BTreeSet::new();
    for (at, row) in table.rows.iter().enumerate() {
        let name = &table.names[key];
        match &row[key] {
            None => bail!(
                "row {} of {} has no `{name}`; choose a column that names each row with --key",
                at + 1,
                table.source
            ),
            Some(value) if !seen.insert(value) => {
                bail!(
                    "two rows of {} have the `{name}` {value}; choose a column that names each row with --key",
                    table.source
                )
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// Gives columns of different files that say the same one name: by their own names, and where these differ by what the matcher finds.
fn align(tables: &mut [Table]) {
    let plain =
        |name: &str| name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    let mut common: BTreeMap<String, String> = BTreeMap::new();
    for at in 0..tables.len() {
        let (before, rest) = tables.split_at_mut(at);
        let table = &mut rest[0];
        let matched = before.first().map(|first| match_tables(&table.shape, &first.shape, 1));
        let own: BTreeSet<String> = table.names.iter().map(|name| plain(name)).collect();
        for (column, name) in table.names.iter().enumerate() {
            if let Some(known) = common.get(&plain(name)) {
                table.fields.push(known.clone());
                continue;
            }
            let decided = matched.iter().flat_map(|matched| &matched.columns).find(|decided| decided.column == *name);
            let decided = decided.and_then(|decided| decided.decision.as_ref());
            let other = decided
                .filter(|decision| decision.confidence >= SAME_COLUMN_MIN && Some(column) != table.key)
                .and_then(|decision| common.get(&plain(&decision.field)))
                // What the table itself names so is that.
                .filter(|known| !own.contains(&plain(known)));
            let field = other.unwrap_or(name).clone();
            common.insert(plain(name), field.clone());
            table.fields.push(field);
        }
    }
}

fn fields(tables: &[Table]) -> Vec<Field> {
    let mut names: Vec<&String> = Vec::new();
    for table in tables {
        for (at, name) in table.fields.iter().enumerate() {
            if Some(at) != table.key && !names.contains(&name) {
                names.push(name);
            }
        }
    }
    let class = |name: &String| {
        let values = tables.iter().flat_map(|table| {
            let at = table.fields.iter().position(|own| own == name);
            table.rows.iter().filter_map(move |row| row[at?].as_deref())
        });
        Some(Field { name: name.clone(), class: guess_class(name, values)? })
    };
    names.into_iter().filter_map(class).collect()
}
