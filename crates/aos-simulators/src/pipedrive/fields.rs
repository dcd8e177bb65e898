//! What the company says of its fields: `dealFields` and the others, in both versions.

use super::record::Version;
use crate::account::{Field, Kind, Table, time};
use serde_json::{Value, json};

/// When the company was set up: 2023-01-01.
const BORN_MS: i64 = 1_672_531_200_000;

/// The stream whose fields an address asks for: `dealFields` for `deals`.
pub fn stream(segment: &str) -> Option<&'static str> {
    match segment {
        "dealFields" => Some("deals"),
        "personFields" => Some("persons"),
        "organizationFields" => Some("organizations"),
        "activityFields" => Some("activities"),
        "productFields" => Some("products"),
        _ => None,
    }
}

pub fn all(table: &Table<'_>, version: Version) -> Vec<Value> {
    let fields = table.stream.fields.iter().enumerate();
    fields.map(|(at, field)| if version == Version::V1 { v1(at, field) } else { v2(field) }).collect()
}

fn v1(at: usize, field: &Field) -> Value {
    json!({
        "id": 12_450 + at, "key": field.name, "name": field.label, "order_nr": at, "field_type": kind(field),
        "json_column_flag": field.custom, "add_time": time::naive(BORN_MS), "update_time": time::naive(BORN_MS),
        "last_updated_by_user_id": null, "edit_flag": field.custom, "details_visible_flag": true, "add_visible_flag": field.custom,
        "important_flag": false, "bulk_edit_allowed": true, "filtering_allowed": true, "sortable_flag": true, "mandatory_flag": false,
        "active_flag": true, "options": options(field), "index_visible_flag": true, "searchable_flag": false,
    })
}

fn v2(field: &Field) -> Value {
    let subfields = match (&field.kind, field.custom) {
        (Kind::Decimal { money: true, .. }, true) => json!([
            { "field_code": "value", "field_name": "Value", "field_type": "double" },
            { "field_code": "currency", "field_name": "Currency", "field_type": "varchar" },
        ]),
        _ => Value::Null,
    };
    json!({
        "field_name": field.label, "field_code": field.name, "field_type": kind(field), "options": options(field), "subfields": subfields,
        "is_custom_field": field.custom, "is_optional_response_field": false,
    })
}

fn kind(field: &Field) -> &'static str {
    match &field.kind {
        Kind::Key | Kind::Integer => "int",
        Kind::Text { .. } | Kind::Url | Kind::Email => "varchar",
        Kind::LongText => "text",
        Kind::Phone => "phone",
        Kind::Decimal { money: true, .. } => "monetary",
        Kind::Decimal { .. } => "double",
        Kind::Boolean => "boolean",
        Kind::Date => "date",
        Kind::Time => "timestamp",
        Kind::Choice { multiple: true, .. } => "set",
        Kind::Choice { .. } => "enum",
        Kind::Object(_) => "json",
        Kind::Link { to: "users" } => "user",
        Kind::Link { to: "persons" } => "people",
        Kind::Link { to: "organizations" } => "org",
        Kind::Link { .. } => "deal",
    }
}

fn options(field: &Field) -> Value {
    let Kind::Choice { options, .. } = &field.kind else { return Value::Null };
    let option = |option: &crate::account::Choice| {
        let id = option.code.parse::<u64>().map_or_else(|_| json!(option.code), |id| json!(id));
        json!({ "id": id, "label": option.label })
    };
    options.iter().map(option).collect()
}
