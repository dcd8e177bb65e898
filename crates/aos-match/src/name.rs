//! How well the words of a name fit the words of a field's phrase: what is covered, what is missing, what is said besides.

use crate::field::{FieldInfo, Part, PhraseInfo};
use crate::lexicon::Role;
use crate::values::has_form;
use crate::words::Word;
use aos_core::ontology::FieldType;

/// The fit of a name to the best phrase of a field.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct NameFit {
    /// 0 (nothing in common) to 1 (the same).
    pub score: f64,
    pub missing: f64,
    pub extra_form: f64,
    pub extra_qualifier: f64,
    pub extra_other: f64,
    /// Index of the phrase.
    pub phrase: usize,
    pub alias: bool,
    /// Written the same, letter by letter.
    pub literal: bool,
}

/// Fits a name to every phrase of the field and returns the best.
pub(crate) fn fit(name: &[Word], squeezed: &str, field: &FieldInfo) -> NameFit {
    let mut best = NameFit::default();
    for (at, phrase) in field.phrases.iter().enumerate() {
        let mut found = fit_phrase(name, phrase, field);
        found.phrase = at;
        found.literal = squeezed == phrase.squeezed;
        if phrase.alias {
            found.score *= 0.98;
        } else if found.literal && found.score > 0.0 {
            found.score = found.score.max(0.97);
        }
        if found.score > best.score + if found.alias { 0.01 } else { 0.0 } {
            best = found;
        }
    }
    best
}

fn fit_phrase(name: &[Word], phrase: &PhraseInfo, field: &FieldInfo) -> NameFit {
    let mut used = 0u32;
    let (mut cover, mut missing, mut lost) = (0.0, 0.0, 0.0);
    for wanted in &phrase.words {
        let weight = weight(wanted, field);
        let best = name.iter().enumerate().take(32).filter(|(at, _)| used & (1 << at) == 0).fold(
            (0.0, 0),
            |best, (at, word)| {
                let alike = alike(word, wanted, field);
                if alike > best.0 { (alike, at) } else { best }
            },
        );
        if best.0 > 0.0 {
            used |= 1 << best.1;
            cover += weight * best.0;
            lost += weight * (1.0 - best.0);
        } else {
            missing += weight;
        }
    }
    if cover == 0.0 {
        return NameFit::default();
    }
    let mut fit = NameFit { missing: missing + lost, alias: phrase.alias, ..NameFit::default() };
    for (at, word) in name.iter().enumerate().take(32) {
        if used & (1 << at) == 0 {
            add_extra(word, field, &mut fit);
        }
    }
    let extra = fit.extra_form + fit.extra_qualifier + fit.extra_other;
    fit.score = cover / (cover + fit.missing + extra);
    fit
}

/// Weighs a word of a phrase by how much of the meaning it carries.
fn weight(word: &Word, field: &FieldInfo) -> f64 {
    let own = word.entities & (1 << field.entity) != 0;
    let pointed_at = field.target.is_some_and(|target| word.entities & (1 << target) != 0);
    match word.role {
        _ if pointed_at => 1.0,
        _ if own && field.part == Part::Key => 0.12,
        _ if own => 0.3,
        Role::Noise => 0.1,
        Role::Form => 0.4,
        Role::Content | Role::Qualifier => 1.0,
    }
}

fn alike(word: &Word, wanted: &Word, field: &FieldInfo) -> f64 {
    if word.id == wanted.id {
        return 1.0;
    }
    // "company" is "account" where one is meant to be identified; elsewhere a word of its own.
    if word.entities & wanted.entities != 0 && field.part != Part::Plain {
        return 0.95;
    }
    if word.role == Role::Form && wanted.role == Role::Form {
        return match (word.text.as_str(), wanted.text.as_str()) {
            ("number" | "key" | "code" | "reference", "id") => 0.6,
            ("amount", "value") | ("value", "amount") => 0.7,
            _ => 0.0,
        };
    }
    // Misspellings: only of words that nobody knows.
    let long = word.text.len() >= 5 && wanted.text.len() >= 5 && word.text.as_bytes()[0] == wanted.text.as_bytes()[0];
    if long && !word.known {
        let near = strsim::jaro_winkler(&word.text, &wanted.text);
        if near >= 0.93 {
            return near * 0.85;
        }
    }
    0.0
}

/// Counts a word that the phrase does not explain.
fn add_extra(word: &Word, field: &FieldInfo, fit: &mut NameFit) {
    let discount = if word.shared { 0.15 } else { 1.0 };
    let own = word.entities & (1 << field.entity) != 0;
    if own {
        fit.extra_form += 0.08 * discount;
        return;
    }
    if word.entities != 0 {
        fit.extra_qualifier += discount;
        return;
    }
    match word.role {
        Role::Noise => fit.extra_form += 0.03,
        Role::Form => fit.extra_form += form_price(&word.text, field) * discount,
        Role::Qualifier => fit.extra_qualifier += discount,
        Role::Content => fit.extra_other += if word.around { 0.3 } else { 0.75 } * discount,
    }
}

/// Prices a form word by whether the field could be held in that form.
fn form_price(word: &str, field: &FieldInfo) -> f64 {
    let number = matches!(field.kind, FieldType::Decimal | FieldType::Integer);
    let when = matches!(field.kind, FieldType::Date | FieldType::Datetime);
    let text = field.kind == FieldType::String;
    match word {
        "1" => 0.08,
        // The kind of a telephone number is no telephone number.
        "type" | "label" | "category" | "group" if field.expected.iter().any(|class| has_form(class)) => 1.0,
        "id" | "key" if field.part != Part::Plain => 0.15,
        "id" | "key" if text => 0.3,
        "number" | "code" | "reference" if field.part != Part::Plain => 0.3,
        "code" | "number" | "label" if text => 0.2,
        "name" if field.part == Part::Plain && text => 0.25,
        "value" => 0.15,
        "amount" | "total" | "percent" | "rate" | "number" | "count" if number => 0.25,
        "unit" | "level" | "list" => 0.5,
        "date" if when => 0.05,
        "category" | "group" | "type" if text && field.part == Part::Plain => 0.5,
        _ => 1.0,
    }
}
