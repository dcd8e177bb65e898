//! Streets that the postal code and the place behind them tell.

use super::place::{house, is_house, place, unit};
use super::{follows, glued, name};
use crate::pii::text::Text;
use crate::pii::words::{COMMON, STREETS_FRENCH};
use std::ops::Range;

/// `rue Leroux, 36485 Chauvet`: a French street without a number, where a postal code and a place follow.
pub(super) fn without_number(text: &Text<'_>, at: usize) -> Option<(Range<usize>, f32)> {
    let word = &text.words[at];
    let is_inside = at > 0 && text.words[at - 1].text.starts_with(|c: char| c.is_ascii_digit());
    if !STREETS_FRENCH.contains(word.lower()) || is_inside || text.words.len() <= at + 1 || !follows(text, at + 1, b" ")
    {
        return None;
    }
    let end = text.words[name(text, at + 1)?].end();
    let code = text.words.get(text.word_at(end))?;
    let is_coded = code.is_number() && code.text.len() == 5 && matches!(&text.text[end..code.start], ", " | " " | "\n");
    (is_coded && place(text, end) > code.end()).then_some((word.start..end, 0.45))
}

/// `Mládkova 1, 293 72 Suchdol`, `2046 Brown Cliffs, Markhaven, PA 90740`: a name and a number, whatever they are, in front of a postal
/// code and a place.
pub(super) fn by_place(text: &Text<'_>, at: usize) -> Option<(Range<usize>, f32)> {
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
        // `Kilowattpreis 0,0912 EUR`
        if text.words.get(last + 2).is_some_and(|next| next.is_number()) && glued(text, last + 1) {
            return None;
        }
        house(text, last + 1, number.end())
    } else {
        return None;
    };
    let placed = place(text, end);
    // `DUNS 15-048, VAT 1234`: letters that stand for words.
    if word.is_all_capitals()
        && text.words.get(at + 1).is_some_and(|next| next.text.starts_with(|c: char| c.is_ascii_digit()))
    {
        return None;
    }
    // `14 March 2025, Room Amber`
    let is_word = |at: usize| text.words.get(at).is_some_and(|word| COMMON.contains(word.lower()));
    let named = if is_house(word.text) { at + 1 } else { at };
    if is_word(named) && text.words.get(named + 1).is_none_or(|next| !next.is_capitalized()) {
        return None;
    }
    let is_placed = text.text[end..placed.max(end)].chars().filter(|c| c.is_alphabetic()).count() > 2;
    is_placed.then_some((word.start..end, 0.45))
}
