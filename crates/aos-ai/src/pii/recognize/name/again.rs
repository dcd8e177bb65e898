//! Names by what else stands in the text: a part of a name that was found before, and words that make up somebody's e-mail address.

use super::{Named, has_article, is_of_a_place, is_part, joined};
use crate::pii::Class;
use crate::pii::finding::Found;
use crate::pii::recognize::organization;
use crate::pii::text::{Text, bare, listed};
use crate::pii::words::{AMBIGUOUS, COMMON, GENERIC, GREETINGS, HOUSES, INTRODUCTIONS, TITLES, is_family};
use std::collections::HashSet;

/// How sure a name has to be for its parts to be taken for names elsewhere.
const SURE: f32 = 0.65;
const LETTERS_MIN: usize = 3;
/// What stands with a capital letter in front of a number in German, and is nobody.
const GERMAN_NOUNS: &[&str] = &[
    "telefon*",
    "telefax*",
    "mobil*",
    "handy*",
    "rufnummer*",
    "durchwahl*",
    "nummer*",
    "zentrale*",
    "abteilung*",
    "büro*",
    "praxis*",
    "filiale*",
    "standort*",
    "werk*",
    "gemeinde*",
    "stadt*",
    "kreis*",
    "amt*",
    "vertrieb*",
    "einkauf*",
    "buchhaltung*",
    "empfang*",
    "sekretariat*",
    "geburt*",
    "zimmer*",
    "hotel*",
    "gasthof*",
    "pension*",
    "verwaltung*",
    "leitung*",
    "hotline*",
    "kontakt*",
    "anschluss*",
];
/// How sure a name is that only stands in front of somebody's number.
const BESIDE: f32 = 0.55;
/// Words and bytes between a name and what is somebody's at most.
const WORDS_BETWEEN: usize = 2;
const BETWEEN_BYTES_MAX: usize = 24;
/// Letters of a word that is cut short with a full stop at most: `mob.`
const ABBREVIATED_MAX: usize = 4;

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
                text.words[words].iter().filter(|word| is_sign(word.text, word.plain())).map(|word| word.plain()),
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
            text.words.get(next).is_some_and(|next| {
                next.is_capitalized() && (!COMMON.contains(next.lower()) || is_family(next.plain()))
            }) && joined(text, next)
                && !known.contains(bare(text.words[next].lower()))
        };
        let mut last = at;
        while text.words.get(last + 1).is_some_and(|next| known.contains(bare(next.lower()))) && joined(text, last + 1)
        {
            last += 1;
        }
        if !goes_on(at + 1) && !is_of_a_place(text, last) {
            again.push((at, at, 0.6, vec!["context"]));
        }
    }
    again
}

/// Finds `Eldon Rath` in front of a telephone number or an address for mail, though no list knows it.
pub(super) fn in_front(text: &Text<'_>, found: &[Found]) -> Vec<Named> {
    let is_somebodys = |class: Class| matches!(class, Class::Phone | Class::Email);
    let mut named = Vec::new();
    for value in found.iter().filter(|found| is_somebodys(found.class) && found.score >= SURE) {
        let behind = text.word_at(value.bytes.start);
        // `Eldon Rath, mobile 541…`: the name ends a word or two in front of it.
        let ends = (behind.saturating_sub(WORDS_BETWEEN + 1)..behind).rev();
        let last = ends.take_while(|at| leads(text, *at, value.bytes.start)).find(|at| is_name_of(text, *at));
        let Some(last) = last else { continue };
        let first = last.checked_sub(1).filter(|first| is_name_of(text, *first) && joined(text, last));
        // At the beginning of a sentence any word has a capital letter.
        let is_pair = |first: &usize| {
            !has_article(text, *first)
                && first.checked_sub(1).is_some_and(|before| {
                    let gap = &text.text[text.words[before].end()..text.words[*first].start];
                    let goes_on = text.words[before].text.starts_with(char::is_lowercase) && gap == " ";
                    goes_on || matches!(gap, ", " | ": " | " (" | " : ")
                })
        };
        named.extend(first.filter(is_pair).map(|first| (first, last, BESIDE, vec!["context"])));
    }
    named
}

/// Whether nothing between the end of a word and a value ends a sentence or a cell.
fn leads(text: &Text<'_>, at: usize, value: usize) -> bool {
    let between = &text.text[text.words[at].end()..value];
    between.len() <= BETWEEN_BYTES_MAX && !between.contains(['\n', ';', '!', '?', '|']) && !has_stop(between)
}

/// Whether a full stop ends a sentence; that of `tel.` does not.
fn has_stop(between: &str) -> bool {
    between.split_once(". ").is_some_and(|(before, _)| {
        before.trim_start_matches([',', ' ', '(']).len() > ABBREVIATED_MAX || before.is_empty()
    })
}

/// Whether a word is written as one of a name, and is nothing else that we know.
fn is_name_of(text: &Text<'_>, at: usize) -> bool {
    let word = &text.words[at];
    let lower = word.lower();
    is_part(text, at)
        && word.text.chars().count() >= LETTERS_MIN
        && !word.is_all_capitals()
        && ![&*COMMON, &*AMBIGUOUS, &*GENERIC, &*HOUSES, &*GREETINGS, &*TITLES, &*INTRODUCTIONS]
            .iter()
            .any(|list| list.contains(lower))
        && !listed(lower, GERMAN_NOUNS)
        && !["nummer", "nummern", "adresse"].iter().any(|ending| lower.ends_with(ending))
        && !organization::HOUSES.contains(&lower)
        && !organization::FORMS.contains(&lower)
        && !text.text[word.end()..].starts_with(':')
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
