//! Builds a [`StreamShape`] by looking at records. Nested objects become paths of their own, down to a bounded depth.

use super::sketch::Sketcher;
use super::{ColumnShape, Pattern, StreamShape, ValueKind};
use crate::parse;
use crate::record::RecordBatch;
use crate::value::Value;
use indexmap::IndexMap;
use rust_decimal::prelude::ToPrimitive;
use std::collections::HashSet;
use xxhash_rust::xxh3::xxh3_64;

/// How deep objects are entered, and how many paths a stream may have: beyond, values stay whole in their parent.
const DEPTH_MAX: usize = 4;
const COLUMNS_MAX: usize = 2_000;
const SAMPLES_MAX: usize = 64;
const SAMPLE_CHARS_MAX: usize = 200;
const DISTINCT_MAX: usize = 100_000;
/// Share of values that must agree before a text column is called a number, a date or a boolean.
const CONFORMING_MIN: f64 = 0.95;
/// Share of values that must follow a pattern before the shape mentions it.
const PATTERN_MIN: f64 = 0.5;
/// Ways to write a date that are not ISO 8601, as strftime formats; the first that reads every value wins, so day-first and
/// month-first are told apart by any day above 12.
const DATE_FORMATS: [&str; 20] = [
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%d.%m.%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%Y/%m/%d",
    "%d-%b-%Y",
    "%d %b %Y",
    "%b %d, %Y",
    "%d-%b-%y",
    "%B %d, %Y",
    "%d.%m.%y",
    "%m/%d/%y",
    "%m/%d/%Y %H:%M",
    "%d/%m/%Y %H:%M",
    "%d.%m.%Y %H:%M",
    "%m/%d/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M:%S",
    "%d.%m.%Y %H:%M:%S",
    "%m/%d/%Y %I:%M:%S %p",
];

/// Looks at batches of one stream and says what shape they have.
#[derive(Debug)]
pub struct Shaper {
    stream: String,
    system: String,
    sampled: u64,
    sketching: bool,
    columns: IndexMap<String, Observed>,
}

#[derive(Debug, Default)]
struct Observed {
    present: u64,
    nulls: u64,
    /// Records in which the path was met at all, so that the rest are absences.
    met: u64,
    texts: u64,
    integers: u64,
    decimals: u64,
    booleans: u64,
    dates: u64,
    datetimes: u64,
    lists: u64,
    objects: u64,
    /// Numbers, and yes or no, that are no texts.
    typed: u64,
    padded: bool,
    distinct: HashSet<u64>,
    min: Option<f64>,
    max: Option<f64>,
    min_length: u32,
    max_length: u32,
    patterns: [u64; Pattern::ALL.len()],
    formats: Option<Vec<&'static str>>,
    samples: Vec<String>,
    sketch: Option<Box<Sketcher>>,
}

impl Shaper {
    pub fn new(stream: impl Into<String>, system: impl Into<String>) -> Self {
        Self { stream: stream.into(), system: system.into(), sampled: 0, sketching: false, columns: IndexMap::new() }
    }

    /// Keeps a [`Sketch`](super::Sketch) of every column besides: what comparing two versions of a stream needs.
    pub fn with_sketches(self) -> Self {
        Self { sketching: true, ..self }
    }

    pub fn observe(&mut self, batch: &RecordBatch) {
        for name in batch.columns.iter() {
            self.column(name);
        }
        for record in &batch.records {
            self.sampled += 1;
            for (index, name) in batch.columns.iter().enumerate() {
                if let Some(value) = record.cell(index) {
                    self.value(name, value, 0);
                }
            }
        }
    }

    pub fn finish(self) -> StreamShape {
        let sampled = self.sampled;
        let columns = self.columns.into_iter().map(|(path, observed)| observed.finish(path, sampled)).collect();
        StreamShape { stream: self.stream, system: self.system, sampled, columns }
    }

    fn column(&mut self, path: &str) -> Option<&mut Observed> {
        if !self.columns.contains_key(path) {
            if self.columns.len() >= COLUMNS_MAX {
                return None;
            }
            let sketch = self.sketching.then(Box::default);
            self.columns.insert(path.to_owned(), Observed { sketch, ..Observed::default() });
        }
        self.columns.get_mut(path)
    }

    fn value(&mut self, path: &str, value: &Value, depth: usize) {
        let Some(observed) = self.column(path) else { return };
        observed.look(value);
        if depth >= DEPTH_MAX {
            return;
        }
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    self.value(&format!("{path}.{name}"), member, depth + 1);
                }
            }
            Value::List(items) => {
                // One item speaks for the list, as it does when the path is read.
                if let Some(item @ Value::Object(_)) = items.first() {
                    let Value::Object(members) = item else { unreachable!("matched above") };
                    for (name, member) in members {
                        self.value(&format!("{path}[].{name}"), member, depth + 1);
                    }
                }
            }
            _ => {}
        }
    }
}

