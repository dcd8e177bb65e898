//! Records as lines of JSON, written straight into a buffer. Numbers keep their digits, and absent stays different from null.
//!
//! A header line names the columns of the lines below it. A record with all its cells is `[position,cell,…]`, any other
//! `{"p":position,"c":{column:cell}}`, and one that could not be read `{"p":position,"malformed":{…}}`.

use crate::segment::{FORMAT, Malformed};
use aos_core::record::Record;
use aos_core::{ConnectionId, Value};
use compact_str::CompactString;
use std::io::Write;

/// How deep a value may be nested; it is walked recursively.
const DEPTH_MAX: usize = 128;

pub(crate) fn header(
    out: &mut Vec<u8>,
    connection: ConnectionId,
    stream: &str,
    columns: &[CompactString],
    first_position: Option<u64>,
) {
    let _ = write!(out, "{{\"v\":{FORMAT},\"connection\":\"{connection}\",\"stream\":");
    text(out, stream);
    out.extend_from_slice(b",\"columns\":[");
    for (index, column) in columns.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        text(out, column);
    }
    out.push(b']');
    if let Some(position) = first_position {
        let _ = write!(out, ",\"first_position\":{position}");
    }
    out.extend_from_slice(b"}\n");
}

/// Writes a record, or says why it cannot be written; the buffer then holds half of it.
pub(crate) fn record(out: &mut Vec<u8>, columns: &[CompactString], record: &Record) -> Result<(), String> {
    if record.cells.len() > columns.len() {
        return Err(format!("it has {} cells for {} columns", record.cells.len(), columns.len()));
    }
    if record.cells.len() == columns.len() && record.cells.iter().all(Option::is_some) {
        out.push(b'[');
        integer(out, record.position);
        for cell in record.cells.iter().flatten() {
            out.push(b',');
            value(out, cell, 0)?;
        }
        out.extend_from_slice(b"]\n");
        return Ok(());
    }
    out.extend_from_slice(b"{\"p\":");
    integer(out, record.position);
    out.extend_from_slice(b",\"c\":{");
    let present = record.cells.iter().zip(columns).filter_map(|(cell, column)| Some((column, cell.as_ref()?)));
    members(out, present, 0)?;
    out.extend_from_slice(b"}}\n");
    Ok(())
}

pub(crate) fn malformed(out: &mut Vec<u8>, malformed: &Malformed) {
    out.extend_from_slice(b"{\"p\":");
    integer(out, malformed.position);
    out.extend_from_slice(b",\"malformed\":{\"code\":");
    text(out, &malformed.code);
    out.extend_from_slice(b",\"message\":");
    text(out, &malformed.message);
    out.extend_from_slice(b",\"raw\":");
    text(out, &malformed.raw);
    out.extend_from_slice(b"}}\n");
}

fn value(out: &mut Vec<u8>, value_: &Value, depth: usize) -> Result<(), String> {
    if depth > DEPTH_MAX {
        return Err(format!("a value is nested deeper than {DEPTH_MAX} levels"));
    }
    match value_ {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(digits) if is_number(digits.as_bytes()) => out.extend_from_slice(digits.as_bytes()),
        Value::Number(digits) => return Err(format!("{digits:?} is no JSON number")),
        Value::Text(content) => text(out, content),
        Value::List(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                value(out, item, depth + 1)?;
            }
            out.push(b']');
        }
        Value::Object(object) => {
            out.push(b'{');
            members(out, object.iter().map(|(name, member)| (name, member)), depth)?;
            out.push(b'}');
        }
    }
    Ok(())
}

fn members<'v>(
    out: &mut Vec<u8>,
    members: impl Iterator<Item = (&'v CompactString, &'v Value)>,
    depth: usize,
) -> Result<(), String> {
    for (index, (name, member)) in members.enumerate() {
        if index > 0 {
            out.push(b',');
        }
        text(out, name);
        out.push(b':');
        value(out, member, depth + 1)?;
    }
    Ok(())
}

/// Which bytes cannot stand in a JSON text as they are.
const ESCAPED: [bool; 256] = {
    let mut escaped = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        escaped[byte] = true;
        byte += 1;
    }
    escaped[b'"' as usize] = true;
    escaped[b'\\' as usize] = true;
    escaped
};

fn text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let mut rest = text.as_bytes();
    while let Some(at) = rest.iter().position(|byte| ESCAPED[usize::from(*byte)]) {
        out.extend_from_slice(&rest[..at]);
        match rest[at] {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            control => {
                let _ = write!(out, "\\u{control:04x}");
            }
        }
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

fn integer(out: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0; 20];
    let mut start = digits.len();
    loop {
        start -= 1;
        digits[start] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[start..]);
}

/// Says whether the text is a number by JSON's grammar, so that it can stand unquoted.
fn is_number(bytes: &[u8]) -> bool {
    let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut at = usize::from(bytes.first() == Some(&b'-'));
    let whole = digits(at);
    if whole == 0 || (whole > 1 && bytes[at] == b'0') {
        return false;
    }
    at += whole;
    if bytes.get(at) == Some(&b'.') {
        let fraction = digits(at + 1);
        if fraction == 0 {
            return false;
        }
        at += 1 + fraction;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        at += 1 + usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        let exponent = bytes.get(at..).map_or(0, |_| digits(at));
        if exponent == 0 {
            return false;
        }
        at += exponent;
    }
    at == bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_what_json_says() {
        for number in ["0", "-0", "1.10", "1e400", "12E-3", "-1.5e+10", "12345678901234567890.123"] {
            assert!(is_number(number.as_bytes()), "{number}");
        }
        for other in ["", "-", "01", "1.", ".5", "+1", "1e", "1e+", "NaN", "1 ", "1,2", "0x1"] {
            assert!(!is_number(other.as_bytes()), "{other}");
        }
    }
}
