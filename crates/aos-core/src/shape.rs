//! The shape of what was really read: names, types, nesting, nullability, value patterns. Built by looking at records, compared by
//! fingerprint. How two shapes of a stream differ is [`crate::drift`]'s business, what a shape *means* the matcher's.

mod column;
mod pattern;
mod sketch;

pub use column::Shaper;
pub use pattern::Pattern;
pub use sketch::{Sketch, form};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The shape of one stream (a table, a file, an object type).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StreamShape {
    /// The stream's name in its source, e.g. `Opportunity`.
    pub stream: String,
    /// The system it comes from, e.g. `salesforce`; may be empty.
    #[serde(default)]
    pub system: String,
    /// How many records were looked at.
    pub sampled: u64,
    pub columns: Vec<ColumnShape>,
}

/// The shape of one column, or of one nested value reached by a path.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnShape {
    /// `name`, `properties.amount` (member of an object) or `email[].value` (member of list items).
    pub path: String,
    /// The vendor's label, where one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    pub kind: ValueKind,
    /// How many of the looked-at records had a value, null (or an empty text), or nothing at all.
    pub present: u64,
    pub nulls: u64,
    pub absent: u64,
    /// Distinct values among those looked at (exact up to the sample's size).
    pub distinct: u64,
    /// Share of present values that agree with `kind`.
    pub conforming: f64,
    /// How many values came as a number or a yes or no of the source's own, not as a text that says one; unknown where nobody counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub typed: Option<u64>,
    /// How many values are lists or objects; unknown where nobody counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holding: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    pub min_length: u32,
    pub max_length: u32,
    /// Value patterns that most values follow, with the share that does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub patterns: Vec<(Pattern, f64)>,
    /// How dates are written when they are not ISO 8601, as a strftime format; decided over all values of the sample.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date_format: Option<String>,
    /// Distinct example values, in order of first appearance.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub samples: Vec<String>,
    /// What the values look like as a whole; kept where versions of the stream are to be compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sketch: Option<Sketch>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueKind {
    /// No value was seen.
    Unknown,
    String,
    Integer,
    Decimal,
    Boolean,
    Date,
    Datetime,
    List,
    Object,
}

impl ValueKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::String => "string",
            Self::Integer => "integer",
            Self::Decimal => "decimal",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::Datetime => "datetime",
            Self::List => "list",
            Self::Object => "object",
        }
    }
}

impl std::fmt::Display for ValueKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl StreamShape {
    /// Builds a shape from names alone: a table with a header and no rows.
    pub fn of_names<S: Into<String>>(stream: impl Into<String>, names: impl IntoIterator<Item = S>) -> Self {
        let columns = names.into_iter().map(|name| ColumnShape::unseen(name.into())).collect();
        Self { stream: stream.into(), system: String::new(), sampled: 0, columns }
    }

    pub fn column(&self, path: &str) -> Option<&ColumnShape> {
        self.columns.iter().find(|column| column.path == path)
    }

    /// Digests names *and* types, independent of column order and of the values.
    pub fn fingerprint(&self) -> String {
        let mut columns: Vec<_> = self.columns.iter().map(|column| (column.path.as_str(), column.kind)).collect();
        columns.sort_unstable();
        let mut hash = Sha256::new();
        for (path, kind) in columns {
            hash.update(path.as_bytes());
            hash.update([0]);
            hash.update(kind.as_str().as_bytes());
            hash.update([0]);
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl ColumnShape {
    /// Returns the shape of a column of which only the name is known.
    pub fn unseen(path: String) -> Self {
        Self {
            path,
            label: None,
            kind: ValueKind::Unknown,
            present: 0,
            nulls: 0,
            absent: 0,
            distinct: 0,
            conforming: 1.0,
            typed: None,
            holding: None,
            min: None,
            max: None,
            min_length: 0,
            max_length: 0,
            patterns: Vec::new(),
            date_format: None,
            samples: Vec::new(),
            sketch: None,
        }
    }

    /// Share of looked-at records without a value.
    pub fn null_rate(&self) -> f64 {
        let looked_at = self.present + self.nulls + self.absent;
        if looked_at == 0 { 0.0 } else { (self.nulls + self.absent) as f64 / looked_at as f64 }
    }

    /// True when every present value is different and none is missing: what a key looks like.
    pub fn is_unique(&self) -> bool {
        self.present > 0 && self.distinct == self.present && self.nulls == 0 && self.absent == 0
    }

    /// Returns the share of values that follow the pattern.
    pub fn follows(&self, pattern: Pattern) -> f64 {
        self.patterns.iter().find(|(known, _)| *known == pattern).map_or(0.0, |(_, share)| *share)
    }
}
