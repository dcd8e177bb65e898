//! What stands around the name of a street: its house number, a flat or suite, the postal code and the place.

use super::follows;
use crate::pii::text::{Text, Word};
use crate::pii::words::STREETS_SMALL;

/// Words of the place behind it at most.
const PLACE_WORDS_MAX: usize = 9;
const UNITS: &[&str] = &["apt", "apartment", "suite", "unit", "flat", "floor", "room", "ste"];
pub(super) const COUNTRIES: &[&str] = &[
    "france",
    "germany",
    "deutschland",
    "spain",
    "españa",
    "italy",
    "italia",
    "uk",
    "usa",
    "us",
    "ireland",
    "canada",
    "australia",
    "austria",
    "österreich",
    "switzerland",
    "schweiz",
    "suisse",
    "netherlands",
    "nederland",
    "belgium",
    "belgique",
    "belgië",
    "portugal",
    "brasil",
    "brazil",
    "poland",
    "polska",
    "sweden",
    "sverige",
    "norway",
    "norge",
    "denmark",
    "danmark",
    "finland",
    "suomi",
    "india",
    "japan",
    "china",
    "mexico",
    "méxico",
    "singapore",
    "england",
    "scotland",
    "wales",
];
/// Returns where the postal code and place behind an address end, and a country behind them; where the address ends when none follow.
pub(super) fn place(text: &Text<'_>, end: usize) -> usize {
    let placed = coded(text, end);
    let country = text
        .words
        .get(text.word_at(placed))
        .filter(|word| placed > end && &text.text[placed..word.start] == ", " && COUNTRIES.contains(&word.lower()));
    country.map_or(placed, Word::end)
}

fn coded(text: &Text<'_>, end: usize) -> usize {
    let mut at = text.word_at(end);
    let (mut reached, mut result) = (end, end);
    let (mut code, mut places, mut looked) = (false, 0, 0);
    while let Some(word) = text.words.get(at).filter(|_| looked < PLACE_WORDS_MAX) {
        looked += 1;
        let gap = &text.text[reached..word.start];
        let is_near =
            matches!(gap.trim_matches(' '), "" | "," | "-" | "\n" | ",\n" | "(" | "–" | "/") && gap.len() <= 4;
        if !is_near || (code && places > 0 && gap.contains([',', '\n'])) {
            break;
        }
        if let Some(last) = postal(text, at).filter(|_| !code) {
            code = true;
            reached = text.words[last].end();
            result = reached;
            at = last + 1;
            // Behind a place the code is the end of an address.
            if places > 0 {
                break;
            }
            continue;
        }
        let is_place = word.text.starts_with(char::is_uppercase);
        if !is_place && !STREETS_SMALL.contains(word.lower()) {
            break;
        }
        reached = word.end();
        places += usize::from(is_place);
        if code && is_place {
            result = reached;
        }
        at += 1;
    }
    result
}

pub(super) fn is_unit(word: &str) -> bool {
    UNITS.contains(&word)
}

/// Returns the last word of a postal code that begins here: `12345`, `SW1A 1AA`, `1012 AB`, `293 72`, `84-962`, `90740-1234`.
fn postal(text: &Text<'_>, at: usize) -> Option<usize> {
    let word = text.words.get(at)?.text;
    let next = text.words.get(at + 1).filter(|_| follows(text, at + 1, b" -")).map_or("", |word| word.text);
    let digits = |word: &str| if word.bytes().all(|byte| byte.is_ascii_digit()) { word.len() } else { 0 };
    let is_letters =
        |word: &str, count: usize| word.len() == count && word.bytes().all(|byte| byte.is_ascii_uppercase());
    match (digits(word), digits(next)) {
        (5, 3 | 4) | (3, 2) | (2, 3) => return Some(at + 1),
        (4, 0) if is_letters(next, 2) => return Some(at + 1),
        (4, 3) | (3, 4) if text.text[text.words[at].end()..].starts_with('-') => return Some(at + 1),
        _ => {}
    }
    let is_half = |word: &str| {
        (2..=4).contains(&word.len())
            && word.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
            && word.bytes().any(|byte| byte.is_ascii_digit())
            && word.bytes().any(|byte| byte.is_ascii_uppercase())
    };
    if is_half(word) && is_half(next) {
        return Some(at + 1);
    }
    is_postal(word).then_some(at)
}

/// `12345`, `1012AB`, `K8Y9Z1`
fn is_postal(word: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let letters = word.bytes().filter(u8::is_ascii_uppercase).count();
    let is_whole = digits + letters == word.len();
    is_whole
        && ((letters == 0 && (4..=8).contains(&digits) && digits != 7)
            || (word.len() == 6 && matches!((digits, letters), (4, 2) | (3, 3))))
}

/// `5`, `5a`, `221B`; a year or a quantity is no house.
pub(super) fn is_house(word: &str) -> bool {
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    (1..=5).contains(&digits)
        && word.len() - digits <= 1
        && word[digits..].bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// Returns where a house number ends that goes on with a hyphen, a slash or a letter: `5-7`, `7/12`, `5 a`.
pub(super) fn house(text: &Text<'_>, at: usize, end: usize) -> usize {
    let Some(next) = text.words.get(at + 1) else { return end };
    let gap = &text.text[end..next.start];
    let goes_on = matches!(gap, "-" | "/" | "–") && is_house(next.text);
    let is_letter = gap == " " && next.text.len() == 1 && next.text.bytes().all(|byte| (b'a'..=b'h').contains(&byte));
    if goes_on || is_letter { next.end() } else { end }
}

/// Returns where the flat or suite behind a street ends.
pub(super) fn unit(text: &Text<'_>, last: usize) -> usize {
    let end = text.words[last].end();
    let mut at = last + 1;
    let direction = |word: &str| {
        matches!(word, "N" | "S" | "E" | "W" | "NW" | "NE" | "SW" | "SE" | "North" | "South" | "East" | "West")
    };
    let mut reached = end;
    if text.words.get(at).is_some_and(|word| direction(word.text) && follows(text, at, b" ")) {
        reached = text.words[at].end();
        at += 1;
    }
    let Some(word) = text.words.get(at) else { return reached };
    let gap = text.text[reached..word.start].trim_matches([' ', '.', ',']);
    let is_unit = is_unit(word.lower());
    let number = text.words.get(at + 1).filter(|number| is_house(number.text) || number.text.len() == 1);
    match number {
        Some(number)
            if is_unit
                && gap.is_empty()
                && text.text[word.end()..number.start].trim_matches([' ', '.', '#']).is_empty() =>
        {
            number.end()
        }
        _ => reached,
    }
}
