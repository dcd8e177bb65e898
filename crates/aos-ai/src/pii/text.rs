//! A text as recognizers look at it: its words, what stands around a place, and forms of characters.

use std::cell::OnceCell;
use std::ops::Range;

/// Words in front of a place that say something about it.
const WORDS_BEFORE: usize = 7;
/// Words behind it.
const WORDS_AFTER: usize = 3;
/// Bytes beyond which words say nothing about a place any more.
const REACH_BYTES: usize = 90;

pub(super) struct Text<'t> {
    pub text: &'t str,
    pub bytes: &'t [u8],
    pub words: Vec<Word<'t>>,
    /// The name of the column, in lower-case words: it stands in front of every value.
    pub column: Vec<String>,
}

/// A run of letters and digits, with apostrophes inside it.
pub(super) struct Word<'t> {
    pub start: usize,
    pub text: &'t str,
    lower: OnceCell<String>,
}

impl<'t> Word<'t> {
    pub fn end(&self) -> usize {
        self.start + self.text.len()
    }

    pub fn lower(&self) -> &str {
        self.lower.get_or_init(|| self.text.to_lowercase())
    }

    /// Whether it begins with a capital letter and is more than that, or is one in a script that knows no capitals.
    pub fn is_capitalized(&self) -> bool {
        let mut characters = self.text.chars();
        characters.next().is_some_and(char::is_uppercase)
            && self.text.chars().all(|c| c.is_alphabetic() || matches!(c, '\'' | '’'))
    }

    pub fn is_all_capitals(&self) -> bool {
        self.text.chars().count() > 1 && self.text.chars().all(char::is_uppercase)
    }

    pub fn is_number(&self) -> bool {
        self.text.bytes().all(|byte| byte.is_ascii_digit())
    }
}

impl<'t> Text<'t> {
    pub fn new(text: &'t str, column: Vec<String>) -> Self {
        Self { text, bytes: text.as_bytes(), words: words(text), column }
    }

    /// Returns the index of the first word that begins at or behind this byte.
    pub fn word_at(&self, byte: usize) -> usize {
        self.words.partition_point(|word| word.start < byte)
    }

    /// Whether one of these words stands near a place, or in the name of its column. An entry with `*` at its end is the beginning of a word.
    pub fn hints(&self, at: &Range<usize>, entries: &[&str]) -> bool {
        self.column.iter().any(|word| listed(word, entries)) || self.near(at, entries)
    }

    /// Whether one of these words stands near a place.
    pub fn near(&self, at: &Range<usize>, entries: &[&str]) -> bool {
        self.before(at, WORDS_BEFORE, entries) || self.after(at, entries)
    }

    /// Whether one of these is among the last words in front of a place, in the same paragraph.
    pub fn before(&self, at: &Range<usize>, words: usize, entries: &[&str]) -> bool {
        let first = self.words.partition_point(|word| word.end() <= at.start);
        let mut reached = at.start;
        for word in self.words[..first].iter().rev().take(words) {
            if at.start - word.end() > REACH_BYTES || parts(&self.bytes[word.end()..reached]) {
                return false;
            }
            reached = word.start;
            if listed(word.lower(), entries) {
                return true;
            }
        }
        false
    }

    fn after(&self, at: &Range<usize>, entries: &[&str]) -> bool {
        let mut reached = at.end;
        for word in self.words[self.word_at(at.end)..].iter().take(WORDS_AFTER) {
            if word.start - at.end > REACH_BYTES || ends(&self.bytes[reached..word.start]) {
                return false;
            }
            reached = word.end();
            if listed(word.lower(), entries) {
                return true;
            }
        }
        false
    }

    /// Whether a run of digits or capitals that stands here is whole, and no piece of a longer number, word, path or version.
    pub fn stands_alone(&self, at: &Range<usize>) -> bool {
        let before = self.text[..at.start].chars().next_back();
        let before_that = self.text[..at.start].chars().nth_back(1);
        let after = self.text[at.end..].chars().next();
        let after_that = self.text[at.end..].chars().nth(1);
        let joined = |character: Option<char>| character.is_some_and(|c| c.is_alphanumeric() || c == '_');
        let is_digit = |character: Option<char>| character.is_some_and(|c| c.is_ascii_digit());
        let begins = match before {
            Some('-' | '/') => !joined(before_that),
            Some('.' | ',' | '+') => !is_digit(before_that),
            Some('$' | '€' | '£' | '¥') => false,
            before => !joined(before),
        };
        let ends = match after {
            Some('-' | '/') => !joined(after_that),
            Some('.' | ',' | ':') => !is_digit(after_that),
            Some('%' | '@' | '€' | '$' | '£') => false,
            after => !joined(after),
        };
        begins && ends
    }
}

/// Whether a lower-case word is one of these.
pub(super) fn listed(word: &str, entries: &[&str]) -> bool {
    entries.iter().any(|entry| entry.strip_suffix('*').map_or(word == *entry, |begin| word.starts_with(begin)))
}

/// Whether what stands between two words parts them: an empty line.
fn parts(between: &[u8]) -> bool {
    between.iter().filter(|byte| **byte == b'\n').count() > 1
}

