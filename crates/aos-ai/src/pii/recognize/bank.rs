//! Bank accounts and payment cards.

mod countries;

use super::check::{is_uniform, luhn, mod_97, value};
use super::things::names_a_thing;
use crate::pii::Class;
use crate::pii::finding::Found;
use crate::pii::text::{Text, is_joined, separator};
use countries::COUNTRIES;

const IBAN_MAX: usize = 34;

/// Words that speak of a card, and those that speak of numbers of things.
const CARD: &[&str] = &[
    "card*",
    "credit",
    "debit",
    "visa",
    "mastercard",
    "amex",
    "discover",
    "maestro",
    "kreditkarte*",
    "karte*",
    "carte",
    "tarjeta",
    "carta",
    "cartão",
    "karta",
    "kaart*",
    "creditcard*",
    "kort",
    "pan",
    "cvv",
    "cvc",
    "expir*",
    "exp",
    "*信用卡",
    "*银行卡",
    "*カード",
    "*카드",
];
const THINGS: &[&str] = &[
    "order",
    "invoice",
    "tracking",
    "serial",
    "sku",
    "imei",
    "isbn",
    "ticket",
    "shipment",
    "parcel",
    "barcode",
    "gtin",
    "ean",
    "timestamp",
    "bestellung*",
    "rechnung*",
    "commande",
    "pedido",
    "ordine",
    "sendung*",
    "epoch",
    "transaction",
    "batch",
    "id",
    "correlation",
    "trace",
    "commit*",
    "sha*",
    "hash*",
    "git",
    "merge*",
    "revision",
    "checksum",
    "digest",
    "md5",
];
/// Words that say of the number behind them that it is a card's, whatever its check digit.
const CARD_NUMBER: &[&str] = &[
    "card*",
    "visa",
    "mastercard",
    "amex",
    "cc",
    "kreditkarte*",
    "karte*",
    "carte",
    "tarjeta",
    "cartão",
    "karta",
    "kaart*",
    "creditcard*",
];
/// How sure a number is that is called a card or an account, and whose check digits say it is mistyped.
const MISTYPED: f32 = 0.65;

pub(super) fn find(text: &Text<'_>, found: &mut Vec<Found>) {
    let bytes = text.bytes;
    for start in 0..bytes.len() {
        let begins = bytes[start].is_ascii_alphanumeric() && (start == 0 || !bytes[start - 1].is_ascii_alphanumeric());
        if !begins {
            continue;
        }
        if bytes[start].is_ascii_digit() {
            found.extend(card(text, start));
        } else if bytes.get(start + 2).is_some_and(u8::is_ascii_digit) {
            found.extend(iban(text, start));
        }
    }
}

/// Country, length and the remainder of 1 by 97.
fn iban(text: &Text<'_>, start: usize) -> Option<Found> {
    let bytes = &text.bytes[start..];
    let country = [bytes.first()?.to_ascii_uppercase(), bytes.get(1)?.to_ascii_uppercase()];
    let (_, length) = COUNTRIES.iter().find(|(known, _)| **known == country)?;
    let mut compact = [0; IBAN_MAX];
    let mut at = 0;
    for (place, into) in compact.iter_mut().take(*length).enumerate() {
        if place > 1 {
            at += separator(&bytes[at..]);
        }
        *into = bytes.get(at).filter(|byte| byte.is_ascii_alphanumeric())?.to_ascii_uppercase();
        at += 1;
    }
    let place = start..start + at;
    let compact = &compact[..*length];
    let turned = compact[4..].iter().chain(&compact[..4]).copied();
    let holds = compact[2..4].iter().all(u8::is_ascii_digit) && mod_97(turned) == 1;
    let begins = text.text[..start].chars().next_back().is_none_or(|c| !is_joined(c));
    let ends = text.text[place.end..].chars().next().is_none_or(|c| !is_joined(c));
    if !(begins && ends) {
        return None;
    }
    if holds {
        let because = vec!["form", "check_digit"];
        return Some(Found { class: Class::Iban, kind: "iban", bytes: place, score: 0.97, because });
    }
    let is_named = text.before(&place, 3, &["iban"]) || text.column.iter().any(|word| word == "iban");
    let is_written =
        compact[2..4].iter().all(u8::is_ascii_digit) && compact[length - 6..].iter().any(u8::is_ascii_digit);
    let because = vec!["form", "context"];
    (is_named && is_written).then_some(Found {
        class: Class::Iban,
        kind: "iban",
        bytes: place,
        score: MISTYPED,
        because,
    })
}

