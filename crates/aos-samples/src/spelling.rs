//! How different people write the same company name.

use crate::names::LEGAL_FORMS;
use crate::random::Rng;

/// Writes the usual form: Acme Corp.
pub fn plain(stem: &str, legal_form: &str) -> String {
    format!("{stem} {legal_form}")
}

/// Writes a form found where names are typed from contracts: capitals and long legal forms.
pub fn formal(rng: &mut Rng, stem: &str, legal_form: &str) -> String {
    let (short, long, _) = legal_form_spellings(legal_form);
    match rng.weighted(&[35, 30, 20, 15]) {
        0 => format!("{stem} {long}"),
        1 => plain(stem, short),
        2 => format!("{} {long}", short_word_in_capitals(stem)),
        _ => plain(stem, short).to_uppercase(),
    }
}

/// Writes a form found where names come from web forms: dots, commas, no legal form, no umlauts.
pub fn casual(rng: &mut Rng, stem: &str, legal_form: &str) -> String {
    let (short, _, dotted) = legal_form_spellings(legal_form);
    match rng.weighted(&[30, 25, 25, 20]) {
        0 => format!("{stem} {dotted}"),
        1 => format!("{stem}, {dotted}"),
        2 => stem.to_owned(),
        _ => plain(&ascii(stem), short),
    }
}

fn legal_form_spellings(legal_form: &str) -> (&'static str, &'static str, &'static str) {
    let found = LEGAL_FORMS.iter().find(|(short, _, _)| *short == legal_form);
    *found.expect("companies are given legal forms of the list")
}

fn short_word_in_capitals(stem: &str) -> String {
    if stem.chars().count() <= 5 { stem.to_uppercase() } else { stem.to_owned() }
}

/// Writes letters with marks as plain ones, umlauts the German way.
pub fn ascii(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            'ä' => plain.push_str("ae"),
            'ö' | 'ø' => plain.push_str("oe"),
            'ü' => plain.push_str("ue"),
            'ß' => plain.push_str("ss"),
            'á' => plain.push('a'),
            'é' | 'è' | 'ë' => plain.push('e'),
            'í' | 'ï' => plain.push('i'),
            'ó' => plain.push('o'),
            'ú' => plain.push('u'),
            'ñ' => plain.push('n'),
            other => plain.push(other),
        }
    }
    plain
}
