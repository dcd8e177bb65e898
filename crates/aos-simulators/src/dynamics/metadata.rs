//! What the environment says of its tables and columns: `EntityDefinitions` in JSON and `$metadata` in CSDL.

use super::record::member;
use super::schema::Names;
use crate::account::{Choice, Field, Kind, Table};
use crate::query::Query;
use serde_json::{Value, json};

/// A table's definition, without its columns.
pub fn definition(names: &Names, table: &Table<'_>) -> Value {
    json!({
        "MetadataId": metadata_id(names.logical), "LogicalName": names.logical, "SchemaName": names.schema,
        "EntitySetName": names.set, "LogicalCollectionName": names.set, "PrimaryIdAttribute": names.key,
        "PrimaryNameAttribute": names.title, "ObjectTypeCode": i32::from(names.number), "IsCustomEntity": table.stream.custom,
        "IsActivity": false, "IsIntersect": false, "IsPrivate": false, "IsLogicalEntity": false, "TableType": "Standard",
        "OwnershipType": "UserOwned", "ChangeTrackingEnabled": names.tracks_changes,
        "CanChangeTrackingBeEnabled": { "Value": true, "CanBeChanged": true }, "IsValidForAdvancedFind": true,
        "DisplayName": label(&table.stream.label), "DisplayCollectionName": label(&table.stream.plural), "Description": label(""),
    })
}

/// The columns of a table; with a kind, those of that kind alone, with their options.
pub fn attributes(names: &Names, table: &Table<'_>, kind: Option<&str>) -> Vec<Value> {
    let fields = table.stream.fields.iter();
    let mut found: Vec<Value> = fields
        .map(|field| attribute(names, field, kind.is_some()))
        .filter(|attribute| kind.is_none_or(|kind| attribute["@odata.type"] == format!("#{kind}")))
        .collect();
    if kind.is_none() {
        found.push(json!({
            "@odata.type": "#Microsoft.Dynamics.CRM.BigIntAttributeMetadata", "MetadataId": metadata_id("versionnumber"),
            "LogicalName": "versionnumber", "SchemaName": "VersionNumber", "AttributeType": "BigInt", "AttributeTypeName": { "Value": "BigIntType" },
            "EntityLogicalName": names.logical, "IsCustomAttribute": false, "IsValidForRead": true, "IsLogical": false, "AttributeOf": null,
            "DisplayName": label("Version Number"),
        }));
    }
    found
}

fn attribute(names: &Names, field: &Field, with_options: bool) -> Value {
    let kind = type_name(field);
    let mut described = json!({
        "@odata.type": format!("#Microsoft.Dynamics.CRM.{}AttributeMetadata", metadata_class(field)),
        "MetadataId": metadata_id(&field.name), "LogicalName": field.name, "SchemaName": field.name, "AttributeType": kind,
        "AttributeTypeName": { "Value": format!("{}Type", metadata_class(field)) }, "EntityLogicalName": names.logical,
        "IsCustomAttribute": field.custom, "IsPrimaryId": field.kind == Kind::Key, "IsPrimaryName": field.name == names.title,
        "IsValidForRead": true, "IsLogical": false, "AttributeOf": null, "RequiredLevel": { "Value": "None" },
        "DisplayName": label(&field.label),
    });
    let more = match &field.kind {
        Kind::Text { chars_max } => json!({ "MaxLength": chars_max }),
        Kind::LongText => json!({ "MaxLength": 2_000 }),
        Kind::Decimal { scale, .. } => json!({ "Precision": scale }),
        Kind::Integer => json!({ "MinValue": i32::MIN, "MaxValue": i32::MAX }),
        Kind::Date => json!({ "Format": "DateOnly", "DateTimeBehavior": { "Value": "DateOnly" } }),
        Kind::Time => json!({ "Format": "DateAndTime", "DateTimeBehavior": { "Value": "UserLocal" } }),
        Kind::Link { to } => json!({ "Targets": [super::schema::names(to).map_or(to, |to| &to.logical)] }),
        Kind::Choice { options, .. } if with_options => {
            json!({ "OptionSet": option_set(options), "GlobalOptionSet": null })
        }
        Kind::Boolean if with_options => json!({ "OptionSet": {
            "TrueOption": { "Value": 1, "Label": label("Yes") }, "FalseOption": { "Value": 0, "Label": label("No") },
        } }),
        _ => json!({}),
    };
    if let (Value::Object(described), Value::Object(more)) = (&mut described, more) {
        described.extend(more);
    }
    described
}