/// Length and first digits as the networks give them out (ISO/IEC 7812), and the check of Luhn.
fn card(text: &Text<'_>, start: usize) -> Option<Found> {
    let bytes = &text.bytes[start..];
    let mut compact = [0; 19];
    let (mut at, mut length, mut groups) = (0, 0, [0_usize; 6]);
    let mut group = 0;
    let mut previous = None;
    while let Some(byte) = bytes.get(at).filter(|byte| byte.is_ascii_digit()) {
        *compact.get_mut(length)? = *byte;
        length += 1;
        *groups.get_mut(group)? += 1;
        at += 1;
        let size = separator(&bytes[at..]);
        if size > 0 && bytes.get(at + size).is_some_and(u8::is_ascii_digit) {
            let kind = bytes[at];
            if previous.is_some_and(|previous| previous != kind) {
                break;
            }
            previous = Some(kind);
            group += 1;
            at += size;
        }
    }
    let compact = &compact[..length];
    let place = start..start + at;
    let grouped = matches!(
        &groups[..=group],
        [4, 4, 4, 4]
            | [4, 6, 5]
            | [4, 6, 4]
            | [4, 4, 4, 2]
            | [4, 4, 4, 3]
            | [4, 4, 4, 4, 3]
            | [4, 4, 4, 1]
            | [6, 4, 4, 2]
    );
    if !(group == 0 || grouped) || is_uniform(compact) || !text.stands_alone(&place) {
        return None;
    }
    if !is_issued(compact) || !luhn(compact) {
        let is_written = matches!(&groups[..=group], [4, 4, 4, 4] | [4, 6, 5])
            || (matches!(length, 15 | 16)
                && text.before(&place, 1, &["number", "no", "nr", "nummer", "numéro", "número"]));
        let because = vec!["form", "context"];
        return (is_written && text.before(&place, 3, CARD_NUMBER)).then_some(Found {
            class: Class::CreditCard,
            kind: "credit_card",
            bytes: place,
            score: MISTYPED,
            because,
        });
    }
    let mut because = vec!["form", "check_digit"];
    let mut score: f32 = if group > 0 { 0.9 } else { 0.7 };
    let is_thing = names_a_thing(text, &place);
    if !is_thing && text.hints(&place, CARD) {
        score = 0.97;
        because.push("context");
    } else if is_thing || text.hints(&place, THINGS) {
        score -= 0.35;
    }
    Some(Found { class: Class::CreditCard, kind: network(compact), bytes: place, score, because })
}

fn is_issued(number: &[u8]) -> bool {
    !network(number).is_empty()
}

/// Names the network by the first digits and the length; empty when no network gives out such a number.
fn network(number: &[u8]) -> &'static str {
    if number.len() < 12 {
        return "";
    }
    let (two, three, four, six) = (value(&number[..2]), value(&number[..3]), value(&number[..4]), value(&number[..6]));
    match number.len() {
        13 | 16 | 19 if number[0] == b'4' => "visa",
        16 if matches!(two, 51..=55) || matches!(four, 2221..=2720) => "mastercard",
        15 if matches!(two, 34 | 37) => "american_express",
        16..=19 if four == 6011 || matches!(three, 644..=649) || two == 65 => "discover",
        14 if matches!(three, 300..=305) || matches!(two, 36 | 38 | 39) => "diners_club",
        16..=19 if matches!(four, 3528..=3589) => "jcb",
        15 if matches!(four, 1800 | 2131) => "jcb",
        16..=19 if two == 62 => "unionpay",
        12..=19 if matches!(four, 5018 | 5020 | 5038 | 5893 | 6304 | 6759 | 6761..=6763) => "maestro",
        16 if matches!(four, 2200..=2204) => "mir",
        16 if matches!(six, 508_500..=508_999 | 606_985..=607_984 | 608_001..=608_500 | 652_150..=653_149) => "rupay",
        16 if matches!(six, 401_178..=401_179 | 438_935 | 504_175 | 509_000..=509_999 | 627_780 | 636_297 | 650_000..=659_999) => {
            "elo"
        }
        _ => "",
    }
}
