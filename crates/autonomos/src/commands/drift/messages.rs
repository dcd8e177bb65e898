//! The messages of connectors, one JSON object per line: Airbyte's CATALOG and RECORD, Singer's SCHEMA and RECORD.

use super::{catalog, json_schema};
use anyhow::Context;
use aos_core::drift::Snapshot;
use aos_core::record::{Record, RecordBatch};
use aos_core::value::Value as Cell;
use compact_str::CompactString;
use serde_json::Value;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// A line longer than this is no message.
const LINE_BYTES_MAX: u64 = 16 << 20;
const KINDS: [&str; 9] =
    ["RECORD", "CATALOG", "SCHEMA", "STATE", "LOG", "TRACE", "SPEC", "CONNECTION_STATUS", "ACTIVATE_VERSION"];

/// Tells by the first line whether the file holds messages.
pub fn is_messages(path: &Path) -> anyhow::Result<bool> {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    if !["json", "jsonl", "ndjson", "txt", "log"].contains(&ending.as_str()) {
        return Ok(false);
    }
    let file = File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let mut line = Vec::new();
    BufReader::new(file.take(LINE_BYTES_MAX)).read_until(b'\n', &mut line)?;
    Ok(kind(&line).is_some_and(|kind| kind != "CATALOG" || path.extension().is_some_and(|ending| ending != "json")))
}

/// Reads a line with our own reader: what is in a file of strangers is not for `serde_json`'s, see [`aos_core::json`].
fn message(line: &[u8]) -> Option<Value> {
    Cell::parse_json(std::str::from_utf8(line).ok()?.trim()).ok().map(|value| value.to_json())
}

fn kind(line: &[u8]) -> Option<String> {
    let value = message(line)?;
    let kind = value.get("type")?.as_str().filter(|kind| KINDS.contains(kind))?;
    let has = |key: &str| value.get(key).is_some();
    (has("record") || has("catalog") || has("schema") || has("log") || has("state") || has("trace") || has("value"))
        .then(|| kind.to_owned())
}

/// Hands over each record with its stream, and returns what the messages declare.
pub fn read(path: &Path, mut on_record: impl FnMut(&str, &RecordBatch)) -> anyhow::Result<Vec<Snapshot>> {
    let fail = || format!("{} cannot be read", path.display());
    let mut reader = BufReader::new(File::open(path).with_context(fail)?);
    let mut declared: Vec<Snapshot> = Vec::new();
    let (mut line, mut position) = (Vec::new(), 0);
    loop {
        line.clear();
        let read = (&mut reader).take(LINE_BYTES_MAX).read_until(b'\n', &mut line).with_context(fail)?;
        if read == 0 {
            return Ok(declared);
        }
        // Connectors log between their messages; what is no message says nothing here.
        let Some(message) = message(&line) else { continue };
        match message.get("type").and_then(Value::as_str) {
            Some("CATALOG") => declared.extend(message.get("catalog").and_then(catalog::streams).unwrap_or_default()),
            Some("SCHEMA") => declared.extend(schema(&message)),
            Some("RECORD") => {
                position += 1;
                if let Some((stream, batch)) = record(&message, position) {
                    on_record(&stream, &batch);
                }
            }
            _ => {}
        }
    }
}

fn schema(message: &Value) -> Option<Snapshot> {
    let said = message.get("schema")?;
    let mut snapshot = json_schema::snapshot(message.get("stream")?.as_str()?, said, said);
    let keys = message.get("key_properties").and_then(Value::as_array);
    for key in keys.into_iter().flatten().filter_map(Value::as_str) {
        catalog::declare(&mut snapshot, key.to_owned(), |said| said.key = true);
    }
    Some(snapshot)
}

/// Airbyte wraps stream and data once more than Singer does.
fn record(message: &Value, position: u64) -> Option<(String, RecordBatch)> {
    let record = message.get("record")?;
    let airbyte = record.get("data").filter(|data| data.is_object()).zip(record.get("stream").and_then(Value::as_str));
    let (data, stream) = match airbyte {
        Some(found) => found,
        None => (record, message.get("stream")?.as_str()?),
    };
    let Cell::Object(members) = Cell::parse_json(&data.to_string()).ok()? else { return None };
    let (columns, cells): (Vec<CompactString>, Vec<Option<Cell>>) =
        members.into_iter().map(|(name, value)| (name, Some(value))).unzip();
    Some((stream.to_owned(), RecordBatch { columns: columns.into(), records: vec![Record { position, cells }] }))
}
