//! Changes that are scripted from outside: edits, deletions, additions.

use super::cell::Cell;
use super::field::{Field, Kind};
use super::journal::Revised;
use super::table::{Meta, Table};
use super::{Account, time};
use crate::random::Random;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// In the text of a change, stands for a byte that is no UTF-8 in whatever the vendor answers.
pub const BROKEN_BYTE: char = '\u{FFFE}';

/// What is to be done to a stream. Rows count from 0 in the order of ids; what a row's id looks like is the vendor's own.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
pub enum Change {
    /// Sets fields of one record.
    Edit {
        stream: String,
        row: u64,
        set: Map<String, Value>,
    },
    /// Draws `count` records anew that the seed picks.
    Touch {
        stream: String,
        count: u64,
        seed: u64,
    },
    /// Deletes it the way the vendor does: it can still be seen where the vendor shows deleted records.
    Delete {
        stream: String,
        row: u64,
    },
    Restore {
        stream: String,
        row: u64,
    },
    /// Takes it away without a mark.
    Purge {
        stream: String,
        row: u64,
    },
    /// Adds `count` records, with these fields set and the others drawn.
    Add {
        stream: String,
        count: u64,
        #[serde(default)]
        set: Map<String, Value>,
    },
}

#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    #[error("there is no stream {0}")]
    NoStream(String),
    #[error("{stream} has no record in row {row}")]
    NoRecord { stream: String, row: u64 },
    #[error("{stream} has no field {field} that can be set; a field made by drift is set through those it is made of")]
    NoField { stream: String, field: String },
    #[error("{field} cannot hold {value}")]
    NoFit { field: String, value: String },
}

impl Change {
    pub fn stream(&self) -> &str {
        match self {
            Self::Edit { stream, .. }
            | Self::Touch { stream, .. }
            | Self::Delete { stream, .. }
            | Self::Restore { stream, .. }
            | Self::Purge { stream, .. }
            | Self::Add { stream, .. } => stream,
        }
    }
}

impl Account {
    /// Applies a change as of a time and returns the rows it met.
    pub fn change(&mut self, change: &Change, at_ms: i64) -> Result<Vec<u64>, ChangeError> {
        let at_ms = at_ms.div_euclid(self.resolution_ms) * self.resolution_ms;
        let table = self.table(change.stream()).ok_or_else(|| ChangeError::NoStream(change.stream().to_owned()))?;
        let mut rows = Vec::new();
        match change {
            Change::Edit { row, set, .. } => rows.push((*row, edited(&table, *row, at_ms, set)?)),
            Change::Delete { row, .. } => rows.push((*row, marked(&table, *row, at_ms, true)?)),
            Change::Restore { row, .. } => rows.push((*row, marked(&table, *row, at_ms, false)?)),
            Change::Purge { row, .. } => {
                let purged = Revised { purged: true, ..state(&table, *row)? };
                rows.push((*row, purged));
            }
            Change::Touch { count, seed, .. } => {
                for row in picked(&table, *count, *seed) {
                    rows.push((row, touched(&table, row, at_ms)?));
                }
            }
            Change::Add { count, set, .. } => {
                let first = table.stream.rows + table.journal.added;
                for row in first..first + count {
                    rows.push((row, added(&table, at_ms, set)?));
                }
            }
        }
        let added = if let Change::Add { count, .. } = change { *count } else { 0 };
        let met = rows.iter().map(|(row, _)| *row).collect();
        if let Some(held) = self.held_mut(change.stream()) {
            held.journal.added += added;
            rows.into_iter().for_each(|(row, revised)| held.journal.keep(row, revised));
        }
        Ok(met)
    }
}

/// What a record is like now, ready to be revised.
fn state(table: &Table<'_>, row: u64) -> Result<Revised, ChangeError> {
    let no_record = || ChangeError::NoRecord { stream: table.stream.name.clone(), row };
    let meta = table.meta(row).ok_or_else(no_record)?;
    let cells = table.journal.revised.get(&row).map(|revised| revised.cells.clone()).unwrap_or_default();
    Ok(Revised { meta, purged: false, cells, version: 0 })
}

