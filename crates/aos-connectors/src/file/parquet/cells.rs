//! Values of one decoded column, exactly: no number passes through a float it was not, no time loses its fraction.

use aos_core::value::Value;
use arrow_array::cast::AsArray;
use arrow_array::types::*;
use arrow_array::{Array, ArrayRef, ArrowPrimitiveType, PrimitiveArray, temporal_conversions};
use arrow_schema::{DataType, IntervalUnit, TimeUnit};
use compact_str::{CompactString, ToCompactString, format_compact};
use std::fmt::Debug;

/// Returns the values of a column; the name of its type when there is no way to say them.
pub(super) fn values(array: &ArrayRef) -> Result<Vec<Value>, String> {
    Ok(match array.data_type() {
        DataType::Null => vec![Value::Null; array.len()],
        DataType::Boolean => each(array.as_boolean().iter(), Value::Bool),
        DataType::Int8 => numbers::<Int8Type>(array),
        DataType::Int16 => numbers::<Int16Type>(array),
        DataType::Int32 => numbers::<Int32Type>(array),
        DataType::Int64 => numbers::<Int64Type>(array),
        DataType::UInt8 => numbers::<UInt8Type>(array),
        DataType::UInt16 => numbers::<UInt16Type>(array),
        DataType::UInt32 => numbers::<UInt32Type>(array),
        DataType::UInt64 => numbers::<UInt64Type>(array),
        DataType::Float16 => {
            each(array.as_primitive::<Float16Type>().iter(), |v| float(v.to_f32(), v.to_f32().is_finite()))
        }
        DataType::Float32 => each(array.as_primitive::<Float32Type>().iter(), |v| float(v, v.is_finite())),
        DataType::Float64 => each(array.as_primitive::<Float64Type>().iter(), |v| float(v, v.is_finite())),
        DataType::Decimal32(..) => decimals::<Decimal32Type>(array),
        DataType::Decimal64(..) => decimals::<Decimal64Type>(array),
        DataType::Decimal128(..) => decimals::<Decimal128Type>(array),
        DataType::Decimal256(..) => decimals::<Decimal256Type>(array),
        DataType::Utf8 => each(array.as_string::<i32>().iter(), Value::text),
        DataType::LargeUtf8 => each(array.as_string::<i64>().iter(), Value::text),
        DataType::Utf8View => each(array.as_string_view().iter(), Value::text),
        DataType::Binary => each(array.as_binary::<i32>().iter(), binary),
        DataType::LargeBinary => each(array.as_binary::<i64>().iter(), binary),
        DataType::BinaryView => each(array.as_binary_view().iter(), binary),
        DataType::FixedSizeBinary(_) => each(array.as_fixed_size_binary().iter(), binary),
        DataType::Date32 => dates::<Date32Type>(array),
        DataType::Date64 => dates::<Date64Type>(array),
        DataType::Time32(TimeUnit::Second) => times::<Time32SecondType>(array),
        DataType::Time32(_) => times::<Time32MillisecondType>(array),
        DataType::Time64(TimeUnit::Microsecond) => times::<Time64MicrosecondType>(array),
        DataType::Time64(_) => times::<Time64NanosecondType>(array),
        DataType::Timestamp(TimeUnit::Second, zone) => timestamps::<TimestampSecondType>(array, zone.is_some()),
        DataType::Timestamp(TimeUnit::Millisecond, zone) => {
            timestamps::<TimestampMillisecondType>(array, zone.is_some())
        }
        DataType::Timestamp(TimeUnit::Microsecond, zone) => {
            timestamps::<TimestampMicrosecondType>(array, zone.is_some())
        }
        DataType::Timestamp(TimeUnit::Nanosecond, zone) => timestamps::<TimestampNanosecondType>(array, zone.is_some()),
        DataType::Interval(IntervalUnit::DayTime) => each(array.as_primitive::<IntervalDayTimeType>().iter(), |v| {
            Value::Text(format_compact!("P{}DT{}.{:03}S", v.days, v.milliseconds / 1000, (v.milliseconds % 1000).abs()))
        }),
        DataType::List(_) => lists(array.as_list::<i32>().iter())?,
        DataType::LargeList(_) => lists(array.as_list::<i64>().iter())?,
        DataType::FixedSizeList(..) => lists(array.as_fixed_size_list().iter())?,
        DataType::Struct(fields) => {
            let group = array.as_struct();
            let names: Vec<CompactString> = fields.iter().map(|field| CompactString::new(field.name())).collect();
            let mut columns = Vec::with_capacity(names.len());
            for column in group.columns() {
                columns.push(values(column)?.into_iter());
            }
            let mut members = || names.iter().cloned().zip(columns.iter_mut().filter_map(Iterator::next)).collect();
            let rows: Vec<Value> = (0..group.len()).map(|_| Value::Object(members())).collect();
            nulled(array, rows)
        }
        DataType::Map(..) => maps(array)?,
        other => return Err(other.to_string()),
    })
}

