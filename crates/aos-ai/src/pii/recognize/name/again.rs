//! Names by what else stands in the text: a part of a name that was found before, and words that make up somebody's e-mail address.

use super::{Named, is_part, joined};
use crate::pii::Class;
use crate::pii::finding::Found;
use crate::pii::text::Text;
use crate::pii::words::COMMON;
use std::collections::HashSet;

/// How sure a name has to be for its parts to be taken for names elsewhere.
const SURE: f32 = 0.65;
const LETTERS_MIN: usize = 3;

/// Finds `Sarah` and `Whitcombe` in a text that says `Sarah Whitcombe` somewhere.
pub(super) fn repeated(text: &Text<'_>, found: &[Found]) -> Vec<Named> {
    let names = found.iter().filter(|found| found.class == Class::PersonName);
    let mut known: HashSet<&str> = HashSet::new();
    let mut taken: Vec<(usize, usize)> = Vec::new();
    for name in names {
        let words = text.word_at(name.bytes.start)..text.word_at(name.bytes.end);
        taken.push((words.start, words.end));
        if name.score >= SURE {
            known.extend(
                text.words[words].iter().filter(|word| is_sign(word.text, word.lower())).map(|word| word.lower()),
            );
        }
    }
    taken.sort_unstable();
    let mut again = Vec::new();
    for at in 0..text.words.len() {
        let word = bare(text.words[at].lower());
        let before = taken.partition_point(|(start, _)| *start <= at);
        let is_taken = before > 0 && taken[before - 1].1 > at;
        if is_taken || !known.contains(word) || !is_part(text, at) {
            continue;
        }
        // `Madison Square`, where somebody is called Madison Kent.
        let goes_on = |next: usize| {
            text.words.get(next).is_some_and(|next| next.is_capitalized() && !COMMON.contains(next.lower()))
                && joined(text, next)
                && !known.contains(bare(text.words[next].lower()))
        };
        if !goes_on(at + 1) {
            again.push((at, at, 0.6, vec!["context"]));
        }
    }
    again
}

/// Finds `Nadia Ferhat` in a text with `nadia.ferhat@…`, `nferhat@…` or `n.ferhat@…`.
pub(super) fn by_address(text: &Text<'_>, found: &[Found]) -> Vec<Named> {
    let addresses = found.iter().filter(|found| found.class == Class::Email);
    let locals: HashSet<String> = addresses
        .filter_map(|address| text.text[address.bytes.clone()].split_once('@'))
        .map(|(local, _)| local.to_lowercase().replace(['_', '-'], "."))
        .collect();
    if locals.is_empty() {
        return Vec::new();
    }
    let mut named = Vec::new();
    for at in 1..text.words.len() {
        let (first, last) = (&text.words[at - 1], &text.words[at]);
        let Some(initial) = first.lower().chars().next() else { continue };
        let is_pair =
            is_part(text, at - 1) && is_part(text, at) && joined(text, at) && is_sign(last.text, last.lower());
        if !is_pair {
            continue;
        }
        let (given, family) = (first.lower(), last.lower());
        let spellings = [
            format!("{given}.{family}"),
            format!("{family}.{given}"),
            format!("{given}{family}"),
            format!("{initial}.{family}"),
            format!("{initial}{family}"),
            format!("{given}.{}", family.chars().next().unwrap_or_default()),
        ];
        if spellings.iter().any(|spelling| locals.contains(spelling)) {
            named.push((at - 1, at, 0.85, vec!["context"]));
        }
    }
    named
}

/// Whether a word alone points to somebody.
fn is_sign(word: &str, lower: &str) -> bool {
    word.starts_with(char::is_uppercase) && word.chars().count() >= LETTERS_MIN && !COMMON.contains(lower)
}

/// A word without the `'s` of what belongs to somebody.
fn bare(word: &str) -> &str {
    word.strip_suffix("'s").or_else(|| word.strip_suffix("’s")).unwrap_or(word)
}
