//! Names of organizations, by the legal form or the kind of house that their name ends or begins with.

use crate::pii::Class;
use crate::pii::finding::Found;
use crate::pii::text::Text;
use crate::pii::words::COMMON;

/// Legal forms, in lower case and without full stops.
pub(super) const FORMS: &[&str] = &[
    "inc",
    "incorporated",
    "llc",
    "llp",
    "ltd",
    "limited",
    "corp",
    "corporation",
    "plc",
    "gmbh",
    "ag",
    "kg",
    "ohg",
    "kgaa",
    "ug",
    "mbh",
    "se",
    "sarl",
    "sas",
    "sasu",
    "eurl",
    "sa",
    "srl",
    "spa",
    "snc",
    "bv",
    "nv",
    "ab",
    "asa",
    "aps",
    "oy",
    "oyj",
    "kft",
    "zrt",
    "ltda",
    "pty",
    "gbr",
];
/// The same where they are written with full stops, spaces or slashes.
const DOTTED: &[&str] = &[
    "s.a.",
    "s.r.l.",
    "s.p.a.",
    "b.v.",
    "n.v.",
    "s.l.",
    "s.l.u.",
    "sp. z o.o.",
    "a/s",
    "e.v.",
    "e.k.",
    "s.a.s.",
    "s.à r.l.",
    "d.o.o.",
    "a.s.",
    "s.r.o.",
    "k.k.",
    "s. a.",
];
/// Words that an organization's name has without a legal form.
const HOUSES: &[&str] = &[
    "bank",
    "university",
    "universität",
    "institute",
    "foundation",
    "hospital",
    "insurance",
    "group",
    "holding",
    "holdings",
    "partners",
    "associates",
    "industries",
    "technologies",
    "solutions",
    "consulting",
    "logistics",
    "pharmaceuticals",
    "airlines",
    "stiftung",
    "verlag",
    "sons",
    "brothers",
    "ventures",
    "capital",
    "enterprises",
    "systems",
    "labs",
    "studios",
    "société",
    "société",
];
const WORDS_MAX: usize = 5;

pub(super) fn find(text: &Text<'_>, found: &mut Vec<Found>) {
    for at in 1..text.words.len() {
        let word = &text.words[at];
        let (end, score) = match form(text, at) {
            Some(end) => (end, 0.85),
            None if HOUSES.contains(&word.lower()) && word.text.starts_with(char::is_uppercase) => (word.end(), 0.55),
            None => continue,
        };
        let Some(first) = first(text, at) else { continue };
        // `National Insurance` is no house; a legal form makes one of any word.
        if score < 0.8 && text.words[first..at].iter().all(|word| COMMON.contains(word.lower())) {
            continue;
        }
        let bytes = text.words[first].start..end;
        found.push(Found { class: Class::Organization, kind: "organization", bytes, score, because: vec!["form"] });
    }
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
        && word.text.starts_with(|c: char| c.is_uppercase() || word.text.starts_with("mb"));
    let is_written = word.text.len() > 3
        || word.is_all_capitals()
        || matches!(
            word.text,
            "Inc" | "Ltd" | "Oy" | "ApS" | "SpA" | "Srl" | "Sarl" | "Kft" | "Pty" | "Ab" | "Plc" | "Bv"
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
        let is_link = matches!(word.lower(), "and" | "und" | "et" | "of" | "de" | "y" | "e");
        let opens = before == 0 || text.text[..word.start].trim_end().ends_with(['.', '\n', ':', '!', '?']);
        let is_article = matches!(
            word.lower(),
            "the"
                | "at"
                | "from"
                | "with"
                | "our"
                | "for"
                | "by"
                | "in"
                | "to"
                | "dear"
                | "die"
                | "der"
                | "bei"
                | "an"
                | "chez"
                | "contact"
                | "ask"
                | "call"
        ) && (opens || !is_link);
        if is_article || !(is_named || (is_link && first.is_some())) {
            break;
        }
        if is_named {
            first = Some(before);
        }
    }
    first
}
