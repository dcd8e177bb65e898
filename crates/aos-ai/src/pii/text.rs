//! A text as recognizers look at it: its words, what stands around a place, and forms of characters.

mod form;
mod word;

pub(super) use form::{digits, read, separator};
pub(super) use word::{Word, bare, is_unspaced, listed};

use std::ops::Range;

/// Words in front of a place that say something about it.
const WORDS_BEFORE: usize = 7;
/// Words behind it.
const WORDS_AFTER: usize = 3;
/// Bytes beyond which words say nothing about a place any more.
const REACH_BYTES: usize = 90;
/// Words that may stand between a number and the word that says what it is.
const FILLING: &[&str] = &[
    "no",
    "nr",
    "num",
    "number",
    "numbers",
    "nummer",
    "numéro",
    "numero",
    "número",
    "nº",
    "n",
    "º",
    "id",
    "ids",
    "code",
    "is",
    "was",
    "ist",
    "lautet",
    "est",
    "es",
    "è",
    "é",
    "номер",
    "the",
];
/// Such words at most.
const FILLING_MAX: usize = 3;

pub(super) struct Text<'t> {
    pub text: &'t str,
    pub bytes: &'t [u8],
    pub words: Vec<Word<'t>>,
    /// The name of the column, in lower-case words: it stands in front of every value.
    pub column: Vec<String>,
}

impl<'t> Text<'t> {
    pub fn new(text: &'t str, column: Vec<String>) -> Self {
        Self { text, bytes: text.as_bytes(), words: word::words(text), column }
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
        self.words_before(at, words).any(|word| listed(word.lower(), entries))
    }

    /// Says which of these lists has the word that stands nearest in front of a place.
    pub fn nearest(&self, at: &Range<usize>, words: usize, lists: &[&[&str]]) -> Option<usize> {
        let of = |word: &Word<'_>| lists.iter().position(|entries| listed(word.lower(), entries));
        self.words_before(at, words).find_map(of)
    }

    /// Returns the word that says what stands here: the last one directly in front of it, but for `number`, `no` or `is`.
    pub fn label(&self, at: &Range<usize>) -> Option<&Word<'t>> {
        let mut reached = at.start;
        for word in self.words_before(at, FILLING_MAX + 1) {
            let gap = self.text[word.end()..reached].trim_matches([' ', '\u{a0}']);
            let is_filling = listed(word.lower(), FILLING);
            // What ends a sentence or begins another cell ends what the word is about, but for the full stop of `no.`.
            let is_near = gap.chars().all(|c| " :#=\"'`({№°_-：".contains(c)) || (is_filling && gap == ".");
            if !is_near {
                return None;
            }
            if !is_filling {
                return Some(word);
            }
            reached = word.start;
        }
        None
    }

    /// The last words in front of a place, the nearest first, in the same paragraph and within reach.
    fn words_before(&self, at: &Range<usize>, words: usize) -> impl Iterator<Item = &Word<'t>> {
        let start = at.start;
        let first = self.words.partition_point(|word| word.end() <= start);
        let mut reached = start;
        self.words[..first].iter().rev().take(words).map_while(move |word| {
            if start - word.end() > REACH_BYTES || parts(&self.bytes[word.end()..reached]) {
                return None;
            }
            reached = word.start;
            Some(word)
        })
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
        let is_digit = |character: Option<char>| character.is_some_and(|c| c.is_ascii_digit());
        let begins = match before {
            Some('-' | '/') => !before_that.is_some_and(is_joined),
            Some('.' | '+') => !is_digit(before_that),
            Some(',') => !(is_digit(before_that) && is_amount(&self.bytes[at.clone()])),
            Some('$' | '€' | '£' | '¥') => false,
            before => !before.is_some_and(is_joined),
        };
        let ends = match after {
            Some('-' | '/') => !after_that.is_some_and(is_joined),
            Some('.' | ':') => !is_digit(after_that),
            Some(',') => !(is_digit(after_that) && is_amount(&self.bytes[at.clone()])),
            Some('%' | '@' | '€' | '$' | '£') => false,
            after => !after.is_some_and(is_joined),
        };
        begins && ends
    }
}

/// Whether a character makes one word of a number that stands beside it.
pub(super) fn is_joined(c: char) -> bool {
    c == '_' || (c.is_alphanumeric() && !is_unspaced(c))
}

/// Whether digits can be a part of an amount, which a comma goes on: alone, or in groups of three.
fn is_amount(run: &[u8]) -> bool {
    let is_sign = |byte: &u8| matches!(byte, b' ' | b'.' | b',' | b'\'' | 0xC2 | 0xA0);
    run.iter().all(|byte| byte.is_ascii_digit() || is_sign(byte))
        && run.split(is_sign).skip(1).all(|group| matches!(group.len(), 0 | 3))
}

/// Whether what stands between two words parts them: an empty line.
fn parts(between: &[u8]) -> bool {
    between.iter().filter(|byte| **byte == b'\n').count() > 1
}

/// Whether what stands between two words ends what the first is about.
fn ends(between: &[u8]) -> bool {
    between.iter().any(|byte| matches!(byte, b'\n' | b';' | b'.' | b','))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_around_a_place_is_found_within_reach() {
        let text = Text::new("Her social security number is 123, as you know.\n\nAnd 456", Vec::new());
        let at = |needle: &str| text.text.find(needle).map(|start| start..start + needle.len()).unwrap();
        assert!(text.near(&at("123"), &["secur*"]));
        assert!(!text.near(&at("456"), &["secur*", "know"]), "an empty line parts them");
    }

    #[test]
    fn the_word_that_names_a_number_stands_directly_in_front_of_it() {
        for (text, label) in [
            ("please call about order no. 123", Some("order")),
            ("my number is: 123", Some("my")),
            ("\"order\": {\"id\": \"123\"", Some("order")),
            ("the phone rang. 123", None),
            ("客户号123", Some("客户号")),
        ] {
            let start = text.find("123").unwrap();
            let read = Text::new(text, Vec::new());
            assert_eq!(read.label(&(start..start + 3)).map(|word| word.text), label, "{text}");
        }
    }

    #[test]
    fn a_piece_of_something_longer_does_not_stand_alone() {
        assert!(
            Text::new("45,219-09-9999,1970-05-21", Vec::new()).stands_alone(&(3..14)),
            "a cell of a table is no amount"
        );
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
            ("12,123456", false),
            ("号123456是", true),
        ] {
            let start = text.find("123456").unwrap();
            assert_eq!(Text::new(text, Vec::new()).stands_alone(&(start..start + 6)), alone, "{text}");
        }
    }
}
