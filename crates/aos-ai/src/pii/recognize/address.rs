//! Street addresses: a street by the words that countries name streets with, its house number on the side where that country writes it,
//! and postal code and place where they follow.

mod east;
mod front;
mod place;
mod placed;
mod towns;
mod words;

use crate::pii::Class;
use crate::pii::finding::Found;
use crate::pii::text::Text;
use crate::pii::words::{
    COMMON, STREET_ENDINGS, STREETS_ENGLISH, STREETS_FRENCH, STREETS_LEADING, STREETS_SMALL, STREETS_SURE,
};
use front::{front, is_year};
use place::{house, is_house, place, unit};
use placed::{by_place, without_number};
use std::ops::Range;
use towns::{door, towns};
use words::{COUNTING, DATING, GOING_ON, HINTS};

/// Words of the name of a street at most.
const NAME_MAX: usize = 5;

pub(super) fn find(text: &Text<'_>, found: &mut Vec<Found>) {
    for at in 0..text.words.len() {
        let street = number_first(text, at)
            .or_else(|| ending(text, at))
            .or_else(|| leading(text, at))
            .or_else(|| without_number(text, at))
            .or_else(|| box_number(text, at))
            .or_else(|| by_place(text, at))
            .or_else(|| east::latin(text, at))
            .or_else(|| east::own_script(text, at));
        let Some((mut bytes, mut score)) = street else { continue };
        let mut because = vec!["form"];
        bytes.end = door(text, bytes.end);
        bytes.start = front(text, bytes.start);
        let end = place(text, bytes.end);
        if end > bytes.end {
            bytes.end = end;
            score += 0.2;
        } else {
            bytes.end = towns(text, bytes.end);
        }
        if text.hints(&bytes, HINTS) {
            because.push("context");
            score += 0.15;
        }
        found.push(Found { class: Class::Address, kind: "address", bytes, score: score.min(0.95), because });
    }
}

/// `221B Baker Street`, `1600 Pennsylvania Avenue NW`, `12 bis rue de la Paix`
fn number_first(text: &Text<'_>, at: usize) -> Option<(Range<usize>, f32)> {
    let number = &text.words[at];
    let is_whole = at == 0 || !glued(text, at - 1);
    if !is_house(number.text) || !is_whole || is_counted(text, at) {
        return None;
    }
    let mut next = at + 1;
    // `79/85, Pall Street`
    let is_pair = text.words.get(next).is_some_and(|word| is_house(word.text) && follows(text, next, b"/"));
    next += usize::from(is_pair);
    if text.words.get(next).is_some_and(|word| matches!(word.lower(), "bis" | "ter" | "quater")) {
        next += 1;
    }
    let first = text.words.get(next)?;
    if STREETS_FRENCH.contains(first.lower()) && follows(text, next, b" ,") {
        let end = name(text, next + 1)?;
        return Some((number.start..text.words[end].end(), 0.7));
    }
    // House numbers have no full stop or comma behind them in English: that is a list or a sentence. India writes a comma, and a postal code
    // has to follow then.
    let has_comma = follows(text, next, b" ,") && !follows(text, next, b" ");
    for last in next..text.words.len().min(next + NAME_MAX) {
        let word = &text.words[last];
        let is_next = follows(text, last, b" ") || (has_comma && last == next);
        if !is_next {
            return None;
        }
        let is_named = last > next;
        if is_named && STREETS_ENGLISH.contains(word.lower()) && word.text.starts_with(char::is_uppercase) {
            // `31B Elmwood Gardens`; `3D View Point` and `4K Wall` are no houses.
            let is_lettered = number.text.ends_with(['A', 'B', 'C', 'a', 'b', 'c']);
            let score = match (STREETS_SURE.contains(word.lower()), is_lettered) {
                (true, _) => 0.7,
                (false, true) => 0.55,
                (false, false) => 0.35,
            };
            let longer = text.words.get(last + 1).filter(|next| {
                STREETS_SURE.contains(next.lower())
                    && next.text.starts_with(char::is_uppercase)
                    && follows(text, last + 1, b" ")
            });
            let end = unit(text, if longer.is_some() { last + 1 } else { last });
            // `3 Gateway Drive slots`: a street has no noun behind it.
            let is_noun = text.words.get(text.word_at(end)).is_some_and(|next| {
                &text.text[end..next.start] == " "
                    && next.text.starts_with(char::is_lowercase)
                    && !GOING_ON.contains(&next.lower())
            });
            if has_comma && place(text, end) == end {
                return None;
            }
            return Some((number.start..end, if is_noun { score - 0.25 } else { score }));
        }
        let is_ordinal = word.text.starts_with(|c: char| c.is_ascii_digit())
            && word.text.ends_with(|c: char| c.is_ascii_lowercase());
        if !(word.text.starts_with(char::is_uppercase) || is_ordinal || STREETS_SMALL.contains(word.lower())) {
            return None;
        }
    }
    None
}

/// Whether a number is that of a chapter, a version or a year, and of no house.
fn is_counted(text: &Text<'_>, at: usize) -> bool {
    at.checked_sub(1).is_some_and(|before| {
        let (before, is_next) = (text.words[before].lower(), follows(text, at, b" "));
        is_next && (COUNTING.contains(&before) || (is_year(text.words[at].text) && DATING.contains(&before)))
    })
}

