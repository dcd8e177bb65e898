//! A sample of rows that two versions of a stream share: the rows whose key has the smallest hash. Two versions read independently
//! choose the same records, so cells can be compared one by one without holding either version (coordinated sampling; Cohen and
//! Kaplan 2007, "Summarizing data using bottom-k sketches").

use crate::record::{Path, RecordBatch};
use crate::value::Value;
use compact_str::CompactString;
use std::collections::BTreeMap;
use xxhash_rust::xxh3::xxh3_64;

/// Longer values are compared by their beginning.
const CELL_CHARS_MAX: usize = 400;

#[derive(Debug, Clone, Default)]
pub struct RowSample {
    pub paths: Vec<String>,
    /// The paths whose values name the rows; none where their position does.
    pub key: Vec<String>,
    /// One for each key, the last that was read, in the order of the keys' hashes.
    pub rows: Vec<SampledRow>,
    /// How many rows the sample was taken from.
    pub read: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampledRow {
    /// What names the row in both versions: its key, or its position.
    pub key: CompactString,
    /// One per path; nothing where the value is null, empty or absent.
    pub cells: Vec<Option<CompactString>>,
}

/// Takes the sample page by page, the oldest first: of a record that is met again the later version is kept.
#[derive(Debug)]
pub struct RowSampler {
    paths: Vec<String>,
    key: Vec<usize>,
    rows_max: usize,
    read: u64,
    /// The cells of each row by the hash of its key, and the key.
    kept: BTreeMap<(u64, CompactString), Vec<Option<CompactString>>>,
}

impl RowSampler {
    /// Samples rows by the values of the `key` paths, or by their position when there is none.
    pub fn new(paths: Vec<String>, key: &[String], rows_max: usize) -> Self {
        let key = key.iter().filter_map(|key| paths.iter().position(|path| path == key)).collect();
        Self { paths, key, rows_max, read: 0, kept: BTreeMap::new() }
    }

    pub fn observe(&mut self, batch: &RecordBatch) {
        let ways: Vec<Option<Path>> = self.paths.iter().map(|path| Path::resolve(path, &batch.columns)).collect();
        for record in &batch.records {
            self.read += 1;
            let cell = |way: &Option<Path>| way.as_ref().and_then(|way| way.get(record)).and_then(cell);
            let key = match self.key.as_slice() {
                [] => CompactString::from(self.read.to_string()),
                [only] => match cell(&ways[*only]) {
                    Some(value) => same_key(&value),
                    None => continue,
                },
                several => several.iter().fold(CompactString::default(), |mut all, part| {
                    all.push_str(&cell(&ways[*part]).map_or_else(CompactString::default, |value| same_key(&value)));
                    all.push('\u{1f}');
                    all
                }),
            };
            let rank = xxh3_64(key.as_bytes());
            let last = self.kept.last_key_value().map(|((last, _), _)| *last);
            if self.kept.len() >= self.rows_max && last.is_some_and(|last| rank > last) {
                continue;
            }
            self.kept.insert((rank, key), ways.iter().map(cell).collect());
            if self.kept.len() > self.rows_max {
                self.kept.pop_last();
            }
        }
    }

    pub fn finish(self) -> RowSample {
        let key = self.key.iter().map(|at| self.paths[*at].clone()).collect();
        let rows = self.kept.into_iter().map(|((_, key), cells)| SampledRow { key, cells }).collect();
        RowSample { paths: self.paths, key, rows, read: self.read }
    }
}

/// Brings keys that are written differently to one form: `0042`, `42` and `42.0` name the same record, as do two cases of letters.
pub fn same_key(text: &str) -> CompactString {
    let text = text.trim();
    let whole = text.strip_suffix(".0").unwrap_or(text);
    if !whole.is_empty() && whole.bytes().all(|byte| byte.is_ascii_digit()) {
        let digits = whole.trim_start_matches('0');
        return CompactString::new(if digits.is_empty() { "0" } else { digits });
    }
    CompactString::new(text.to_lowercase())
}

fn cell(value: &Value) -> Option<CompactString> {
    let short = |text: &str| {
        let end = text.char_indices().nth(CELL_CHARS_MAX).map_or(text.len(), |(at, _)| at);
        CompactString::new(&text[..end])
    };
    match value {
        Value::Null => None,
        Value::Text(text) if text.trim().is_empty() => None,
        Value::List(_) | Value::Object(_) => Some(short(&value.to_json().to_string())),
        scalar => scalar.as_text().map(|text| short(text.trim())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Record;

    fn batch(ids: impl Iterator<Item = u64>) -> RecordBatch {
        let record = |id: u64| Record { position: id, cells: vec![Some(Value::text(format!("{id}")))] };
        RecordBatch { columns: ["id".into()].into(), records: ids.map(record).collect() }
    }

    #[test]
    fn two_versions_read_in_any_order_give_the_same_rows() {
        let sample = |ids: Box<dyn Iterator<Item = u64>>| {
            let mut sampler = RowSampler::new(vec!["id".into()], &["id".into()], 100);
            sampler.observe(&batch(ids));
            sampler.finish().rows
        };
        let (forward, backward) = (sample(Box::new(1..=5_000)), sample(Box::new((1..=5_000).rev())));
        assert_eq!(forward.len(), 100);
        assert_eq!(forward, backward);
        let shared = sample(Box::new(501..=5_500)).iter().filter(|row| forward.contains(row)).count();
        assert!(shared > 75, "{shared}");
    }

    #[test]
    fn of_a_row_that_was_read_several_times_the_latest_version_is_kept() {
        let told = |rows: &[(u64, &str)]| {
            let record = |(id, stage): &(u64, &str)| Record {
                position: *id,
                cells: vec![Some(Value::text(format!("{id}"))), Some(Value::text(*stage))],
            };
            let records = rows.iter().map(record).collect();
            RecordBatch { columns: ["id".into(), "stage".into()].into(), records }
        };
        let sampled = |batches: &[RecordBatch], rows_max: usize| {
            let mut sampler = RowSampler::new(vec!["id".into(), "stage".into()], &["id".into()], rows_max);
            batches.iter().for_each(|batch| sampler.observe(batch));
            sampler.finish()
        };
        let sample = sampled(&[told(&[(1, "open"), (2, "new"), (3, "new"), (3, "open")]), told(&[(1, "won")])], 100);
        let mut held: Vec<(&str, &str)> =
            sample.rows.iter().map(|row| (row.key.as_str(), row.cells[1].as_deref().unwrap())).collect();
        held.sort_unstable();
        assert_eq!(held, [("1", "won"), ("2", "new"), ("3", "open")]);
        assert_eq!((sample.read, sample.key), (5, vec!["id".to_owned()]));

        let (old, new): (Vec<_>, Vec<_>) =
            ((0..500).map(|id| (id, "open")).collect(), (0..500).map(|id| (id, "won")).collect());
        let sample = sampled(&[told(&old), told(&new)], 50);
        assert_eq!(sample.rows.len(), 50);
        assert!(sample.rows.iter().all(|row| row.cells[1].as_deref() == Some("won")));
    }

    #[test]
    fn a_key_is_the_same_however_it_is_padded() {
        assert_eq!(same_key("0042"), same_key("42.0"));
        assert_eq!(same_key("AB-7"), same_key(" ab-7 "));
        assert_ne!(same_key("AB-7"), same_key("AB-07"));
    }
}
