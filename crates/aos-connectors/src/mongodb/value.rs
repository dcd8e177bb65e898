//! From BSON to a value, without loss. Numbers keep their digits; times are RFC 3339 in UTC; ids and UUIDs are their usual text; what JSON
//! has no word for is told as MongoDB's Extended JSON does.
//! <https://www.mongodb.com/docs/manual/reference/mongodb-extended-json/>

use crate::page::MalformedCode;
use aos_core::Value;
use aos_core::value::DEPTH_MAX;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use compact_str::{CompactString, format_compact};
use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{DateTime, RawBsonRef, RawDocument};

/// The milliseconds of the years 0 to 9999, which four digits can write.
const WRITABLE: std::ops::RangeInclusive<i64> = -62_167_219_200_000..=253_402_300_799_999;

/// Why a document cannot be told.
pub(super) type Refusal = (MalformedCode, String);

pub(super) fn members(document: &RawDocument) -> Result<Vec<(CompactString, Value)>, Refusal> {
    within(document, DEPTH_MAX)
}

fn within(document: &RawDocument, deeper: usize) -> Result<Vec<(CompactString, Value)>, Refusal> {
    let mut members = Vec::new();
    for element in document.iter_elements() {
        let element = element.map_err(broken)?;
        let value = element.value().map_err(broken)?;
        members.push((CompactString::new(element.key().as_str()), told(value, deeper)?));
    }
    Ok(members)
}

fn broken(error: impl std::fmt::Display) -> Refusal {
    let said = error.to_string();
    let code = if said.to_lowercase().contains("utf") { MalformedCode::Encoding } else { MalformedCode::Binary };
    (code, said)
}

fn told(value: RawBsonRef<'_>, deeper: usize) -> Result<Value, Refusal> {
    if deeper == 0 {
        return Err((MalformedCode::TooDeep, format!("it is nested deeper than {DEPTH_MAX} levels")));
    }
    Ok(match value {
        RawBsonRef::Null => Value::Null,
        RawBsonRef::Boolean(truth) => Value::Bool(truth),
        RawBsonRef::Int32(number) => Value::Number(format_compact!("{number}")),
        RawBsonRef::Int64(number) => Value::Number(format_compact!("{number}")),
        // The shortest text that reads as the same number.
        RawBsonRef::Double(number) if number.is_finite() => Value::Number(format_compact!("{number:?}")),
        RawBsonRef::Double(number) if number.is_nan() => Value::text("NaN"),
        RawBsonRef::Double(number) => Value::text(if number > 0.0 { "Infinity" } else { "-Infinity" }),
        RawBsonRef::Decimal128(number) => decimal(&number.to_string()),
        RawBsonRef::String(text) | RawBsonRef::Symbol(text) => Value::text(text),
        RawBsonRef::ObjectId(id) => Value::text(id.to_hex()),
        RawBsonRef::DateTime(time) => moment(time),
        RawBsonRef::Binary(binary) if binary.subtype == BinarySubtype::Uuid && binary.bytes.len() == 16 => {
            Value::text(uuid::Uuid::from_slice(binary.bytes).map(|uuid| uuid.to_string()).unwrap_or_default())
        }
        RawBsonRef::Binary(binary) => extended(
            "$binary",
            Value::Object(vec![
                ("base64".into(), Value::text(STANDARD.encode(binary.bytes))),
                ("subType".into(), Value::text(format!("{:02x}", u8::from(binary.subtype)))),
            ]),
        ),
        RawBsonRef::Array(items) => {
            let items = items.into_iter().map(|item| told(item.map_err(broken)?, deeper - 1));
            Value::List(items.collect::<Result<_, _>>()?)
        }
        RawBsonRef::Document(document) => Value::Object(within(document, deeper - 1)?),
        RawBsonRef::Timestamp(time) => extended(
            "$timestamp",
            Value::Object(vec![
                ("t".into(), Value::Number(format_compact!("{}", time.time))),
                ("i".into(), Value::Number(format_compact!("{}", time.increment))),
            ]),
        ),
        RawBsonRef::RegularExpression(regex) => extended(
            "$regularExpression",
            Value::Object(vec![
                ("pattern".into(), Value::text(regex.pattern.as_str())),
                ("options".into(), Value::text(regex.options.as_str())),
            ]),
        ),
        RawBsonRef::JavaScriptCode(code) => extended("$code", Value::text(code)),
        RawBsonRef::JavaScriptCodeWithScope(code) => Value::Object(vec![
            ("$code".into(), Value::text(code.code)),
            ("$scope".into(), Value::Object(within(code.scope, deeper - 1)?)),
        ]),
        RawBsonRef::Undefined => extended("$undefined", Value::Bool(true)),
        RawBsonRef::MinKey => extended("$minKey", Value::Number("1".into())),
        RawBsonRef::MaxKey => extended("$maxKey", Value::Number("1".into())),
        // Given up long ago; its words as the driver has them.
        pointer @ RawBsonRef::DbPointer(_) => extended("$dbPointer", Value::text(format!("{pointer:?}"))),
    })
}

/// Beyond the years that RFC 3339 can write, the number of milliseconds stays: the driver would write the last year there is.
fn moment(time: DateTime) -> Value {
    let milliseconds = time.timestamp_millis();
    match time.try_to_rfc3339_string() {
        Ok(text) if WRITABLE.contains(&milliseconds) => Value::text(text),
        _ => extended("$date", Value::Number(format_compact!("{milliseconds}"))),
    }
}

fn extended(name: &'static str, value: Value) -> Value {
    Value::Object(vec![(CompactString::const_new(name), value)])
}

/// A decimal as a JSON number where it is one: `1.50`, `1E+3`, but not `NaN`.
fn decimal(text: &str) -> Value {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_number = digits.as_bytes().first().is_some_and(u8::is_ascii_digit);
    if is_number { Value::Number(CompactString::new(text)) } else { Value::text(text) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mongodb::bson::{RawDocumentBuf, rawdoc};

    fn json(document: &RawDocumentBuf) -> String {
        let members = members(document).unwrap();
        serde_json::to_string(&Value::Object(members)).unwrap()
    }

    #[test]
    fn numbers_and_times_beyond_the_usual_keep_what_they_say() {
        let far = rawdoc! { "far": DateTime::from_millis(i64::MAX), "small": 5e-324, "zero": -0.0, "none": f64::NAN };
        assert_eq!(json(&far), r#"{"far":{"$date":9223372036854775807},"small":5e-324,"zero":-0.0,"none":"NaN"}"#);
    }

    #[test]
    fn what_is_nested_too_deep_or_no_text_is_refused() {
        let mut deep = rawdoc! { "end": 1 };
        for _ in 0..80 {
            deep = rawdoc! { "d": deep };
        }
        assert_eq!(members(&deep).unwrap_err().0, MalformedCode::TooDeep);
        let mut bytes = rawdoc! { "t": "ab" }.into_bytes();
        let at = bytes.windows(2).position(|pair| pair == b"ab").unwrap();
        bytes[at] = 0xff;
        let damaged = RawDocumentBuf::from_bytes(bytes).unwrap();
        assert_eq!(members(&damaged).unwrap_err().0, MalformedCode::Encoding);
    }
}
