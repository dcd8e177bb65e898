//! Names of those who say who they are: `my name is kofi mensah`, `i'm jane from accounting`. Written small, a name has nothing of its own, so
//! that a list has to know one of its words.

use super::{Named, joined};
use crate::pii::text::Text;
use crate::pii::words::{AMBIGUOUS, COMMON, GIVEN, PARTICLES, SURNAMES};
use std::collections::HashSet;
use std::sync::LazyLock;

/// What is said in front of one's own name, and of nothing else.
const NAMED: &[&[&str]] = &[
    &["name", "is"],
    &["name's"],
    &["name", "ist"],
    &["ich", "heiße"],
    &["ich", "heisse"],
    &["m'appelle"],
    &["m’appelle"],
    &["nom", "est"],
    &["me", "llamo"],
    &["nombre", "es"],
    &["mi", "chiamo"],
    &["nome", "è"],
    &["nome", "é"],
    &["me", "chamo"],
    &["naam", "is"],
    &["ik", "heet"],
    &["nazywam", "się"],
    &["jag", "heter"],
    &["jeg", "hedder"],
    &["jeg", "heter"],
    &["call", "me"],
    &["full", "name"],
    &["customer", "name"],
    &["patient", "name"],
];
/// Those of them that nothing but a name follows.
const CALLED: &[&[&str]] = &[
    &["ich", "heiße"],
    &["ich", "heisse"],
    &["m'appelle"],
    &["m’appelle"],
    &["me", "llamo"],
    &["mi", "chiamo"],
    &["me", "chamo"],
    &["ik", "heet"],
    &["nazywam", "się"],
    &["jag", "heter"],
    &["jeg", "hedder"],
    &["jeg", "heter"],
];
/// A name of a field, which a colon has to follow.
const FIELD: &[&str] = &["name"];
/// What is said in front of one's name, and of much else.
const BEING: &[&[&str]] = &[
    &["i", "am"],
    &["i'm"],
    &["i’m"],
    &["im"],
    &["this", "is"],
    &["it's"],
    &["it’s"],
    &["ich", "bin"],
    &["hier", "ist"],
    &["c'est"],
    &["c’est"],
    &["je", "suis"],
    &["soy"],
    &["sono"],
    &["ik", "ben"],
    &["eu", "sou"],
    &["sou", "o"],
    &["sou", "a"],
    &["jestem"],
    &["jag", "är"],
    &["jeg", "er"],
];
/// What follows the name of somebody who says who they are.
const BEHIND: &[&str] = &[
    "from", "at", "with", "and", "calling", "here", "speaking", "writing", "von", "aus", "und", "vom", "de", "del",
    "du", "des", "chez", "da", "dal", "dalla", "di", "van", "uit", "z", "från", "fra",
];
const PARTS_MAX: usize = 4;

/// The words that these phrases end with, so that most words of a text are compared with none of them.
static ENDS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| NAMED.iter().chain(BEING).chain([&FIELD]).filter_map(|phrase| phrase.last().copied()).collect());

pub(super) fn find(text: &Text<'_>) -> Vec<Named> {
    let mut found = Vec::new();
    for at in 0..text.words.len() {
        let Some(next) = text.words.get(at + 1).filter(|_| ENDS.contains(text.words[at].lower())) else { continue };
        let gap = text.text[text.words[at].end()..next.start].trim_matches(' ');
        let is_named =
            NAMED.iter().any(|phrase| ends_with(text, at, phrase)) || (gap == ":" && ends_with(text, at, FIELD));
        if !is_named && !BEING.iter().any(|phrase| ends_with(text, at, phrase)) {
            continue;
        }
        if !(gap.is_empty() || (is_named && matches!(gap, ":" | "," | "-"))) {
            continue;
        }
        let is_called = CALLED.iter().any(|phrase| ends_with(text, at, phrase));
        let Some(last) = name(text, at + 1).or_else(|| unknown(text, at + 1).filter(|_| is_called)) else { continue };
        if is_named || is_somebody(text, at + 1, last) {
            found.push((at + 1, last, if is_named { 0.65 } else { 0.55 }, vec!["word_list", "context"]));
        }
    }
    found
}

