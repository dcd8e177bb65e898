//! Numbers that states give to persons: how all of them are looked for. What they are stands in `europe.rs` and `world.rs`, and what people
//! call them in `national/labels.rs`.

mod labelled;
mod labels;

use super::things::names_a_thing;
use super::{europe, world};
use crate::pii::Class;
use crate::pii::finding::Found;
use crate::pii::text::{Text, read};

/// A kind of number.
pub(super) struct Number {
    /// Its name: the country (ISO 3166-1) and what it is called there.
    pub kind: &'static str,
    /// How it is written, most particular form first, each with its score where nothing around it speaks of it. Below one half it is
    /// found only where something does. See [`read`] for what the signs mean.
    pub forms: &'static [(&'static str, f32)],
    /// Whether the compact number can be one: check digits, ranges, dates.
    pub check: fn(&[u8]) -> bool,
    /// Words that speak of it, in lower case. Those that speak of any such number need not be repeated.
    pub hints: &'static [&'static str],
}

/// Words that speak of numbers of persons in general.
const HINTS: &[&str] = &[
    "ssn",
    "nin",
    "tin",
    "taxpayer",
    "fiscal",
    "citizen*",
    "national",
    "identity",
    "identification",
    "personalausweis",
    "ausweis*",
    "steuer*",
    "identifikation*",
    "fiscale",
    "fiscaal",
    "dowód",
    "dowod",
    "identité",
    "identite",
    "identidad",
    "identidade",
    "social",
    "tax",
    "vat",
    "idno",
];
/// Words that speak of numbers of things.
const AGAINST: &[&str] = &[
    "order",
    "orders",
    "invoice",
    "tracking",
    "serial",
    "sku",
    "part",
    "ticket",
    "case",
    "version",
    "build",
    "isbn",
    "imei",
    "parcel",
    "bestellung",
    "rechnung",
    "commande",
    "facture",
    "pedido",
    "factura",
    "fattura",
    "ordine",
    "zamówienie",
    "faktura",
    "batch",
    "lot",
    "transaction",
    "timestamp",
    "epoch",
    "revision",
    "commit",
    "artikel",
    "article",
    "barcode",
    "ean",
    "gtin",
    "upc",
    "shipment",
    "quote",
];

const HINTED: f32 = 0.3;
const OPPOSED: f32 = 0.35;
const SCORE_MAX: f32 = 0.98;

pub(super) fn find(text: &Text<'_>, found: &mut Vec<Found>) {
    for start in starts(text.bytes) {
        for number in world::NUMBERS.iter().chain(europe::numbers()) {
            found.extend(at(text, start, number));
        }
    }
    labelled::find(text, found);
}

/// Returns where a letter or digit begins a run of them that has a digit near its beginning: every number has.
fn starts(bytes: &[u8]) -> impl Iterator<Item = usize> + '_ {
    let begins = |at: usize| bytes[at].is_ascii_alphanumeric() && (at == 0 || !bytes[at - 1].is_ascii_alphanumeric());
    let has_digits = |at: usize| bytes[at..].iter().take(12).filter(|byte| byte.is_ascii_digit()).count() >= 2;
    (0..bytes.len()).filter(move |at| begins(*at) && has_digits(*at))
}

fn at(text: &Text<'_>, start: usize, number: &Number) -> Option<Found> {
    let is_digit = text.bytes[start].is_ascii_digit();
    number.forms.iter().find_map(|(form, alone)| {
        // Most forms are told apart by their first character.
        if matches!(form.as_bytes()[0], b'9') != is_digit {
            return None;
        }
        let read = read(text.bytes, start, form)?;
        let bytes = start..read.end;
        if !(number.check)(read.compact()) || !text.stands_alone(&bytes) {
            return None;
        }
        let mut because = vec!["form", "check_digit"];
        let mut score = *alone;
        if names_a_thing(text, &bytes) {
            // `my SSN, on my account, is …`: said of things and of persons, the form alone counts.
            score -= if text.hints(&bytes, number.hints) { 0.0 } else { OPPOSED };
        } else if text.hints(&bytes, number.hints) {
            score += HINTED + 0.1;
            because.push("context");
        } else if text.hints(&bytes, HINTS) {
            score += HINTED;
            because.push("context");
        } else if text.hints(&bytes, AGAINST) {
            score -= OPPOSED;
        }
        Some(Found { class: Class::NationalId, kind: number.kind, bytes, score: score.min(SCORE_MAX), because })
    })
}
