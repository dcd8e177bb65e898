//! The words of a text.

use std::cell::OnceCell;

/// A run of letters and digits, with apostrophes inside it. Where a script writes no spaces, it ends where another script or a number begins.
pub(in crate::pii) struct Word<'t> {
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

    /// The same without the `'s` of what belongs to somebody.
    pub fn plain(&self) -> &str {
        bare(self.lower())
    }

    /// Whether it says that something belongs to it: `Sarah's`.
    pub fn is_owner(&self) -> bool {
        bare(self.text).len() < self.text.len()
    }

    /// Whether it begins with a capital letter and has nothing but letters in it.
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

    /// Whether it is written in a script without spaces, so that it may be several words.
    pub fn is_unspaced(&self) -> bool {
        self.text.chars().next().is_some_and(is_unspaced)
    }
}

/// A word without the `'s` of what belongs to somebody.
pub(in crate::pii) fn bare(word: &str) -> &str {
    word.strip_suffix("'s").or_else(|| word.strip_suffix("’s")).unwrap_or(word)
}

/// Whether a character is of a script that writes no spaces between words (Chinese, Japanese, Thai, Lao), or Korean, which puts particles
/// directly behind numbers.
pub(in crate::pii) fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{0e00}'..='\u{0eff}'
        | '\u{3005}'..='\u{3007}'
        | '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7af}'
        | '\u{f900}'..='\u{faff}')
}

/// Whether a lower-case word is one of these. An entry with `*` at its end is the beginning of a word; one with `*` in front of it stands
/// anywhere in a word of a script without spaces.
pub(in crate::pii) fn listed(word: &str, entries: &[&str]) -> bool {
    let Some(first) = word.as_bytes().first() else { return false };
    entries.iter().any(|entry| match entry.as_bytes() {
        // Scripts without spaces begin at three bytes of UTF-8.
        [b'*', inner @ ..] => *first >= 0xE0 && word.contains(&entry[entry.len() - inner.len()..]),
        [begin, ..] if begin != first => false,
        [.., b'*'] => word.starts_with(&entry[..entry.len() - 1]),
        _ => word == *entry,
    })
}

pub(super) fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::with_capacity(text.len() / 6);
    let mut begun: Option<(usize, bool)> = None;
    let mut characters = text.char_indices().peekable();
    let mut push =
        |start: usize, end: usize| words.push(Word { start, text: &text[start..end], lower: OnceCell::new() });
    while let Some((at, character)) = characters.next() {
        let inside = character.is_alphanumeric()
            || (begun.is_some_and(|(_, was)| !was)
                && matches!(character, '\'' | '’')
                && characters.peek().is_some_and(|(_, next)| next.is_alphabetic()));
        let unspaced = !character.is_ascii() && is_unspaced(character);
        match begun {
            Some((start, was)) if !inside || was != unspaced => {
                push(start, at);
                begun = inside.then_some((at, unspaced));
            }
            None if inside => begun = Some((at, unspaced)),
            _ => {}
        }
    }
    if let Some((start, _)) = begun {
        push(start, text.len());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str) -> Vec<(usize, &str)> {
        words(text).iter().map(|word| (word.start, word.text)).collect()
    }

    #[test]
    fn words_know_where_they_stand() {
        assert_eq!(pieces("Zoë’s N° 42, l'été"), [(0, "Zoë’s"), (9, "N"), (13, "42"), (17, "l'été")]);
    }

    #[test]
    fn where_no_spaces_are_written_a_number_is_a_word_of_its_own() {
        assert_eq!(pieces("手机138号x"), [(0, "手机"), (6, "138"), (9, "号"), (12, "x")]);
    }

    #[test]
    fn an_entry_is_a_word_its_beginning_or_what_stands_inside_one_without_spaces() {
        assert!(listed("phones", &["phone*"]) && listed("tel", &["fax", "tel"]) && listed("我的手机号", &["*手机"]));
        assert!(!listed("telex", &["tel"]) && !listed("", &["tel"]) && !listed("cartel", &["*tel"]));
    }
}
