//! From PostgreSQL's text of a value to a value, without loss: numbers keep their digits, times get their zone, JSON and arrays their
//! structure. A type that is not named here, also one of an extension, stays the text its own output function gives.

use super::array;
use aos_core::Value;
use compact_str::CompactString;

/// How the text of a column is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum CellKind {
    Text,
    Boolean,
    Number,
    /// With a time zone; the session's is UTC.
    Instant,
    /// Without one.
    Timestamp,
    Json,
    Array {
        of: Box<CellKind>,
        delimiter: char,
    },
}

impl CellKind {
    /// Returns how values of a built-in type are read. A domain is read like the type beneath it.
    pub fn of(type_name: &str) -> Self {
        match type_name {
            "bool" => Self::Boolean,
            "int2" | "int4" | "int8" | "oid" | "float4" | "float8" | "numeric" | "money" => Self::Number,
            "timestamptz" => Self::Instant,
            "timestamp" => Self::Timestamp,
            "json" | "jsonb" => Self::Json,
            _ => Self::Text,
        }
    }

    pub fn value(&self, text: &str) -> Value {
        match self {
            Self::Text => Value::text(text),
            Self::Boolean => match text {
                "t" | "true" => Value::Bool(true),
                "f" | "false" => Value::Bool(false),
                _ => Value::text(text),
            },
            Self::Number => number(text),
            Self::Instant => instant(text),
            Self::Timestamp => Value::Text(with_t(text, text.len())),
            // JSON that our own rules refuse (nested too deep, half a surrogate pair) is still the source's text.
            Self::Json => Value::parse_json(text).unwrap_or_else(|_| Value::text(text)),
            Self::Array { of, delimiter } => {
                array::parse(text, *delimiter, &|item| of.value(item)).unwrap_or_else(|| Value::text(text))
            }
        }
    }
}

/// `NaN` and `Infinity` are no JSON numbers and stay text.
fn number(text: &str) -> Value {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_number = digits.as_bytes().first().is_some_and(u8::is_ascii_digit);
    if is_number { Value::Number(CompactString::new(text)) } else { Value::text(text) }
}

/// `2026-01-02 03:04:05.6+00` → `2026-01-02T03:04:05.6Z`. `infinity` and years before Christ have no such form and stay as they are.
fn instant(text: &str) -> Value {
    match text.strip_suffix("+00") {
        Some(local) => {
            let mut with_zone = with_t(local, local.len());
            with_zone.push('Z');
            Value::Text(with_zone)
        }
        None => Value::text(text),
    }
}

fn with_t(text: &str, len: usize) -> CompactString {
    let plain = len >= 19 && text.as_bytes()[10] == b' ' && !text.ends_with(" BC");
    if !plain {
        return CompactString::new(text);
    }
    let mut out = CompactString::with_capacity(len + 1);
    out.push_str(&text[..10]);
    out.push('T');
    out.push_str(&text[11..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_every_digit_and_what_is_none_stays_text() {
        let long = "123456789012345678901234567890.000000000000000001";
        assert_eq!(CellKind::Number.value(long), Value::Number(long.into()));
        assert_eq!(CellKind::Number.value("-1e-300"), Value::Number("-1e-300".into()));
        for text in ["NaN", "Infinity", "-Infinity"] {
            assert_eq!(CellKind::Number.value(text), Value::text(text));
        }
    }

    #[test]
    fn an_instant_says_its_zone_and_a_timestamp_none() {
        assert_eq!(
            CellKind::Instant.value("2026-01-02 03:04:05.123456+00"),
            Value::text("2026-01-02T03:04:05.123456Z")
        );
        assert_eq!(CellKind::Timestamp.value("2026-01-02 03:04:05"), Value::text("2026-01-02T03:04:05"));
        for text in ["infinity", "-infinity", "0044-03-15 12:00:00+00 BC"] {
            assert_eq!(CellKind::Instant.value(text), Value::text(text));
        }
    }
}
