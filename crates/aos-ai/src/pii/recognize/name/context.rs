//! Names by what stands around them: who is greeted, who signs, who speaks, who does what persons do.

use super::{Named, has_article, is_part, joined, parts};
use crate::pii::text::Text;
use crate::pii::words::{
    ACTS, AMBIGUOUS, COMMON, DONE, GIVEN, GREETINGS, INTRODUCTIONS, PLACES, SURNAMES, TITLES, TOWARDS, is_family,
};

/// Given names whose `'s` is that of a shop, a brand or an exchange.
const HOUSES_OF: &[&str] =
    &["wendy", "levi", "lloyd", "christie", "denny", "carl", "jerry", "joe", "john", "dick", "bobby", "peter", "harry"];

/// What has a name as well: `Product name: Aurora`.
const THINGS: &[&str] = &[
    "product", "file", "project", "host", "table", "column", "field", "event", "company", "brand", "domain", "model",
    "display", "service", "class", "package", "server", "device", "account", "campaign", "plan", "item", "database",
    "bucket", "job", "role", "group",
];

/// `Hi Jane,`, `Regards,\nJane Miller`, `my name is Xul Quarn`
pub(super) fn greeted(text: &Text<'_>, at: usize) -> Option<Named> {
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
    // `Liebe Grüße, …`
    if (COMMON.contains(word.lower()) && !GIVEN.contains(word.lower())) || GREETINGS.contains(word.lower()) {
        return None;
    }
    let is_known = GIVEN.contains(word.plain()) || SURNAMES.contains(word.plain());
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
    // In JSON much is called a name; there a list has to know it.
    let is_quoted = gap.starts_with(['"', '\'']) && (!is_known || (last == at && AMBIGUOUS.contains(word.plain())));
    let label = gap.trim_start_matches(['"', '\'', '*', '`', ' ', '\u{a0}']);
    let is_thing = at > 1 && THINGS.contains(&text.words[at - 2].lower());
    let labelled = INTRODUCTIONS.contains(before.lower()) && label.starts_with([':', '：']) && !is_quoted && !is_thing;
    // Somebody who does what persons do, or with whom it is done.
    let is_two = last > at
        && text.words[at..=last].iter().all(|word| !COMMON.contains(word.lower()))
        && (!has_article(text, at) || is_family(text.words[last].plain()));
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
    if !GIVEN.contains(word.plain()) || COMMON.contains(word.plain()) || !is_written {
        return None;
    }
    let (before, gap) = match at.checked_sub(1).map(|before| &text.words[before]) {
        Some(before) => (before.text, &text.text[before.end()..word.start]),
        None => ("", &text.text[..word.start]),
    };
    let opens = at == 0 || gap.contains('\n');
    let rest = &text.text[word.end()..];
    let goes_on = text.words.get(at + 1).is_some_and(|next| next.is_capitalized() && joined(text, at + 1));
    // `Jane: hello`, `[10:02] Jane: hello`, `<Jane> hello`
    let is_stamped = opens
        || (["] ", " - ", "<"].iter().any(|sign| gap.ends_with(sign))
            && before.bytes().all(|byte| byte.is_ascii_digit()));
    let spoken = initial(rest).unwrap_or(rest);
    let speaks = (spoken.starts_with(": ") && is_stamped && at + 1 < text.words.len())
        || (rest.starts_with("> ") && gap.ends_with('<') && opens);
    // Alone on its line, or with nothing behind it, after a comma.
    let signs = gap.trim_start().starts_with(',') || gap.contains(",\n");
    let ends = rest.trim_matches([' ', '.', '\r', '\n']).is_empty() || (opens && rest.starts_with(['\n', '\r']));
    let inside = gap == " " && before.starts_with(char::is_lowercase);
    let is_house = word.is_owner() && HOUSES_OF.contains(&word.plain());
    let is_sure = !AMBIGUOUS.contains(word.plain()) && !is_house;
    // `Sarah's laptop` at the beginning of a sentence
    let owns = word.is_owner() && text.words.get(at + 1).is_some_and(|next| next.text.starts_with(char::is_lowercase));
    match () {
        () if does || speaks || (signs && ends) => Some((0.6, vec!["word_list", "context"])),
        // `Julia 1.10` is a version of something.
        () if goes_on || rest.starts_with('-') || is_version(rest) => None,
        () if inside && TOWARDS.contains(before) => Some((0.55, vec!["word_list", "context"])),
        () if inside && !PLACES.contains(before) && is_sure => Some((0.5, vec!["word_list"])),
        () if owns && !inside && is_sure => Some((0.55, vec!["word_list", "context"])),
        () => None,
    }
}

/// What follows the initial of a family name: ` M.: hello`.
fn initial(rest: &str) -> Option<&str> {
    let rest = rest.strip_prefix(' ')?;
    rest.strip_prefix(char::is_uppercase)?.strip_prefix('.')
}

/// Whether a number with a full stop in it follows.
fn is_version(rest: &str) -> bool {
    let number = rest.strip_prefix(' ').unwrap_or_default();
    let behind = number.trim_start_matches(|c: char| c.is_ascii_digit());
    behind.len() < number.len()
        && behind.strip_prefix('.').is_some_and(|behind| behind.starts_with(|c: char| c.is_ascii_digit()))
}

pub(super) fn introduced(text: &Text<'_>, at: usize) -> bool {
    at > 0 && {
        let before = text.words[at - 1].lower();
        INTRODUCTIONS.contains(before)
            || GREETINGS.contains(before)
            || TITLES.contains(before)
            || text.column.iter().any(|word| INTRODUCTIONS.contains(word.as_str()))
    }
}
