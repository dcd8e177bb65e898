//! How a column writes moments, so that those of two columns can be compared.

use aos_core::mapping::Transform;
use aos_core::parse;
use aos_core::shape::{ColumnShape, Pattern, ValueKind};

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
