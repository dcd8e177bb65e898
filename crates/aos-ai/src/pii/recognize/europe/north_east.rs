//! Numbers of persons in the north, east and south-east of Europe.

use super::rules::{
    baltic, cz_rodne_cislo, fi_hetu, hu_tax_id, is_kennitala, lv_personal_code, no_fnr, pl_id_card, pl_pesel,
    se_personnummer,
};
use crate::pii::recognize::check::{
    day_month_year, is_day, is_uniform, last, luhn, mod_11_10, pair, weighted, year_month_day,
};
use crate::pii::recognize::national::Number;

pub(super) const NUMBERS: &[Number] = &[
    Number { kind: "pl_pesel", forms: &[("99999999999", 0.6)], check: pl_pesel, hints: &["pesel"] },
    Number {
        kind: "pl_nip",
        forms: &[("999-999-99-99", 0.55), ("9999999999", 0.2)],
        check: |number| weighted(number, &[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 == last(number) && !is_uniform(number),
        hints: &["nip"],
    },
    Number {
        kind: "pl_id_card",
        forms: &[("AAA 999999", 0.35)],
        check: pl_id_card,
        hints: &["dowód", "dowod", "dowodu", "osobisty"],
    },
    Number {
        kind: "se_personnummer",
        forms: &[
            ("999999-9999", 0.75),
            ("99999999-9999", 0.85),
            ("999999+9999", 0.8),
            ("999999999999", 0.55),
            ("9999999999", 0.3),
        ],
        check: se_personnummer,
        hints: &["personnummer", "samordningsnummer", "pnr"],
    },
    Number {
        kind: "dk_cpr",
        forms: &[("999999-9999", 0.6), ("9999999999", 0.1)],
        check: |number| day_month_year(number) && !is_uniform(&number[6..]),
        hints: &["cpr*", "personnummer"],
    },
    Number {
        kind: "no_fnr",
        forms: &[("999999 99999", 0.7)],
        check: no_fnr,
        hints: &["fødselsnummer", "personnummer", "fnr"],
    },
    Number {
        kind: "fi_hetu",
        forms: &[("999999-999X", 0.85), ("999999A999X", 0.85), ("999999+999X", 0.85)],
        check: fi_hetu,
        hints: &["hetu", "henkilötunnus"],
    },
    Number {
        kind: "is_kennitala",
        forms: &[("999999-9999", 0.65), ("9999999999", 0.2)],
        check: is_kennitala,
        hints: &["kennitala", "kt"],
    },
    Number {
        kind: "cz_rodne_cislo",
        forms: &[("999999/9999", 0.85), ("999999/999", 0.45), ("9999999999", 0.3)],
        check: cz_rodne_cislo,
        hints: &["rodné", "rodne", "rč", "rc"],
    },
    Number {
        kind: "hu_tax_id", forms: &[("9999999999", 0.2)], check: hu_tax_id, hints: &["adóazonosító", "adószám"]
    },
    Number {
        kind: "ro_cnp",
        forms: &[("9999999999999", 0.75)],
        check: |number| {
            let check = weighted(number, &[2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
            number[0] != b'0'
                && year_month_day(&number[1..])
                && check.min(if check == 10 { 1 } else { check }) == last(number)
        },
        hints: &["cnp"],
    },
    Number {
        kind: "bg_egn",
        forms: &[("9999999999", 0.3)],
        check: |number| {
            is_day(pair(number, 4), pair(number, 2) % 20)
                && weighted(number, &[2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11 % 10 == last(number)
        },
        hints: &["егн", "egn"],
    },
    Number {
        kind: "gr_amka",
        forms: &[("99999999999", 0.55)],
        check: |number| day_month_year(number) && luhn(number),
        hints: &["αμκα", "amka"],
    },
    Number {
        kind: "gr_afm",
        forms: &[("999999999", 0.15)],
        check: |number| {
            weighted(number, &[256, 128, 64, 32, 16, 8, 4, 2]) % 11 % 10 == last(number) && !is_uniform(number)
        },
        hints: &["αφμ", "afm"],
    },
    Number { kind: "hr_oib", forms: &[("99999999999", 0.3)], check: mod_11_10, hints: &["oib"] },
    Number {
        kind: "jmbg",
        forms: &[("9999999999999", 0.65)],
        check: |number| {
            let check = (11 - weighted(number, &[7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11;
            day_month_year(number) && check % 10 == last(number)
        },
        hints: &["jmbg", "emšo", "emso", "јмбг"],
    },
    Number {
        kind: "ee_lt_personal_code",
        forms: &[("99999999999", 0.55)],
        check: baltic,
        hints: &["isikukood", "asmens"],
    },
    Number {
        kind: "lv_personal_code",
        forms: &[("999999-99999", 0.75)],
        check: lv_personal_code,
        hints: &["personas"],
    },
];
