//! Records as Zendesk writes them.

use super::schema::{Resource, SUBDOMAIN, resource};
use crate::account::{Cell, Field, Kind, Meta, Table, time};
use crate::json::{Object, array, string};

/// Systems touch one of so many records after people did: the export orders by the later time, the record shows the earlier one.
const TOUCHED_ONE_IN: u64 = 7;
const TOUCHED_LATER_MS: i64 = 3_600_000;

/// When people last changed a record.
fn updated_ms(row: u64, meta: &Meta) -> i64 {
    let later_ms = if row.is_multiple_of(TOUCHED_ONE_IN) { TOUCHED_LATER_MS } else { 0 };
    (meta.changed_ms - later_ms).max(meta.created_ms)
}

pub fn write(out: &mut String, table: &Table<'_>, row: u64, meta: &Meta) {
    let Some(resource) = resource(&table.stream.name) else { return };
    let mut record = Object::begin(out);
    let (own, standard): (Vec<&Field>, Vec<&Field>) = table.stream.fields.iter().partition(|field| field.custom);
    if table.stream.custom {
        record.text("url", &url(&format!("custom_objects/asset/records/{}", resource.id(row))));
    } else {
        record.text("url", &url(&format!("{}/{}", resource.stream, resource.id(row))));
    }
    for field in standard {
        let cell = table.cell(row, meta, field);
        if table.stream.name == "tickets" && field.name == "status" && meta.deleted {
            record.text("status", "deleted");
        } else {
            value(record.member(&field.name), resource, &field.kind, &cell);
        }
    }
    record.text("updated_at", &time::zulu(updated_ms(row, meta)));
    match resource.stream {
        "tickets" => {
            record.raw("via", "{\"channel\":\"api\",\"source\":{\"from\":{},\"to\":{},\"rel\":null}}");
            record.raw("generated_timestamp", &(meta.changed_ms / 1000).to_string());
            record.raw("is_public", "true");
            record.raw("satisfaction_rating", "{\"score\":\"unoffered\"}");
            array(record.member("custom_fields"), &own, |out, field| {
                let mut one = Object::begin(out);
                let cell = table.cell(row, meta, field);
                // A ticket's field is named by its number.
                match field.name.parse::<u64>() {
                    Ok(number) => one.raw("id", &number.to_string()),
                    Err(_) => one.text("id", &field.name),
                }
                value(one.member("value"), resource, &field.kind, &cell);
                one.end();
            });
        }
        "users" => {
            record.raw("active", if meta.deleted { "false" } else { "true" });
            members(&mut record, "user_fields", table, row, meta, &own);
        }
        "organizations" => {
            record.raw("domain_names", "[]");
            match meta.deleted {
                true => record.text("deleted_at", &time::zulu(meta.changed_ms)),
                false => record.raw("deleted_at", "null"),
            }
            members(&mut record, "organization_fields", table, row, meta, &own);
        }
        "groups" => record.raw("deleted", if meta.deleted { "true" } else { "false" }),
        _ => {
            record.text("custom_object_key", "asset");
            members(&mut record, "custom_object_fields", table, row, meta, &own);
        }
    }
    record.end();
}

fn members(record: &mut Object<'_>, name: &str, table: &Table<'_>, row: u64, meta: &Meta, fields: &[&Field]) {
    let Some(resource) = resource(&table.stream.name) else { return };
    let mut members = Object::begin(record.member(name));
    for field in fields {
        // The times of user and organization fields are whole days at midnight UTC.
        let cell = table.cell(row, meta, field);
        match (&cell, resource.stream) {
            (Cell::Date(days), "users" | "organizations") => {
                members.text(&field.name, &format!("{}T00:00:00+00:00", time::date(*days)))
            }
            _ => value(members.member(&field.name), resource, &field.kind, &cell),
        }
    }
    members.end();
}

fn value(out: &mut String, own: &Resource, kind: &Kind, cell: &Cell) {
    match (cell, kind) {
        (Cell::Null, Kind::Choice { multiple: true, .. }) => out.push_str("[]"),
        (Cell::Null, _) => out.push_str("null"),
        (Cell::Integer(number), _) => out.push_str(&number.to_string()),
        (Cell::Decimal { units, scale }, _) => out.push_str(&Cell::short_number(*units, *scale)),
        (Cell::Boolean(truth), _) => out.push_str(if *truth { "true" } else { "false" }),
        (Cell::Row(row), Kind::Link { to }) => out.push_str(&resource(to).map_or(0, |to| to.id(*row)).to_string()),
        // A record of a custom object is named by a text.
        (Cell::Row(row), _) if own.stream == "assets" => string(out, &format!("01HX{:022}", own.id(*row))),
        (Cell::Row(row), _) => out.push_str(&own.id(*row).to_string()),
        (Cell::Chosen(chosen), Kind::Choice { options, multiple: true }) => {
            let codes = chosen.iter().filter_map(|at| options.get(*at));
            array(out, codes, |out, option| string(out, &option.code));
        }
        (Cell::Members(members), _) => {
            let mut nested = Object::begin(out);
            for (name, kind, cell) in members {
                value(nested.member(name), own, kind, cell);
            }
            nested.end();
        }
        (cell, kind) => string(out, &cell.plain(kind)),
    }
}

pub fn url(path: &str) -> String {
    format!("https://{SUBDOMAIN}.zendesk.com/api/v2/{path}.json")
}
