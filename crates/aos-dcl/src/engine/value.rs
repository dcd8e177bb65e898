//! DuckDB's values as JSON.
//!
//! Numbers are JSON numbers when every reader gets them exactly: integers up to 2^53, decimals up to 15 significant digits. Longer
//! ones are strings with all their digits. Decimals lose trailing zeros. Dates are ISO, times RFC 3339 in UTC.

use chrono::{DateTime, NaiveDate, SecondsFormat};
use duckdb::arrow::array::{Array, AsArray, MapArray, RecordBatch};
use duckdb::arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    TimeUnit, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
    UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use duckdb::arrow::util::display::{ArrayFormatter, FormatOptions};
use serde_json::{Map, Number, Value};

const EXACT_INTEGER_MAX: u128 = 1 << 53;
const EXACT_DIGITS_MAX: usize = 15;

/// Returns the name of a type in the ontology's words, or DuckDB's for what the ontology does not know.
pub(super) fn type_name(kind: &DataType) -> &'static str {
    match kind {
        DataType::Boolean => "boolean",
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 => "integer",
        DataType::UInt8 | DataType::UInt16 | DataType::UInt32 | DataType::UInt64 => "integer",
        DataType::Decimal128(_, 0) => "integer",
        DataType::Decimal128(..) => "decimal",
        DataType::Float32 | DataType::Float64 => "double",
        DataType::Date32 | DataType::Date64 => "date",
        DataType::Timestamp(..) => "datetime",
        DataType::Time32(_) | DataType::Time64(_) => "time",
        DataType::Interval(_) => "interval",
        DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(..) => "list",
        DataType::Struct(_) => "struct",
        DataType::Map(..) => "map",
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => "blob",
        _ => "string",
    }
}

/// Returns one cell of a batch.
pub(super) fn cell(batch: &RecordBatch, column: usize, row: usize) -> Value {
    json(batch.column(column).as_ref(), row)
}

fn json(array: &dyn Array, row: usize) -> Value {
    if array.is_null(row) {
        return Value::Null;
    }
    match array.data_type() {
        DataType::Null => Value::Null,
        DataType::Boolean => array.as_boolean().value(row).into(),
        DataType::Utf8 => array.as_string::<i32>().value(row).into(),
        DataType::LargeUtf8 => array.as_string::<i64>().value(row).into(),
        DataType::Utf8View => array.as_string_view().value(row).into(),
        DataType::Int8 => integer(array.as_primitive::<Int8Type>().value(row).into()),
        DataType::Int16 => integer(array.as_primitive::<Int16Type>().value(row).into()),
        DataType::Int32 => integer(array.as_primitive::<Int32Type>().value(row).into()),
        DataType::Int64 => integer(array.as_primitive::<Int64Type>().value(row).into()),
        DataType::UInt8 => integer(array.as_primitive::<UInt8Type>().value(row).into()),
        DataType::UInt16 => integer(array.as_primitive::<UInt16Type>().value(row).into()),
        DataType::UInt32 => integer(array.as_primitive::<UInt32Type>().value(row).into()),
        DataType::UInt64 => integer(array.as_primitive::<UInt64Type>().value(row).into()),
        DataType::Decimal128(_, scale) => {
            decimal(array.as_primitive::<Decimal128Type>().value(row), scale.unsigned_abs().into())
        }
        DataType::Float32 => double(f64::from(array.as_primitive::<Float32Type>().value(row))),
        DataType::Float64 => double(array.as_primitive::<Float64Type>().value(row)),
        DataType::Date32 => date(array.as_primitive::<Date32Type>().value(row)),
        DataType::Timestamp(unit, _) => time(array, row, *unit),
        DataType::FixedSizeBinary(16) => {
            uuid::Uuid::from_slice(array.as_fixed_size_binary().value(row)).unwrap_or_default().to_string().into()
        }
        DataType::List(_) => list(array.as_list::<i32>().value(row).as_ref()),
        DataType::LargeList(_) => list(array.as_list::<i64>().value(row).as_ref()),
        DataType::FixedSizeList(..) => list(array.as_fixed_size_list().value(row).as_ref()),
        DataType::Struct(_) => {
            let array = array.as_struct();
            let members = array.column_names().into_iter().zip(array.columns());
            members.map(|(name, column)| (name.to_owned(), json(column.as_ref(), row))).collect::<Map<_, _>>().into()
        }
        DataType::Map(..) => map(array.as_map(), row),
        DataType::Dictionary(..) | DataType::Interval(_) | DataType::Time64(_) | DataType::Time32(_) => {
            formatted(array, row)
        }
        _ => formatted(array, row),
    }
}

