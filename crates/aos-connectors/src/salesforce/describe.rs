//! What an org says about its objects and their fields.

use super::{LAG, links, query};
use crate::stream::{Deletes, Field, Stream};
use aos_core::shape::ValueKind;
use serde::Deserialize;

/// What changed is found by the first of these that an object has.
const CURSOR_FIELDS: [&str; 3] = ["SystemModstamp", "LastModifiedDate", "CreatedDate"];

/// Objects that the vendor says can be queried and lets nobody query as a whole: each wants a filter by one id, or by the name of an object. They
/// are tried only when somebody names them, and a check says which of them an org has. What files are attached to (`ContentDocumentLink`) is one
/// of them too, and is read by the documents there are.
const NOT_AS_A_WHOLE: [&str; 25] = [
    "Announcement",
    "CollaborationGroupRecord",
    "ColorDefinition",
    "ContentFolderItem",
    "ContentFolderMember",
    "DataStatistics",
    "EntityParticle",
    "FieldDefinition",
    "FlexQueueItem",
    "FlowVariableView",
    "FlowVersionView",
    "IconDefinition",
    "IdeaComment",
    "ListViewChartInstance",
    "NetworkUserHistoryRecent",
    "OwnerChangeOptionInfo",
    "PicklistValueInfo",
    "PlatformAction",
    "RelationshipDomain",
    "RelationshipInfo",
    "SearchLayout",
    "SiteDetail",
    "UserEntityAccess",
    "UserFieldAccess",
    "Vote",
];

#[derive(Deserialize)]
pub(super) struct Global {
    pub sobjects: Vec<ObjectName>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ObjectName {
    pub name: String,
    #[serde(default)]
    queryable: bool,
    #[serde(default)]
    deprecated_and_hidden: bool,
    /// Set for what belongs to another object: its history, shares, feed, change events.
    #[serde(default)]
    associate_entity_type: Option<String>,
}

impl ObjectName {
    pub fn is_wanted(&self) -> bool {
        self.left_out().is_none()
    }

    /// Says why an object is not read unless somebody names it.
    pub fn left_out(&self) -> Option<LeftOut> {
        match self {
            _ if !self.queryable || self.deprecated_and_hidden => Some(LeftOut::NoRecords),
            _ if self.associate_entity_type.is_some() => Some(LeftOut::OfAnother),
            _ if NOT_AS_A_WHOLE.contains(&self.name.as_str()) => Some(LeftOut::NotAsAWhole),
            _ => None,
        }
    }

    /// Stands for an object that was named and is not there; describing it says so.
    pub fn unknown(name: &str) -> Self {
        Self { name: name.to_owned(), queryable: false, deprecated_and_hidden: false, associate_entity_type: None }
    }
}

/// Why an object is not read unasked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LeftOut {
    /// It cannot be queried at all.
    NoRecords,
    /// It belongs to another object: its history, shares, feed, change events.
    OfAnother,
    /// Each query of it has to name ids.
    NotAsAWhole,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Described {
    pub name: String,
    #[serde(default)]
    label: Option<String>,
    fields: Vec<DescribedField>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DescribedField {
    pub name: String,
    #[serde(default)]
    label: Option<String>,
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default)]
    length: u32,
    #[serde(default)]
    precision: u32,
    #[serde(default)]
    scale: u32,
    #[serde(default)]
    nillable: bool,
    #[serde(default)]
    custom: bool,
}

impl Described {
    /// Lists the fields that are read: all but those that are other fields together, or files.
    pub fn fields(&self) -> impl Iterator<Item = &DescribedField> {
        self.fields.iter().filter(|field| !matches!(field.kind.as_str(), "address" | "location" | "base64"))
    }

    /// The field by which what changed is found; none for links of files, whose time does not lead to them.
    pub fn cursor_field(&self) -> Option<&'static str> {
        if self.name == links::OBJECT {
            return None;
        }
        CURSOR_FIELDS.into_iter().find(|cursor| self.has(cursor))
    }

    pub fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field.name == name)
    }

    pub fn stream(&self, system: &str) -> Stream {
        let fields = self.fields().map(DescribedField::field).collect();
        let files = self.fields.iter().filter(|field| field.kind == "base64").map(|field| field.name.as_str());
        let mut assumed: Vec<String> = files.map(|name| format!("{name} holds files and is left out")).collect();
        if self.name == links::OBJECT {
            assumed.push(links::SEEN.to_owned());
        }
        Stream {
            label: self.label.clone(),
            key: vec!["Id".to_owned()],
            cursor_field: self.cursor_field().map(str::to_owned),
            lag: LAG,
            // Only objects that go through the recycle bin say what was deleted.
            deletes: if self.has("IsDeleted") && self.cursor_field().is_some() {
                Deletes::Tombstone
            } else {
                Deletes::Sweep
            },
            records_per_request: Some(query::PAGE_RECORDS),
            columns_alone: true,
            assumed,
            ..Stream::declared(&self.name, system, fields)
        }
    }
}

impl DescribedField {
    fn field(&self) -> Field {
        Field {
            name: self.name.clone(),
            label: self.label.clone(),
            kind: self.value_kind(),
            declared: self.declared(),
            nullable: self.nillable,
            custom: self.custom,
        }
    }

    pub fn value_kind(&self) -> ValueKind {
        match self.kind.as_str() {
            "boolean" => ValueKind::Boolean,
            "int" | "long" => ValueKind::Integer,
            "double" | "currency" | "percent" => ValueKind::Decimal,
            "date" => ValueKind::Date,
            "datetime" => ValueKind::Datetime,
            _ => ValueKind::String,
        }
    }

    fn declared(&self) -> String {
        match self.value_kind() {
            ValueKind::Decimal => format!("{}({},{})", self.kind, self.precision, self.scale),
            ValueKind::String if self.length > 0 => format!("{}({})", self.kind, self.length),
            _ => self.kind.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn content_version() -> Described {
        serde_json::from_value(json!({
            "name": "ContentVersion", "label": "Content Version", "fields": [
                { "name": "Id", "type": "id", "length": 18 },
                { "name": "ContentDocumentId", "type": "reference", "length": 18 },
                { "name": "IsLatest", "type": "boolean" },
                { "name": "Title", "type": "string", "length": 255 },
                { "name": "ContentSize", "type": "int" },
                { "name": "VersionData", "type": "base64", "label": "Version Data" },
                { "name": "SystemModstamp", "type": "datetime" },
            ],
        }))
        .unwrap()
    }

    #[test]
    fn of_files_everything_is_read_but_their_bytes_and_that_is_said() {
        let stream = content_version().stream("salesforce");
        let names: Vec<&str> = stream.fields.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(names, ["Id", "ContentDocumentId", "IsLatest", "Title", "ContentSize", "SystemModstamp"]);
        assert_eq!(stream.assumed, ["VersionData holds files and is left out"]);
        assert_eq!((stream.cursor_field.as_deref(), stream.deletes), (Some("SystemModstamp"), Deletes::Sweep));
    }

    #[test]
    fn what_nobody_may_query_as_a_whole_is_not_read_unasked() {
        let wanted = |name: &str| {
            let object: ObjectName = serde_json::from_value(json!({ "name": name, "queryable": true })).unwrap();
            object.is_wanted()
        };
        assert!(wanted("ContentVersion") && wanted("Invoice__c") && wanted("ContentDocumentLink"));
        assert!(!wanted("ContentFolderItem"));
    }
}