impl Observed {
    fn look(&mut self, value: &Value) {
        self.met += 1;
        match value {
            Value::Null => self.nulls += 1,
            Value::Text(text) if text.is_empty() => self.nulls += 1,
            Value::Bool(flag) => {
                self.booleans += 1;
                self.typed += 1;
                self.keep(if *flag { "true" } else { "false" });
            }
            Value::Number(text) => {
                self.typed += 1;
                self.number(text);
                self.keep(text);
            }
            Value::Text(text) => {
                self.text(text);
                self.keep(text);
            }
            Value::List(items) => {
                self.lists += 1;
                if let Some(text) = items.first().and_then(Value::as_text) {
                    self.keep(text);
                } else {
                    self.present += 1;
                }
            }
            Value::Object(_) => {
                self.objects += 1;
                self.present += 1;
            }
        }
    }

    fn text(&mut self, text: &str) {
        let trimmed = text.trim();
        let first = trimmed.as_bytes().first().copied().unwrap_or(b' ');
        self.padded |= Pattern::PaddedDigits.matches(trimmed);
        if first.is_ascii_digit() || matches!(first, b'-' | b'+' | b'$' | b'(' | b'.' | b'/') || !first.is_ascii() {
            if parse::datetime(trimmed).is_some() && trimmed.len() > 10 {
                self.datetimes += 1;
                self.sketch.iter_mut().for_each(|sketch| sketch.time(trimmed, true));
            } else if is_plain_date(trimmed) || parse::is_zero_date(trimmed) {
                self.dates += 1;
                self.sketch.iter_mut().for_each(|sketch| sketch.time(trimmed, false));
            } else if parse::decimal(trimmed).is_some() {
                self.number(trimmed);
            } else {
                self.other_text(trimmed);
            }
        } else if is_boolean_word(trimmed) {
            self.booleans += 1;
        } else {
            self.other_text(trimmed);
        }
        for (index, pattern) in Pattern::ALL.iter().enumerate() {
            self.patterns[index] += u64::from(pattern.matches(trimmed));
        }
    }

    /// Counts a text that is no ISO date and no number, and narrows down how its column may write dates.
    fn other_text(&mut self, text: &str) {
        let first_time = self.formats.is_none();
        let formats = self.formats.get_or_insert_with(|| DATE_FORMATS.to_vec());
        if text.len() <= 32 && (first_time || !formats.is_empty()) {
            formats.retain(|format| reads_with(text, format));
        } else {
            formats.clear();
        }
        self.texts += 1;
    }

    fn number(&mut self, text: &str) {
        if let Some(value) = parse::decimal(text) {
            if value.scale() == 0 {
                self.integers += 1
            } else {
                self.decimals += 1
            }
            let fractional = !value.is_integer();
            let value = value.to_f64();
            if let (Some(sketch), Some(value)) = (&mut self.sketch, value) {
                sketch.number(value, fractional);
            }
            self.min = self.min.into_iter().chain(value).reduce(f64::min);
            self.max = self.max.into_iter().chain(value).reduce(f64::max);
        } else {
            self.texts += 1;
        }
    }

    fn keep(&mut self, text: &str) {
        let length = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
        self.min_length = if self.present == 0 { length } else { self.min_length.min(length) };
        self.max_length = self.max_length.max(length);
        self.present += 1;
        self.sketch.iter_mut().for_each(|sketch| sketch.scalar(text));
        let new = self.distinct.len() < DISTINCT_MAX && self.distinct.insert(xxh3_64(text.as_bytes()));
        if new && self.samples.len() < SAMPLES_MAX {
            self.samples.push(text.chars().take(SAMPLE_CHARS_MAX).collect());
        }
    }

    fn finish(self, path: String, sampled: u64) -> ColumnShape {
        let (kind, agreeing, date_format) = self.kind();
        let share = |count: u64| if self.present == 0 { 0.0 } else { count as f64 / self.present as f64 };
        let patterns = Pattern::ALL
            .iter()
            .zip(self.patterns)
            .map(|(pattern, count)| (*pattern, share(count)))
            .filter(|(_, share)| *share >= PATTERN_MIN)
            .collect();
        ColumnShape {
            path,
            label: None,
            kind,
            present: self.present,
            nulls: self.nulls,
            absent: sampled.saturating_sub(self.met),
            distinct: self.distinct.len() as u64,
            conforming: if self.present == 0 { 1.0 } else { share(agreeing) },
            typed: Some(self.typed),
            holding: Some(self.lists + self.objects),
            min: self.min,
            max: self.max,
            min_length: self.min_length,
            max_length: self.max_length,
            patterns,
            date_format,
            samples: self.samples,
            sketch: self.sketch.map(|sketch| sketch.finish()),
        }
    }

