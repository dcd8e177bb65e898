//! Names of organizations, by the legal form or the kind of house that their name ends or begins with.

mod front;
mod shapes;

pub(super) use shapes::{FORMS, HOUSES};

use crate::pii::Class;
use crate::pii::finding::Found;
use crate::pii::text::{Text, Word};
use crate::pii::words::{COMMON, GENERIC, GIVEN, SURNAMES};
use front::{IN_FRONT, OF, QUALITIES, ROLES};
use shapes::{DOTTED, OPENING, OPENING_OF, PAIRS, PAPERS};
use std::ops::Range;

const WORDS_MAX: usize = 5;
/// Words of the name of a newspaper behind its article at most.
const PAPER_WORDS_MAX: usize = 3;

pub(super) fn find(text: &Text<'_>, found: &mut Vec<Found>) {
    for at in 0..text.words.len() {
        let Some((bytes, score)) =
            ended(text, at).or_else(|| opened(text, at)).or_else(|| paired(text, at)).or_else(|| paper(text, at))
        else {
            continue;
        };
        found.push(Found { class: Class::Organization, kind: "organization", bytes, score, because: vec!["form"] });
    }
}

/// `Nordwind Energie GmbH`, `Harvard University`
fn ended(text: &Text<'_>, at: usize) -> Option<(Range<usize>, f32)> {
    let word = &text.words[at];
    let (end, score) = match form(text, at) {
        Some(end) => (end, 0.85),
        None if HOUSES.contains(&word.lower()) && word.is_capitalized() => (word.end(), 0.55),
        None => return None,
    };
    let first = first(text, at)?;
    // `National Insurance` and `Renewable Energy` are no houses; a legal form makes one of any word.
    // `World Health Organization`
    let is_world = |word: &Word<'_>| word.text == "World" && at - first > 1;
    let is_named = text.words[first..at]
        .iter()
        .any(|word| (!is_plain(word) || is_world(word)) && word.text.starts_with(char::is_uppercase));
    (score > 0.8 || is_named).then_some((text.words[first].start..end, score))
}

/// Whether a word names nothing in front of a word for a house. A family name that is a word as well names one, unless it says how a thing is.
fn is_plain(word: &Word<'_>) -> bool {
    let lower = word.lower();
    let is_common = COMMON.contains(lower) && (!SURNAMES.contains(lower) || QUALITIES.contains(&lower));
    is_common || GENERIC.contains(lower) || HOUSES.contains(&lower)
}

/// `Bank of America`, `Universität Wien`, `Ministry of Finance`
fn opened(text: &Text<'_>, at: usize) -> Option<(Range<usize>, f32)> {
    let word = &text.words[at];
    if !OPENING.contains(&word.lower()) || !word.is_capitalized() {
        return None;
    }
    let has_of = text.words.get(at + 1).is_some_and(|next| matches!(next.lower(), "of" | "de" | "di" | "del" | "do"));
    let mut last = at;
    for next in at + 1..text.words.len().min(at + WORDS_MAX) {
        let following = &text.words[next];
        if &text.text[text.words[next - 1].end()..following.start] != " " {
            break;
        }
        if matches!(following.lower(), "of" | "de" | "di" | "do" | "del" | "der" | "für" | "the" | "la") {
            continue;
        }
        if !following.is_capitalized() {
            break;
        }
        last = next;
    }
    let is_whole = last > at && (has_of || !OPENING_OF.contains(&word.lower()));
    is_whole.then(|| (word.start..text.words[last].end(), 0.65))
}

/// `Deutsche Bahn`, `Air France`
fn paired(text: &Text<'_>, at: usize) -> Option<(Range<usize>, f32)> {
    let (word, next) = (&text.words[at], text.words.get(at + 1)?);
    let (_, tails) = PAIRS.iter().find(|(begin, _)| *begin == word.lower())?;
    let is_pair = word.is_capitalized()
        && next.text.starts_with(char::is_uppercase)
        && &text.text[word.end()..next.start] == " "
        && tails.contains(&next.lower());
    is_pair.then(|| (word.start..next.end(), 0.6))
}

/// Whether two lower-case words are the name of an organization that is made of such two.
pub(super) fn is_pair(word: &str, next: &str) -> bool {
    PAIRS.iter().any(|(begin, tails)| *begin == word && tails.contains(&next))
}