fn formatted(array: &dyn Array, row: usize) -> Value {
    ArrayFormatter::try_new(array, &FormatOptions::default())
        .map_or(Value::Null, |formatter| formatter.value(row).to_string().into())
}

fn list(items: &dyn Array) -> Value {
    (0..items.len()).map(|at| json(items, at)).collect()
}

fn map(array: &MapArray, row: usize) -> Value {
    let entries = array.value(row);
    let name = |at| match json(entries.column(0).as_ref(), at) {
        Value::String(text) => text,
        other => other.to_string(),
    };
    (0..entries.len()).map(|at| (name(at), json(entries.column(1).as_ref(), at))).collect::<Map<_, _>>().into()
}

fn integer(number: i128) -> Value {
    match i64::try_from(number) {
        Ok(exact) if number.unsigned_abs() <= EXACT_INTEGER_MAX => exact.into(),
        _ => number.to_string().into(),
    }
}

fn double(number: f64) -> Value {
    Number::from_f64(number).map_or_else(|| number.to_string().into(), Value::Number)
}

fn decimal(unscaled: i128, scale: usize) -> Value {
    let text = decimal_text(unscaled, scale);
    if !text.contains('.') {
        return integer(text.parse().unwrap_or(unscaled));
    }
    let significant = text.trim_start_matches(['-', '0', '.']).bytes().filter(u8::is_ascii_digit).count();
    if significant > EXACT_DIGITS_MAX {
        return text.into();
    }
    serde_json::from_str::<Number>(&text).map_or_else(|_| text.clone().into(), Value::Number)
}

/// Writes a scaled integer with its point and without trailing zeros.
pub(super) fn decimal_text(unscaled: i128, scale: usize) -> String {
    let digits = format!("{:0>width$}", unscaled.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    let fraction = fraction.trim_end_matches('0');
    let sign = if unscaled < 0 { "-" } else { "" };
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

fn date(days: i32) -> Value {
    NaiveDate::default().checked_add_signed(chrono::TimeDelta::days(days.into())).map(|day| day.to_string()).into()
}

fn time(array: &dyn Array, row: usize, unit: TimeUnit) -> Value {
    let at = match unit {
        TimeUnit::Second => DateTime::from_timestamp(array.as_primitive::<TimestampSecondType>().value(row), 0),
        TimeUnit::Millisecond => {
            DateTime::from_timestamp_millis(array.as_primitive::<TimestampMillisecondType>().value(row))
        }
        TimeUnit::Microsecond => {
            DateTime::from_timestamp_micros(array.as_primitive::<TimestampMicrosecondType>().value(row))
        }
        TimeUnit::Nanosecond => {
            Some(DateTime::from_timestamp_nanos(array.as_primitive::<TimestampNanosecondType>().value(row)))
        }
    };
    at.map(|at| at.to_rfc3339_opts(SecondsFormat::AutoSi, true)).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_numbers_only_while_exact() {
        assert_eq!(decimal(1_234_500_000_000_000, 12).to_string(), "1234.5");
        assert_eq!(decimal(-100, 3).to_string(), "-0.1");
        assert_eq!(decimal(5_000_000_000_000, 12).to_string(), "5");
        assert_eq!(decimal(0, 12).to_string(), "0");
        assert_eq!(decimal(123_456_789_012_345, 5).to_string(), "1234567890.12345");
        assert_eq!(decimal(1_234_567_890_123_456, 6).to_string(), "\"1234567890.123456\"");
        assert_eq!(decimal(1, 12).to_string(), "1e-12");
        assert_eq!(integer(1 << 53).to_string(), "9007199254740992");
        assert_eq!(integer((1 << 53) + 1).to_string(), "\"9007199254740993\"");
    }
}
