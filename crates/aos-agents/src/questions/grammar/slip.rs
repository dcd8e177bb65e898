//! Slips of the pen in the words that name what there is to ask: a letter doubled or not, two letters in each other's place, a vowel left out or
//! too much. Other words are left alone, above all those that are words of their own: `contracts` are no `contacts`.

use super::function_words;
use super::token::{Kind, Token};
use crate::questions::lexicon::Lexicon;

/// Shorter words are a slip away from too many others.
const LETTERS_MIN: usize = 6;
/// A vowel less or more makes another word of shorter ones, such as `status` and `stats`.
const VOWEL_LETTERS_MIN: usize = 7;

/// Puts right what can be meant in one way only, and says what was.
pub(super) fn corrected(tokens: &mut [Token], lexicon: &Lexicon) -> Vec<String> {
    let mut said = Vec::new();
    for (at, token) in tokens.iter_mut().enumerate() {
        let Kind::Word(word) = &token.kind else { continue };
        // In the middle of a sentence a capital letter begins a name.
        let is_name = at > 0 && token.text.starts_with(char::is_uppercase);
        let is_word = word.len() >= LETTERS_MIN && word.bytes().all(|letter| letter.is_ascii_lowercase());
        if is_name || !is_word || lexicon.knows(word) || function_words().any(|known| known == word) {
            continue;
        }
        let mut meant: Vec<&str> = lexicon.names().filter(|known| is_slip(word, known)).collect();
        meant.sort_unstable();
        meant.dedup();
        if let [meant] = meant[..] {
            said.push(format!("`{}` was read as `{meant}`", token.text));
            *token = Token { text: meant.to_owned(), kind: Kind::Word(meant.to_owned()) };
        }
    }
    said
}

fn is_slip(word: &str, known: &str) -> bool {
    known.len() >= LETTERS_MIN
        && word.as_bytes()[0] == known.as_bytes()[0]
        && (undoubled(word) == undoubled(known) || swapped(word, known) || vowel(word, known))
}

fn undoubled(word: &str) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    letters.dedup();
    letters.into_iter().collect()
}

/// Two neighbours stand in each other's place.
fn swapped(word: &str, known: &str) -> bool {
    let (word, known) = (word.as_bytes(), known.as_bytes());
    let Some(at) = word.iter().zip(known).position(|(one, other)| one != other) else { return false };
    word.len() == known.len()
        && at + 1 < word.len()
        && (word[at], word[at + 1]) == (known[at + 1], known[at])
        && word[at + 2..] == known[at + 2..]
}

/// One of the two has a vowel more.
fn vowel(word: &str, known: &str) -> bool {
    let (long, short) = if word.len() > known.len() { (word, known) } else { (known, word) };
    let (long, short) = (long.as_bytes(), short.as_bytes());
    if short.len() < VOWEL_LETTERS_MIN || long.len() != short.len() + 1 {
        return false;
    }
    let at = long.iter().zip(short).take_while(|(one, other)| one == other).count();
    b"aeiou".contains(&long[at]) && long[at + 1..] == short[at..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_seen_through_and_other_words_are_not() {
        for (word, known) in [
            ("tikcets", "tickets"),
            ("acounts", "accounts"),
            ("oportunities", "opportunities"),
            ("opportunites", "opportunities"),
            ("opportuniities", "opportunities"),
        ] {
            assert!(is_slip(word, known), "{word}");
        }
        for (word, known) in [
            ("contracts", "contacts"),
            ("amounts", "accounts"),
            ("invoices", "incidents"),
            ("costumers", "customers"),
            ("reports", "resorts"),
            ("stats", "status"),
            ("stories", "stores"),
        ] {
            assert!(!is_slip(word, known), "{word}");
        }
    }
}