/// Whether a phrase ends with this word.
fn ends_with(text: &Text<'_>, at: usize, phrase: &[&str]) -> bool {
    phrase.len() <= at + 1
        && phrase.iter().rev().enumerate().all(|(back, wanted)| {
            text.words[at - back].lower() == *wanted && (back + 1 == phrase.len() || joined(text, at - back))
        })
}

/// Returns the last word of a name that begins here, in small letters or large, one of whose words a list knows.
fn name(text: &Text<'_>, first: usize) -> Option<usize> {
    let is_word = |at: usize| is_word(text, at);
    let is_given = |at: usize| GIVEN.contains(text.words[at].lower());
    let is_known = |at: usize| is_given(at) || SURNAMES.contains(text.words[at].lower());
    if !is_word(first) || PARTICLES.contains(text.words[first].lower()) {
        return None;
    }
    let mut last = first;
    let mut at = first + 1;
    // `i am michael burns`: a family name that is a word as well.
    let is_burns = |at: usize| {
        is_given(first)
            && !is_doubtful(text, first)
            && text.words.get(at).is_some_and(|word| SURNAMES.contains(word.lower()))
    };
    while at - first < PARTS_MAX && (is_word(at) || is_burns(at)) && joined(text, at) {
        if PARTICLES.contains(text.words[at].lower()) {
            at += 1;
            continue;
        }
        // `maria lopez wrote`: what no list knows ends a name, but for the one behind a given name that nothing follows.
        let is_end = text.words.get(at + 1).is_none_or(|next| !joined(text, at + 1) || BEHIND.contains(&next.lower()));
        if !(is_known(at) || (is_given(first) && last == first && is_end)) {
            break;
        }
        last = at;
        at += 1;
    }
    if last == first && is_word(first + 1) && joined(text, first + 1) && !is_given(first) && !is_known(first + 1) {
        return None;
    }
    let known = (first..=last).any(|at| is_known(at) && !(last == first && is_doubtful(text, at)));
    // One word alone is a given name; a family name alone is a word more often.
    (known && (last > first || is_given(first))).then_some(last)
}

/// Returns the last of two or three words of a name that no list knows, where nothing follows them but where somebody is from.
fn unknown(text: &Text<'_>, first: usize) -> Option<usize> {
    let mut at = first;
    while at - first < PARTS_MAX && is_word(text, at) && (at == first || joined(text, at)) {
        at += 1;
    }
    let last = at.checked_sub(1).filter(|last| *last > first && !PARTICLES.contains(text.words[*last].lower()))?;
    let is_end = text.words.get(at).is_none_or(|next| !joined(text, at) || BEHIND.contains(&next.lower()));
    is_end.then_some(last)
}

/// Whether a word may be one of a name.
fn is_word(text: &Text<'_>, at: usize) -> bool {
    text.words.get(at).is_some_and(|word| {
        word.text.chars().all(|c| c.is_alphabetic() || matches!(c, '\'' | '’')) && !COMMON.contains(word.lower())
    })
}

/// Whether a given name is a word as well, and written like one.
fn is_doubtful(text: &Text<'_>, at: usize) -> bool {
    let word = &text.words[at];
    AMBIGUOUS.contains(word.lower()) && !word.text.starts_with(char::is_uppercase)
}

/// Whether what somebody says to be is a person and no state: two names, or one and where they are from.
fn is_somebody(text: &Text<'_>, first: usize, last: usize) -> bool {
    let (given, family) = (text.words[first].lower(), text.words[last].lower());
    let is_family = last > first && SURNAMES.contains(family) && !COMMON.contains(family);
    if !GIVEN.contains(given) || (AMBIGUOUS.contains(given) && !is_family) {
        return false;
    }
    let is_followed = match text.words.get(last + 1) {
        Some(next) if joined(text, last + 1) => BEHIND.contains(&next.lower()),
        _ => true,
    };
    last > first || is_followed
}
