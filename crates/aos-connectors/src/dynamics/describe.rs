//! What an environment says about its tables and their columns.

use super::pages;
use crate::stream::{Deletes, Field, Stream};
use aos_core::shape::ValueKind;
use serde::Deserialize;
use std::collections::HashSet;
use std::time::Duration;

/// Columns of `EntityDefinitions` and of their attributes that are asked for.
pub(super) const DEFINITION: &str =
    "LogicalName,EntitySetName,PrimaryIdAttribute,DisplayName,IsCustomEntity,IsIntersect,ChangeTrackingEnabled";
pub(super) const ATTRIBUTE: &str =
    "LogicalName,AttributeType,AttributeTypeName,AttributeOf,DisplayName,IsCustomAttribute,IsValidForRead";
/// The annotation that carries what people see.
const LABEL: &str = "@OData.Community.Display.V1.FormattedValue";
const MODIFIED: &str = "modifiedon";
/// How long a transaction may take from its stamp to its commit: the platform stops it after two minutes.
const LAG: Duration = Duration::from_secs(2 * 60);

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Definition {
    pub logical_name: String,
    pub entity_set_name: Option<String>,
    pub primary_id_attribute: Option<String>,
    display_name: Option<Label>,
    #[serde(default)]
    pub is_custom_entity: bool,
    #[serde(default)]
    is_intersect: Option<bool>,
    #[serde(default)]
    pub change_tracking_enabled: Option<bool>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Label {
    user_localized_label: Option<LocalizedLabel>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LocalizedLabel {
    label: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Attribute {
    logical_name: String,
    attribute_type: Option<String>,
    attribute_type_name: Option<TypeName>,
    attribute_of: Option<String>,
    display_name: Option<Label>,
    #[serde(default)]
    is_custom_attribute: Option<bool>,
    #[serde(default = "yes")]
    is_valid_for_read: Option<bool>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TypeName {
    value: Option<String>,
}

fn yes() -> Option<bool> {
    Some(true)
}

/// A table as it is read.
#[derive(Debug, Clone)]
pub(super) struct Table {
    pub definition: Definition,
    pub entity_set: String,
    pub key: String,
    fields: Vec<Field>,
    /// The columns whose labels are kept, as the annotations are called.
    labels: HashSet<String>,
    /// Columns of options, each with its label's column.
    words: Vec<(String, String)>,
}

impl Definition {
    /// Tables without a set of their own cannot be read; tables that only connect two others have no key.
    pub fn is_readable(&self) -> bool {
        self.entity_set_name.is_some() && self.primary_id_attribute.is_some() && self.is_intersect != Some(true)
    }

    pub fn is_tracked(&self) -> bool {
        self.change_tracking_enabled == Some(true)
    }
}

fn text(label: Option<&Label>) -> Option<String> {
    label?.user_localized_label.as_ref()?.label.clone()
}

impl Table {
    /// Returns the table; none for one that cannot be read.
    pub fn new(definition: Definition, attributes: &[Attribute]) -> Option<Self> {
        let readable = definition.is_readable();
        let (entity_set, key) = (definition.entity_set_name.clone()?, definition.primary_id_attribute.clone()?);
        let (mut fields, mut labels, mut words) = (Vec::new(), HashSet::new(), Vec::new());
        for attribute in attributes.iter().filter(|attribute| attribute.is_read()) {
            let field = attribute.field(&key);
            if attribute.has_label() {
                let name = format!("{}{LABEL}", field.name);
                labels.insert(name.clone());
                if attribute.has_options() {
                    words.push((field.name.clone(), name.clone()));
                }
                let label = field.label.as_ref().map(|label| format!("{label} (label)"));
                let declared = "label".to_owned();
                let custom = field.custom;
                fields.push(field);
                fields.push(Field { name, label, kind: ValueKind::String, declared, nullable: true, custom });
            } else {
                fields.push(field);
            }
        }
        readable.then_some(Self { definition, entity_set, key, fields, labels, words })
    }

    /// The column that says when a record changed.
    pub fn cursor_field(&self) -> Option<&'static str> {
        self.fields.iter().any(|field| field.name == MODIFIED).then_some(MODIFIED)
    }

    /// Says whether a member of a record is one of its columns, or a label that is kept. The rest are annotations of the transport.
    pub fn keeps(&self, name: &str) -> bool {
        !name.contains('@') || self.labels.contains(name)
    }

    /// Lists the columns to ask for where only some are wanted: they, the key, and the time of change. A label comes with its column.
    pub fn selected(&self, wanted: &[String]) -> Vec<&str> {
        let asked = |field: &&Field| {
            let label = format!("{}{LABEL}", field.name);
            field.name == self.key
                || Some(field.name.as_str()) == self.cursor_field()
                || wanted.iter().any(|name| *name == field.name || *name == label)
        };
        let columns = self.fields.iter().filter(|field| !self.labels.contains(&field.name));
        columns.filter(asked).map(|field| field.name.as_str()).collect()
    }

    pub fn lag(&self) -> Duration {
        // A delta link is the platform's own count of versions, and misses nothing.
        if self.definition.is_tracked() { Duration::ZERO } else { LAG }
    }

    pub fn stream(&self, system: &str) -> Stream {
        Stream {
            label: text(self.definition.display_name.as_ref()),
            key: vec![self.key.clone()],
            cursor_field: self.cursor_field().map(str::to_owned),
            lag: self.lag(),
            deletes: if self.definition.is_tracked() { Deletes::Tombstone } else { Deletes::Sweep },
            records_per_request: Some(pages::PAGE_RECORDS),
            columns_alone: true,
            words: self.words.clone(),
            ..Stream::declared(&self.definition.logical_name, system, self.fields.clone())
        }
    }
}

impl Attribute {
    fn kind(&self) -> &str {
        match self.attribute_type_name.as_ref().and_then(|name| name.value.as_deref()) {
            Some("MultiSelectPicklistType") => "MultiSelectPicklist",
            _ => self.attribute_type.as_deref().unwrap_or("Virtual"),
        }
    }

    /// Columns that belong to another one (`statecodename`) repeat it; some types are no values.
    fn is_read(&self) -> bool {
        let value = !matches!(
            self.kind(),
            "Virtual" | "EntityName" | "ManagedProperty" | "PartyList" | "CalendarRules" | "File" | "Image"
        );
        value && self.attribute_of.is_none() && self.is_valid_for_read != Some(false)
    }

    fn has_label(&self) -> bool {
        self.is_lookup() || self.has_options()
    }

    fn has_options(&self) -> bool {
        matches!(self.kind(), "Picklist" | "State" | "Status" | "MultiSelectPicklist")
    }

    fn is_lookup(&self) -> bool {
        matches!(self.kind(), "Lookup" | "Owner" | "Customer")
    }

    fn field(&self, key: &str) -> Field {
        let kind = match self.kind() {
            "Integer" | "BigInt" | "Picklist" | "State" | "Status" => ValueKind::Integer,
            "Decimal" | "Double" | "Money" => ValueKind::Decimal,
            "Boolean" => ValueKind::Boolean,
            "DateTime" => ValueKind::Datetime,
            _ => ValueKind::String,
        };
        let name = if self.is_lookup() { format!("_{}_value", self.logical_name) } else { self.logical_name.clone() };
        Field {
            nullable: name != key,
            name,
            label: text(self.display_name.as_ref()),
            kind,
            declared: self.kind().to_owned(),
            custom: self.is_custom_attribute == Some(true),
        }
    }
}
