//! What the portal says of its properties, custom object types and pipelines.

use super::schema::{ASSOCIATION, PORTAL, STAGES, TICKET_STAGES, object_type};
use crate::account::{Draw, Field, Formula, Kind, Table, time};
use serde_json::{Value, json};

/// When the portal was set up, in milliseconds: 2023-01-01.
const BORN_MS: i64 = 1_672_531_200_000;

/// The properties of a type, as `GET /crm/v3/properties/{type}` lists them.
pub fn all(table: &Table<'_>) -> Vec<Value> {
    fields(table).map(|field| property(table, field)).collect()
}

/// The fields of a type that are properties.
pub fn fields<'a>(table: &Table<'a>) -> impl Iterator<Item = &'a Field> + use<'a> {
    table.stream.fields.iter().filter(|field| !field.name.starts_with(ASSOCIATION))
}

fn property(table: &Table<'_>, field: &Field) -> Value {
    let (kind, shown) = match &field.kind {
        Kind::Text { .. } | Kind::Email | Kind::Url => ("string", "text"),
        Kind::LongText | Kind::Object(_) => ("string", "textarea"),
        Kind::Phone => ("string", "phonenumber"),
        Kind::Integer | Kind::Decimal { .. } | Kind::Key => ("number", "number"),
        Kind::Boolean => ("bool", "booleancheckbox"),
        Kind::Date => ("date", "date"),
        Kind::Time => ("datetime", "date"),
        Kind::Choice { multiple: true, .. } => ("enumeration", "checkbox"),
        Kind::Choice { .. } | Kind::Link { .. } => ("enumeration", "select"),
    };
    let options = match &field.kind {
        Kind::Choice { options, .. } => options.as_slice(),
        _ => &[],
    };
    let options: Vec<Value> = options
        .iter()
        .enumerate()
        .map(|(at, option)| json!({ "label": option.label, "value": option.code, "displayOrder": at, "hidden": false }))
        .collect();
    let own = field.custom;
    let singular = object_type(&table.stream.name).map_or("object", |kind| kind.singular);
    let is_read_only =
        matches!(&field.formula, Formula::Drawn { draw: Draw::Key | Draw::Created | Draw::Modified, .. });
    let mut property = json!({
        "updatedAt": time::zulu_ms(BORN_MS), "createdAt": time::zulu_ms(BORN_MS), "name": field.name, "label": field.label,
        "type": kind, "fieldType": shown, "description": "", "groupName": format!("{singular}information"), "options": options,
        "displayOrder": -1, "calculated": false, "externalOptions": matches!(field.kind, Kind::Link { .. }),
        "hasUniqueValue": field.kind == Kind::Key, "hidden": false, "modificationMetadata": {
            "archivable": own, "readOnlyDefinition": !own, "readOnlyValue": is_read_only,
        },
        "formField": own, "dataSensitivity": "non_sensitive",
    });
    if own {
        property["createdUserId"] = json!("88842095");
    } else {
        property["hubspotDefined"] = json!(true);
    }
    property
}

/// The schema of a type of the portal's own, as `GET /crm/v3/schemas` lists them.
pub fn schema(table: &Table<'_>) -> Value {
    let name = object_type(&table.stream.name).map_or("object", |kind| kind.singular);
    let number = object_type(&table.stream.name).map_or("", |kind| kind.number);
    let targets = table.stream.fields.iter().filter_map(|field| field.name.strip_prefix(ASSOCIATION));
    let associations: Vec<Value> = targets
        .filter_map(object_type)
        .map(|to| json!({ "id": "100", "fromObjectTypeId": number, "toObjectTypeId": to.number, "name": format!("{name}_to_{}", to.singular) }))
        .collect();
    json!({
        "id": number.trim_start_matches("2-"), "objectTypeId": number, "fullyQualifiedName": format!("p{PORTAL}_{name}"),
        "name": name, "labels": { "singular": table.stream.label, "plural": table.stream.plural },
        "primaryDisplayProperty": "serial_number", "secondaryDisplayProperties": ["model"],
        "requiredProperties": ["serial_number"], "searchableProperties": ["serial_number"], "archived": false,
        "properties": all(table), "associations": associations,
        "createdAt": time::zulu_ms(BORN_MS), "updatedAt": time::zulu_ms(BORN_MS),
    })
}

/// The pipelines of deals or tickets.
pub fn pipelines(stream: &str) -> Option<Value> {
    let (id, label, stages) = match stream {
        "deals" => ("default", "Sales Pipeline", STAGES),
        "tickets" => ("0", "Support Pipeline", TICKET_STAGES),
        _ => return None,
    };
    let stage = |(at, (id, label)): (usize, &(&str, &str))| {
        let metadata = json!({ "isClosed": label.to_lowercase().contains("closed").to_string() });
        json!({ "label": label, "displayOrder": at, "metadata": metadata, "id": id, "createdAt": time::zulu(0), "updatedAt": time::zulu(0), "archived": false })
    };
    let stages: Vec<Value> = stages.iter().enumerate().map(stage).collect();
    let pipeline = json!({ "label": label, "displayOrder": 0, "id": id, "stages": stages, "createdAt": time::zulu(0), "updatedAt": time::zulu(0), "archived": false });
    Some(json!({ "results": [pipeline] }))
}
