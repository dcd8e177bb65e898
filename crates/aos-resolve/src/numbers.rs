//! Numbers in names: model codes, sizes, editions, parts. Products of one family share all words but these.

use crate::compare::Level;
use crate::normal::{Normal, Word};

/// Names of more words than this are descriptions, whose numbers may well be others.
const NAME_WORDS_MAX: usize = 20;
/// Characters from which on a code says by itself which thing it is.
const CODE_CHARS_MIN: usize = 4;
/// Characters before a hyphen that belong to the code behind it.
const CODE_HEAD_MAX: usize = 5;

/// Bends the likeness of two names by the numbers in them: names whose numbers all differ are of two things, however alike the rest is, and a
/// code in common says more than words that are not.
pub(crate) fn bend(level: Level, a: &Normal, b: &Normal) -> Level {
    if a.words.len().max(b.words.len()) > NAME_WORDS_MAX {
        return level;
    }
    let (of_a, of_b) = (numbers(a), numbers(b));
    if of_a.is_empty() || of_b.is_empty() {
        return level;
    }
    let met = |word: &&Word, others: &[&Word]| others.iter().any(|other| are_one(&word.text, &other.text));
    if of_a.iter().any(|word| is_code(&word.text) && met(word, &of_b)) {
        return level.min(Level::Similar);
    }
    let alone = |words: &[&Word], others: &[&Word]| words.iter().any(|word| !met(word, others));
    match level {
        _ if !alone(&of_a, &of_b) || !alone(&of_b, &of_a) => level,
        Level::Equal | Level::Nearly | Level::Similar => Level::Loosely,
        Level::Loosely | Level::Different => Level::Different,
    }
}

/// Joins what a hyphen parts in a model code: "KDL-32L5000" and "KDL32L5000" are one word.
pub(crate) fn joined_codes(value: &str) -> String {
    let mut joined = String::with_capacity(value.len());
    let mut parts = value.split('-').peekable();
    while let Some(part) = parts.next() {
        joined.push_str(part);
        let Some(next) = parts.peek() else { break };
        let last = part.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        let first = next.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        let is_code = (1..=CODE_HEAD_MAX).contains(&last.chars().count()) && has_digit(first);
        let letters = |word: &str| word.chars().any(char::is_alphabetic);
        if !is_code || !(letters(last) || letters(first)) {
            joined.push('-');
        }
    }
    joined
}

fn numbers(name: &Normal) -> Vec<&Word> {
    name.words.iter().filter(|word| has_digit(&word.text) || is_roman(&word.text)).collect()
}

pub(crate) fn has_digit(word: &str) -> bool {
    word.bytes().any(|byte| byte.is_ascii_digit())
}

/// Whether two words with digits say the same: equal, one with its unit, or one with the beginning or end of a code that the other one parts.
pub(crate) fn are_one(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let part = short.len() >= CODE_CHARS_MIN && has_digit(short) && !is_year(short);
    let is_unit = |rest: &str| rest.bytes().all(|byte| byte.is_ascii_alphabetic());
    short == long
        || (part && (long.ends_with(short) || long.starts_with(short)))
        || (short.bytes().all(|byte| byte.is_ascii_digit()) && long.strip_prefix(short).is_some_and(is_unit))
}

/// Letters and digits, or so many digits that they count nothing.
fn is_code(word: &str) -> bool {
    let letters = word.bytes().any(|byte| byte.is_ascii_alphabetic());
    has_digit(word) && word.len() >= CODE_CHARS_MIN + usize::from(!letters)
}

fn is_year(word: &str) -> bool {
    word.len() == 4 && (word.starts_with("19") || word.starts_with("20")) && word.bytes().all(|b| b.is_ascii_digit())
}

fn is_roman(word: &str) -> bool {
    matches!(word, "ii" | "iii" | "iv" | "vi" | "vii" | "viii" | "ix" | "xi" | "xii")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::class::Class;

    fn bent(level: Level, a: &str, b: &str) -> Level {
        let normal = |value| Normal::of(Class::Organisation, value).unwrap();
        assert_eq!(bend(level, &normal(a), &normal(b)), bend(level, &normal(b), &normal(a)));
        bend(level, &normal(a), &normal(b))
    }

    #[test]
    fn other_numbers_are_another_thing_and_a_shared_code_is_the_same() {
        assert_eq!(bent(Level::Nearly, "Sony Bravia KDL-40V5100", "Sony Bravia KDL-46V5100"), Level::Loosely);
        assert_eq!(bent(Level::Nearly, "Rocky II", "Rocky III"), Level::Loosely);
        assert_eq!(bent(Level::Loosely, "Sony Turntable PSLX350H", "Sony PS-LX350H belt drive"), Level::Similar);
        assert_eq!(bent(Level::Similar, "Sharp 32in television", "Sharp 32 inch television"), Level::Similar);
        assert_eq!(bent(Level::Similar, "Office 2007 standard", "Office standard"), Level::Similar);
        assert_eq!(bent(Level::Similar, "Office 2007 standard", "Office 2010 standard"), Level::Loosely);
    }
}
