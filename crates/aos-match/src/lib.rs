//! Matches the columns of tables to the fields of an ontology, or of another table, from names, types, values, keys and context.
//!
//! Pure: no I/O, no clock, no language model. The same shapes always give the same answer. What a match is used for (mapping rules,
//! review, repair) is decided elsewhere.

mod assign;
mod column;
mod decide;
mod entity;
mod evidence;
mod features;
mod field;
mod further;
mod hint;
mod keys;
mod lexicon;
mod matcher;
mod model;
mod name;
mod pair;
mod pivot;
mod values;
mod words;

pub mod drift;
pub mod memory;
pub mod training;

pub use hint::Hint;
pub use matcher::Matcher;
pub use pair::match_tables;

use aos_core::shape::ValueKind;
use serde::{Deserialize, Serialize};

/// What one table was matched to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TableMatch {
    pub stream: String,
    /// The one entity the table is about, or none.
    pub entity: Option<EntityChoice>,
    /// Entities the table also feeds because it carries their key.
    pub further: Vec<FurtherEntity>,
    /// One per column, in the table's order.
    pub columns: Vec<ColumnMatch>,
    /// How a table in long format (one metric per row) unfolds into fields.
    pub pivot: Option<PivotMatch>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EntityChoice {
    pub entity: String,
    pub confidence: f64,
    pub evidence: Vec<String>,
    /// The column that identifies the record; none when no column does.
    pub key_column: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FurtherEntity {
    pub entity: String,
    pub key_column: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnMatch {
    pub column: String,
    pub kind: ValueKind,
    pub decision: Option<Decision>,
    /// Every field worth showing, best first.
    pub candidates: Vec<Candidate>,
    /// Why the column stays unmapped, in words.
    pub reason: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    pub entity: String,
    pub field: String,
    /// The probability that this pair is right.
    pub confidence: f64,
    pub evidence: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    pub entity: String,
    pub field: String,
    pub confidence: f64,
    pub evidence: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PivotMatch {
    pub entity: String,
    pub key_column: String,
    /// The column that names the metric of a row.
    pub name_column: String,
    pub value_column: String,
    pub time_column: Option<String>,
    pub fields: Vec<PivotField>,
    /// Metrics that name no field.
    pub unmatched: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PivotField {
    pub metric: String,
    pub field: String,
    pub confidence: f64,
}
