//! Lists of names: who was present, who is in a team. What stands among names in a list is one, though no other list knows it.

use super::{Named, joined, parts};
use crate::pii::text::Text;
use crate::pii::words::{COMMON, GIVEN, ROLLS, SURNAMES};

/// Words in front of the colon that may say what the list is of.
const WORDS_BEFORE: usize = 4;
/// Names of one list at most.
const ITEMS_MAX: usize = 200;
/// What stands in parentheses behind a name, in bytes.
const REMARK_BYTES_MAX: usize = 60;

/// Finds the names of every list that a colon opens.
pub(super) fn find(text: &Text<'_>) -> Vec<Named> {
    let mut found = Vec::new();
    for at in 0..text.words.len().saturating_sub(1) {
        if !text.text[text.words[at].end()..].trim_start_matches([' ', '\u{a0}']).starts_with(':') {
            continue;
        }
        let first = at.saturating_sub(WORDS_BEFORE - 1);
        let is_roll = text.words[first..=at].iter().any(|word| ROLLS.contains(word.lower()));
        let items = items(text, at + 1);
        let is_known = |(first, last): &(usize, usize)| {
            text.words[*first..=*last].iter().any(|word| {
                GIVEN.contains(word.lower()) || (SURNAMES.contains(word.lower()) && !COMMON.contains(word.lower()))
            })
        };
        let known = items.iter().filter(|item| is_known(item)).count();
        let is_of_names = items.len() > 1 && known * 2 >= items.len() && items.iter().all(|(first, last)| last > first);
        if !is_roll && !is_of_names {
            continue;
        }
        for (first, last) in items {
            let is_name = last > first || is_known(&(first, last));
            let is_plain = !COMMON.contains(text.words[first].lower()) || is_known(&(first, last));
            if is_name && is_plain {
                found.push((first, last, if is_roll { 0.7 } else { 0.6 }, vec!["context"]));
            }
        }
    }
    found
}

/// Reads names with commas or a word for "and" between them, as first and last word; nothing where something else stands among them.
fn items(text: &Text<'_>, first: usize) -> Vec<(usize, usize)> {
    let mut items = Vec::new();
    let mut at = first;
    while items.len() < ITEMS_MAX {
        let Some(last) = parts(text, at) else { break };
        items.push((at, last));
        let mut behind = text.words[last].end();
        let remark =
            text.text[behind..].strip_prefix(" (").map(|rest| &rest[..rest.floor_char_boundary(REMARK_BYTES_MAX)]);
        if let Some(closes) = remark.and_then(|rest| rest.find(')')) {
            behind += closes + 3;
        }
        let next = text.word_at(behind);
        let Some(word) = text.words.get(next) else { return items };
        match &text.text[behind..word.start] {
            ", " | "; " | ",\n" => at = next,
            gap if gap.starts_with(['.', '\n', '\r', ';']) => return items,
            " " if is_and(word.lower()) && joined(text, next) => at = next + 1,
            _ => break,
        }
        // `…, and Jane Miller`
        if text.words.get(at).is_some_and(|word| is_and(word.lower())) {
            at += 1;
        }
    }
    Vec::new()
}

fn is_and(word: &str) -> bool {
    matches!(word, "and" | "und" | "et" | "y" | "e" | "i" | "en" | "och" | "og" | "ja" | "oraz")
}
