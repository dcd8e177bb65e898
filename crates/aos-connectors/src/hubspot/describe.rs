//! Streams of a portal, from the definitions of its properties.

use super::objects::ObjectType;
use super::{Archived, LAG, list};
use crate::stream::{Deletes, Field, Stream};
use aos_core::shape::ValueKind;
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Property {
    pub name: String,
    label: Option<String>,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    field_type: String,
    #[serde(default)]
    hubspot_defined: bool,
    #[serde(default)]
    archived: bool,
}

impl Property {
    pub fn is_read(&self) -> bool {
        !self.archived
    }

    fn field(&self) -> Field {
        let kind = match self.kind.as_str() {
            "number" => ValueKind::Decimal,
            "bool" => ValueKind::Boolean,
            "date" => ValueKind::Date,
            "datetime" => ValueKind::Datetime,
            _ => ValueKind::String,
        };
        let declared =
            if self.field_type.is_empty() { self.kind.clone() } else { format!("{}/{}", self.kind, self.field_type) };
        Field {
            name: format!("properties.{}", self.name),
            label: self.label.clone(),
            kind,
            declared,
            nullable: true,
            custom: !self.hubspot_defined,
        }
    }
}

const ENVELOPE: [(&str, ValueKind); 5] = [
    ("id", ValueKind::String),
    ("createdAt", ValueKind::Datetime),
    ("updatedAt", ValueKind::Datetime),
    ("archived", ValueKind::Boolean),
    ("properties", ValueKind::Object),
];

const OWNER: [(&str, ValueKind); 9] = [
    ("id", ValueKind::String),
    ("email", ValueKind::String),
    ("type", ValueKind::String),
    ("firstName", ValueKind::String),
    ("lastName", ValueKind::String),
    ("userId", ValueKind::Integer),
    ("createdAt", ValueKind::Datetime),
    ("updatedAt", ValueKind::Datetime),
    ("archived", ValueKind::Boolean),
];

pub(super) fn stream(object: &ObjectType, properties: &[Property], archived: Archived, system: &str) -> Stream {
    let standing = |(name, kind): &(&str, ValueKind)| Field {
        name: (*name).to_owned(),
        label: None,
        kind: *kind,
        declared: kind.as_str().to_owned(),
        nullable: false,
        custom: false,
    };
    if object.is_owners() {
        return Stream {
            label: Some("Owners".to_owned()),
            key: vec!["id".to_owned()],
            deletes: Deletes::Sweep,
            records_per_request: Some(list::PAGE_RECORDS),
            ..Stream::declared(&object.stream, system, OWNER.iter().map(standing).collect())
        };
    }
    let mut fields: Vec<Field> = ENVELOPE.iter().map(standing).collect();
    fields.extend(properties.iter().filter(|property| property.is_read()).map(Property::field));
    if !object.with.is_empty() {
        fields.push(Field { nullable: true, ..standing(&("associations", ValueKind::Object)) });
    }
    let deletes = match archived {
        Archived::Tombstone => Deletes::Tombstone,
        Archived::Sweep => Deletes::Sweep,
    };
    Stream {
        label: object.label.clone(),
        key: vec!["id".to_owned()],
        cursor_field: Some("updatedAt".to_owned()),
        lag: LAG,
        deletes,
        records_per_request: Some(list::PAGE_RECORDS),
        columns_alone: true,
        ..Stream::declared(&object.stream, system, fields)
    }
}
