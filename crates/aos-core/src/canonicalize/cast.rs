//! From a source value to a value of an ontology type, without loss or not at all.

use crate::ontology::FieldType;
use crate::parse;
use crate::value::Value;
use chrono::{DateTime, NaiveDate, Utc};
use compact_str::CompactString;
use rust_decimal::Decimal;
use std::borrow::Cow;
use std::sync::LazyLock;

/// Decimals are kept with up to 12 digits after the point and 26 before it, which is what the typed tables hold.
const FRACTION_DIGITS_MAX: u32 = 12;
static WHOLE_LIMIT: LazyLock<Decimal> = LazyLock::new(|| Decimal::from_i128_with_scale(10i128.pow(26), 0));

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cast<'v> {
    Absent,
    Null,
    Text(Cow<'v, str>),
    Integer(i64),
    Decimal(Decimal),
    Boolean(bool),
    Date(NaiveDate),
    Datetime(DateTime<Utc>),
}

impl Cast<'_> {
    /// Returns the value as the text of an identifier; empty when there is none.
    pub fn text(&self) -> CompactString {
        match self {
            Self::Text(text) => CompactString::new(text.trim()),
            _ => CompactString::default(),
        }
    }

    pub fn into_owned(self) -> Cast<'static> {
        match self {
            Self::Text(text) => Cast::Text(Cow::Owned(text.into_owned())),
            Self::Absent => Cast::Absent,
            Self::Null => Cast::Null,
            Self::Integer(number) => Cast::Integer(number),
            Self::Decimal(number) => Cast::Decimal(number),
            Self::Boolean(flag) => Cast::Boolean(flag),
            Self::Date(day) => Cast::Date(day),
            Self::Datetime(at) => Cast::Datetime(at),
        }
    }

    pub fn micros(&self) -> i64 {
        match self {
            Self::Datetime(at) => at.timestamp_micros(),
            _ => 0,
        }
    }
}

/// Casts a value, or returns it as text when it cannot be told in the type. `reference` prefers ids over names in nested values.
pub(super) fn cast(value: &Value, kind: FieldType, reference: bool) -> Result<Cast<'_>, String> {
    let scalar = match value {
        Value::List(_) | Value::Object(_) => match scalar_of(value, reference) {
            Some(scalar) => scalar,
            None if is_empty(value) => return Ok(Cast::Null),
            None => return Err(json(value)),
        },
        scalar => scalar,
    };
    let Some(text) = scalar.as_text() else { return Ok(Cast::Null) };
    if kind == FieldType::String {
        // U+0000 is no text: PostgreSQL keeps none, and many tools end a text there.
        return if text.contains('\0') { Err(text.to_owned()) } else { Ok(Cast::Text(Cow::Borrowed(text))) };
    }
    if text.trim().is_empty() {
        return Ok(Cast::Null);
    }
    let lost = || text.to_owned();
    match kind {
        FieldType::String => unreachable!("returned above"),
        FieldType::Integer => integer(text).map(Cast::Integer).ok_or_else(lost),
        FieldType::Decimal => decimal(text).map(Cast::Decimal).ok_or_else(lost),
        FieldType::Boolean => parse::boolean(text).map(Cast::Boolean).ok_or_else(lost),
        FieldType::Date if parse::is_zero_date(text) => Ok(Cast::Null),
        FieldType::Date => parse::date(text).map(Cast::Date).ok_or_else(lost),
        FieldType::Datetime if parse::is_zero_date(text) => Ok(Cast::Null),
        FieldType::Datetime => parse::datetime(text).map(Cast::Datetime).ok_or_else(lost),
    }
}

/// Casts a date or time that is written in a stated format.
pub(super) fn cast_time<'v>(value: &'v Value, kind: FieldType, format: &str) -> Result<Cast<'v>, String> {
    let Some(text) = value.as_text().filter(|text| !text.trim().is_empty() && !parse::is_zero_date(text)) else {
        return Ok(Cast::Null);
    };
    match kind {
        FieldType::Date => match format {
            "epoch_s" | "epoch_ms" => parse::datetime_as(text, format).map(|at| Cast::Date(at.date_naive())),
            _ => parse::date_as(text, format).map(Cast::Date),
        },
        FieldType::Datetime => parse::datetime_as(text, format).map(Cast::Datetime),
        _ => return Ok(Cast::Text(Cow::Owned(text.to_owned()))),
    }
    .ok_or_else(|| text.to_owned())
}

/// Returns the text of an identifier; empty when the value has none.
pub(super) fn identifier(value: &Value) -> CompactString {
    cast(value, FieldType::String, true).map(|cast| cast.text()).unwrap_or_default()
}

/// Returns the time of change as microseconds.
pub(super) fn time_of(value: &Value) -> Option<i64> {
    Some(parse::datetime(value.as_text()?)?.timestamp_micros())
}

fn integer(text: &str) -> Option<i64> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let number = parse::decimal(text)?.normalize();
    (number.scale() == 0).then(|| number.mantissa()).and_then(|number| i64::try_from(number).ok())
}

fn decimal(text: &str) -> Option<Decimal> {
    let number = parse::decimal(text).filter(|number| number.abs() < *WHOLE_LIMIT)?;
    if number.scale() <= FRACTION_DIGITS_MAX {
        return Some(number);
    }
    let normal = number.normalize();
    (normal.scale() <= FRACTION_DIGITS_MAX).then_some(normal)
}

/// Returns the one scalar that a nested value stands for: the id or the name of a reference, the primary or first item of a list.
fn scalar_of(value: &Value, reference: bool) -> Option<&Value> {
    match value {
        Value::Object(_) => {
            let members = if reference {
                ["value", "id", "Id", "name", "label"]
            } else {
                ["name", "label", "display_name", "value", "id"]
            };
            members.iter().find_map(|member| value.get(member).filter(|value| value.as_text().is_some()))
        }
        // `[7, "New"]` is how some systems write a reference with its name.
        Value::List(items) => match items.as_slice() {
            [id @ Value::Number(_), name @ Value::Text(_)] => Some(if reference { id } else { name }),
            [] => None,
            [first, ..] => {
                let item = items.iter().find(|item| item.get("primary") == Some(&Value::Bool(true))).unwrap_or(first);
                if item.as_text().is_some() { Some(item) } else { scalar_of_member(item) }
            }
        },
        scalar => scalar.as_text().is_some().then_some(scalar),
    }
}

fn scalar_of_member(item: &Value) -> Option<&Value> {
    ["value", "id", "name"].iter().find_map(|member| item.get(member).filter(|value| value.as_text().is_some()))
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::List(items) => items.is_empty(),
        Value::Object(members) => members.is_empty() || members.iter().all(|(_, member)| member.is_null()),
        _ => false,
    }
}

fn json(value: &Value) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
