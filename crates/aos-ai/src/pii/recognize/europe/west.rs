//! Numbers of persons in the west and south of Europe.

use super::rules::{
    be_national, ch_ahv, de_id_card, de_social_insurance, de_tax_id, es_dni, es_nie, fr_nir, gb_nino, ie_ppsn,
    it_codice_fiscale, nl_bsn, pt_citizen_card,
};
use crate::pii::recognize::check::{day_month_year, is_uniform, last, value, weighted};
use crate::pii::recognize::national::Number;

pub(super) const NUMBERS: &[Number] = &[
    Number { kind: "gb_nino", forms: &[("AA 99 99 99 A", 0.75)], check: gb_nino, hints: &["nino", "ni", "insurance"] },
    // Prefixes that are never given stand in examples and test data, which name what they are.
    Number { kind: "gb_nino", forms: &[("AA 99 99 99 A", 0.12)], check: |_| true, hints: &["nino", "ni", "insurance"] },
    Number {
        kind: "gb_nhs",
        forms: &[("999_999_9999", 0.5), ("999-999-9999", 0.2), ("9999999999", 0.2)],
        check: |number| {
            (11 - weighted(number, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11) % 11 == last(number) && !is_uniform(number)
        },
        hints: &["nhs"],
    },
    Number {
        kind: "de_tax_id",
        forms: &[("99 999 999 999", 0.7)],
        check: de_tax_id,
        hints: &["steuer*", "idnr", "tin", "steuerid", "ident*"],
    },
    Number {
        kind: "de_social_insurance",
        forms: &[("99 999999 A 999", 0.85)],
        check: de_social_insurance,
        hints: &["sozialversicherung*", "rentenversicherung*", "rvnr", "svnr", "versicherungsnummer"],
    },
    Number {
        kind: "de_id_card",
        forms: &[("XXXXXXXXX9", 0.15), ("XXXXXXXXX", 0.1)],
        check: de_id_card,
        hints: &["personalausweis*", "ausweis*", "reisepass*"],
    },
    Number {
        kind: "at_svnr",
        forms: &[("9999 999999", 0.4)],
        check: |number| {
            day_month_year(&number[4..])
                && weighted(number, &[3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11 == u32::from(number[3] - b'0')
        },
        hints: &["svnr", "sozialversicherung*", "versicherungsnummer", "sv"],
    },
    Number {
        kind: "ch_ahv",
        forms: &[("999.9999.9999.99", 0.9), ("9999999999999", 0.6)],
        check: ch_ahv,
        hints: &["ahv*", "avs", "oasi"],
    },
    Number {
        kind: "fr_nir",
        forms: &[("9 99 99 9X 999 999 99", 0.85)],
        check: fr_nir,
        hints: &["nir", "sécurité", "securite", "sécu", "secu", "insee"],
    },
    Number {
        kind: "fr_spi",
        forms: &[("99 99 999 999 999", 0.3)],
        check: |number| number[0] <= b'3' && value(&number[..10]) % 511 == value(&number[10..]),
        hints: &["spi", "fiscal", "impôts", "impots"],
    },
    Number {
        kind: "es_dni",
        forms: &[("99999999A", 0.7), ("99999999-A", 0.75), ("99.999.999-A", 0.8)],
        check: es_dni,
        hints: &["dni", "nif"],
    },
    Number {
        kind: "es_nie",
        forms: &[("A9999999A", 0.75), ("A-9999999-A", 0.8)],
        check: es_nie,
        hints: &["nie", "extranjero*"],
    },
    Number {
        kind: "es_nuss",
        forms: &[("99 99999999 99", 0.3), ("99/99999999/99", 0.6)],
        check: |number| value(&number[..10]) % 97 == value(&number[10..]),
        hints: &["seguridad", "afiliación", "afiliacion", "nuss", "naf"],
    },
    Number {
        kind: "it_codice_fiscale",
        forms: &[("AAAAAA XX A XX AXXX A", 0.92)],
        check: it_codice_fiscale,
        hints: &["codice", "cf"],
    },
    // Nothing else has this form; whoever mistyped its last letter has still written down somebody's.
    Number {
        kind: "it_codice_fiscale",
        forms: &[("AAAAAA99A99A999A", 0.55)],
        check: |number| b"ABCDEHLMPRST".contains(&number[8]) && matches!(value(&number[9..11]), 1..=31 | 41..=71),
        hints: &["codice", "cf"],
    },
    Number {
        kind: "nl_bsn",
        forms: &[("9999.99.999", 0.55), ("999999999", 0.2)],
        check: nl_bsn,
        hints: &["bsn", "burgerservicenummer", "sofi*"],
    },
    Number {
        kind: "be_national",
        forms: &[("99.99.99-999.99", 0.9), ("99999999999", 0.5)],
        check: be_national,
        hints: &["rijksregister*", "nrn", "insz", "niss", "registre"],
    },
    Number {
        kind: "pt_nif",
        forms: &[("999 999 999", 0.15)],
        check: |number| {
            matches!(number[0], b'1' | b'2' | b'3' | b'5' | b'6' | b'8' | b'9')
                && (11 - weighted(number, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11) % 11 % 10 == last(number)
                && !is_uniform(number)
        },
        hints: &["nif", "contribuinte"],
    },
    Number {
        kind: "pt_citizen_card",
        forms: &[("99999999 9 XX9", 0.75)],
        check: pt_citizen_card,
        hints: &["cartão", "cidadão", "cc"],
    },
    Number {
        kind: "ie_ppsn",
        forms: &[("9999999AA", 0.65), ("9999999A", 0.6)],
        check: ie_ppsn,
        hints: &["pps", "ppsn"],
    },
];
