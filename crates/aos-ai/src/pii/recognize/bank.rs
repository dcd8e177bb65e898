//! Bank accounts and payment cards.

use super::check::{is_uniform, luhn, mod_97, value};
use crate::pii::Class;
use crate::pii::finding::Found;
use crate::pii::text::{Text, separator};

/// Countries with the length of their IBANs: the registry of ISO 13616 that SWIFT keeps, release 99.
const COUNTRIES: &[(&[u8; 2], usize)] = &[
    (b"AD", 24),
    (b"AE", 23),
    (b"AL", 28),
    (b"AT", 20),
    (b"AZ", 28),
    (b"BA", 20),
    (b"BE", 16),
    (b"BG", 22),
    (b"BH", 22),
    (b"BI", 27),
    (b"BR", 29),
    (b"BY", 28),
    (b"CH", 21),
    (b"CR", 22),
    (b"CY", 28),
    (b"CZ", 24),
    (b"DE", 22),
    (b"DJ", 27),
    (b"DK", 18),
    (b"DO", 28),
    (b"EE", 20),
    (b"EG", 29),
    (b"ES", 24),
    (b"FI", 18),
    (b"FK", 18),
    (b"FO", 18),
    (b"FR", 27),
    (b"GB", 22),
    (b"GE", 22),
    (b"GI", 23),
    (b"GL", 18),
    (b"GR", 27),
    (b"GT", 28),
    (b"HN", 28),
    (b"HR", 21),
    (b"HU", 28),
    (b"IE", 22),
    (b"IL", 23),
    (b"IQ", 23),
    (b"IS", 26),
    (b"IT", 27),
    (b"JO", 30),
    (b"KW", 30),
    (b"KZ", 20),
    (b"LB", 28),
    (b"LC", 32),
    (b"LI", 21),
    (b"LT", 20),
    (b"LU", 20),
    (b"LV", 21),
    (b"LY", 25),
    (b"MC", 27),
    (b"MD", 24),
    (b"ME", 22),
    (b"MK", 19),
    (b"MN", 20),
    (b"MR", 27),
    (b"MT", 31),
    (b"MU", 30),
    (b"NI", 28),
    (b"NL", 18),
    (b"NO", 15),
    (b"OM", 23),
    (b"PK", 24),
    (b"PL", 28),
    (b"PS", 29),
    (b"PT", 25),
    (b"QA", 29),
    (b"RO", 24),
    (b"RS", 22),
    (b"RU", 33),
    (b"SA", 24),
    (b"SC", 31),
    (b"SD", 18),
    (b"SE", 24),
    (b"SI", 19),
    (b"SK", 24),
    (b"SM", 27),
    (b"SO", 23),
    (b"ST", 25),
    (b"SV", 28),
    (b"TL", 23),
    (b"TN", 24),
    (b"TR", 26),
    (b"UA", 29),
    (b"VA", 22),
    (b"VG", 24),
    (b"XK", 20),
    (b"YE", 30),
];
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
];

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
    let begins = text.text[..start].chars().next_back().is_none_or(|c| !c.is_alphanumeric() && c != '_');
    let ends = text.text[place.end..].chars().next().is_none_or(|c| !c.is_alphanumeric() && c != '_');
    (holds && begins && ends).then(|| Found {
        class: Class::Iban,
        kind: "iban",
        bytes: place,
        score: 0.97,
        because: vec!["form", "check_digit"],
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
        [4, 4, 4, 4] | [4, 6, 5] | [4, 6, 4] | [4, 4, 4, 4, 3] | [4, 4, 4, 1] | [6, 4, 4, 2]
    );
    if !(group == 0 || grouped)
        || !is_issued(compact)
        || !luhn(compact)
        || is_uniform(compact)
        || !text.stands_alone(&place)
    {
        return None;
    }
    let mut because = vec!["form", "check_digit"];
    let mut score: f32 = if group > 0 { 0.9 } else { 0.7 };
    if text.hints(&place, CARD) {
        score = 0.97;
        because.push("context");
    } else if text.hints(&place, THINGS) {
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
