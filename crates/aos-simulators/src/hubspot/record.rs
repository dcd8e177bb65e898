//! Records as HubSpot writes them: every property's value is a text or null.

use super::schema::{
    ASSOCIATION, ID_STEP, LABEL_NAME, OWNER_FIRST_ID, OWNERS, PORTAL, has_label, is_labelled, object_type,
};
use crate::account::{Account, Cell, Field, Kind, Meta, Table, time};
use crate::json::{Object, array, string};

/// The id of a row.
pub fn id(stream: &str, row: u64) -> u64 {
    object_type(stream).map_or(OWNER_FIRST_ID, |kind| kind.first_id) + row * ID_STEP
}

/// The row of an id; none when no record of the type can have it.
pub fn row(stream: &str, id: u64) -> Option<u64> {
    let behind = id.checked_sub(object_type(stream).map_or(OWNER_FIRST_ID, |kind| kind.first_id))?;
    behind.is_multiple_of(ID_STEP).then_some(behind / ID_STEP)
}

/// Writes an object with the properties given, and with its associations to the types given.
pub fn write(
    out: &mut String,
    table: &Table<'_>,
    row: u64,
    meta: &Meta,
    properties: &[&Field],
    associations: &[Associated],
) {
    let stream = table.stream.name.as_str();
    let id = id(stream, row).to_string();
    let mut record = Object::begin(out);
    record.text("id", &id);
    let mut values = Object::begin(record.member("properties"));
    for field in properties {
        value(values.member(&field.name), stream, &field.kind, &table.cell(row, meta, field));
    }
    values.end();
    record.text("createdAt", &time::zulu_ms(meta.created_ms));
    record.text("updatedAt", &time::zulu_ms(meta.changed_ms));
    record.raw("archived", if meta.deleted { "true" } else { "false" });
    if meta.deleted {
        record.text("archivedAt", &time::zulu_ms(meta.changed_ms));
    }
    let number = object_type(stream).map_or("", |kind| kind.number);
    record.text("url", &format!("https://app-eu1.hubspot.com/contacts/{PORTAL}/record/{number}/{id}"));
    if !associations.is_empty() {
        let mut all = Object::begin(record.member("associations"));
        for associated in associations {
            let mut list = Object::begin(all.member(&associated.to));
            let shown = associated.ids.iter().flat_map(|id| associated.kinds.iter().map(move |kind| (id, kind)));
            array(list.member("results"), shown, |out, (id, kind)| {
                let mut one = Object::begin(out);
                one.text("id", &id.to_string());
                one.text("type", kind);
                one.end();
            });
            list.end();
        }
        all.end();
    }
    record.end();
}

fn value(out: &mut String, stream: &str, kind: &Kind, cell: &Cell) {
    match cell {
        Cell::Null => out.push_str("null"),
        cell => string(out, &plain(stream, kind, cell)),
    }
}

/// A value as a property has it.
pub fn plain(stream: &str, kind: &Kind, cell: &Cell) -> String {
    match (cell, kind) {
        (Cell::Row(row), Kind::Link { to }) => id(to, *row).to_string(),
        (Cell::Row(row), _) => id(stream, *row).to_string(),
        (Cell::Decimal { units, scale }, _) => Cell::short_number(*units, *scale),
        (Cell::Time(ms), _) => time::zulu_ms(*ms),
        (Cell::Members(members), _) => {
            // A property holds no object, so HubSpot's own nested ones are JSON in a text.
            let mut out = String::new();
            let mut nested = Object::begin(&mut out);
            for (name, kind, cell) in members {
                value(nested.member(name), stream, kind, cell);
            }
            nested.end();
            out
        }
        (cell, kind) => cell.plain(kind),
    }
}

/// What an object is associated with, of one type.
pub struct Associated {
    pub to: String,
    /// What the two are to each other; the list names the other once for each.
    pub kinds: Vec<String>,
    pub ids: Vec<u64>,
}

/// Finds what a record is associated with, where the association is kept with it; deleted objects are associated with nothing.
pub fn associated(account: &Account, table: &Table<'_>, row: u64, meta: &Meta, to: &str) -> Option<Associated> {
    let (from_type, to_type) = (object_type(&table.stream.name)?, object_type(to)?);
    let field = table.field(&format!("{ASSOCIATION}{}", to_type.stream))?;
    let Cell::Row(other) = table.cell(row, meta, field) else { return None };
    account.table(to_type.stream)?.meta(other).filter(|meta| !meta.deleted)?;
    let mut kinds = vec![format!("{}_to_{}", from_type.singular, to_type.singular)];
    if has_label(from_type.stream, to_type.stream) && is_labelled(row) {
        kinds.push(LABEL_NAME.to_owned());
    }
    Some(Associated { to: to_type.stream.to_owned(), kinds, ids: vec![id(to_type.stream, other)] })
}

/// Writes an owner, which is no CRM object and has a shape of its own.
pub fn write_owner(out: &mut String, table: &Table<'_>, row: u64, meta: &Meta) {
    let id = id(OWNERS, row);
    let mut owner = Object::begin(out);
    owner.text("id", &id.to_string());
    owner.text("type", "PERSON");
    for field in &table.stream.fields {
        value(owner.member(&field.name), OWNERS, &field.kind, &table.cell(row, meta, field));
    }
    owner.raw("userId", &(id + 1).to_string());
    owner.raw("userIdIncludingInactive", &(id + 1).to_string());
    owner.text("createdAt", &time::zulu_ms(meta.created_ms));
    owner.text("updatedAt", &time::zulu_ms(meta.changed_ms));
    owner.raw("archived", if meta.deleted { "true" } else { "false" });
    owner.end();
}
