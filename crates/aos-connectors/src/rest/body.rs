//! The text of an answer, and what to do when its bytes are no text.
//!
//! A source that sends invalid UTF-8 damages single records, not the read: every invalid sequence is replaced by a marker that
//! occurs nowhere else in the answer, so that exactly the records that hold it can be told.

use std::borrow::Cow;

// Unicode's noncharacters for internal use (Unicode 16.0, section 23.7): no text that is exchanged has them.
const MARKERS: std::ops::RangeInclusive<char> = '\u{FDD0}'..='\u{FDEF}';

/// An answer as text.
#[derive(Debug)]
pub(crate) struct Body<'b> {
    text: Cow<'b, str>,
    marker: Option<char>,
}

impl<'b> Body<'b> {
    pub fn of(bytes: &'b [u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self { text: Cow::Borrowed(without_mark(text)), marker: None },
            Err(_) => Self::repaired(bytes),
        }
    }

    fn repaired(bytes: &[u8]) -> Self {
        let valid: Vec<&str> = bytes.utf8_chunks().map(|chunk| chunk.valid()).collect();
        let marker = MARKERS.into_iter().find(|marker| !valid.iter().any(|part| part.contains(*marker)));
        // All of them in one answer: then U+FFFD, which may accuse a record that had it itself.
        let marker = marker.unwrap_or(char::REPLACEMENT_CHARACTER);
        let mut text = String::with_capacity(bytes.len() + 16);
        for chunk in bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            if !chunk.invalid().is_empty() {
                text.push(marker);
            }
        }
        Self { text: Cow::Owned(without_mark(&text).to_owned()), marker: Some(marker) }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// Says whether a part of the text stood in bytes that are no UTF-8.
    pub fn is_damaged(&self, part: &str) -> bool {
        self.marker.is_some_and(|marker| part.contains(marker))
    }
}

/// Some gateways put a byte order mark before JSON and CSV.
fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{FEFF}').unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_part_with_invalid_bytes_is_damaged() {
        let body = Body::of(b"\xEF\xBB\xBF[\"fine \xEF\xBF\xBD\",\"bad \xFF\"]");
        let (fine, bad) = body.text().split_once(',').unwrap();
        assert!(!body.is_damaged(fine), "{fine}");
        assert!(body.is_damaged(bad));
        assert!(body.text().starts_with('['));
    }
}
