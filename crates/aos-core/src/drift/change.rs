//! One change between two versions of a stream, with what speaks for it.

use super::severity::{ContractAction, Severity};
use crate::shape::ValueKind;
use serde::{Deserialize, Serialize, Serializer};

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    pub stream: String,
    /// The path in the version before; for what is new, in the version after. Empty when the whole stream is meant.
    pub path: String,
    /// Where the path's values are found now, when that is somewhere else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    pub kind: ChangeKind,
    pub severity: Severity,
    /// What becomes of the records until someone decides, unless the stream's contract says otherwise.
    pub contract: ContractAction,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retyping: Option<Retyping>,
    /// The probability that this is what happened, where it had to be concluded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    pub evidence: Vec<Evidence>,
    /// The paths that one rule accounts for, when there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub covers: Vec<Pair>,
}

/// A path before and the path after that holds its values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pair {
    pub path: String,
    pub to: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    Added,
    Removed,
    Renamed,
    Retyped,
    /// A column has moved into an object or list.
    Nested,
    /// A member of an object or list has become a column, or the object has become one of its values.
    Flattened,
    /// One column has become several.
    Split,
    /// Several columns have become one.
    Merged,
    KeyChanged,
    FormatChanged,
    EnumChanged,
    /// Numbers are in another unit.
    ScaleChanged,
    CurrencyChanged,
    SignChanged,
    TimeZoneChanged,
    /// Keys now name other records than before.
    IdReused,
    NullRateChanged,
    /// A schema now allows what it did not, that a value is missing, or no longer does.
    NullabilityChanged,
    /// Values are cut off.
    Truncated,
    /// Two columns have exchanged what they hold.
    Swapped,
    /// The same name holds values of another meaning.
    MeaningChanged,
    StreamAdded,
    StreamRemoved,
    StreamRenamed,
}

impl ChangeKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Renamed => "renamed",
            Self::Retyped => "retyped",
            Self::Nested => "nested",
            Self::Flattened => "flattened",
            Self::Split => "split",
            Self::Merged => "merged",
            Self::KeyChanged => "key_changed",
            Self::FormatChanged => "format_changed",
            Self::EnumChanged => "enum_changed",
            Self::ScaleChanged => "scale_changed",
            Self::CurrencyChanged => "currency_changed",
            Self::SignChanged => "sign_changed",
            Self::TimeZoneChanged => "time_zone_changed",
            Self::IdReused => "id_reused",
            Self::NullRateChanged => "null_rate_changed",
            Self::NullabilityChanged => "nullability_changed",
            Self::Truncated => "truncated",
            Self::Swapped => "swapped",
            Self::MeaningChanged => "meaning_changed",
            Self::StreamAdded => "stream_added",
            Self::StreamRemoved => "stream_removed",
            Self::StreamRenamed => "stream_renamed",
        }
    }
}

/// From what kind of value to what kind, and whether every old value can still be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retyping {
    pub from: ValueKind,
    pub to: ValueKind,
    pub widening: Widening,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Widening {
    Widened,
    Narrowed,
    Incompatible,
}

/// What speaks for a change or a repair, or against it: where it was seen, and in words.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    pub signal: Signal,
    pub says: String,
}

impl Evidence {
    pub fn new(signal: Signal, says: impl Into<String>) -> Self {
        Self { signal, says: says.into() }
    }
}

impl std::fmt::Display for Evidence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.signal.as_str(), self.says)
    }
}

impl Serialize for Evidence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    Name,
    Type,
    /// The same records compared, cell by cell.
    Rows,
    /// Distinct values in common.
    Values,
    /// How values are distributed or written.
    Distribution,
    Position,
    Key,
    Mapping,
    /// Why a person should look, whatever the confidence.
    Held,
}

impl Signal {
    fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Type => "type",
            Self::Rows => "rows",
            Self::Values => "values",
            Self::Distribution => "distribution",
            Self::Position => "position",
            Self::Key => "key",
            Self::Mapping => "mapping",
            Self::Held => "not by itself",
        }
    }
}
