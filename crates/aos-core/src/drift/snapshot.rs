//! What is known of one version of a stream: its shape, what its schema declares besides, and some of its rows.

use super::rows::RowSample;
use crate::shape::{ColumnShape, StreamShape};
use indexmap::IndexMap;

#[derive(Debug, Clone)]
pub struct Snapshot {
    pub shape: StreamShape,
    /// What a schema says of a path, where there is a schema.
    pub declared: IndexMap<String, Declared>,
    pub rows: RowSample,
}

/// What a schema declares of a column besides its name and kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Declared {
    /// Part of what identifies a record.
    pub key: bool,
    /// Says which records are new.
    pub cursor: bool,
    /// The values that are allowed, as stored.
    pub choices: Vec<String>,
    /// The greatest length of a text, or the digits after a number's point.
    pub length: Option<u32>,
    pub scale: Option<u32>,
    /// How values are written, in the schema's words: `epoch s`, `RFC 3339`.
    pub written: Option<String>,
    /// Whether null is a value of the column.
    pub nullable: Option<bool>,
    /// Whether every record has the column, be it null.
    pub required: Option<bool>,
}

impl Snapshot {
    pub fn of_shape(shape: StreamShape) -> Self {
        Self { shape, declared: IndexMap::new(), rows: RowSample::default() }
    }

    /// Whether values were seen, so that they can be compared.
    pub fn has_values(&self) -> bool {
        self.shape.columns.iter().any(|column| column.present > 0)
    }

    pub fn declared(&self, path: &str) -> Option<&Declared> {
        self.declared.get(path)
    }

    /// The path that identifies a record: declared, or unique in every row and called like an id.
    pub fn key(&self) -> Option<&ColumnShape> {
        let mut keys =
            self.shape.columns.iter().filter(|column| self.declared(&column.path).is_some_and(|one| one.key));
        let declared = keys.next();
        if declared.is_some() {
            return if keys.next().is_some() { None } else { declared };
        }
        let unique = |column: &&ColumnShape| column.is_unique() && column.present >= 4;
        let called_id = |column: &&ColumnShape| {
            let leaf = column.path.to_lowercase();
            ["id", "key", "number", "no", "nr", "code"].iter().any(|ending| leaf.ends_with(ending))
        };
        self.shape.columns.iter().filter(unique).find(called_id)
    }
}