/// Whether what stands between two words ends what the first is about.
fn ends(between: &[u8]) -> bool {
    between.iter().any(|byte| matches!(byte, b'\n' | b';' | b'.' | b','))
}

fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::with_capacity(text.len() / 6);
    let mut start = None;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let inside = character.is_alphanumeric()
            || (start.is_some()
                && matches!(character, '\'' | '’')
                && characters.peek().is_some_and(|(_, next)| next.is_alphabetic()));
        match (inside, start) {
            (true, None) => start = Some(at),
            (false, Some(begun)) => {
                words.push(Word { start: begun, text: &text[begun..at], lower: OnceCell::new() });
                start = None;
            }
            _ => {}
        }
    }
    if let Some(begun) = start {
        words.push(Word { start: begun, text: &text[begun..], lower: OnceCell::new() });
    }
    words
}

/// What a form has read: how far it goes, and the characters without what separates them, letters in capitals.
pub(super) struct Read {
    pub end: usize,
    compact: [u8; COMPACT_MAX],
    length: usize,
}

const COMPACT_MAX: usize = 40;

impl Read {
    pub fn compact(&self) -> &[u8] {
        &self.compact[..self.length]
    }
}

/// Reads a form at a place.
///
/// In the form, `9` is a digit, `A` an ASCII letter, `X` either, and a space is at most one separator (space, hyphen, full stop or no-break
/// space) or none, `_` is exactly one space; everything else stands for itself and is left out of what is compact.
pub(super) fn read(bytes: &[u8], start: usize, form: &str) -> Option<Read> {
    let mut read = Read { end: start, compact: [0; COMPACT_MAX], length: 0 };
    for wanted in form.bytes() {
        let found = bytes.get(read.end).copied();
        match wanted {
            b'_' => {
                let is_space = matches!(&bytes[read.end.min(bytes.len())..], [b' ', ..] | [0xC2, 0xA0, ..]);
                read.end += if is_space { separator(&bytes[read.end..]) } else { return None };
                continue;
            }
            b' ' => {
                read.end += separator(&bytes[read.end.min(bytes.len())..]);
                continue;
            }
            b'9' if found.is_some_and(|byte| byte.is_ascii_digit()) => {}
            b'A' if found.is_some_and(|byte| byte.is_ascii_alphabetic()) => {}
            b'X' if found.is_some_and(|byte| byte.is_ascii_alphanumeric()) => {}
            b'9' | b'A' | b'X' => return None,
            other if found == Some(other) => {
                read.end += 1;
                continue;
            }
            _ => return None,
        }
        *read.compact.get_mut(read.length)? = found?.to_ascii_uppercase();
        read.length += 1;
        read.end += 1;
    }
    Some(read)
}

/// Returns how many bytes the separator at the beginning takes; none when there is none.
pub(super) fn separator(bytes: &[u8]) -> usize {
    match bytes {
        [b' ' | b'-' | b'.', ..] => 1,
        // A no-break space, and a narrow one.
        [0xC2, 0xA0, ..] => 2,
        [0xE2, 0x80, 0xAF | 0x89 | 0x91 | 0x93, ..] => 3,
        _ => 0,
    }
}

/// Returns the digits of ASCII text as numbers; a letter is none.
pub(super) fn digits(compact: &[u8]) -> impl DoubleEndedIterator<Item = u32> + ExactSizeIterator + Clone + '_ {
    compact.iter().map(|byte| u32::from(byte.wrapping_sub(b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_know_where_they_stand() {
        let text = Text::new("Zoë’s N° 42, l'été", Vec::new());
        let words: Vec<(usize, &str)> = text.words.iter().map(|word| (word.start, word.text)).collect();
        assert_eq!(words, [(0, "Zoë’s"), (9, "N"), (13, "42"), (17, "l'été")]);
    }

    #[test]
    fn what_stands_around_a_place_is_found_within_reach() {
        let text = Text::new("Her social security number is 123, as you know.\n\nAnd 456", Vec::new());
        let at = |needle: &str| text.text.find(needle).map(|start| start..start + needle.len()).unwrap();
        assert!(text.near(&at("123"), &["secur*"]));
        assert!(!text.near(&at("456"), &["secur*", "know"]), "an empty line parts them");
    }

    #[test]
    fn a_piece_of_something_longer_does_not_stand_alone() {
        for (text, alone) in [
            ("no 123456 here", true),
            ("1.123456", false),
            ("INV-123456", false),
            ("123456_a", false),
            ("(123456)", true),
            ("123456.", true),
            ("123456.5", false),
            ("€123456", false),
            ("é123456", false),
        ] {
            let start = text.find("123456").unwrap();
            assert_eq!(Text::new(text, Vec::new()).stands_alone(&(start..start + 6)), alone, "{text}");
        }
    }

    #[test]
    fn a_form_reads_with_and_without_separators() {
        for text in ["65170839J003", "65 170839 J 003", "65-170839-j-003"] {
            let read = read(text.as_bytes(), 0, "99 999999 A 999").unwrap();
            assert_eq!((read.end, read.compact()), (text.len(), &b"65170839J003"[..]));
        }
        assert!(read(b"651708", 0, "99 999999").is_none());
    }
}
