//! What kinds of objects a portal has, and with which others the records of each are read together.

use serde::Deserialize;

/// One kind of object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ObjectType {
    /// As the stream is called.
    pub stream: String,
    pub label: Option<String>,
    /// As paths name it: a name, or the id of a custom object.
    pub path: String,
    /// The kinds whose ids come with each record.
    pub with: Vec<String>,
}

/// A custom object's definition.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Schema {
    object_type_id: String,
    name: String,
    fully_qualified_name: Option<String>,
    labels: Option<Labels>,
}

#[derive(Debug, Deserialize)]
struct Labels {
    plural: Option<String>,
}

const OWNERS: &str = "owners";

// The usual objects, and what matters most of what each belongs to.
const USUAL: [(&str, &[&str]); 13] = [
    ("contacts", &["companies"]),
    ("companies", &[]),
    ("deals", &["companies", "contacts"]),
    ("tickets", &["companies", "contacts"]),
    ("products", &[]),
    ("line_items", &["deals"]),
    ("quotes", &["deals"]),
    ("calls", &["contacts", "companies", "deals"]),
    ("emails", &["contacts", "companies", "deals"]),
    ("meetings", &["contacts", "companies", "deals"]),
    ("notes", &["contacts", "companies", "deals"]),
    ("tasks", &["contacts", "companies", "deals"]),
    (OWNERS, &[]),
];

// Objects of single products of HubSpot, read when they are named.
const FURTHER: [(&str, &[&str]); 8] = [
    ("leads", &["contacts", "companies"]),
    ("communications", &["contacts", "companies"]),
    ("postal_mail", &["contacts", "companies"]),
    ("feedback_submissions", &["contacts"]),
    ("goal_targets", &[]),
    ("orders", &["contacts", "companies"]),
    ("carts", &["contacts"]),
    ("invoices", &["contacts", "companies"]),
];

pub(super) fn usual() -> impl Iterator<Item = ObjectType> {
    USUAL.iter().map(|(name, with)| ObjectType::of(name, with))
}

pub(super) fn known() -> String {
    let names = USUAL.iter().chain(&FURTHER).map(|(name, _)| *name);
    names.collect::<Vec<_>>().join(", ")
}

impl ObjectType {
    fn of(name: &str, with: &[&str]) -> Self {
        let (stream, path) = (name.to_owned(), name.to_owned());
        Self { stream, path, label: None, with: with.iter().map(|kind| (*kind).to_owned()).collect() }
    }

    pub fn standard(name: &str) -> Option<Self> {
        let (name, with) = USUAL.iter().chain(&FURTHER).find(|(known, _)| *known == name)?;
        Some(Self::of(name, with))
    }

    pub fn custom(schema: Schema) -> Self {
        Self {
            stream: schema.fully_qualified_name.unwrap_or(schema.name),
            label: schema.labels.and_then(|labels| labels.plural),
            path: schema.object_type_id,
            with: vec!["contacts".to_owned(), "companies".to_owned(), "deals".to_owned()],
        }
    }

    /// A custom object is called by its id, its full name (`p123_car`), or its name without the account's prefix.
    pub fn is_called(&self, name: &str) -> bool {
        self.stream == name || self.path == name || self.stream.split_once('_').is_some_and(|(_, short)| short == name)
    }

    pub fn is_owners(&self) -> bool {
        self.path == OWNERS
    }

    /// The property that changes with every change.
    pub fn modified(&self) -> &'static str {
        if self.path == "contacts" { "lastmodifieddate" } else { "hs_lastmodifieddate" }
    }
}
