//! Parquet: exact numbers and times, and nested values.

use super::*;
use ::parquet::arrow::ArrowWriter;
use arrow_array::builder::{Int64Builder, ListBuilder};
use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, FixedSizeBinaryArray, Float64Array,
    Int64Array, RecordBatch, StringArray, StructArray, TimestampMicrosecondArray, TimestampNanosecondArray,
};
use arrow_schema::{DataType, Field};
use std::sync::Arc;

fn write(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

#[test]
fn logical_types_are_read_exactly() {
    let decimals = Decimal128Array::from(vec![Some(1250), None]).with_precision_and_scale(18, 2).unwrap();
    let bytes = write(vec![
        ("amount", Arc::new(decimals)),
        ("id", Arc::new(Int64Array::from(vec![i64::MAX, -1]))),
        ("rate", Arc::new(Float64Array::from(vec![0.1, f64::NAN]))),
        ("open", Arc::new(BooleanArray::from(vec![Some(false), None]))),
        ("day", Arc::new(Date32Array::from(vec![Some(20_000), Some(-1)]))),
        ("at", Arc::new(TimestampMicrosecondArray::from(vec![1_700_000_000_123_456, 0]).with_timezone("UTC"))),
        ("local", Arc::new(TimestampNanosecondArray::from(vec![1_700_000_000_123_456_789, 0]))),
        ("name", Arc::new(StringArray::from(vec![Some(""), None]))),
        ("stage", Arc::new(["won", "lost"].into_iter().collect::<DictionaryArray<Int32Type>>())),
        ("raw", Arc::new(FixedSizeBinaryArray::try_from_iter([[0xffu8, 1], [0x61, 0x62]].into_iter()).unwrap())),
    ]);
    let table = read("t.parquet", &bytes);
    let row =
        |row: usize| -> Vec<Value> { table.records[row].cells.iter().map(|cell| cell.clone().unwrap()).collect() };
    let number = |text: &str| Value::Number(text.into());
    assert_eq!(
        row(0),
        [
            number("12.50"),
            number("9223372036854775807"),
            number("0.1"),
            Value::Bool(false),
            Value::text("2024-10-04"),
            Value::text("2023-11-14T22:13:20.123456Z"),
            Value::text("2023-11-14T22:13:20.123456789"),
            Value::text(""),
            Value::text("won"),
            Value::text("ff01"),
        ]
    );
    assert_eq!(row(1)[..4], [Value::Null, number("-1"), Value::text("NaN"), Value::Null]);
    assert_eq!(row(1)[5], Value::text("1970-01-01T00:00:00Z"));
    assert_eq!(table.positions(), [1, 2]);
}

#[test]
fn groups_and_lists_stay_nested() {
    let mut list = ListBuilder::new(Int64Builder::new());
    list.append_value([Some(1), None]);
    list.append_null();
    let owner = StructArray::from(vec![
        (
            Arc::new(Field::new("id", DataType::Int64, true)),
            Arc::new(Int64Array::from(vec![Some(7), None])) as ArrayRef,
        ),
        (Arc::new(Field::new("name", DataType::Utf8, true)), Arc::new(StringArray::from(vec![None, Some("x")]))),
    ]);
    let table = read("t.parquet", write(vec![("scores", Arc::new(list.finish())), ("owner", Arc::new(owner))]));
    let json = |row: usize, column| serde_json_text(table.cell(row, column).unwrap());
    assert_eq!(json(0, "scores"), "[1,null]");
    assert_eq!(json(1, "scores"), "null");
    assert_eq!(json(0, "owner"), r#"{"id":7,"name":null}"#);
    assert_eq!(json(1, "owner"), r#"{"id":null,"name":"x"}"#);
}

fn serde_json_text(value: &Value) -> String {
    value.to_json().to_string()
}

#[test]
fn rows_come_in_pages_and_the_content_decides_over_the_name() {
    let bytes = write(vec![("id", Arc::new(Int64Array::from_iter_values(0..12_000)))]);
    let folder = Folder::with(&[("t.csv", &bytes)]);
    let table = read_with(&folder.source(), "t", &ReadOptions::default()).unwrap();
    assert_eq!((table.records.len(), table.pages, table.bytes), (12_000, 3, bytes.len() as u64));
    let stream = folder.source().discover().unwrap().remove(0);
    let id = stream.shape.column("id").unwrap();
    assert_eq!((stream.shape.sampled, id.max), (1_500, Some(11_999.0)), "the middle and the end are looked at too");
}

#[test]
fn a_damaged_file_is_called_damaged() {
    let bytes = write(vec![("id", Arc::new(Int64Array::from(vec![1, 2])))]);
    let error = try_read("t.parquet", &bytes[..bytes.len() - 10]);
    let folder = Folder::with(&[("t.parquet", &bytes[..bytes.len() - 10])]);
    let stream = folder.source().discover().unwrap().remove(0);
    assert!(matches!(stream.problem, Some(Error::Damaged { .. })), "{:?}", stream.problem);
    assert!(matches!(error, Err(Error::Damaged { .. })));
}
