//! Names of persons: behind a title or a greeting, by lists of given and family names, among other names, and by what else the text says. What no
//! list knows and nothing points to is not found; that takes a model.

mod again;
mod context;
mod east;
mod field;
mod introduced;
mod list;
mod turned;

use crate::pii::Class;
use crate::pii::finding::Found;
use crate::pii::text::{Text, bare, listed};
use crate::pii::words::{ACTS, AMBIGUOUS, COMMON, GIVEN, HOUSES, PARTICLES, SURNAMES, TITLES, TITLES_SMALL, is_family};
use context::{greeted, introduced};

const PARTS_MAX: usize = 5;
/// Words for places that are family names as well.
const PLACE_NOUNS: &[&str] =
    &["park", "hill", "field", "fields", "lake", "river", "rivers", "garden", "bridge", "wood", "woods", "lane"];

pub(super) fn find(text: &Text<'_>, found: &mut Vec<Found>) {
    let mut at = 0;
    while at < text.words.len() {
        let named = turned::vietnamese(text, at)
            .or_else(|| titled(text, at))
            .or_else(|| known(text, at))
            .or_else(|| turned::family_first(text, at))
            .or_else(|| turned::initials(text, at))
            .or_else(|| greeted(text, at));
        match named.filter(|(_, last, ..)| !is_of_a_place(text, *last)) {
            Some((first, last, score, because)) => {
                let bytes = text.words[first].start..owned_end(text, last);
                found.push(Found { class: Class::PersonName, kind: "person_name", bytes, score, because });
                at = last + 1;
            }
            None => at += 1,
        }
    }
    east::find(text, found);
    let named: [Finder; 6] = [
        |text, _| field::find(text),
        |text, _| list::find(text),
        |text, _| introduced::find(text),
        again::by_address,
        again::in_front,
        again::repeated,
    ];
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

/// Whether a name goes on as the name of a street or a house: `Rosa Parks Avenue`, `Martin Luther King Boulevard`.
fn is_of_a_place(text: &Text<'_>, last: usize) -> bool {
    !text.words[last].is_owner()
        && text.words.get(last + 1).is_some_and(|next| {
            next.is_capitalized()
                && &text.text[text.words[last].end()..next.start] == " "
                && HOUSES.contains(next.lower())
        })
}

/// Where a word ends, without the `'s` of what belongs to somebody.
fn owned_end(text: &Text<'_>, at: usize) -> usize {
    let word = &text.words[at];
    word.start + bare(word.text).len()
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

/// `Jane Miller`, `Jane van der Berg`, by the lists.
fn known(text: &Text<'_>, at: usize) -> Option<Named> {
    let word = &text.words[at];
    if !is_part(text, at) {
        return None;
    }
    let is_given = GIVEN.contains(word.plain()) || word.plain().split('-').any(|part| GIVEN.contains(part));
    let introduced = || introduced(text, at);
    if is_given {
        let last = parts(text, at).filter(|last| *last > at)?;
        let surname = &text.words[last];
        if last == at + 1 && super::organization::is_pair(word.lower(), surname.lower()) {
            return None;
        }
        let is_surname = is_family(surname.plain());
        // `May Day`, `Grant Street`: a given name that is a word, and no family name behind it, or one that is a word as well.
        let are_words = COMMON.contains(word.lower()) && COMMON.contains(surname.lower()) && !is_inside(text, at);
        // `Victoria Park`, `Santiago y Valencia`
        let is_ambiguous = AMBIGUOUS.contains(word.plain());
        let is_place = is_ambiguous && PLACE_NOUNS.contains(&surname.lower());
        let has_and = text.words[at..last].iter().any(|word| matches!(word.text, "y" | "e" | "i"));
        let are_two = is_ambiguous && has_and && (!is_surname || AMBIGUOUS.contains(surname.plain()));
        // `May Andreassen asked`
        let does = text.words.get(last + 1).is_some_and(|next| joined(text, last + 1) && ACTS.contains(next.text));
        let is_doubtful = !does
            && (are_words
                || is_place
                || are_two
                || (!is_surname && [word, surname].iter().any(|word| COMMON.contains(word.lower()))));
        let introduced = introduced();
        let score = match (is_surname, introduced) {
            (true, true) => 0.92,
            (true, false) => 0.85,
            (false, true) => 0.8,
            (false, false) => 0.7,
        };
        let score = match is_doubtful {
            true if is_surname && introduced => score - 0.2,
            true => score - 0.36,
            false => score,
        };
        return Some((at, last, score, if introduced { vec!["word_list", "context"] } else { vec!["word_list"] }));
    }
    let next = text.words.get(at + 1)?;
    let is_plain = |word: &str| !COMMON.contains(word) && word.chars().count() > 2;
    if is_plain(word.lower())
        && is_plain(next.plain())
        && is_family(next.plain())
        && !AMBIGUOUS.contains(next.plain())
        && joined(text, at + 1)
        && is_part(text, at + 1)
        && !word.is_owner()
        && !has_article(text, at)
    {
        // A given name that no list knows, in front of a family name that one does.
        let last = parts(text, at).filter(|last| *last > at)?;
        return Some((at, last, if introduced() { 0.75 } else { 0.55 }, vec!["word_list"]));
    }
    None
}

/// Whether a word stands inside a sentence, so that its capital letter says something.
fn is_inside(text: &Text<'_>, at: usize) -> bool {
    at > 0 && joined(text, at) && text.words[at - 1].text.starts_with(char::is_lowercase)
}

/// Articles, as far as they are no part of names.
const ARTICLES: &[&str] = &[
    "the", "la", "les", "el", "los", "las", "il", "lo", "gli", "der", "die", "das", "den", "dem", "het", "de", "le",
    "os", "as",
];

/// Whether an article stands in front of a word, or is it, as of a thing that is called like somebody: `The Washington Post`.
fn has_article(text: &Text<'_>, at: usize) -> bool {
    listed(text.words[at].lower(), ARTICLES)
        || (at > 0 && joined(text, at) && listed(text.words[at - 1].lower(), ARTICLES))
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
    // What belongs to somebody is no part of the name: `Bruce Lee's School`.
    while at < text.words.len() && at - first <= PARTS_MAX && joined(text, at) && !text.words[last].is_owner() {
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
            word.is_capitalized() && (!COMMON.contains(word.lower()) || is_family(word.plain()) || is_hyphenated);
        // `Philippine SSS`: letters that stand for words, behind a name that is not written in capitals.
        let is_acronym = word.is_all_capitals()
            && !start.is_all_capitals()
            && word.text.chars().count() <= 3
            && !is_family(word.plain());
        // What begins with a capital behind three parts is more likely the next thing.
        let is_more = last - first >= 2 && !SURNAMES.contains(word.plain()) && !GIVEN.contains(word.lower());
        if !(is_name || is_initial) || is_acronym || is_more || is_suffix(word.lower()) {
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

/// Whether a word says that what stands before it is an organization, or the name of a street.
fn is_suffix(word: &str) -> bool {
    let is_house = super::organization::HOUSES.contains(&word) || HOUSES.contains(word);
    let is_house = is_house && !SURNAMES.contains(word);
    is_house || super::organization::FORMS.contains(&word)
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