/// `The Washington Post`
fn paper(text: &Text<'_>, at: usize) -> Option<(Range<usize>, f32)> {
    let word = &text.words[at];
    if word.text != "The" {
        return None;
    }
    let is_next = |at: usize| {
        text.words.get(at).is_some_and(|next| {
            next.is_capitalized() && !next.is_owner() && &text.text[text.words[at - 1].end()..next.start] == " "
        })
    };
    let last = (at + 1..=at + PAPER_WORDS_MAX).take_while(|next| is_next(*next)).last()?;
    let is_named = text.words[at + 1..last].iter().any(|word| !is_plain(word));
    let is_paper = is_named && PAPERS.contains(&text.words[last].lower());
    is_paper.then(|| (word.start..text.words[last].end(), 0.6))
}

/// Returns where a legal form that begins with this word ends.
fn form(text: &Text<'_>, at: usize) -> Option<usize> {
    let word = &text.words[at];
    let rest = &text.text[word.start..];
    let is_short = word.text.len() <= 3 && matches!(text.bytes.get(word.end()), Some(b'.' | b'/'));
    let dotted = DOTTED
        .iter()
        .filter(|_| is_short)
        .find(|form| rest.get(..form.len()).is_some_and(|found| found.to_lowercase() == **form));
    if let Some(form) = dotted {
        return Some(word.start + form.len());
    }
    // `Spa`, `Se` and `As` are words as well: a short form is written in capitals, or as its country writes it.
    let is_form = FORMS.contains(&word.lower())
        && word.text.starts_with(|c: char| c.is_uppercase() || matches!(word.text, "mbh" | "plc"));
    let is_written = word.text.len() > 3
        || word.is_all_capitals()
        || matches!(
            word.text,
            "Inc" | "plc" | "Ltd" | "Oy" | "ApS" | "SpA" | "Srl" | "Sarl" | "Kft" | "Pty" | "Ab" | "Plc" | "Bv"
        );
    (is_form && is_written).then_some(())?;
    let mut end = word.end();
    if text.text[end..].starts_with('.') && matches!(word.lower(), "inc" | "ltd" | "corp") {
        end += 1;
    }
    // `GmbH & Co. KG`, `Pty Ltd`
    for more in [" & Co. KGaA", " & Co. KG", " & Co. OHG", " & Co KG", " Ltd.", " Ltd"] {
        if text.text[end..].starts_with(more) {
            return Some(end + more.len());
        }
    }
    Some(end)
}

/// Returns the first word of the name in front of a form: words with capitals or digits, `&`, `and`, `of` between them.
fn first(text: &Text<'_>, at: usize) -> Option<usize> {
    let mut first = None;
    for before in (at.saturating_sub(WORDS_MAX)..at).rev() {
        let word = &text.words[before];
        let gap = &text.text[word.end()..text.words[before + 1].start];
        let is_joined = matches!(gap, " " | "-" | " & " | "&" | " + " | "." | ". ")
            || (gap == ", "
                && before + 1 == at
                && matches!(text.words[at].lower(), "inc" | "ltd" | "llc" | "llp" | "limited" | "corp"));
        if !is_joined || (gap == ". " && word.text.chars().count() > 2) {
            break;
        }
        let is_named = word.text.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit());
        let is_of = matches!(word.lower(), "of" | "de" | "del" | "della" | "du" | "des");
        let is_link = is_of || matches!(word.lower(), "and" | "und" | "et" | "y" | "e");
        // `Bank of Scotland plc` is one; in `CFO of Contoso Ltd` the first is a person.
        let head = before.checked_sub(1).map_or("", |head| text.words[head].lower());
        let is_foreign = word.lower() == "of" && !OF.contains(&head) && !OPENING.contains(&head);
        // `Ana Ruiz de Contoso S.A.` is somebody as well.
        let is_somebody = || {
            ROLES.contains(&head) || (before.saturating_sub(2)..before).any(|at| GIVEN.contains(text.words[at].lower()))
        };
        if is_foreign || (is_of && is_somebody()) {
            break;
        }
        // `Marks and Spencer plc` is one, `Microsoft and Contoso Ltd` are two.
        let is_and = is_link && !is_of;
        let is_partner = |word: &Word<'_>| SURNAMES.contains(word.lower()) || GIVEN.contains(word.lower());
        let sides = [before.checked_sub(1), Some(before + 1)].into_iter().flatten();
        if is_and && !sides.map(|side| &text.words[side]).any(is_partner) {
            break;
        }
        let opens = before == 0 || text.text[..word.start].trim_end().ends_with(['.', '\n', ':', '!', '?']);
        let is_article = IN_FRONT.contains(&word.lower()) && (opens || !is_link);
        // `Turner and Sons`
        let is_kin =
            is_and && before + 1 == at && matches!(text.words[at].lower(), "sons" | "brothers" | "partners" | "co");
        if is_article || !(is_named || is_kin || (is_link && first.is_some())) {
            break;
        }
        if is_named {
            first = Some(before);
        }
    }
    first
}
