//! Names in the fields of forms and records: `First name: Quillon`, `"last_name": "Vexley"`, `Nachname: Quantmeyer`. The label says that it is a
//! name, whether or not a list knows it.

use super::{Named, parts};
use crate::pii::text::{Text, listed};
use crate::pii::words::{COMMON, GIVEN, SURNAMES};
use std::cell::LazyCell;

/// What parts of names are called.
const LABELS: &[&str] = &[
    "firstname",
    "lastname",
    "fullname",
    "surname",
    "forename",
    "givenname",
    "familyname",
    "middlename",
    "vorname",
    "nachname",
    "familienname",
    "geburtsname",
    "prénom",
    "prenom",
    "prénoms",
    "apellido",
    "apellidos",
    "cognome",
    "voornaam",
    "achternaam",
    "sobrenome",
    "apelido",
    "imię",
    "nazwisko",
    "förnamn",
    "efternamn",
    "fornavn",
    "etternavn",
    "efternavn",
    "etunimi",
    "sukunimi",
    "jméno",
    "příjmení",
    "имя",
    "фамилия",
    "отчество",
];
/// Words for a name, and those in front of them that say whose, or which part.
const NAMES: &[&str] = &["name", "names"];
const WHOSE: &[&str] = &[
    "first",
    "last",
    "given",
    "family",
    "middle",
    "maiden",
    "birth",
    "legal",
    "contact",
    "patient",
    "employee",
    "cardholder",
    "holder",
    "applicant",
    "passenger",
    "guest",
    "student",
    "tenant",
    "beneficiary",
    "spouse",
    "partner",
    "manager",
    "mother's",
    "father's",
];
/// Words that are labels of names in texts that also say what the other part of a name is: products have names as well.
const BESIDE: &[&str] = &["nom", "nombre", "nome", "naam", "name"];
/// What stands in a field that is not filled in.
const EMPTY: &[&str] = &["none", "unknown", "null", "string", "required", "optional", "text", "test", "na"];
const SCORE: f32 = 0.8;

pub(super) fn find(text: &Text<'_>) -> Vec<Named> {
    let is_part_of_name = |at: usize| listed(text.words[at].lower(), LABELS);
    let has_parts = LazyCell::new(|| (0..text.words.len()).any(is_part_of_name));
    let mut found = Vec::new();
    for at in 0..text.words.len() {
        let lower = text.words[at].lower();
        let is_whose = || {
            at > 0
                && matches!(&text.text[text.words[at - 1].end()..text.words[at].start], " " | "_" | "-" | ".")
                && WHOSE.contains(&text.words[at - 1].lower())
        };
        let is_label = is_part_of_name(at)
            || (NAMES.contains(&lower) && is_whose())
            || (BESIDE.contains(&lower) && *has_parts)
            || (lower == "famille" && at > 1 && text.words[at - 2].lower() == "nom");
        if !is_label {
            continue;
        }
        found.extend(value(text, at).map(|(first, last)| (first, last, SCORE, vec!["context"])));
    }
    found
}

/// Returns the first and the last word of the name that stands in the field of a label.
fn value(text: &Text<'_>, label: usize) -> Option<(usize, usize)> {
    let first = label + 1;
    let word = text.words.get(first)?;
    let gap = &text.text[text.words[label].end()..word.start];
    let is_field = gap.contains([':', '=', '|', '：']) && gap.chars().all(|c| " \"'*`:=|>：\u{a0}".contains(c));
    let is_known = GIVEN.contains(word.lower()) || SURNAMES.contains(word.lower());
    let is_written = word.is_capitalized() || (is_known && word.text.chars().all(char::is_alphabetic));
    if !is_field || !is_written || EMPTY.contains(&word.lower()) {
        return None;
    }
    let last = parts(text, first).unwrap_or(first);
    let is_word = last == first && COMMON.contains(word.lower()) && !is_known;
    // The field was left empty, and this is the label of the next.
    let is_label = text.text[text.words[last].end()..].trim_start_matches(['"', ' ']).starts_with([':', '：', '=']);
    (!is_word && !is_label).then_some((first, last))
}
