//! Fragment rows as columns, ready to be appended. Values are read into their type exactly: a number never passes through a
//! float, and a value that does not fit is left empty and counted.

use super::json::{self, Raw};
use super::refresh::FragmentRow;
use super::schema::FRAGMENT_COLUMNS;
use aos_core::ontology::{Entity, FieldType};
use chrono::{DateTime, NaiveDate, NaiveDateTime};
use duckdb::arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, Decimal128Builder, FixedSizeBinaryBuilder, Int64Builder, RecordBatch,
    StringBuilder, TimestampMicrosecondBuilder,
};
use duckdb::arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use std::collections::HashMap;
use std::sync::Arc;

/// DuckDB takes rows in vectors of this many; larger batches were no faster and held more memory.
pub(super) const ROWS_MAX: usize = 2048;
const BYTES_MAX: usize = 16 << 20;

pub(super) const DECIMAL_SCALE: u32 = 12;
const DECIMAL_PRECISION: u8 = 38;

pub(super) struct Batch {
    schema: Arc<Schema>,
    connection: FixedSizeBinaryBuilder,
    source: StringBuilder,
    record_id: StringBuilder,
    fragment: StringBuilder,
    position: Int64Builder,
    source_version: Int64Builder,
    mapping_version: Int64Builder,
    width: Int64Builder,
    columns: Vec<Column>,
    names: Vec<Box<str>>,
    index: HashMap<Box<str>, usize>,
    /// Which field last came after which: members come in the same order nearly always.
    after: Vec<usize>,
    pub rows: usize,
    bytes: usize,
    pub lossy: u64,
}

enum Column {
    Text(StringBuilder),
    Integer(Int64Builder),
    Decimal(Decimal128Builder),
    Boolean(BooleanBuilder),
    Date(Date32Builder),
    Datetime(TimestampMicrosecondBuilder),
}

impl Batch {
    /// Makes an empty batch for the rows of an entity.
    pub fn new(entity: &Entity) -> Self {
        let columns: Vec<Column> = entity.fields.values().map(|field| Column::new(field.kind)).collect();
        let names: Vec<Box<str>> = entity.fields.keys().map(|name| name.as_str().into()).collect();
        let mut fields: Vec<Field> = FRAGMENT_COLUMNS.iter().map(|(name, kind)| meta_field(name, kind)).collect();
        fields.extend(names.iter().zip(&columns).map(|(name, column)| Field::new(&**name, column.data_type(), true)));
        Self {
            schema: Arc::new(Schema::new(fields)),
            connection: FixedSizeBinaryBuilder::new(16),
            source: StringBuilder::new(),
            record_id: StringBuilder::new(),
            fragment: StringBuilder::new(),
            position: Int64Builder::new(),
            source_version: Int64Builder::new(),
            mapping_version: Int64Builder::new(),
            width: Int64Builder::new(),
            index: names.iter().enumerate().map(|(at, name)| (name.clone(), at)).collect(),
            after: vec![0; names.len() + 1],
            columns,
            names,
            rows: 0,
            bytes: 0,
            lossy: 0,
        }
    }

    pub fn is_full(&self) -> bool {
        self.rows >= ROWS_MAX || self.bytes >= BYTES_MAX
    }

    /// Adds a row; false when its JSON broke off, so that only the fields before the break are there.
    pub fn push(&mut self, row: &FragmentRow) -> bool {
        let row_at = self.rows;
        let mut previous = self.names.len();
        let mut width = 0;
        let (columns, names, index, after, lossy) =
            (&mut self.columns, &self.names, &self.index, &mut self.after, &mut self.lossy);
        let read = json::members(&row.data, |name, value| {
            let guess = after[previous];
            let at = if *names[guess] == *name { Some(guess) } else { index.get(name).copied() };
            if let Some(at) = at {
                after[previous] = at;
                previous = at;
                width += i64::from(value != Raw::Null);
                if columns[at].len() == row_at {
                    *lossy += u64::from(!columns[at].push(value));
                }
            }
        });
        for column in &mut self.columns {
            if column.len() == row_at {
                column.push(Raw::Null);
            }
        }
        self.push_meta(row, width);
        read.is_ok()
    }

