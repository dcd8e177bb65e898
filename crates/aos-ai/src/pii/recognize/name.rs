//! Names of persons: behind a title or a greeting, by lists of given and family names, among other names, and by what else the text says. What no
//! list knows and nothing points to is not found; that takes a model.

mod again;
mod list;

use crate::pii::Class;
use crate::pii::finding::Found;
use crate::pii::text::Text;
use crate::pii::words::{
    ACTS, AMBIGUOUS, COMMON, DONE, GIVEN, GREETINGS, INTRODUCTIONS, PARTICLES, PLACES, SURNAMES, TITLES, TITLES_SMALL,
    TOWARDS, is_family,
};

const PARTS_MAX: usize = 5;

pub(super) fn find(text: &Text<'_>, found: &mut Vec<Found>) {
    let mut at = 0;
    while at < text.words.len() {
        match titled(text, at).or_else(|| known(text, at)).or_else(|| greeted(text, at)) {
            Some((first, last, score, because)) => {
                let bytes = text.words[first].start..text.words[last].end();
                found.push(Found { class: Class::PersonName, kind: "person_name", bytes, score, because });
                at = last + 1;
            }
            None => at += 1,
        }
    }
    let named: [Finder; 3] = [|text, _| list::find(text), again::by_address, again::repeated];
    for find in named {
        let more = find(text, found);
        found.extend(more.into_iter().map(|(first, last, score, because)| Found {
            class: Class::PersonName,
            kind: "person_name",
            bytes: text.words[first].start..owned_end(text, last),
            score,
            because,
        }));
    }
}

/// Where a word ends, without the `'s` of what belongs to somebody.
fn owned_end(text: &Text<'_>, at: usize) -> usize {
    let word = &text.words[at];
    let bare = word.text.strip_suffix("'s").or_else(|| word.text.strip_suffix("’s")).unwrap_or(word.text);
    word.start + bare.len()
}

