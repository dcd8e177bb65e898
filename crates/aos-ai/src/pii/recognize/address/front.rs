//! What stands in front of a street: a flat or suite, perhaps in a building that has a name, or the postal code and place.

use super::place::{is_house, is_unit};
use crate::pii::text::Text;

const NAME_MAX: usize = 4;

/// Returns where an address begins whose street begins here.
pub(super) fn front(text: &Text<'_>, street: usize) -> usize {
    let at = text.word_at(street);
    let flat = flat(text, at).or_else(|| named(text, at).and_then(|building| flat(text, building)));
    flat.or_else(|| coded(text, at)).unwrap_or(street)
}

/// Returns where `Flat 3, ` in front of a word begins.
fn flat(text: &Text<'_>, at: usize) -> Option<usize> {
    let number = at.checked_sub(1).filter(|_| gap(text, at) == ", ")?;
    let unit = number.checked_sub(1).filter(|_| matches!(gap(text, number), " " | ". " | " #"))?;
    let (unit, number) = (&text.words[unit], &text.words[number]);
    let is_flat = is_unit(unit.lower()) && (is_house(number.text) || number.text.len() == 1);
    is_flat.then_some(unit.start)
}

/// Returns the first word of the name in front of a comma and this word: `Sunrise Apartments, `.
fn named(text: &Text<'_>, at: usize) -> Option<usize> {
    let mut first = at.checked_sub(1).filter(|_| gap(text, at) == ", ")?;
    while text.words[first].is_capitalized()
        && first > 0
        && matches!(gap(text, first), " " | "-")
        && at - first < NAME_MAX
    {
        first -= 1;
    }
    text.words[first].is_capitalized().then_some(first)
}

/// Returns where `12345 Berlin, ` in front of a word begins.
fn coded(text: &Text<'_>, at: usize) -> Option<usize> {
    let first =
        (at.saturating_sub(NAME_MAX)..at.checked_sub(1)?).rev().find(|code| !text.words[*code].is_capitalized())?;
    let code = &text.words[first];
    let is_place = gap(text, at) == ", " && (first + 1..at).all(|word| matches!(gap(text, word), " " | "-"));
    let is_code = code.is_number() && (code.text.len() == 5 || (code.text.len() == 4 && !is_year(code.text)));
    let before = text.text[..code.start].chars().next_back();
    (is_place && is_code && !before.is_some_and(|c| c.is_alphanumeric() || "-./_#".contains(c))).then_some(code.start)
}

/// Whether four digits are a year of our time.
pub(super) fn is_year(number: &str) -> bool {
    number.parse::<u32>().is_ok_and(|year| (1900..=2099).contains(&year))
}

/// What stands between a word and the one before it.
fn gap<'t>(text: &Text<'t>, at: usize) -> &'t str {
    let begin = at.checked_sub(1).map_or(0, |before| text.words[before].end());
    &text.text[begin..text.words[at].start]
}