    /// Decides the kind, how many values agree with it, and how its dates are written.
    fn kind(&self) -> (ValueKind, u64, Option<String>) {
        let numbers = self.integers + self.decimals;
        let times = self.dates + self.datetimes;
        let format = self.formats.as_ref().and_then(|formats| formats.first());
        if self.present == 0 {
            return (ValueKind::Unknown, 0, None);
        }
        if self.objects * 2 > self.present {
            return (ValueKind::Object, self.objects, None);
        }
        if self.lists * 2 > self.present {
            return (ValueKind::List, self.lists, None);
        }
        if let Some(format) = format
            && self.texts > 0
            && numbers == 0
        {
            let timed = format.contains("%H") || format.contains("%I");
            return (
                if timed { ValueKind::Datetime } else { ValueKind::Date },
                self.present,
                Some((*format).to_owned()),
            );
        }
        let enough = |count: u64| count as f64 >= CONFORMING_MIN * self.present as f64;
        if enough(self.booleans) {
            (ValueKind::Boolean, self.booleans, None)
        } else if enough(times) {
            (if self.datetimes > 0 { ValueKind::Datetime } else { ValueKind::Date }, times, None)
        } else if enough(numbers) && !self.padded {
            (if self.decimals == 0 { ValueKind::Integer } else { ValueKind::Decimal }, numbers, None)
        } else {
            (ValueKind::String, self.present, None)
        }
    }
}

/// An ISO date, or eight digits that can only sensibly be one.
fn is_plain_date(text: &str) -> bool {
    match text.len() {
        10 => parse::date(text).is_some(),
        8 => parse::date(text).is_some() && (text.starts_with("19") || text.starts_with("20")),
        _ => false,
    }
}

fn is_boolean_word(text: &str) -> bool {
    parse::boolean(text).is_some() && !matches!(text, "0" | "1" | "active" | "Active" | "inactive" | "Inactive")
}

fn reads_with(text: &str, format: &str) -> bool {
    if format.contains("%H") || format.contains("%I") {
        chrono::NaiveDateTime::parse_from_str(text, format).is_ok()
    } else {
        chrono::NaiveDate::parse_from_str(text, format)
            .is_ok_and(|day| format.contains("%y") || chrono::Datelike::year(&day) >= 1000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Record;

    fn shape_of(values: &[&str]) -> ColumnShape {
        let records = values
            .iter()
            .enumerate()
            .map(|(at, text)| Record { position: at as u64 + 1, cells: vec![Some(Value::text(text))] })
            .collect();
        let mut shaper = Shaper::new("t", "");
        shaper.observe(&RecordBatch { columns: ["c".into()].into(), records });
        shaper.finish().columns.remove(0)
    }

    #[test]
    fn kinds_come_from_all_values() {
        for (values, kind) in [
            (vec!["1", "2", ""], ValueKind::Integer),
            (vec!["1", "2.5"], ValueKind::Decimal),
            (vec!["2026-01-02", "2026-02-03"], ValueKind::Date),
            (vec!["2026-01-02T00:00:00Z"], ValueKind::Datetime),
            (vec!["20260102", "20260131"], ValueKind::Date),
            (vec!["true", "false"], ValueKind::Boolean),
            (vec!["Yes", "No"], ValueKind::Boolean),
            (vec!["007", "008"], ValueKind::String),
            (vec!["Acme", "Globex"], ValueKind::String),
            (vec!["12.5 items", "3"], ValueKind::String),
            (vec!["$1,200.50", "$3"], ValueKind::Decimal),
            (vec!["", ""], ValueKind::Unknown),
        ] {
            assert_eq!(shape_of(&values).kind, kind, "{values:?}");
        }
    }

    #[test]
    fn numbers_of_the_source_are_told_from_texts_that_say_them() {
        let values = [Value::Number("7".into()), Value::text("8"), Value::Bool(true), Value::List(Vec::new())];
        let records = values.into_iter().map(|value| Record { position: 1, cells: vec![Some(value)] }).collect();
        let mut shaper = Shaper::new("t", "");
        shaper.observe(&RecordBatch { columns: ["c".into()].into(), records });
        let column = shaper.finish().columns.remove(0);
        assert_eq!((column.typed, column.holding, column.present), (Some(2), Some(1), 4));
    }

    #[test]
    fn one_day_above_twelve_decides_the_date_format() {
        assert_eq!(shape_of(&["01/02/2026", "25/02/2026"]).date_format.as_deref(), Some("%d/%m/%Y"));
        assert_eq!(shape_of(&["01/02/2026", "02/25/2026"]).date_format.as_deref(), Some("%m/%d/%Y"));
        assert_eq!(shape_of(&["01.02.2026"]).kind, ValueKind::Date);
    }

    #[test]
    fn nested_members_become_paths() {
        let json = r#"{"id":1,"owner":{"id":7,"name":null},"email":[{"value":"a@x.io"}]}"#;
        let Value::Object(members) = Value::parse_json(json).unwrap() else { panic!("object") };
        let (columns, cells): (Vec<_>, Vec<_>) = members.into_iter().map(|(name, value)| (name, Some(value))).unzip();
        let mut shaper = Shaper::new("t", "");
        shaper.observe(&RecordBatch { columns: columns.into(), records: vec![Record { position: 1, cells }] });
        let shape = shaper.finish();
        assert_eq!(shape.column("owner.id").unwrap().kind, ValueKind::Integer);
        assert_eq!(shape.column("owner.name").unwrap().nulls, 1);
        assert_eq!(shape.column("email[].value").unwrap().follows(Pattern::Email), 1.0);
    }
}
