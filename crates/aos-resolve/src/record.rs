//! What is compared: records with one value for each field of a common schema, and the names they go by.

use crate::class::Class;
use serde::{Deserialize, Serialize};

/// A record's name: the source it is from and its id there.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RecordKey {
    pub source: String,
    pub id: String,
}

/// A field that records are compared by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    pub name: String,
    pub class: Class,
}

/// One record; its values stand in the order of the fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub key: RecordKey,
    pub values: Vec<Option<String>>,
}

impl RecordKey {
    pub fn new(source: impl Into<String>, id: impl Into<String>) -> Self {
        Self { source: source.into(), id: id.into() }
    }
}

impl std::fmt::Display for RecordKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.source, self.id)
    }
}