type Named = (usize, usize, f32, Vec<&'static str>);
/// Finds more names by those that were found.
type Finder = fn(&Text<'_>, &[Found]) -> Vec<Named>;

/// `Dr. Ana Ruiz`, `Frau Müller-Lüdenscheidt`
fn titled(text: &Text<'_>, at: usize) -> Option<Named> {
    let title = &text.words[at];
    let is_title = TITLES.contains(title.lower())
        && (title.text.starts_with(char::is_uppercase) || TITLES_SMALL.contains(title.lower()));
    let is_monsieur = title.text == "M" && text.text[title.end()..].starts_with(". ");
    if !(is_title || is_monsieur) {
        return None;
    }
    let mut first = at + 1;
    while text.words.get(first).is_some_and(|word| TITLES.contains(word.lower()) && joined(text, first)) {
        first += 1;
    }
    let last = parts(text, first).filter(|_| joined(text, first))?;
    let is_name = !COMMON.contains(text.words[first].lower()) || last > first;
    is_name.then(|| (first, last, 0.85, vec!["context"]))
}

/// `Jane Miller`, `MILLER, Jane`, `Jane van der Berg`, by the lists.
fn known(text: &Text<'_>, at: usize) -> Option<Named> {
    let word = &text.words[at];
    if !is_part(text, at) {
        return None;
    }
    let is_given = GIVEN.contains(word.lower()) || word.lower().split('-').any(|part| GIVEN.contains(part));
    if is_given {
        let last = parts(text, at).filter(|last| *last > at)?;
        let surname = &text.words[last];
        let is_surname = is_family(surname.lower());
        // `May Day`, `Grant Street`: a given name that is a word, and no family name behind it.
        let is_doubtful = COMMON.contains(word.lower()) || COMMON.contains(surname.lower());
        let introduced = introduced(text, at);
        let score = match (is_surname, introduced) {
            (true, true) => 0.92,
            (true, false) => 0.85,
            (false, true) => 0.8,
            (false, false) => 0.7,
        };
        let score = if is_doubtful && !is_surname { score - 0.35 } else { score };
        return Some((at, last, score, if introduced { vec!["word_list", "context"] } else { vec!["word_list"] }));
    }
    let next = text.words.get(at + 1)?;
    let is_plain = |word: &str| !COMMON.contains(word) && word.chars().count() > 2;
    if is_plain(word.lower())
        && is_plain(next.lower())
        && is_family(next.lower())
        && joined(text, at + 1)
        && is_part(text, at + 1)
    {
        // A given name that no list knows, in front of a family name that one does.
        let last = parts(text, at).filter(|last| *last > at)?;
        let introduced = introduced(text, at);
        return Some((at, last, if introduced { 0.75 } else { 0.55 }, vec!["word_list"]));
    }
    if !SURNAMES.contains(word.lower()) || COMMON.contains(word.lower()) {
        return None;
    }
    // `Miller, Jane` and, in capitals or where the family name stands first, `NAGY Gábor`
    let gap = &text.text[word.end()..next.start];
    let is_turned = matches!(gap, ", " | " ") && GIVEN.contains(next.lower()) && is_part(text, at + 1);
    let is_turned = is_turned && (gap == ", " || !COMMON.contains(next.lower()));
    is_turned.then(|| (at, at + 1, 0.65, vec!["word_list"]))
}

/// `Hi Jane,`, `Regards,\nJane Miller`, `my name is Xul Quarn`
fn greeted(text: &Text<'_>, at: usize) -> Option<Named> {
    if !is_part(text, at) {
        return None;
    }
    let word = &text.words[at];
    let (before, gap) = match at.checked_sub(1).map(|before| &text.words[before]) {
        Some(before) => (before, &text.text[before.end()..word.start]),
        // At the beginning nothing introduces a name; what follows may.
        None => (word, "-"),
    };
    let is_greeted =
        GREETINGS.contains(before.lower()) && matches!(gap.trim_matches(['\n', '\r']), " " | "," | ", " | "" | "! ");
    let last = parts(text, at)?;
    if COMMON.contains(word.lower()) && !GIVEN.contains(word.lower()) {
        return None;
    }
    let is_known = GIVEN.contains(word.lower()) || SURNAMES.contains(word.lower());
    if is_greeted {
        let ends = text.text[text.words[last].end()..].chars().next();
        let is_alone = matches!(ends, None | Some(',' | '\n' | '\r' | '!' | '.' | ':'));
        let score = match (is_known, is_alone) {
            (true, _) => 0.75,
            (false, true) => 0.6,
            (false, false) => 0.3,
        };
        return Some((at, last, score, vec!["context"]));
    }
    // Two words of a language that no list knows, behind words that introduce a person.
    let is_said = at >= 2
        && matches!(before.lower(), "is" | "ist" | "est" | "es" | "è" | "são" | "é")
        && text.words[at - 2].lower() == "name"
        || matches!(before.lower(), "named" | "heiße" | "appelle" | "llamo" | "chiamo" | "nazywam");
    let labelled = INTRODUCTIONS.contains(before.lower()) && gap.trim_start().starts_with(':');
    // Somebody who does what persons do, or with whom it is done.
    let is_two = last > at && text.words[at..=last].iter().all(|word| !COMMON.contains(word.lower()));
    let does = text.words.get(last + 1).is_some_and(|next| joined(text, last + 1) && ACTS.contains(next.text));
    let done = matches!(before.lower(), "met" | "by" | "von" | "par" | "por" | "da" | "door" | "przez" | "av")
        && at > 1
        && DONE.contains(text.words[at - 2].lower())
        || matches!(before.lower(), "met" | "asked" | "told" | "called" | "emailed");
    if let Some((score, because)) = alone(text, at, does).filter(|_| last == at) {
        return Some((at, at, score, because));
    }
    if is_two && (does || (done && gap == " ")) {
        return Some((at, last, 0.55, vec!["context"]));
    }
    if (is_said && gap.trim().is_empty()) || (labelled && last > at) || (labelled && is_known) {
        return Some((at, last, if last > at || is_known { 0.7 } else { 0.6 }, vec!["context"]));
    }
    None
}

/// A given name without a family name: by what it does, by who speaks to whom, at the end of a letter, or inside a sentence where nothing
/// else is called so.
fn alone(text: &Text<'_>, at: usize, does: bool) -> Option<(f32, Vec<&'static str>)> {
    let word = &text.words[at];
    let is_written = word.text.chars().skip(1).all(|letter| !letter.is_uppercase());
    if !GIVEN.contains(word.lower()) || COMMON.contains(word.lower()) || !is_written {
        return None;
    }
    let (before, gap) = match at.checked_sub(1).map(|before| &text.words[before]) {
        Some(before) => (before.text, &text.text[before.end()..word.start]),
        None => ("", "\n"),
    };
    let rest = &text.text[word.end()..];
    let goes_on = text.words.get(at + 1).is_some_and(|next| next.is_capitalized() && joined(text, at + 1));
    let speaks = rest.starts_with(": ") && gap.contains('\n');
    // Alone on its line, or with nothing behind it, after a comma.
    let signs = gap.trim_start().starts_with(',') || gap.contains(",\n");
    let ends =
        rest.trim_matches([' ', '.', '\r', '\n']).is_empty() || (gap.contains('\n') && rest.starts_with(['\n', '\r']));
    let inside = gap == " " && before.starts_with(char::is_lowercase);
    match () {
        () if does || speaks || (signs && ends) => Some((0.6, vec!["word_list", "context"])),
        () if goes_on || rest.starts_with('-') => None,
        () if inside && TOWARDS.contains(before) => Some((0.55, vec!["word_list", "context"])),
        () if inside && !PLACES.contains(before) && !AMBIGUOUS.contains(word.lower()) => Some((0.5, vec!["word_list"])),
        () => None,
    }
}

fn introduced(text: &Text<'_>, at: usize) -> bool {
    at > 0 && {
        let before = text.words[at - 1].lower();
        INTRODUCTIONS.contains(before)
            || GREETINGS.contains(before)
            || TITLES.contains(before)
            || text.column.iter().any(|word| INTRODUCTIONS.contains(word.as_str()))
    }
}

/// Whether a word can be a part of a name.
fn is_part(text: &Text<'_>, at: usize) -> bool {
    let word = &text.words[at];
    let before = text.text[..word.start].chars().next_back();
    let after = text.text[word.end()..].chars().next();
    let is_inside = matches!(before, Some('@' | '/' | '_' | '#' | '.' | '\\' | '-' | '='))
        && !text.text[..word.start].ends_with(". ")
        || matches!(after, Some('@' | '/' | '_' | '=' | '\\' | '('));
    word.is_capitalized() && !is_inside
}

/// Returns the last word of a name that begins here: capitalized words, initials, and particles between them.
fn parts(text: &Text<'_>, first: usize) -> Option<usize> {
    let start = text.words.get(first)?;
    if !start.is_capitalized() || (first > 0 && !joined(text, first) && text.text[..start.start].ends_with('-')) {
        return None;
    }
    let mut last = (start.text.chars().count() > 1 || text.text[start.end()..].starts_with('.')).then_some(first)?;
    let mut at = first + 1;
    while at < text.words.len() && at - first <= PARTS_MAX && joined(text, at) {
        let word = &text.words[at];
        if PARTICLES.contains(word.lower())
            && !word.is_all_capitals()
            && text.words.get(at + 1).is_some_and(|next| next.is_capitalized() || PARTICLES.contains(next.lower()))
        {
            at += 1;
            continue;
        }
        let is_hyphenated = text.text[..word.start].ends_with('-');
        let is_initial = word.text.chars().count() == 1 && text.text[word.end()..].starts_with('.');
        let is_name =
            word.is_capitalized() && (!COMMON.contains(word.lower()) || is_family(word.lower()) || is_hyphenated);
        // What begins with a capital behind three parts is more likely the next thing.
        let is_more = last - first >= 2 && !SURNAMES.contains(word.lower()) && !GIVEN.contains(word.lower());
        if !(is_name || is_initial) || is_more || is_suffix(word.lower()) {
            break;
        }
        last = at;
        at += 1;
    }
    // An initial at the end is the beginning of something else.
    if last > first && text.words[last].text.chars().count() == 1 {
        last -= 1;
    }
    Some(last)
}

fn is_suffix(word: &str) -> bool {
    super::organization::FORMS.contains(&word)
}

/// Whether a word stands directly behind the one before it, with a space, a hyphen or the full stop of an initial between them.
fn joined(text: &Text<'_>, at: usize) -> bool {
    let Some(before) = at.checked_sub(1) else { return false };
    let before = &text.words[before];
    let is_short = before.text.chars().count() == 1 || TITLES.contains(before.lower());
    match &text.text[before.end()..text.words[at].start] {
        " " | "-" | "\u{a0}" => true,
        ". " | "." => is_short,
        _ => false,
    }
}
