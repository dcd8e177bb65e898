//! What kind of document some bytes are: by their first bytes where those say it, else by what they came with.

use super::{DocumentError, Given};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    Text,
    Markdown,
    Html,
    Pdf,
    Csv,
}

/// First bytes that no text has, and what they are.
const NOT_READ: [(&[u8], &str); 10] = [
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"\x1f\x8b", "compressed with gzip"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd"),
    (b"BZh", "compressed with bzip2"),
    (b"\xfd7zXZ", "compressed with xz"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"\xd0\xcf\x11\xe0", "an old office document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
];
/// How far one looks for what no text holds.
const LOOKED_AT_BYTES: usize = 8 << 10;
/// A PDF may begin after some bytes of something else.
const PDF_BEGINS_BY: usize = 1024;

impl Format {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Pdf => "pdf",
            Self::Csv => "csv",
        }
    }

    /// # Errors
    /// [`DocumentError::Unsupported`] and [`DocumentError::Empty`].
    pub(super) fn of(bytes: &[u8], given: Given<'_>) -> Result<Self, DocumentError> {
        if bytes.is_empty() {
            return Err(DocumentError::Empty);
        }
        let beginning = &bytes[..bytes.len().min(PDF_BEGINS_BY)];
        if beginning.windows(5).any(|five| five == b"%PDF-") {
            return Ok(Self::Pdf);
        }
        if let Some((_, what)) = NOT_READ.iter().find(|(first, _)| bytes.starts_with(first)) {
            return Err(DocumentError::Unsupported(what));
        }
        let is_utf16 = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
        if !is_utf16 && bytes[..bytes.len().min(LOOKED_AT_BYTES)].contains(&0) {
            return Err(DocumentError::Unsupported("a file of bytes, not of text"));
        }
        match Self::said(given) {
            Some(Self::Pdf) => Err(DocumentError::Unreadable("it does not begin as a PDF does".to_owned())),
            Some(format) => Ok(format),
            None if looks_like_html(beginning) => Ok(Self::Html),
            None => Ok(Self::Text),
        }
    }

    /// What it came with says: the name first, since servers and browsers call many things plain text.
    fn said(given: Given<'_>) -> Option<Self> {
        let ending = given.name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
        let named = match ending.as_str() {
            "txt" | "text" | "log" => Some(Self::Text),
            "md" | "markdown" | "mdx" => Some(Self::Markdown),
            "html" | "htm" | "xhtml" => Some(Self::Html),
            "pdf" => Some(Self::Pdf),
            "csv" | "tsv" => Some(Self::Csv),
            _ => None,
        };
        let media =
            given.content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        named.or(match media.as_str() {
            "text/markdown" => Some(Self::Markdown),
            "text/html" | "application/xhtml+xml" => Some(Self::Html),
            "application/pdf" => Some(Self::Pdf),
            "text/csv" | "text/tab-separated-values" => Some(Self::Csv),
            _ => None,
        })
    }
}

fn looks_like_html(beginning: &[u8]) -> bool {
    let beginning = beginning.trim_ascii_start().to_ascii_lowercase();
    beginning.starts_with(b"<!doctype html") || beginning.starts_with(b"<html")
}
