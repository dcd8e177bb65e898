//! Bytes as text: by their mark, by what they came with, by what an HTML page says of itself; else UTF-8, and where that does not fit, the
//! encoding that the web takes then (Windows-1252).

use super::{DocumentError, Format};
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// Where a page says its encoding, if it does: the HTML standard looks no further.
const DECLARED_BY_BYTES: usize = 1024;
/// Text with more unreadable characters than one in so many is none.
const UNREADABLE_ONE_IN: usize = 50;

pub(super) fn decode(bytes: &[u8], content_type: Option<&str>, format: Format) -> Result<String, DocumentError> {
    let encoding = match Encoding::for_bom(bytes) {
        Some((encoding, _)) => encoding,
        None => said(content_type).or_else(|| declared(bytes, format)).unwrap_or_else(|| guessed(bytes)),
    };
    let (text, _, _) = encoding.decode(bytes);
    let unreadable = text.chars().filter(|c| *c == '\u{fffd}' || (c.is_control() && !c.is_whitespace())).count();
    if unreadable * UNREADABLE_ONE_IN > text.chars().count() {
        return Err(DocumentError::Unsupported("a file of bytes, not of text"));
    }
    // What is no text to a database, or moves a cursor, is none to a reader.
    Ok(text.chars().filter(|c| !c.is_control() || c.is_whitespace()).collect())
}

fn said(content_type: Option<&str>) -> Option<&'static Encoding> {
    let charset = content_type?.split(';').skip(1).find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then_some(value.trim().trim_matches('"'))
    })?;
    Encoding::for_label(charset.as_bytes())
}

fn declared(bytes: &[u8], format: Format) -> Option<&'static Encoding> {
    if format != Format::Html {
        return None;
    }
    let beginning = String::from_utf8_lossy(&bytes[..bytes.len().min(DECLARED_BY_BYTES)]).to_ascii_lowercase();
    let (_, after) = beginning.split_once("charset=")?;
    let label: String = after
        .trim_start_matches(['"', '\''])
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || "-_:".contains(*c))
        .collect();
    Encoding::for_label(label.as_bytes())
}

fn guessed(bytes: &[u8]) -> &'static Encoding {
    if std::str::from_utf8(bytes).is_ok() { UTF_8 } else { WINDOWS_1252 }
}
