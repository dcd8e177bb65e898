//! Reads one line of a segment back into what was written. Scalars are taken in place; nested values are left to the JSON parser.

use crate::segment::Malformed;
use aos_core::Value;
use aos_core::record::Record;
use compact_str::CompactString;
use memchr::memchr2;
use serde::Deserialize;

#[derive(Debug)]
pub(crate) enum Line {
    Header { version: u64, columns: Vec<CompactString> },
    Record(Record),
    Malformed(Malformed),
}

#[derive(Deserialize)]
struct Header {
    v: u64,
    #[serde(default)]
    columns: Vec<CompactString>,
}

#[derive(Deserialize)]
struct Evidence {
    code: String,
    message: String,
    raw: String,
}

/// Parses a line under the columns of the header above it.
pub(crate) fn line(text: &str, columns: &[CompactString]) -> Result<Line, String> {
    let mut parser = Parser { text, at: 0 };
    if text.starts_with('[') {
        return parser.full(columns.len()).map(Line::Record);
    }
    if text.starts_with("{\"v\":") {
        let header: Header = serde_json::from_str(text).map_err(|error| error.to_string())?;
        return Ok(Line::Header { version: header.v, columns: header.columns });
    }
    parser.expect("{\"p\":")?;
    let position = parser.position()?;
    parser.expect(",")?;
    if parser.rest().starts_with("\"malformed\":") {
        parser.expect("\"malformed\":")?;
        let evidence = parser.rest().strip_suffix('}').ok_or("the line does not end")?;
        let Evidence { code, message, raw } = serde_json::from_str(evidence).map_err(|error| error.to_string())?;
        return Ok(Line::Malformed(Malformed { position, code, message, raw }));
    }
    parser.sparse(position, columns).map(Line::Record)
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Parser<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn expect(&mut self, wanted: &str) -> Result<(), String> {
        if !self.rest().starts_with(wanted) {
            return Err(format!("{wanted} is missing at byte {}", self.at));
        }
        self.at += wanted.len();
        Ok(())
    }

    fn accept(&mut self, byte: u8) -> bool {
        let found = self.text.as_bytes().get(self.at) == Some(&byte);
        self.at += usize::from(found);
        found
    }

    fn position(&mut self) -> Result<u64, String> {
        self.bare().parse().map_err(|_| "a position is no number".to_owned())
    }

    fn full(&mut self, count: usize) -> Result<Record, String> {
        self.expect("[")?;
        let position = self.position()?;
        let mut cells = Vec::with_capacity(count);
        while self.accept(b',') {
            cells.push(Some(self.value()?));
        }
        self.expect("]")?;
        self.end()?;
        if cells.len() != count {
            return Err(format!("{} cells for {count} columns", cells.len()));
        }
        Ok(Record { position, cells })
    }

    fn sparse(&mut self, position: u64, columns: &[CompactString]) -> Result<Record, String> {
        self.expect("\"c\":{")?;
        let mut cells: Vec<Option<Value>> = Vec::new();
        if !self.accept(b'}') {
            loop {
                let name = self.string()?;
                self.expect(":")?;
                // Cells stand in the order of their columns.
                let ahead = columns[cells.len()..].iter().position(|column| *column == name);
                let ahead = ahead.ok_or_else(|| format!("{name} is no column"))?;
                cells.resize(cells.len() + ahead, None);
                cells.push(Some(self.value()?));
                if !self.accept(b',') {
                    break;
                }
            }
            self.expect("}")?;
        }
        self.expect("}")?;
        self.end()?;
        Ok(Record { position, cells })
    }

    fn end(&self) -> Result<(), String> {
        if self.rest().is_empty() { Ok(()) } else { Err("more follows where the line should end".to_owned()) }
    }

    fn value(&mut self) -> Result<Value, String> {
        match self.text.as_bytes().get(self.at) {
            Some(b'"') => self.string().map(Value::Text),
            Some(b'{' | b'[') => {
                let length = nested_length(self.rest().as_bytes()).ok_or("a value does not end")?;
                let value = Value::parse_json(&self.rest()[..length]).map_err(|error| error.to_string())?;
                self.at += length;
                Ok(value)
            }
            _ => match self.bare() {
                "null" => Ok(Value::Null),
                "true" => Ok(Value::Bool(true)),
                "false" => Ok(Value::Bool(false)),
                "" => Err(format!("a value is missing at byte {}", self.at)),
                digits => Ok(Value::Number(CompactString::new(digits))),
            },
        }
    }

    /// Takes everything up to what ends a number or a word.
    fn bare(&mut self) -> &'t str {
        let rest = self.rest();
        let length = rest.bytes().position(|byte| matches!(byte, b',' | b']' | b'}')).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    fn string(&mut self) -> Result<CompactString, String> {
        self.expect("\"")?;
        let rest = self.rest();
        let end = string_length(rest.as_bytes()).ok_or("a text does not end")?;
        let text = &rest[..end];
        self.at += end + 1;
        if !text.contains('\\') {
            return Ok(CompactString::new(text));
        }
        serde_json::from_str(&self.text[self.at - end - 2..self.at]).map_err(|error| error.to_string())
    }
}

/// Returns how many bytes stand before the closing quote.
fn string_length(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes[at] == b'"' {
            return Some(at);
        }
        at += 2;
    }
}

fn nested_length(bytes: &[u8]) -> Option<usize> {
    let (mut depth, mut at) = (0_usize, 0);
    loop {
        match bytes.get(at)? {
            b'"' => at += string_length(&bytes[at + 1..])? + 1,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return Some(at);
        }
    }
}