/// Returns the values of a column of 16 bytes that the file calls UUIDs.
pub(super) fn uuids(array: &ArrayRef) -> Result<Vec<Value>, String> {
    let Some(array) = array.as_fixed_size_binary_opt() else { return values(array) };
    Ok(each(array.iter(), |bytes| match uuid::Uuid::from_slice(bytes) {
        Ok(uuid) => Value::text(uuid.to_string()),
        Err(_) => binary(bytes),
    }))
}

fn each<T>(cells: impl Iterator<Item = Option<T>>, to_value: impl Fn(T) -> Value) -> Vec<Value> {
    cells.map(|cell| cell.map_or(Value::Null, &to_value)).collect()
}

fn nulled(array: &dyn Array, rows: Vec<Value>) -> Vec<Value> {
    let cell = |(row, value)| if array.is_null(row) { Value::Null } else { value };
    rows.into_iter().enumerate().map(cell).collect()
}

fn numbers<T: ArrowPrimitiveType>(array: &ArrayRef) -> Vec<Value>
where
    T::Native: ToCompactString,
{
    each(array.as_primitive::<T>().iter(), |number| Value::Number(number.to_compact_string()))
}

/// Writes a float with the digits that bring it back. What is no number becomes text.
fn float(value: impl Debug, finite: bool) -> Value {
    let text = format_compact!("{value:?}");
    if finite { Value::Number(text) } else { Value::Text(text) }
}

fn decimals<T: DecimalType>(array: &ArrayRef) -> Vec<Value> {
    let array = array.as_primitive::<T>();
    let cell = |row| if array.is_null(row) { Value::Null } else { Value::Number(array.value_as_string(row).into()) };
    (0..array.len()).map(cell).collect()
}

fn binary(bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(text) => Value::text(text),
        Err(_) => Value::Text(bytes.iter().map(|byte| format_compact!("{byte:02x}")).collect()),
    }
}

/// Writes a moment as text; one that no calendar reaches stays the number it is.
fn moments<T: ArrowPrimitiveType>(
    array: &ArrayRef,
    text: impl Fn(&PrimitiveArray<T>, usize) -> Option<CompactString>,
) -> Vec<Value>
where
    T::Native: ToCompactString,
{
    let array = array.as_primitive::<T>();
    let cell = |row| match text(array, row) {
        _ if array.is_null(row) => Value::Null,
        Some(text) => Value::Text(text),
        None => Value::Number(array.value(row).to_compact_string()),
    };
    (0..array.len()).map(cell).collect()
}

fn dates<T: ArrowTemporalType>(array: &ArrayRef) -> Vec<Value>
where
    T::Native: ToCompactString,
    i64: From<T::Native>,
{
    moments::<T>(array, |array, row| Some(array.value_as_date(row)?.format("%Y-%m-%d").to_compact_string()))
}

fn times<T: ArrowTemporalType>(array: &ArrayRef) -> Vec<Value>
where
    T::Native: ToCompactString,
    i64: From<T::Native>,
{
    moments::<T>(array, |array, row| Some(array.value_as_time(row)?.format("%H:%M:%S%.f").to_compact_string()))
}

fn timestamps<T: ArrowTemporalType>(array: &ArrayRef, utc: bool) -> Vec<Value>
where
    T::Native: ToCompactString,
    i64: From<T::Native>,
{
    let format = if utc { "%Y-%m-%dT%H:%M:%S%.fZ" } else { "%Y-%m-%dT%H:%M:%S%.f" };
    moments::<T>(array, |array, row| {
        let moment = temporal_conversions::as_datetime::<T>(i64::from(array.value(row)))?;
        Some(moment.format(format).to_compact_string())
    })
}

fn lists(rows: impl Iterator<Item = Option<ArrayRef>>) -> Result<Vec<Value>, String> {
    rows.map(|row| row.map_or(Ok(Value::Null), |items| values(&items).map(Value::List))).collect()
}

/// A map becomes an object when its keys are texts, or else a list of its entries.
fn maps(array: &ArrayRef) -> Result<Vec<Value>, String> {
    let row = |entries: Option<arrow_array::StructArray>| {
        let Some(entries) = entries else { return Ok(Value::Null) };
        let pairs = values(entries.column(0))?.into_iter().zip(values(entries.column(1))?);
        let pairs: Vec<(Value, Value)> = pairs.collect();
        let keyed = |(key, value): &(Value, Value)| match key {
            Value::Text(key) => Some((key.clone(), value.clone())),
            _ => None,
        };
        Ok(match pairs.iter().map(keyed).collect::<Option<Vec<_>>>() {
            Some(members) => Value::Object(members),
            None => {
                let entry = |(key, value)| Value::Object(vec![("key".into(), key), ("value".into(), value)]);
                Value::List(pairs.into_iter().map(entry).collect())
            }
        })
    };
    array.as_map().iter().map(row).collect()
}
