//! Records as the Web API writes them, with the labels it adds when it is asked to.

use super::schema::{Names, names};
use crate::account::{Cell, Field, Kind, Meta, Table, time};
use crate::json::{Object, string};

const FORMATTED: &str = "@OData.Community.Display.V1.FormattedValue";
const LOGICAL_NAME: &str = "@Microsoft.Dynamics.CRM.lookuplogicalname";
const NAVIGATION: &str = "@Microsoft.Dynamics.CRM.associatednavigationproperty";

/// The id of a row.
pub fn id(number: u8, row: u64) -> String {
    format!("60c4e2{number:02x}-0d87-e711-80e5-{row:012x}")
}

/// The row of an id, in braces or quotes or not; none when no record of the table can have it.
pub fn row(number: u8, guid: &str) -> Option<u64> {
    let guid = guid.trim_matches(['\'', '{', '}']).to_lowercase();
    u64::from_str_radix(guid.strip_prefix(&format!("60c4e2{number:02x}-0d87-e711-80e5-"))?, 16).ok()
}

/// What a field's member is called: a lookup's value stands under a name of its own.
pub fn member(field: &Field) -> String {
    match field.kind {
        Kind::Link { .. } => format!("_{}_value", field.name),
        _ => field.name.clone(),
    }
}

/// What is told beside the columns: the annotations that were asked for (`odata.include-annotations`), and the version.
#[derive(Debug, Clone, Copy, Default)]
pub struct Annotations {
    pub formatted: bool,
    pub lookups: bool,
    /// Whether the version is told as a column, and not by the entity tag alone.
    pub version: bool,
}

pub fn write(out: &mut String, table: &Table<'_>, row: u64, meta: &Meta, fields: &[&Field], annotations: Annotations) {
    let Some(names) = names(&table.stream.name) else { return };
    let mut record = Object::begin(out);
    record.text("@odata.etag", &format!("W/\"{}\"", version(table, row)));
    for field in fields {
        let name = member(field);
        let cell = table.cell(row, meta, field);
        annotate(&mut record, table, field, &name, &cell, annotations);
        value(record.member(&name), names, &field.kind, &cell);
    }
    if annotations.version {
        record.raw("versionnumber", &version(table, row).to_string());
    }
    if !fields.iter().any(|field| field.kind == Kind::Key) {
        record.text(names.key, &id(names.number, row));
    }
    record.end();
}

/// A number that is greater than any before whenever the record changes.
fn version(table: &Table<'_>, row: u64) -> u64 {
    match table.version_of(row) {
        0 => 1_000_000 + row,
        changed => 100_000_000 + changed,
    }
}

fn value(out: &mut String, names: &Names, kind: &Kind, cell: &Cell) {
    match (cell, kind) {
        (Cell::Null, _) => out.push_str("null"),
        (Cell::Integer(number), _) => out.push_str(&number.to_string()),
        (Cell::Decimal { units, scale }, _) => out.push_str(&Cell::number(*units, *scale)),
        (Cell::Boolean(truth), _) => out.push_str(if *truth { "true" } else { "false" }),
        // One option is its number; several are a text of numbers.
        (Cell::Chosen(_), Kind::Choice { multiple: false, .. }) => {
            let code = cell.plain(kind);
            if code.parse::<i64>().is_ok() { out.push_str(&code) } else { string(out, &code) }
        }
        (Cell::Chosen(_), _) => string(out, &cell.plain(kind).replace(';', ",")),
        (Cell::Row(row), Kind::Link { to }) => {
            string(out, &id(super::schema::names(to).map_or(0, |to| to.number), *row))
        }
        (Cell::Row(row), _) => string(out, &id(names.number, *row)),
        (Cell::Members(members), _) => {
            let mut nested = Object::begin(out);
            for (name, kind, cell) in members {
                value(nested.member(name), names, kind, cell);
            }
            nested.end();
        }
        (cell, kind) => string(out, &cell.plain(kind)),
    }
}

/// Null has no annotation, and only what reads otherwise to a person has a formatted value.
fn annotate(
    record: &mut Object<'_>,
    table: &Table<'_>,
    field: &Field,
    name: &str,
    cell: &Cell,
    annotations: Annotations,
) {
    if *cell == Cell::Null {
        return;
    }
    if let (true, Some(formatted)) = (annotations.formatted, formatted(table, field, cell)) {
        record.text(&format!("{name}{FORMATTED}"), &formatted);
    }
    if let (true, Kind::Link { to }) = (annotations.lookups, &field.kind) {
        record.text(&format!("{name}{LOGICAL_NAME}"), names(to).map_or(to, |to| to.logical));
        record.text(&format!("{name}{NAVIGATION}"), &field.name);
    }
}

fn formatted(table: &Table<'_>, field: &Field, cell: &Cell) -> Option<String> {
    match (cell, &field.kind) {
        (Cell::Chosen(chosen), Kind::Choice { options, .. }) => {
            let labels = chosen.iter().filter_map(|at| options.get(*at)).map(|option| option.label.as_str());
            Some(labels.collect::<Vec<_>>().join("; "))
        }
        (Cell::Boolean(truth), _) => Some(if *truth { "Yes" } else { "No" }.to_owned()),
        (Cell::Integer(number), _) => Some(grouped(&number.to_string())),
        (Cell::Decimal { units, scale }, Kind::Decimal { money: true, .. }) => {
            Some(format!("${}", grouped(&Cell::number(*units, *scale))))
        }
        (Cell::Decimal { units, scale }, _) => Some(grouped(&Cell::number(*units, *scale))),
        (Cell::Time(ms), _) => Some(american(&time::zulu(*ms))),
        (Cell::Date(days), _) => Some(american(&time::date(*days))),
        (Cell::Row(row), Kind::Link { to }) => {
            let other = table.account().table(to)?;
            let title = other.field(names(to)?.title)?;
            Some(other.cell(*row, &other.meta(*row)?, title).plain(&title.kind))
        }
        _ => None,
    }
}

/// `1234567.5` as `1,234,567.5`
fn grouped(number: &str) -> String {
    let (sign, digits) = number.strip_prefix('-').map_or(("", number), |digits| ("-", digits));
    let (whole, behind) =
        digits.split_once('.').map_or((digits, String::new()), |(whole, behind)| (whole, format!(".{behind}")));
    let mut out = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    format!("{sign}{out}{behind}")
}

/// `2026-05-01T19:25:37Z` as `5/1/2026 7:25 PM`
fn american(text: &str) -> String {
    let part = |from: usize, to: usize| text.get(from..to).and_then(|part| part.parse::<u32>().ok()).unwrap_or(0);
    let day = format!("{}/{}/{}", part(5, 7), part(8, 10), part(0, 4));
    if text.len() <= 10 {
        return day;
    }
    let (hour, minute) = (part(11, 13), part(14, 16));
    format!(
        "{day} {}:{minute:02} {}",
        if hour.is_multiple_of(12) { 12 } else { hour % 12 },
        if hour < 12 { "AM" } else { "PM" }
    )
}
