//! Records as Pipedrive writes them: v1 with related records inside and times without an offset, v2 with ids and RFC 3339.

use super::schema::COMPANY;
use crate::account::{Cell, Field, Kind, Meta, Table, time};
use crate::json::{Object, array, string};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    V1,
    V2,
}

/// Ids are small numbers.
pub fn id(row: u64) -> u64 {
    row + 1
}

pub fn row(id: u64) -> Option<u64> {
    id.checked_sub(1)
}

pub fn write(out: &mut String, table: &Table<'_>, row: u64, meta: &Meta, version: Version) {
    let mut record = Object::begin(out);
    let (own, standard): (Vec<&Field>, Vec<&Field>) = table.stream.fields.iter().partition(|field| field.custom);
    for field in standard {
        let cell = table.cell(row, meta, field);
        // The status of a deleted deal is that it is deleted, in either version.
        if field.name == "status" && meta.deleted {
            record.text("status", "deleted");
            continue;
        }
        match version {
            Version::V1 => v1_member(&mut record, table, field, &cell),
            Version::V2 => value(record.member(&field.name), &field.kind, &cell, version),
        }
    }
    match version {
        Version::V1 => {
            if table.stream.name == "deals" {
                record.raw("active", if meta.deleted { "false" } else { "true" });
                record.raw("deleted", truth(meta.deleted));
            } else if table.stream.name != "users" {
                record.raw("active_flag", truth(!meta.deleted));
            }
            for field in own {
                let cell = table.cell(row, meta, field);
                v1_own(&mut record, field, &cell);
            }
            record.text("visible_to", "3");
            record.raw("company_id", &COMPANY.to_string());
        }
        Version::V2 => {
            record.raw("is_deleted", truth(meta.deleted));
            record.raw("visible_to", "3");
            let mut values = Object::begin(record.member("custom_fields"));
            for field in own {
                value(values.member(&field.name), &field.kind, &table.cell(row, meta, field), version);
            }
            values.end();
        }
    }
    record.end();
}

fn truth(is: bool) -> &'static str {
    if is { "true" } else { "false" }
}

fn value(out: &mut String, kind: &Kind, cell: &Cell, version: Version) {
    match (cell, kind) {
        (Cell::Null, Kind::Email | Kind::Phone) => out.push_str("[]"),
        (Cell::Null, _) => out.push_str("null"),
        (Cell::Text(text), Kind::Email | Kind::Phone) => contact_ways(out, text),
        (Cell::Integer(number), _) => out.push_str(&number.to_string()),
        (Cell::Decimal { units, scale }, _) => out.push_str(&Cell::short_number(*units, *scale)),
        (Cell::Boolean(is), _) => out.push_str(truth(*is)),
        (Cell::Row(row), _) => out.push_str(&id(*row).to_string()),
        (Cell::Time(ms), _) if version == Version::V1 => string(out, &time::naive(*ms)),
        (Cell::Chosen(chosen), Kind::Choice { options, multiple }) => {
            let codes = chosen.iter().filter_map(|at| options.get(*at)).map(|option| option.code.as_str());
            if *multiple { array(out, codes, code) } else { codes.for_each(|one| code(out, one)) }
        }
        (Cell::Members(members), _) => {
            let mut nested = Object::begin(out);
            for (name, kind, cell) in members {
                value(nested.member(name), kind, cell, version);
            }
            nested.end();
        }
        (cell, kind) => string(out, &cell.plain(kind)),
    }
}

/// Options have numbers, and a few built-in ones have words.
fn code(out: &mut String, code: &str) {
    if code.parse::<u64>().is_ok() { out.push_str(code) } else { string(out, code) }
}

fn contact_ways(out: &mut String, value: &str) {
    array(out, [value], |out, value| {
        let mut one = Object::begin(out);
        one.text("label", "work");
        one.text("value", value);
        one.raw("primary", "true");
        one.end();
    });
}

fn v1_member(record: &mut Object<'_>, table: &Table<'_>, field: &Field, cell: &Cell) {
    match (field.name.as_str(), &field.kind, cell) {
        ("emails", _, _) => value(record.member("email"), &field.kind, cell, Version::V1),
        ("phones", _, _) => value(record.member("phone"), &field.kind, cell, Version::V1),
        ("label_ids", kind @ Kind::Choice { .. }, Cell::Chosen(_)) => {
            record.text("label", &cell.plain(kind).replace(';', ","))
        }
        ("label_ids", _, _) => record.raw("label", "null"),
        (name, Kind::Link { to }, Cell::Row(row)) if table.stream.name != "activities" => {
            let name = if name == "owner_id" && table.stream.name == "deals" { "user_id" } else { name };
            related(record.member(name), table, to, *row);
        }
        ("owner_id", Kind::Link { .. }, _) => value(record.member("user_id"), &field.kind, cell, Version::V1),
        (name, kind, cell) => value(record.member(name), kind, cell, Version::V1),
    }
}

/// A related record, as v1 puts it in place of its id.
fn related(out: &mut String, table: &Table<'_>, to: &str, row: u64) {
    let mut related = Object::begin(out);
    if let Some((other, meta)) = table.account().table(to).and_then(|other| Some((other, other.meta(row)?))) {
        for name in ["name", "emails", "phones", "email"] {
            if let Some(field) = other.field(name) {
                let shown = name.trim_end_matches('s');
                value(related.member(shown), &field.kind, &other.cell(row, &meta, field), Version::V1);
            }
        }
        related.raw("active_flag", truth(!meta.deleted));
    }
    if to == "users" {
        related.raw("id", &id(row).to_string());
    }
    related.raw("value", &id(row).to_string());
    related.end();
}

/// A custom field in v1: options and lists as text, money beside its currency.
fn v1_own(record: &mut Object<'_>, field: &Field, cell: &Cell) {
    match (&field.kind, cell) {
        (Kind::Choice { .. }, Cell::Chosen(_)) => record.text(&field.name, &cell.plain(&field.kind).replace(';', ",")),
        (Kind::Decimal { money: true, .. }, cell) => {
            value(record.member(&field.name), &field.kind, cell, Version::V1);
            let currency = if *cell == Cell::Null { "null" } else { "\"USD\"" };
            record.raw(&format!("{}_currency", field.name), currency);
        }
        _ => value(record.member(&field.name), &field.kind, cell, Version::V1),
    }
}
