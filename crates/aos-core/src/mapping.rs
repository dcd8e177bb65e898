//! Mapping rules as data: how one stream's columns become fields of ontology entities. Rules never look at what a target is called.

use crate::ontology::Ontology;
use crate::record::Path;
use compact_str::CompactString;
use indexmap::IndexMap;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Everything one stream's records become. A version is never changed; a new mapping is a new version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StreamMapping {
    pub version: u32,
    pub stream: String,
    /// The main entity first, then further entities whose key the stream carries.
    pub entities: Vec<EntityMapping>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EntityMapping {
    pub entity: String,
    pub fields: Vec<FieldRule>,
    /// Long format: each record carries one named value of the entity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pivot: Option<Pivot>,
}

/// One target field and where its value comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FieldRule {
    pub target: String,
    /// Paths of the source columns: one, several for a concatenation, none for a constant.
    pub sources: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transforms: Vec<Transform>,
    pub confidence: f64,
    #[serde(default)]
    pub evidence: Vec<String>,
    pub origin: Origin,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Proposed by the matcher and applied.
    Matched,
    /// Looked at by a person.
    Reviewed,
}

/// A step from the source value to the value that is cast to the field's type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Transform {
    Trim,
    /// Values that mean "none" in this source, e.g. `false` in Odoo's text fields.
    NullIf {
        values: Vec<String>,
    },
    /// Replaces known values; others are kept, or rejected when `closed`.
    ValueTable {
        table: IndexMap<String, String>,
        #[serde(default)]
        closed: bool,
    },
    Constant {
        value: String,
    },
    Concat {
        separator: String,
    },
    /// Takes the part at `index` (from the end when negative).
    Split {
        separator: String,
        index: i32,
    },
    /// Multiplies a number, e.g. 0.01 for cents.
    Scale {
        factor: Decimal,
    },
    /// A strftime format, `epoch_s` or `epoch_ms`.
    DateFormat {
        format: String,
    },
    /// A MiniJinja expression over `value` and `row`, e.g. `value[:-1]`.
    Expression {
        expression: String,
    },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pivot {
    pub key_source: String,
    pub name_source: String,
    pub value_source: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_source: Option<String>,
    /// Value of the name column -> target field.
    pub fields: IndexMap<String, String>,
    pub confidence: f64,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize)]
#[serde(tag = "problem", rename_all = "snake_case")]
pub enum MappingError {
    #[error(
        "the mapping of {stream} names entity `{entity}`, which the ontology does not have; add the entity or correct the name"
    )]
    UnknownEntity { stream: String, entity: String },
    #[error(
        "the mapping of {stream} names field `{entity}.{field}`, which the ontology does not have; add the field or correct the name"
    )]
    UnknownField { stream: String, entity: String, field: String },
    #[error("the mapping of {stream} reads column `{column}`, which the stream does not have; its columns are {known}")]
    MissingColumn { stream: String, column: String, known: String },
    #[error("the mapping of {stream} has two rules for `{entity}.{field}`; keep one")]
    DuplicateTarget { stream: String, entity: String, field: String },
    #[error("the expression for `{field}` in the mapping of {stream} is not valid: {message}")]
    Expression { stream: String, field: String, message: String },
}

impl StreamMapping {
    pub fn main(&self) -> Option<&EntityMapping> {
        self.entities.first()
    }

    /// Checks the mapping against the ontology and the stream's columns, naming the first thing that is missing.
    pub fn validate(&self, ontology: &Ontology, columns: &[CompactString]) -> Result<(), MappingError> {
        let stream = || self.stream.clone();
        for mapping in &self.entities {
            let Some(entity) = ontology.entity(&mapping.entity) else {
                return Err(MappingError::UnknownEntity { stream: stream(), entity: mapping.entity.clone() });
            };
            let pivoted = mapping.pivot.iter().flat_map(|pivot| pivot.fields.values());
            for (at, target) in mapping.fields.iter().map(|rule| &rule.target).chain(pivoted).enumerate() {
                if !entity.fields.contains_key(target) {
                    return Err(MappingError::UnknownField {
                        stream: stream(),
                        entity: mapping.entity.clone(),
                        field: target.clone(),
                    });
                }
                if mapping.fields.iter().take(at).any(|rule| rule.target == *target) {
                    return Err(MappingError::DuplicateTarget {
                        stream: stream(),
                        entity: mapping.entity.clone(),
                        field: target.clone(),
                    });
                }
            }
            for source in mapping.sources() {
                if Path::resolve(source, columns).is_none() {
                    let known = columns.iter().take(40).map(CompactString::as_str).collect::<Vec<_>>().join(", ");
                    return Err(MappingError::MissingColumn { stream: stream(), column: source.to_owned(), known });
                }
            }
        }
        Ok(())
    }
}

impl EntityMapping {
    /// Returns every path this mapping reads.
    pub fn sources(&self) -> impl Iterator<Item = &str> {
        let pivot = self.pivot.iter().flat_map(|pivot| {
            [Some(&pivot.key_source), Some(&pivot.name_source), Some(&pivot.value_source), pivot.time_source.as_ref()]
        });
        self.fields.iter().flat_map(|rule| &rule.sources).chain(pivot.flatten()).map(String::as_str)
    }

    pub fn rule(&self, target: &str) -> Option<&FieldRule> {
        self.fields.iter().find(|rule| rule.target == target)
    }
}
