//! The names of town, county or country behind an address without a postal code, and the door in front of them.

use super::follows;
use super::place::{COUNTRIES, is_house};
use crate::pii::recognize::organization::FORMS;
use crate::pii::text::{Text, Word, listed};
use crate::pii::words::{AMBIGUOUS, GIVEN, STREETS_SMALL, TITLES};

/// Names of a town without a postal code at most, with commas between them, and words of each.
const TOWNS_MAX: usize = 3;
const TOWN_WORDS_MAX: usize = 3;
/// Words for a door or a storey behind the number of a house.
const DOORS: &[&str] = &[
    "piso",
    "planta",
    "puerta",
    "escalera",
    "esc",
    "apto",
    "apt",
    "apartment",
    "appt",
    "appartement",
    "bte",
    "bus",
    "interno",
    "interior",
    "int",
    "scala",
    "lok",
    "flat",
    "suite",
    "unit",
    "floor",
    "etage",
    "stiege",
    "tür",
    "top",
    "wohnung",
    "whg",
    "andar",
    "sala",
    "bloco",
];
/// Which side a door is on.
const SIDES: &[&str] = &["izq", "izda", "izquierda", "dcha", "derecha", "centro", "esq", "dto", "fte"];
const DOORS_MAX: usize = 3;
/// What stands behind a comma and is no town.
const DAYS: &[&str] = &[
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Returns where the names of town, county or country end that follow an address without a postal code.
pub(super) fn towns(text: &Text<'_>, end: usize) -> usize {
    let mut reached = end;
    for _ in 0..TOWNS_MAX {
        match town(text, reached) {
            Some(next) => reached = next,
            None => break,
        }
    }
    reached
}

/// `, São Paulo`, `, Dublin 1`
fn town(text: &Text<'_>, end: usize) -> Option<usize> {
    let first = text.word_at(end);
    let begins = text.words.get(first).filter(|word| &text.text[end..word.start] == ", ")?;
    let is_person = TITLES.contains(begins.lower())
        || (GIVEN.contains(begins.lower())
            && !AMBIGUOUS.contains(begins.lower())
            && !COUNTRIES.contains(&begins.lower()));
    if is_person || DAYS.contains(&begins.lower()) {
        return None;
    }
    let mut reached = None;
    for (at, word) in text.words.iter().enumerate().skip(first).take(TOWN_WORDS_MAX + 1) {
        if at > first && !follows(text, at, b" -'") {
            break;
        }
        let is_district = reached.is_some() && word.is_number() && word.text.len() <= 2;
        let is_inside = at > first && STREETS_SMALL.contains(word.lower());
        if word.is_capitalized() && at - first < TOWN_WORDS_MAX && !FORMS.contains(&word.lower()) {
            reached = Some(word.end());
        } else if is_district {
            reached = Some(word.end());
            break;
        } else if !is_inside {
            // `, Acme Ltd`
            if FORMS.contains(&word.lower()) {
                return None;
            }
            break;
        }
    }
    reached
}

/// Returns where a storey and a door behind a house end: `, 3º B`, `, piso 2`, ` bte 4`.
pub(super) fn door(text: &Text<'_>, end: usize) -> usize {
    let mut reached = end;
    for _ in 0..DOORS_MAX {
        let at = text.word_at(reached);
        let Some(word) = text.words.get(at).filter(|word| matches!(&text.text[reached..word.start], ", " | " ")) else {
            break;
        };
        let next = text.words.get(at + 1).filter(|_| follows(text, at + 1, b" .:"));
        let is_one = |word: &&Word<'_>| is_house(word.text) || word.text.chars().count() == 1;
        let is_storey = word.text.starts_with(|c: char| c.is_ascii_digit()) && word.text.ends_with(['º', 'ª']);
        reached = match next.filter(is_one) {
            Some(number) if listed(word.lower(), DOORS) => number.end(),
            _ if is_storey => match next {
                Some(side) if side.text.chars().count() == 1 || SIDES.contains(&side.lower()) => side.end(),
                _ => word.end(),
            },
            _ => break,
        };
    }
    reached
}