    fn push_meta(&mut self, row: &FragmentRow, width: i64) {
        self.connection.append_value(row.connection.as_bytes()).expect("an id has sixteen bytes");
        self.source.append_value(&row.source);
        self.record_id.append_value(&row.record_id);
        self.fragment.append_value(&row.fragment);
        self.position.append_value(row.position);
        self.source_version.append_value(row.source_version);
        self.mapping_version.append_value(i64::from(row.mapping_version));
        self.width.append_value(width);
        self.rows += 1;
        self.bytes += row.data.len();
    }

    /// Hands over what was added and starts empty.
    pub fn take(&mut self) -> RecordBatch {
        let mut arrays: Vec<ArrayRef> = vec![
            Arc::new(self.connection.finish()),
            Arc::new(self.source.finish()),
            Arc::new(self.record_id.finish()),
            Arc::new(self.fragment.finish()),
            Arc::new(self.position.finish()),
            Arc::new(self.source_version.finish()),
            Arc::new(self.mapping_version.finish()),
            Arc::new(self.width.finish()),
        ];
        arrays.extend(self.columns.iter_mut().map(Column::finish));
        self.rows = 0;
        self.bytes = 0;
        RecordBatch::try_new(self.schema.clone(), arrays).expect("every column was given every row")
    }
}

/// One of the columns that every row has beside its fields.
pub(super) fn meta_field(name: &str, kind: &str) -> Field {
    match kind {
        "UUID" => Field::new(name, DataType::FixedSizeBinary(16), false)
            .with_metadata(HashMap::from([("ARROW:extension:name".to_owned(), "arrow.uuid".to_owned())])),
        "BIGINT" => Field::new(name, DataType::Int64, false),
        _ => Field::new(name, DataType::Utf8, true),
    }
}

impl Column {
    fn new(kind: FieldType) -> Self {
        match kind {
            FieldType::String => Self::Text(StringBuilder::new()),
            FieldType::Integer => Self::Integer(Int64Builder::new()),
            FieldType::Decimal => Self::Decimal(
                Decimal128Builder::new().with_data_type(DataType::Decimal128(DECIMAL_PRECISION, DECIMAL_SCALE as i8)),
            ),
            FieldType::Boolean => Self::Boolean(BooleanBuilder::new()),
            FieldType::Date => Self::Date(Date32Builder::new()),
            FieldType::Datetime => Self::Datetime(TimestampMicrosecondBuilder::new()),
        }
    }

    fn data_type(&self) -> DataType {
        match self {
            Self::Text(_) => DataType::Utf8,
            Self::Integer(_) => DataType::Int64,
            Self::Decimal(_) => DataType::Decimal128(DECIMAL_PRECISION, DECIMAL_SCALE as i8),
            Self::Boolean(_) => DataType::Boolean,
            Self::Date(_) => DataType::Date32,
            Self::Datetime(_) => DataType::Timestamp(TimeUnit::Microsecond, None),
        }
    }

    fn len(&self) -> usize {
        use duckdb::arrow::array::ArrayBuilder;
        match self {
            Self::Text(column) => column.len(),
            Self::Integer(column) => column.len(),
            Self::Decimal(column) => column.len(),
            Self::Boolean(column) => column.len(),
            Self::Date(column) => column.len(),
            Self::Datetime(column) => column.len(),
        }
    }

    /// Adds a value; false when it is one and does not fit the column, which then holds nothing.
    fn push(&mut self, value: Raw<'_>) -> bool {
        let null = value == Raw::Null;
        let fits = match self {
            Self::Text(column) => {
                let text = value.text();
                column.append_option(text.as_deref());
                text.is_some()
            }
            Self::Integer(column) => {
                let parsed = number(value).and_then(|text| text.parse::<i64>().ok());
                column.append_option(parsed);
                parsed.is_some()
            }
            Self::Decimal(column) => {
                let parsed = number(value).and_then(decimal);
                column.append_option(parsed);
                parsed.is_some()
            }
            Self::Boolean(column) => {
                let parsed = match value {
                    Raw::Bool(flag) => Some(flag),
                    _ => None,
                };
                column.append_option(parsed);
                parsed.is_some()
            }
            Self::Date(column) => {
                let parsed = value.text().and_then(|text| days(&text));
                column.append_option(parsed);
                parsed.is_some()
            }
            Self::Datetime(column) => {
                let parsed = value.text().and_then(|text| micros(&text));
                column.append_option(parsed);
                parsed.is_some()
            }
        };
        fits || null
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Text(column) => Arc::new(column.finish()),
            Self::Integer(column) => Arc::new(column.finish()),
            Self::Decimal(column) => Arc::new(column.finish()),
            Self::Boolean(column) => Arc::new(column.finish()),
            Self::Date(column) => Arc::new(column.finish()),
            Self::Datetime(column) => Arc::new(column.finish()),
        }
    }
}

