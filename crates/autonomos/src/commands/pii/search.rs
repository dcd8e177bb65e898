//! A file of some form, searched part by part.

use crate::cli::PiiFormat;
use anyhow::Context;
use aos_ai::pii::{Column, Finding, PathFinding, Policy, RedactedValue, redact, redact_each, redact_value};
use serde::Serialize;
use serde_json::Value;

/// Text is searched in parts of at most this many bytes, which end where a line does.
const PART_BYTES: usize = 4 * 1024 * 1024;

/// What was found, and the file without it.
#[derive(Debug, Default)]
pub struct Searched {
    pub places: Vec<Place>,
    pub redacted: String,
}

/// A finding and where in the file its value stands.
#[derive(Debug, Serialize)]
pub struct Place {
    #[serde(flatten)]
    pub finding: Finding,
    /// The row of a table, the header not counted, from 1; the line of NDJSON, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// A JSON pointer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

impl Place {
    /// Says for people where it is.
    pub fn at(&self) -> String {
        let row = self.row.map(|row| format!("row {row}"));
        let parts = [row, self.column.clone(), self.path.clone()];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

pub fn search(text: &str, format: PiiFormat, policy: &Policy) -> anyhow::Result<Searched> {
    match format {
        PiiFormat::Text => plain(text, policy),
        PiiFormat::Csv => rows(text, b',', policy),
        PiiFormat::Tsv => rows(text, b'\t', policy),
        PiiFormat::Json => {
            let value: Value = serde_json::from_str(text).context("it is not JSON; name its form with --format")?;
            let RedactedValue { value, findings } = redact_value(&value, policy, |_| None)?;
            let redacted = serde_json::to_string_pretty(&value)? + "\n";
            Ok(Searched { places: findings.into_iter().map(|found| in_record(found, None)).collect(), redacted })
        }
        PiiFormat::Ndjson => lines(text, policy),
    }
}

fn plain(text: &str, policy: &Policy) -> anyhow::Result<Searched> {
    let mut searched = Searched::default();
    let (mut bytes, mut characters) = (0, 0);
    while bytes < text.len() {
        let rest = &text[bytes..];
        let end = text.floor_char_boundary(text.len().min(bytes + PART_BYTES)) - bytes;
        let end = if end == rest.len() { end } else { rest[..end].rfind('\n').map_or(end, |line| line + 1) };
        let part = &rest[..end];
        let redacted = redact(part, policy)?;
        searched.redacted.push_str(&redacted.text);
        searched.places.extend(redacted.findings.into_iter().map(|mut finding| {
            finding.span.start += characters;
            finding.span.end += characters;
            finding.span.bytes = finding.span.bytes.start + bytes..finding.span.bytes.end + bytes;
            Place { finding, row: None, column: None, path: None }
        }));
        bytes += end;
        characters += part.chars().count();
    }
    Ok(searched)
}

fn rows(text: &str, delimiter: u8, policy: &Policy) -> anyhow::Result<Searched> {
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text.as_bytes());
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).flexible(true).from_writer(Vec::new());
    let header = reader.headers().context("its header cannot be read")?.clone();
    let mut searched = Searched::default();
    let mut clean = Vec::with_capacity(header.len());
    for name in &header {
        // A file without a header has values there.
        clean.push(keep(&mut searched, redact(name, policy)?, None, name));
    }
    writer.write_record(&clean)?;
    for (at, row) in reader.records().enumerate() {
        let row = row.with_context(|| format!("row {} cannot be read", at + 1))?;
        clean.clear();
        let name = |place: usize| header.get(place).unwrap_or_default();
        let values: Vec<_> = row.iter().enumerate().map(|(place, value)| (value, Column::named(name(place)))).collect();
        for (place, redacted) in redact_each(&values, policy)?.into_iter().enumerate() {
            clean.push(keep(&mut searched, redacted, Some(at + 1), name(place)));
        }
        writer.write_record(&clean)?;
    }
    searched.redacted = String::from_utf8(writer.into_inner().context("the redacted table cannot be written")?)?;
    Ok(searched)
}

fn keep(searched: &mut Searched, redacted: aos_ai::pii::Redacted, row: Option<usize>, column: &str) -> String {
    let place = |finding| Place { finding, row, column: row.map(|_| column.to_owned()), path: None };
    searched.places.extend(redacted.findings.into_iter().map(place));
    redacted.text
}

fn lines(text: &str, policy: &Policy) -> anyhow::Result<Searched> {
    let mut searched = Searched::default();
    for (at, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            searched.redacted.push('\n');
            continue;
        }
        let value: Value = serde_json::from_str(line).with_context(|| format!("line {} is not JSON", at + 1))?;
        let RedactedValue { value, findings } = redact_value(&value, policy, |_| None)?;
        searched.places.extend(findings.into_iter().map(|found| in_record(found, Some(at + 1))));
        searched.redacted.push_str(&value.to_string());
        searched.redacted.push('\n');
    }
    Ok(searched)
}

fn in_record(found: PathFinding, row: Option<usize>) -> Place {
    Place { finding: found.finding, row, column: None, path: Some(found.path) }
}
