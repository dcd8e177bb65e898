//! Records as Salesforce writes them, in JSON and in CSV, and ids in both directions.

use super::schema::key_prefix;
use crate::account::{Cell, Field, Kind, Meta, Table, time};
use crate::json::{Object, array, string};

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const CHECKS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
/// Where an object's rows begin; ids do not begin at nothing.
const FIRST: u64 = 238_328;
const INSTANCE: &str = "dM0";
const ROW_DIGITS: usize = 9;

/// Writes an id of 18 characters: 15 that tell case apart, and three that let who does not tell case apart do so too (Salesforce,
/// "ID Field Type": one bit for each capital letter).
pub fn id(object: &str, row: u64) -> String {
    let mut id = String::with_capacity(18);
    id.push_str(key_prefix(object));
    id.push_str(INSTANCE);
    let mut digits = [b'0'; ROW_DIGITS];
    let mut rest = row + FIRST;
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[(rest % 62) as usize];
        rest /= 62;
    }
    digits.iter().for_each(|digit| id.push(char::from(*digit)));
    for part in 0..3 {
        let letters = id.as_bytes()[part * 5..part * 5 + 5].iter().enumerate();
        let bits = letters.fold(0, |bits, (at, letter)| bits | usize::from(letter.is_ascii_uppercase()) << at);
        id.push(char::from(CHECKS[bits]));
    }
    id
}

/// Reads an id of 15 or 18 characters.
pub fn row(object: &str, id: &str) -> Option<u64> {
    let digits = id.get(..15)?.strip_prefix(key_prefix(object))?.strip_prefix(INSTANCE)?;
    let value = digits
        .bytes()
        .try_fold(0_u64, |value, digit| Some(value * 62 + DIGITS.iter().position(|known| *known == digit)? as u64))?;
    value.checked_sub(FIRST)
}

/// Writes a record with some of its fields.
pub fn write(out: &mut String, table: &Table<'_>, row: u64, meta: &Meta, fields: &[&Field], version: &str) {
    let object = &table.stream.name;
    let mut record = Object::begin(out);
    let mut attributes = Object::begin(record.member("attributes"));
    attributes.text("type", object);
    attributes.text("url", &format!("/services/data/{version}/sobjects/{object}/{}", id(object, row)));
    attributes.end();
    for field in fields {
        let cell = table.cell(row, meta, field);
        value(record.member(&field.name), object, &field.kind, &cell);
    }
    record.end();
}

fn value(out: &mut String, object: &str, kind: &Kind, cell: &Cell) {
    match cell {
        Cell::Null => out.push_str("null"),
        Cell::Integer(number) => out.push_str(&number.to_string()),
        Cell::Decimal { units, scale } => out.push_str(&Cell::short_number(*units, *scale)),
        Cell::Boolean(truth) => out.push_str(if *truth { "true" } else { "false" }),
        Cell::Time(ms) => string(out, &time::offset_ms(*ms)),
        Cell::Members(members) => {
            let mut nested = Object::begin(out);
            for (name, kind, cell) in members {
                value(nested.member(name), object, kind, cell);
            }
            nested.end();
        }
        other => string(out, &plain(object, kind, other)),
    }
}

/// Writes a cell as a text, as the Bulk API puts it into CSV.
pub fn plain(object: &str, kind: &Kind, cell: &Cell) -> String {
    match (cell, kind) {
        (Cell::Row(row), Kind::Link { to }) => id(to, *row),
        (Cell::Row(row), _) => id(object, *row),
        (Cell::Decimal { units, scale }, _) => Cell::short_number(*units, *scale),
        (Cell::Time(ms), _) => time::zulu_ms(*ms),
        (other, kind) => other.plain(kind),
    }
}

/// Writes several records as a list.
pub fn write_all(out: &mut String, table: &Table<'_>, rows: &[u64], fields: &[&Field], version: &str) {
    let there = rows.iter().filter_map(|row| Some((*row, table.meta(*row)?)));
    array(out, there, |out, (row, meta)| write(out, table, row, &meta, fields, version));
}
