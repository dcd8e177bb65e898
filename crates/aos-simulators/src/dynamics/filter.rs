//! The part of OData's `$filter` and `$orderby` that reads need: comparisons joined by `and`, and one column to order by.

use super::failure::Failure;
use super::record::{member, row};
use super::schema::names;
use crate::account::{Cell, Draw, Field, Formula, Kind, Meta, Table, time};
use std::cmp::Ordering;

pub struct Comparison<'a> {
    field: &'a Field,
    operator: String,
    value: String,
}

/// Reads `modifiedon ge 2026-05-01T00:00:00Z and statecode eq 0`.
pub fn parse<'a>(table: &Table<'a>, filter: &str) -> Result<Vec<Comparison<'a>>, Failure> {
    let one = |text: &str| {
        let mut words = text.trim().splitn(3, ' ');
        let (Some(name), Some(operator), Some(value)) = (words.next(), words.next(), words.next()) else {
            return Err(Failure::invalid(format!(
                "this simulator knows comparisons joined by 'and' only; it cannot read '{text}'"
            )));
        };
        if !["eq", "ne", "gt", "ge", "lt", "le"].contains(&operator) {
            return Err(Failure::invalid(format!("this simulator does not know the operator '{operator}'")));
        }
        Ok(Comparison { field: property(table, name)?, operator: operator.to_owned(), value: value.trim().to_owned() })
    };
    filter.split(" and ").map(one).collect()
}

/// The field behind a property's name; a lookup's value has a name of its own.
pub fn property<'a>(table: &Table<'a>, name: &str) -> Result<&'a Field, Failure> {
    let logical = names(&table.stream.name).map_or("", |names| names.logical);
    let found = table.stream.fields.iter().find(|field| member(field) == name);
    found.ok_or_else(|| Failure::no_property(name, logical))
}

pub fn is_change(field: &Field) -> bool {
    matches!(&field.formula, Formula::Drawn { draw: Draw::Modified, .. })
}

impl Comparison<'_> {
    /// The earliest time of change that it lets through.
    pub fn changed_from(&self) -> Option<i64> {
        let is_bound = is_change(self.field) && ["gt", "ge"].contains(&self.operator.as_str());
        if is_bound { time::parse(&self.value) } else { None }
    }

    pub fn holds(&self, table: &Table<'_>, at: u64, meta: &Meta) -> bool {
        let cell = table.cell(at, meta, self.field);
        let order = compared(table, self.field, &cell, &self.value);
        match self.operator.as_str() {
            "eq" => order == Some(Ordering::Equal),
            "ne" => order != Some(Ordering::Equal),
            "gt" => order == Some(Ordering::Greater),
            "ge" => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
            "lt" => order == Some(Ordering::Less),
            _ => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        }
    }
}

fn compared(table: &Table<'_>, field: &Field, cell: &Cell, value: &str) -> Option<Ordering> {
    match (cell, &field.kind) {
        (Cell::Null, _) => (value == "null").then_some(Ordering::Equal),
        (_, _) if value == "null" => None,
        (Cell::Time(ms), _) => Some(ms.cmp(&time::parse(value)?)),
        (Cell::Date(days), _) => Some(days.cmp(&time::parse_date(value)?)),
        (Cell::Boolean(truth), _) => Some(truth.cmp(&value.parse().ok()?)),
        (Cell::Row(found), Kind::Link { to }) => Some(found.cmp(&row(names(to)?.number, value)?)),
        (Cell::Row(found), _) => Some(found.cmp(&row(names(&table.stream.name)?.number, value)?)),
        (Cell::Integer(_) | Cell::Decimal { .. } | Cell::Chosen(_), kind) => {
            cell.plain(kind).parse::<f64>().ok()?.partial_cmp(&value.parse().ok()?)
        }
        (cell, kind) => {
            let asked = value.trim_matches('\'').replace("''", "'");
            Some(cell.plain(kind).to_lowercase().cmp(&asked.to_lowercase()))
        }
    }
}