fn option_set(options: &[Choice]) -> Value {
    let options: Vec<Value> = options
        .iter()
        .map(|option| {
            let value = option.code.parse::<i64>().map_or_else(|_| json!(option.code), |code| json!(code));
            json!({ "Value": value, "Label": label(&option.label), "IsManaged": false, "Color": "" })
        })
        .collect();
    json!({ "IsGlobal": false, "OptionSetType": "Picklist", "Options": options })
}

fn type_name(field: &Field) -> &'static str {
    match (&field.kind, field.name.as_str()) {
        (Kind::Key, _) => "Uniqueidentifier",
        (Kind::Choice { multiple: true, .. }, _) => "Virtual",
        (Kind::Decimal { money: true, .. }, _) => "Money",
        (_, "ownerid") => "Owner",
        (Kind::Link { .. }, "customerid" | "parentcustomerid") => "Customer",
        _ => metadata_class(field),
    }
}

fn metadata_class(field: &Field) -> &'static str {
    match (&field.kind, field.name.as_str()) {
        (Kind::Text { .. } | Kind::Email | Kind::Phone | Kind::Url, _) => "String",
        (Kind::LongText | Kind::Object(_), _) => "Memo",
        (Kind::Integer, _) => "Integer",
        (Kind::Decimal { money: true, .. }, _) => "Money",
        (Kind::Decimal { .. }, _) => "Decimal",
        (Kind::Boolean, _) => "Boolean",
        (Kind::Date | Kind::Time, _) => "DateTime",
        (Kind::Choice { multiple: true, .. }, _) => "MultiSelectPicklist",
        (Kind::Choice { .. }, "statecode") => "State",
        (Kind::Choice { .. }, "statuscode") => "Status",
        (Kind::Choice { .. }, _) => "Picklist",
        (Kind::Link { .. }, _) => "Lookup",
        (Kind::Key, _) => "UniqueIdentifier",
    }
}

fn label(text: &str) -> Value {
    let label = json!({ "Label": text, "LanguageCode": 1033, "IsManaged": true });
    json!({ "LocalizedLabels": [label], "UserLocalizedLabel": label })
}

fn metadata_id(name: &str) -> String {
    format!("70816501-edb9-4740-a16c-{:012x}", crate::random::seed_of(0, name) & 0xFFFF_FFFF_FFFF)
}

/// Leaves what `$select` names, and what is always there.
pub fn select(query: &Query, mut definition: Value) -> Value {
    let wanted = query.list("$select");
    if let (false, Some(object)) = (wanted.is_empty(), definition.as_object_mut()) {
        object.retain(|name, _| {
            wanted.contains(&name.as_str())
                || ["MetadataId", "@odata.type", "OptionSet", "GlobalOptionSet"].contains(&name.as_str())
        });
    }
    definition
}

/// The whole model as CSDL (OData 4.0, part 3).
pub fn document<'a>(tables: impl Iterator<Item = (&'a Names, Table<'a>)>) -> String {
    let (mut types, mut sets) = (String::new(), String::new());
    for (names, table) in tables {
        types.push_str(&format!(
            "<EntityType Name=\"{}\"><Key><PropertyRef Name=\"{}\"/></Key>",
            names.logical, names.key
        ));
        for field in &table.stream.fields {
            types.push_str(&format!("<Property Name=\"{}\" Type=\"{}\"/>", escaped(&member(field)), edm(field)));
        }
        types.push_str("<Property Name=\"versionnumber\" Type=\"Edm.Int64\"/></EntityType>");
        sets.push_str(&format!(
            "<EntitySet Name=\"{}\" EntityType=\"Microsoft.Dynamics.CRM.{}\"/>",
            names.set, names.logical
        ));
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><edmx:Edmx Version=\"4.0\" xmlns:edmx=\"http://docs.oasis-open.org/odata/ns/edmx\">\
         <edmx:DataServices><Schema Namespace=\"Microsoft.Dynamics.CRM\" Alias=\"mscrm\" xmlns=\"http://docs.oasis-open.org/odata/ns/edm\">\
         {types}<EntityContainer Name=\"System\">{sets}</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>"
    )
}

fn edm(field: &Field) -> &'static str {
    match &field.kind {
        Kind::Key | Kind::Link { .. } => "Edm.Guid",
        Kind::Integer | Kind::Choice { multiple: false, .. } => "Edm.Int32",
        Kind::Decimal { .. } => "Edm.Decimal",
        Kind::Boolean => "Edm.Boolean",
        Kind::Date => "Edm.Date",
        Kind::Time => "Edm.DateTimeOffset",
        _ => "Edm.String",
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
