//! Numbers of persons that somebody has called so: `SSN: 123-45-6789`, `passport no. C01X00T47`. The label earns them their score; no check
//! digit is asked for, since whoever writes a wrong number down has still written down somebody's.

use super::labels::{self, Label, Shape};
use crate::pii::Class;
use crate::pii::finding::Found;
use crate::pii::recognize::check::is_uniform;
use crate::pii::text::{Text, is_unspaced, read};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

/// Words that may stand between a label and its number, and say that it is one.
const NUMBERED: &[&str] = &[
    "no",
    "nr",
    "number",
    "numbers",
    "num",
    "nummer",
    "numéro",
    "numero",
    "número",
    "nº",
    "n",
    "º",
    "номер",
    "is",
    "was",
    "ist",
    "lautet",
    "est",
    "es",
    "è",
    "é",
];
/// The same, which say nothing.
const FILLING: &[&str] =
    &["id", "code", "card", "carte", "karte", "kort", "us", "usa", "uk", "eu", "holder", "identifier"];
const WORDS_BETWEEN_MAX: usize = 4;
const GAP_BYTES_MAX: usize = 6;
/// Letters of a word that is a label without a sign behind it, when it is not written in capitals.
const SPOKEN_LETTERS_MIN: usize = 5;
const MARKED: f32 = 0.85;
const SPOKEN: f32 = 0.7;

/// By the last word of a name: what it labels, and the words in front of that word.
type Names = HashMap<&'static str, Vec<(&'static Label, Vec<&'static str>)>>;
/// Names in scripts without spaces, which stand at the end of a word of several.
static UNSPACED: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let names = labels::all().flat_map(|label| label.names.iter().copied());
    names.filter(|name| name.chars().next().is_some_and(is_unspaced)).collect()
});
/// What stands behind a name in such a script: a word for number, and one that says that it is this one.
const UNSPACED_ENDS: &[char] = &['号', '號', '码', '碼', '番', '是', '为', '為', '는', '은', 'は', 'が'];
static NAMES: LazyLock<Names> = LazyLock::new(|| {
    let mut names = Names::new();
    for (label, name) in labels::all().flat_map(|label| label.names.iter().map(move |name| (label, name))) {
        let mut words: Vec<&str> = name.split(' ').collect();
        if let Some(last) = words.pop() {
            names.entry(last).or_default().push((label, words));
        }
    }
    names
});

pub(super) fn find(text: &Text<'_>, found: &mut Vec<Found>) {
    for at in 0..text.words.len() {
        let is_unspaced = text.words[at].is_unspaced();
        let name = if is_unspaced { unspaced(text.words[at].text) } else { Some(text.words[at].lower()) };
        let Some(names) = name.and_then(|name| NAMES.get(name)) else { continue };
        let Some((start, is_marked)) = behind(text, at) else { continue };
        for (label, before) in names {
            let is_spoken = is_unspaced
                || !before.is_empty()
                || (text.words[at].is_all_capitals() && text.words[at].text.len() > 2)
                || text.words[at].text.chars().count() >= SPOKEN_LETTERS_MIN;
            let is_named = begins(text, at, before) && (is_marked || is_spoken);
            let score = if is_marked { MARKED } else { SPOKEN };
            found.extend(
                number(text, start, label, is_marked).filter(|_| is_named).map(|bytes| made(label, bytes, score)),
            );
        }
    }
    // The name of a column stands in front of each of its values.
    let Some(start) = text.words.first().map(|word| word.start).filter(|_| !text.column.is_empty()) else { return };
    for (at, word) in text.column.iter().enumerate() {
        for (label, before) in NAMES.get(word.as_str()).into_iter().flatten() {
            let is_named = text.column[..at].iter().rev().zip(before.iter().rev()).filter(|(a, b)| a == *b).count();
            if is_named == before.len() {
                found.extend(number(text, start, label, true).map(|bytes| made(label, bytes, MARKED)));
            }
        }
    }
}

/// Returns the name that a word of a script without spaces ends with.
fn unspaced(word: &str) -> Option<&'static str> {
    let trimmed = word.trim_end_matches(UNSPACED_ENDS);
    UNSPACED.iter().find(|name| word.ends_with(**name) || trimmed.ends_with(**name)).copied()
}

fn made(label: &Label, bytes: Range<usize>, score: f32) -> Found {
    Found { class: Class::NationalId, kind: label.kind, bytes, score, because: vec!["form", "context"] }
}

/// Whether these words stand directly in front of a word.
fn begins(text: &Text<'_>, at: usize, before: &[&str]) -> bool {
    at >= before.len()
        && before.iter().rev().enumerate().all(|(back, wanted)| {
            let word = &text.words[at - back - 1];
            let gap = &text.text[word.end()..text.words[at - back].start];
            word.lower() == *wanted && matches!(gap, " " | "-" | "_" | "." | ". " | "\u{a0}")
        })
}

/// Returns where what a label speaks of begins, and whether a sign or word says that it is a number; none when something else follows.
fn behind(text: &Text<'_>, label: usize) -> Option<(usize, bool)> {
    let mut reached = text.words[label].end();
    let mut is_marked = false;
    for word in text.words[label + 1..].iter().take(WORDS_BETWEEN_MAX + 1) {
        let gap = &text.text[reached..word.start];
        let is_near = gap.len() <= GAP_BYTES_MAX
            && gap.chars().all(|c| " :#=.,-–—()[]\"'*`|/№°_>：（）\t\n\r\u{a0}".contains(c))
            && (!gap.contains('\n') || gap.contains([':', '=', '|', '：']));
        if !is_near {
            return None;
        }
        is_marked |= gap.contains([':', '#', '=', '№', '|', '°', '：']);
        if NUMBERED.contains(&word.lower()) {
            is_marked = true;
        } else if !FILLING.contains(&word.lower()) {
            return Some((word.start, is_marked));
        }
        reached = word.end();
    }
    None
}

/// Returns the place of a number that begins here in one of the label's shapes.
fn number(text: &Text<'_>, start: usize, label: &Label, is_marked: bool) -> Option<Range<usize>> {
    label.shapes.iter().find_map(|shape| {
        let end = match shape {
            Shape::Form(form) => read(text.bytes, start, form)?.end,
            Shape::Run { least, most, digits } => run(text.bytes, start, *least, *most, *digits, is_marked)?,
        };
        let place = start..end;
        let digits: Vec<u8> = text.bytes[place.clone()].iter().copied().filter(u8::is_ascii_digit).collect();
        (!is_uniform(&digits) && text.stands_alone(&place)).then_some(place)
    })
}

/// Returns where letters and digits end that may be a document's number. Where nothing marks it as one, it has both: digits alone are a count.
fn run(bytes: &[u8], start: usize, least: usize, most: usize, digits_min: usize, is_marked: bool) -> Option<usize> {
    let (mut at, mut signs, mut digits) = (start, 0, 0);
    while let Some(byte) = bytes.get(at) {
        let goes_on =
            matches!(byte, b'-' | b'.') && bytes.get(at + 1).is_some_and(u8::is_ascii_alphanumeric) && at > start;
        if byte.is_ascii_alphanumeric() {
            signs += 1;
            digits += usize::from(byte.is_ascii_digit());
        } else if !goes_on {
            break;
        }
        at += 1;
    }
    let is_number = (least..=most).contains(&signs) && digits >= digits_min && (is_marked || digits < signs);
    is_number.then_some(at)
}
