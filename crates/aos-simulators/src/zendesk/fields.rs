//! What the help desk says of its fields (`ticket_fields`, `user_fields`, `organization_fields`) and of its custom objects.

use super::record::url;
use crate::account::{Field, Kind, Table, time};
use crate::random::seed_of;
use serde_json::{Value, json};

/// When the help desk was opened: 2023-01-01.
const BORN_MS: i64 = 1_672_531_200_000;

/// The stream whose fields an address asks for.
pub fn stream(segment: &str) -> Option<&'static str> {
    match segment {
        "ticket_fields" => Some("tickets"),
        "user_fields" => Some("users"),
        "organization_fields" => Some("organizations"),
        _ => None,
    }
}

/// Ticket fields are listed with the built-in ones, the others without.
pub fn all(segment: &str, table: &Table<'_>) -> Value {
    let is_listed = |field: &&Field| field.custom || (segment == "ticket_fields" && built_in(&field.name).is_some());
    let fields = table.stream.fields.iter().filter(is_listed).enumerate();
    let fields: Vec<Value> = fields.map(|(at, field)| described(segment, at, field)).collect();
    json!({ segment: fields, "next_page": null, "previous_page": null, "count": fields.len() })
}

/// The type by which Zendesk lists a built-in ticket field.
fn built_in(name: &str) -> Option<&'static str> {
    match name {
        "subject" => Some("subject"),
        "description" => Some("description"),
        "status" => Some("status"),
        "type" => Some("tickettype"),
        "priority" => Some("priority"),
        "group_id" => Some("group"),
        "assignee_id" => Some("assignee"),
        _ => None,
    }
}

fn described(segment: &str, at: usize, field: &Field) -> Value {
    let id = field.name.parse::<u64>().unwrap_or_else(|_| 46_406_150_000_000 + seed_of(0, &field.name) % 1_000_000_000);
    let kind = built_in(&field.name).filter(|_| !field.custom).unwrap_or_else(|| kind(field));
    let key = if segment == "ticket_fields" { Value::Null } else { json!(field.name) };
    let mut described = json!({
        "url": url(&format!("{segment}/{id}")), "id": id, "type": kind, "key": key, "title": field.label, "raw_title": field.label,
        "description": "", "raw_description": "", "position": at, "active": true, "required": false, "regexp_for_validation": null,
        "tag": null, "created_at": time::zulu(BORN_MS), "updated_at": time::zulu(BORN_MS), "removable": field.custom, "system": !field.custom,
    });
    if let Kind::Choice { options, .. } = &field.kind {
        let options: Vec<Value> = options
            .iter()
            .enumerate()
            .map(|(at, option)| json!({ "id": id + 1 + at as u64, "name": option.label, "raw_name": option.label, "value": option.code, "default": false }))
            .collect();
        let name = if field.custom { "custom_field_options" } else { "system_field_options" };
        described[name] = json!(options);
    }
    described
}

fn kind(field: &Field) -> &'static str {
    match &field.kind {
        Kind::Integer => "integer",
        Kind::Decimal { .. } => "decimal",
        Kind::Boolean => "checkbox",
        Kind::Date | Kind::Time => "date",
        Kind::Choice { multiple: true, .. } => "multiselect",
        Kind::Choice { .. } => "tagger",
        Kind::LongText | Kind::Object(_) => "textarea",
        Kind::Link { .. } | Kind::Key => "lookup",
        Kind::Text { .. } | Kind::Email | Kind::Phone | Kind::Url => "text",
    }
}

/// The custom objects: one.
pub fn objects(table: &Table<'_>) -> Value {
    let object = json!({
        "key": "asset", "title": table.stream.label, "title_pluralized": table.stream.plural, "raw_title": table.stream.label,
        "raw_title_pluralized": table.stream.plural, "description": "", "created_at": time::zulu(BORN_MS),
        "updated_at": time::zulu(BORN_MS), "url": url("custom_objects/asset"),
    });
    json!({ "custom_objects": [object] })
}

pub fn object_fields(table: &Table<'_>) -> Value {
    let fields = table.stream.fields.iter().filter(|field| field.custom).enumerate();
    let fields: Vec<Value> = fields.map(|(at, field)| described("custom_object_fields", at, field)).collect();
    json!({ "custom_object_fields": fields, "meta": { "has_more": false, "after_cursor": null, "before_cursor": null }, "links": { "prev": null, "next": null } })
}
