//! Street addresses: a street by the words that countries name streets with, its house number on the side where that country writes it,
//! and postal code and place where they follow.

mod place;

use crate::pii::Class;
use crate::pii::finding::Found;
use crate::pii::text::Text;
use crate::pii::words::{
    COMMON, STREET_ENDINGS, STREETS_ENGLISH, STREETS_FRENCH, STREETS_LEADING, STREETS_SMALL, STREETS_SURE,
};
use place::{house, is_house, place, unit};
use std::ops::Range;

const HINTS: &[&str] = &[
    "address*",
    "street",
    "lives",
    "live",
    "living",
    "resid*",
    "ship*",
    "deliver*",
    "home",
    "adresse",
    "anschrift",
    "wohn*",
    "straße",
    "domicil*",
    "dirección",
    "direccion",
    "indirizzo",
    "adres",
    "endereço",
    "located",
    "office",
    "habite",
    "vive",
    "abita",
    "mora",
    "woont",
    "mieszka*",
];
/// Words of the name of a street at most.
const NAME_MAX: usize = 5;

pub(super) fn find(text: &Text<'_>, found: &mut Vec<Found>) {
    for at in 0..text.words.len() {
        let street = number_first(text, at)
            .or_else(|| ending(text, at))
            .or_else(|| leading(text, at))
            .or_else(|| box_number(text, at))
            .or_else(|| by_place(text, at));
        let Some((mut bytes, mut score)) = street else { continue };
        let mut because = vec!["form"];
        let end = place(text, bytes.end);
        if end > bytes.end {
            bytes.end = end;
            score += 0.2;
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
    if !is_house(number.text) || !is_whole {
        return None;
    }
    let mut next = at + 1;
    if text.words.get(next).is_some_and(|word| matches!(word.lower(), "bis" | "ter" | "quater")) {
        next += 1;
    }
    let first = text.words.get(next)?;
    if STREETS_FRENCH.contains(first.lower()) && follows(text, next, b" ,") {
        let end = name(text, next + 1)?;
        return Some((number.start..text.words[end].end(), 0.7));
    }
    // House numbers have no full stop or comma behind them in English: that is a list or a sentence.
    for last in next..text.words.len().min(next + NAME_MAX) {
        let word = &text.words[last];
        if !follows(text, last, b" ") {
            return None;
        }
        let is_named = last > next;
        if is_named && STREETS_ENGLISH.contains(word.lower()) && word.text.starts_with(char::is_uppercase) {
            let score = if STREETS_SURE.contains(word.lower()) { 0.7 } else { 0.35 };
            let longer = text.words.get(last + 1).filter(|next| {
                STREETS_SURE.contains(next.lower())
                    && next.text.starts_with(char::is_uppercase)
                    && follows(text, last + 1, b" ")
            });
            let end = unit(text, if longer.is_some() { last + 1 } else { last });
            return Some((number.start..end, score));
        }
        let is_ordinal = word.text.starts_with(|c: char| c.is_ascii_digit())
            && word.text.ends_with(|c: char| c.is_ascii_lowercase());
        if !(word.text.starts_with(char::is_uppercase) || is_ordinal || STREETS_SMALL.contains(word.lower())) {
            return None;
        }
    }
    None
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
        while first > 0 && text.words[first - 1].is_capitalized() && follows(text, first, b"-") {
            first -= 1;
        }
    } else if !is_compound {
        return None;
    } else {
        while first > 0 && text.words[first - 1].is_capitalized() && follows(text, first, b"-") {
            first -= 1;
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
    is_capital.then(|| (text.words[first].start..house(text, at + 1, number.end()), if sure { 0.7 } else { 0.35 }))
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

/// `Mládkova 1, 293 72 Suchdol`, `2046 Brown Cliffs, Markhaven, PA 90740`: a name and a number, whatever they are, in front of a postal
/// code and a place.
fn by_place(text: &Text<'_>, at: usize) -> Option<(Range<usize>, f32)> {
    let word = &text.words[at];
    let is_whole = at == 0 || !glued(text, at - 1);
    let is_name =
        |at: usize| text.words.get(at).is_some_and(|word| word.is_capitalized() && word.text.chars().count() > 1);
    let end = if is_house(word.text) && is_whole && is_name(at + 1) && follows(text, at + 1, b" ,") {
        let last = name(text, at + 1)?;
        unit(text, last)
    } else if is_name(at) && is_whole {
        let last = name(text, at)?;
        let number =
            text.words.get(last + 1).filter(|number| is_house(number.text) && follows(text, last + 1, b" ,"))?;
        house(text, last + 1, number.end())
    } else {
        return None;
    };
    let placed = place(text, end);
    // `14 March 2025, Room Amber`
    let is_word = |at: usize| text.words.get(at).is_some_and(|word| COMMON.contains(word.lower()));
    let named = if is_house(word.text) { at + 1 } else { at };
    if is_word(named) && text.words.get(named + 1).is_none_or(|next| !next.is_capitalized()) {
        return None;
    }
    let is_placed = text.text[end..placed.max(end)].chars().filter(|c| c.is_alphabetic()).count() > 2;
    is_placed.then_some((word.start..end, 0.45))
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