fn number(value: Raw<'_>) -> Option<&str> {
    match value {
        Raw::Number(text) => Some(text),
        // A number beyond JSON's common range may be written as text.
        Raw::Text { inner, escaped: false } => Some(inner),
        _ => None,
    }
}

/// Reads a decimal number into its value times 10^12; `None` when a digit would be lost.
pub(super) fn decimal(text: &str) -> Option<i128> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (mantissa, exponent) = match digits.find(['e', 'E']) {
        Some(at) => (&digits[..at], digits[at + 1..].parse::<i32>().ok()?),
        None => (digits, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut value: i128 = 0;
    for byte in whole.bytes().chain(fraction.bytes()) {
        if !byte.is_ascii_digit() {
            return None;
        }
        value = value.checked_mul(10)?.checked_add(i128::from(byte - b'0'))?;
    }
    let shift = DECIMAL_SCALE as i32 + exponent.checked_sub(i32::try_from(fraction.len()).ok()?)?;
    for _ in 0..shift.clamp(0, 40) {
        value = value.checked_mul(10)?;
    }
    for _ in 0..(-shift).clamp(0, 40) {
        if value % 10 != 0 {
            return None;
        }
        value /= 10;
    }
    let limit = 10i128.pow(u32::from(DECIMAL_PRECISION));
    (value < limit).then_some(if negative { -value } else { value })
}

/// Reads an ISO date into days since the epoch.
pub(super) fn days(text: &str) -> Option<i32> {
    let (year, month, day) = ymd(text.as_bytes()).filter(|_| text.len() == 10)?;
    let day = NaiveDate::from_ymd_opt(year, month, day)?;
    i32::try_from(day.signed_duration_since(NaiveDate::default()).num_days()).ok()
}

/// Reads an ISO time into microseconds since the epoch.
pub(super) fn micros(text: &str) -> Option<i64> {
    plain_micros(text.as_bytes()).or_else(|| {
        DateTime::parse_from_rfc3339(text)
            .map(|at| at.timestamp_micros())
            .or_else(|_| text.parse::<NaiveDateTime>().map(|at| at.and_utc().timestamp_micros()))
            .ok()
    })
}

/// Reads `2024-01-31T10:20:30[.123456]Z`, the way canonical data is written.
fn plain_micros(text: &[u8]) -> Option<i64> {
    let (rest, [b'Z']) = text.split_at_checked(text.len().checked_sub(1)?)? else { return None };
    if rest.len() < 19 || rest[10] != b'T' || rest[13] != b':' || rest[16] != b':' {
        return None;
    }
    let (year, month, day) = ymd(&rest[..10])?;
    let (hour, minute, second) = (digits(&rest[11..13])?, digits(&rest[14..16])?, digits(&rest[17..19])?);
    let micro = match &rest[19..] {
        [] => 0,
        [b'.', fraction @ ..] if fraction.len() == 6 => digits(fraction)?,
        _ => return None,
    };
    let at = NaiveDate::from_ymd_opt(year, month, day)?.and_hms_micro_opt(hour, minute, second, micro)?;
    Some(at.and_utc().timestamp_micros())
}

fn ymd(text: &[u8]) -> Option<(i32, u32, u32)> {
    let [y @ .., b'-', m1, m2, b'-', d1, d2] = text.get(..10)? else { return None };
    Some((i32::try_from(digits(y)?).ok()?, digits(&[*m1, *m2])?, digits(&[*d1, *d2])?))
}

fn digits(text: &[u8]) -> Option<u32> {
    text.iter().try_fold(0u32, |value, byte| byte.is_ascii_digit().then(|| value * 10 + u32::from(byte - b'0')))
}
