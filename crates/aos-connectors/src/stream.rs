//! A stream as its source declares it, or as a look at a sample of it tells: fields, types, key, cursor, and how deletes are known.

use crate::error::Error;
use crate::page::SourceCount;
use aos_core::shape::{ColumnShape, StreamShape, ValueKind};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::Duration;

/// One table, object type or file of the source.
#[derive(Debug, Clone)]
pub struct Stream {
    pub name: String,
    /// What people call it in the source, where that is not its name.
    pub label: Option<String>,
    /// What the source declares; empty when it declares nothing, as files do. Sampled columns are in `shape`.
    pub fields: Vec<Field>,
    /// Names and kinds of the columns, and what their values look like where some were looked at.
    pub shape: StreamShape,
    /// The columns that tell records apart; empty when the source names none.
    pub key: Vec<String>,
    /// The column by whose values later reads find what is new; none when every read begins at the start.
    pub cursor_field: Option<String>,
    /// How long after its time of change a record may become visible, as the vendor documents it: the least overlap of two reads.
    pub lag: Duration,
    pub deletes: Deletes,
    /// How many records there are, where the source says so without being read.
    pub count: Option<SourceCount>,
    /// How many records one request brings at most, where that is known: what a forecast is made of.
    pub records_per_request: Option<u32>,
    /// Whether the source sends the columns that are asked for and no others: what a backfill of one column then transfers. Where it is not
    /// so, or nobody promises it, whole records come.
    pub columns_alone: bool,
    /// Columns that hold codes, each with the column that says them in the words that people see.
    pub words: Vec<(String, String)>,
    /// Files only.
    pub paths: Vec<PathBuf>,
    /// Zero where the source has no sizes.
    pub size_bytes: u64,
    /// Changes when the stream's content does: equal versions mean that there is nothing new to read. Empty when nobody can tell.
    pub version: String,
    /// What was assumed to read it (format, encoding, missing header), for people.
    pub assumed: Vec<String>,
    /// Why the stream cannot be read; its shape is then without columns.
    pub problem: Option<Error>,
}

/// A field as the source declares it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// The column's name in records.
    pub name: String,
    /// What people call it in the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    pub kind: ValueKind,
    /// The type in the source's own words, e.g. `numeric(18,2)` or `picklist`.
    pub declared: String,
    pub nullable: bool,
    /// Whether it was added by the account's owner and not by the vendor.
    pub custom: bool,
}

/// How a reader learns that a record is gone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deletes {
    /// The source tells: pages carry what was deleted.
    Tombstone,
    /// Only a full read tells: what it does not meet is gone.
    Sweep,
    /// Nobody can tell, e.g. because every read is a part of the whole.
    #[default]
    Unknown,
}

impl Deletes {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tombstone => "tombstone",
            Self::Sweep => "sweep",
            Self::Unknown => "unknown",
        }
    }
}

impl Stream {
    /// Returns a stream of which only the name is known; the rest is to be filled in.
    pub fn named(name: impl Into<String>, system: impl Into<String>) -> Self {
        let name = name.into();
        let shape = StreamShape { system: system.into(), ..StreamShape::of_names(&name, [""; 0]) };
        Self {
            name,
            label: None,
            fields: Vec::new(),
            shape,
            key: Vec::new(),
            cursor_field: None,
            lag: Duration::ZERO,
            deletes: Deletes::Unknown,
            count: None,
            records_per_request: None,
            columns_alone: false,
            words: Vec::new(),
            paths: Vec::new(),
            size_bytes: 0,
            version: String::new(),
            assumed: Vec::new(),
            problem: None,
        }
    }

    /// Returns a stream with declared fields; its shape has their names, kinds and labels, and no sample yet.
    pub fn declared(name: impl Into<String>, system: impl Into<String>, fields: Vec<Field>) -> Self {
        let mut stream = Self::named(name, system);
        let column = |field: &Field| ColumnShape {
            kind: field.kind,
            label: field.label.clone(),
            ..ColumnShape::unseen(field.name.clone())
        };
        stream.shape.columns = fields.iter().map(column).collect();
        stream.fields = fields;
        stream
    }

    /// Returns a stream that is there and cannot be read.
    pub fn unreadable(name: impl Into<String>, system: impl Into<String>, problem: Error) -> Self {
        Self { problem: Some(problem), ..Self::named(name, system) }
    }

    /// Digests names and types: of what is declared, or else of what a sample showed.
    pub fn fingerprint(&self) -> String {
        if self.fields.is_empty() {
            return self.shape.fingerprint();
        }
        // What a sample adds to declared fields (members of objects) differs from sample to sample.
        let declared = |column: &&ColumnShape| self.fields.iter().any(|field| field.name == column.path);
        let columns = self.shape.columns.iter().filter(declared).cloned().collect();
        StreamShape { columns, ..self.shape.clone() }.fingerprint()
    }
}