/// `Hauptstraße 5a`, `Am Alten Markt 12`
fn ending(text: &Text<'_>, at: usize) -> Option<(Range<usize>, f32)> {
    let word = &text.words[at];
    let lower = word.lower();
    let ended = STREET_ENDINGS.iter().find(|ending| lower.ends_with(**ending))?;
    let is_compound = lower.len() > ended.len() + 2;
    let mut first = at;
    if lower.len() == ended.len() {
        // `Berliner Straße`, `Lange Gasse`: the name is the word before.
        first = at.checked_sub(1).filter(|before| text.words[*before].is_capitalized() && follows(text, at, b" -"))?;
        // `Karl Johans gate`: a word that is written small has its whole name in front of it.
        let signs: &[u8] = if word.text.starts_with(char::is_lowercase) { b" -" } else { b"-" };
        let is_name = |at: usize| text.words[at].is_capitalized() && !COMMON.contains(text.words[at].lower());
        while first > 0 && at - first < NAME_MAX && is_name(first - 1) && follows(text, first, signs) {
            first -= 1;
        }
    } else if !is_compound {
        return None;
    } else {
        while first > 0 && text.words[first - 1].is_capitalized() && follows(text, first, b"-") {
            first -= 1;
        }
        // `Haagan pappilankatu`
        if word.text.starts_with(char::is_lowercase) && first == at {
            first = at.checked_sub(1).filter(|name| text.words[*name].is_capitalized() && follows(text, at, b" "))?;
        }
    }
    let is_capital = text.words[first].text.starts_with(char::is_uppercase);
    let number = text.words.get(at + 1).filter(|number| is_house(number.text) && follows(text, at + 1, b" ."))?;
    let sure = matches!(
        *ended,
        "straße"
            | "strasse"
            | "str"
            | "gasse"
            | "straat"
            | "gatan"
            | "vägen"
            | "gracht"
            | "laan"
            | "gade"
            | "utca"
            | "katu"
            | "vej"
            | "allee"
            | "weg"
            | "platz"
            | "plein"
            | "veien"
    );
    let score = match (sure, at - first) {
        (true, _) => 0.7,
        (false, 2..) => 0.55,
        (false, _) => 0.35,
    };
    is_capital.then(|| (text.words[first].start..house(text, at + 1, number.end()), score))
}

/// `Calle Mayor, 5`, `Via Giuseppe Verdi 12`, `ul. Długa 7/12`
fn leading(text: &Text<'_>, at: usize) -> Option<(Range<usize>, f32)> {
    let word = &text.words[at];
    let lower = word.lower();
    if !STREETS_LEADING.contains(lower)
        || (word.text.len() > 2 && !word.text.starts_with(char::is_uppercase) && lower != "ulica")
    {
        return None;
    }
    // `C/ Mayor` and `ul. Długa`: short forms have their sign.
    let sign = text.bytes.get(word.end()).copied().unwrap_or(b' ');
    if word.text.chars().count() <= 2 && !matches!(sign, b'/' | b'.') {
        return None;
    }
    if text.words.len() <= at + 1 || !follows(text, at + 1, b" ./") {
        return None;
    }
    let last = name(text, at + 1)?;
    let number = last + 1;
    let found = text.words.get(number).filter(|word| is_house(word.text))?;
    let gap = &text.text[text.words[last].end()..found.start];
    let is_near = matches!(gap.trim(), "" | "," | "nº" | ", nº" | ", n." | "n.") && gap.len() <= 6;
    is_near.then(|| (word.start..house(text, number, found.end()), 0.7))
}

/// `P.O. Box 1234`, `Postfach 12 34`
fn box_number(text: &Text<'_>, at: usize) -> Option<(Range<usize>, f32)> {
    let word = &text.words[at];
    let first = match word.lower() {
        "box" => {
            let before = text.text[..word.start].trim_end();
            let begin = ["P.O.", "PO", "P. O.", "p.o.", "Po"].into_iter().find(|begin| before.ends_with(begin))?;
            before.len() - begin.len()
        }
        "postfach" | "postbus" => word.start,
        _ => return None,
    };
    let number = text.words.get(at + 1).filter(|number| number.is_number() && follows(text, at + 1, b" "))?;
    Some((first..number.end(), 0.65))
}

/// Returns the last word of a name of up to some capitalized words, with small words between them.
fn name(text: &Text<'_>, first: usize) -> Option<usize> {
    let mut last = None;
    for at in first..text.words.len().min(first + NAME_MAX + 1) {
        let word = &text.words[at];
        if at > first && !follows(text, at, b" .-'") {
            break;
        }
        if STREETS_SMALL.contains(word.lower()) {
            continue;
        }
        if !word.text.starts_with(char::is_uppercase) {
            break;
        }
        last = Some(at);
    }
    last
}

/// Whether only these signs stand between a word and the one before it.
fn follows(text: &Text<'_>, at: usize, signs: &[u8]) -> bool {
    let before = at.checked_sub(1).map_or(0, |before| text.words[before].end());
    let gap = &text.bytes[before..text.words[at].start];
    gap.len() <= 3 && gap.iter().all(|byte| signs.contains(byte))
}

/// Whether a word is joined to the next one, as in `3.5` or `A-17`.
fn glued(text: &Text<'_>, at: usize) -> bool {
    let gap = &text.bytes[text.words[at].end()..text.words[at + 1].start];
    matches!(gap, b"." | b"-" | b"/" | b":" | b"_" | b",")
}
