//! Between Rust's types and the columns' types. A column that cannot be read is reported with the row it stands in.

use crate::error::{Error, Result};
use aos_core::ledger::Outcome;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::borrow::Cow;

pub(crate) fn micros(at: DateTime<Utc>) -> i64 {
    at.timestamp_micros()
}

pub(crate) fn time(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).unwrap_or_default()
}

/// Converts a count for a BIGINT column. Counts beyond it do not occur; they would be kept as the greatest.
pub(crate) fn count(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

pub(crate) fn uncount(value: i64) -> u64 {
    u64::try_from(value).unwrap_or_default()
}

/// Replaces what PostgreSQL keeps in no text.
pub(crate) fn without_nul(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "\u{fffd}")) } else { Cow::Borrowed(text) }
}

pub(crate) fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("types of this program have a JSON form")
}

pub(crate) fn from_json<T: DeserializeOwned>(
    text: &str,
    table: &'static str,
    column: &'static str,
    id: impl std::fmt::Display,
) -> Result<T> {
    serde_json::from_str(text).map_err(|error| Error::Corrupt {
        table,
        column,
        id: id.to_string(),
        source: error.into(),
    })
}

/// Reads a word that one of our enums writes with serde.
pub(crate) fn from_word<T: DeserializeOwned>(
    word: String,
    table: &'static str,
    column: &'static str,
    id: impl std::fmt::Display,
) -> Result<T> {
    serde_json::from_value(serde_json::Value::String(word)).map_err(|error| Error::Corrupt {
        table,
        column,
        id: id.to_string(),
        source: error.into(),
    })
}

pub(crate) fn outcome_word(outcome: Outcome) -> &'static str {
    outcome.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;
    use aos_core::Role;

    #[test]
    fn every_role_reads_back_as_itself() {
        for role in Role::ALL {
            assert_eq!(from_word::<Role>(role.as_str().to_owned(), "users", "role", "x").unwrap(), role);
        }
    }
}
