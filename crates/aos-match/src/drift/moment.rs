//! How a column writes moments, so that those of two columns can be compared.

use aos_core::mapping::Transform;
use aos_core::parse;
use aos_core::shape::{ColumnShape, Pattern, ValueKind};

/// Seconds since 1970 at the beginning of 1990 and of 2100.
const EPOCH_FROM: f64 = 631_152_000.0;
const EPOCH_TO: f64 = 4_102_444_800.0;

/// Reads the moments of one column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Clock {
    Iso,
    Format(String),
    EpochSeconds,
    EpochMillis,
}

impl Clock {
    pub fn of(column: &ColumnShape) -> Self {
        match &column.date_format {
            Some(format) => Self::Format(format.clone()),
            None if column.follows(Pattern::Epoch) >= 0.9 && column.kind == ValueKind::Integer => {
                if column.max.is_some_and(|max| max > 1e11) { Self::EpochMillis } else { Self::EpochSeconds }
            }
            None => Self::Iso,
        }
    }

    /// The same beside a column of moments, or of numbers that could be moments in the other unit: numbers of this size are moments then,
    /// whatever else they could be alone.
    pub fn beside(column: &ColumnShape, other: &ColumnShape) -> Self {
        let is_time = matches!(other.kind, ValueKind::Date | ValueKind::Datetime) || other.date_format.is_some();
        match Self::counted(column) {
            Some(clock) if is_time || Self::counted(other).is_some_and(|unit| unit != clock) => clock,
            _ => Self::of(column),
        }
    }

    /// What a column of whole numbers would count since 1970, by their size.
    fn counted(column: &ColumnShape) -> Option<Self> {
        let (min, max) = column.min.zip(column.max).filter(|_| column.kind == ValueKind::Integer)?;
        let within = |unit: f64| min >= EPOCH_FROM * unit && max < EPOCH_TO * unit;
        match () {
            () if within(1.0) => Some(Self::EpochSeconds),
            () if within(1e3) => Some(Self::EpochMillis),
            () => None,
        }
    }

    /// Seconds since the epoch; moments without an offset are taken for UTC.
    pub fn seconds(&self, text: &str) -> Option<i64> {
        match self {
            Self::Iso => parse::datetime(text),
            Self::Format(format) => parse::datetime_as(text, format),
            Self::EpochSeconds => parse::datetime_as(text, "epoch_s"),
            Self::EpochMillis => parse::datetime_as(text, "epoch_ms"),
        }
        .map(|at| at.timestamp())
    }

    /// The step that reads such moments, where one is needed.
    pub fn transform(&self) -> Option<Transform> {
        let format = match self {
            Self::Iso => return None,
            Self::Format(format) => format.clone(),
            Self::EpochSeconds => "epoch_s".to_owned(),
            Self::EpochMillis => "epoch_ms".to_owned(),
        };
        Some(Transform::DateFormat { format })
    }
}