fn edited(table: &Table<'_>, row: u64, at_ms: i64, set: &Map<String, Value>) -> Result<Revised, ChangeError> {
    let mut revised = state(table, row)?;
    revised.meta.changed_ms = at_ms;
    revised.cells.extend(cells(table, set)?);
    Ok(revised)
}

fn marked(table: &Table<'_>, row: u64, at_ms: i64, deleted: bool) -> Result<Revised, ChangeError> {
    let mut revised = state(table, row)?;
    revised.meta.changed_ms = at_ms;
    revised.meta.deleted = deleted;
    Ok(revised)
}

fn touched(table: &Table<'_>, row: u64, at_ms: i64) -> Result<Revised, ChangeError> {
    let mut revised = state(table, row)?;
    revised.meta.changed_ms = at_ms;
    revised.meta.revision += 1;
    revised.cells.clear();
    Ok(revised)
}

fn added(table: &Table<'_>, at_ms: i64, set: &Map<String, Value>) -> Result<Revised, ChangeError> {
    let meta = Meta { created_ms: at_ms, changed_ms: at_ms, deleted: false, revision: 0 };
    Ok(Revised { meta, purged: false, cells: cells(table, set)?, version: 0 })
}

/// Picks records that are not deleted, each once.
fn picked(table: &Table<'_>, count: u64, seed: u64) -> Vec<u64> {
    let mut living: Vec<u64> =
        table.by_id(None).filter(|row| table.meta(*row).is_some_and(|meta| !meta.deleted)).collect();
    Random::new(seed, &table.stream.name).shuffle(&mut living);
    living.truncate(usize::try_from(count).unwrap_or(usize::MAX));
    living.sort_unstable();
    living
}

fn cells(table: &Table<'_>, set: &Map<String, Value>) -> Result<BTreeMap<String, Cell>, ChangeError> {
    let one = |(name, value): (&String, &Value)| {
        let no_field = || ChangeError::NoField { stream: table.stream.name.clone(), field: name.clone() };
        let field = table.field(name).ok_or_else(no_field)?;
        let slot = field.slot().ok_or_else(no_field)?.to_owned();
        Ok((slot, cell_of(field, value)?))
    };
    set.iter().map(one).collect()
}

/// Reads a value of a change as what the field holds. A text that is longer than the field allows is taken: vendors differ in that.
fn cell_of(field: &Field, value: &Value) -> Result<Cell, ChangeError> {
    let no_fit =
        || ChangeError::NoFit { field: field.name.clone(), value: value.to_string().chars().take(80).collect() };
    let cell = match (&field.kind, value) {
        (_, Value::Null) => Cell::Null,
        (Kind::Boolean, Value::Bool(truth)) => Cell::Boolean(*truth),
        (Kind::Integer, Value::Number(number)) => Cell::Integer(number.as_i64().ok_or_else(no_fit)?),
        (Kind::Decimal { .. }, Value::Number(number)) => decimal(&number.to_string()).ok_or_else(no_fit)?,
        (Kind::Decimal { .. }, Value::String(text)) => decimal(text).ok_or_else(no_fit)?,
        (Kind::Date, Value::String(text)) => Cell::Date(time::parse_date(text).ok_or_else(no_fit)?),
        (Kind::Time, Value::String(text)) => Cell::Time(time::parse(text).ok_or_else(no_fit)?),
        (Kind::Link { .. }, Value::Number(row)) => Cell::Row(row.as_u64().ok_or_else(no_fit)?),
        (Kind::Choice { options, .. }, Value::String(code)) => {
            let at = options.iter().position(|option| option.code == *code).ok_or_else(no_fit)?;
            Cell::Chosen(vec![at])
        }
        (Kind::Text { .. } | Kind::LongText | Kind::Email | Kind::Phone | Kind::Url, Value::String(text)) => {
            Cell::Text(text.clone())
        }
        _ => return Err(no_fit()),
    };
    Ok(cell)
}

fn decimal(text: &str) -> Option<Cell> {
    let (whole, behind) = text.split_once('.').unwrap_or((text, ""));
    let units = format!("{whole}{behind}").parse().ok()?;
    Some(Cell::Decimal { units, scale: u8::try_from(behind.len()).ok()? })
}
