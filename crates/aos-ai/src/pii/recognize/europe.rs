//! Numbers of persons in Europe. Forms and check digits are those of the issuers, as gathered with their sources by python-stdnum
//! (<https://arthurdejong.org/python-stdnum/>); what differs says so.

mod rules;

use super::check::{day_month_year, is_day, is_uniform, last, luhn, mod_11_10, pair, value, weighted, year_month_day};
use super::national::Number;
use rules::{
    baltic, be_national, ch_ahv, cz_rodne_cislo, de_id_card, de_social_insurance, de_tax_id, es_dni, es_nie, fi_hetu,
    fr_nir, gb_nino, hu_tax_id, ie_ppsn, is_kennitala, it_codice_fiscale, lv_personal_code, nl_bsn, no_fnr, pl_id_card,
    pl_pesel, pt_citizen_card, se_personnummer,
};

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
        kind: "pt_nif",
        forms: &[("999 999 999", 0.2)],
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
        kind: "ie_ppsn",
        forms: &[("9999999AA", 0.65), ("9999999A", 0.6)],
        check: ie_ppsn,
        hints: &["pps", "ppsn"],
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

#[cfg(test)]
mod tests {
    use super::*;

    fn number(kind: &str) -> &'static Number {
        NUMBERS.iter().find(|number| number.kind == kind).unwrap()
    }

    #[test]
    fn numbers_that_issuers_publish_as_examples_check_and_a_changed_digit_does_not() {
        for (kind, right, wrong) in [
            ("gb_nino", "AB123456C", "QQ123456C"),
            ("gb_nhs", "9434765870", "9434765871"),
            ("de_tax_id", "36574261809", "36574261890"),
            ("de_social_insurance", "15070649C103", "15070649C104"),
            ("at_svnr", "1237010180", "2237010180"),
            ("ch_ahv", "7569217076985", "7569217076984"),
            ("fr_nir", "295109912611193", "295109912611199"),
            ("es_dni", "54362315K", "54362315Z"),
            ("es_nie", "X2482300W", "X2482300A"),
            ("es_nuss", "281234567840", "281234567841"),
            ("it_codice_fiscale", "RCCMNL83S18D969H", "RCCMNL83S18D969G"),
            ("nl_bsn", "111222333", "111252333"),
            ("be_national", "85073003328", "85073003329"),
            ("pl_pesel", "44051401359", "44051401358"),
            ("pl_nip", "8567346215", "8567346216"),
            ("pt_nif", "501964843", "501964842"),
            ("pt_citizen_card", "000000000ZZ4", "000000000ZZ5"),
            ("se_personnummer", "8803200016", "8803200017"),
            ("no_fnr", "15108695088", "15108695077"),
            ("fi_hetu", "131052308T", "131052308U"),
            ("is_kennitala", "1201743399", "1201743389"),
            ("ie_ppsn", "6433435F", "6433435E"),
            ("ie_ppsn", "6433435OA", "6433435FA"),
            ("cz_rodne_cislo", "7103192745", "7103192746"),
            ("ro_cnp", "1630615123457", "1630615123458"),
            ("bg_egn", "7523169263", "7523169264"),
            ("gr_amka", "01013099997", "01013099999"),
            ("gr_afm", "094259216", "094259217"),
            ("hr_oib", "33392005961", "33392005962"),
            ("jmbg", "0101006500006", "0101006500007"),
            ("ee_lt_personal_code", "36805280109", "36805280108"),
            ("lv_personal_code", "16117519997", "16117519998"),
        ] {
            assert!((number(kind).check)(right.as_bytes()), "{kind} {right}");
            assert!(!(number(kind).check)(wrong.as_bytes()), "{kind} {wrong}");
        }
    }

    #[test]
    fn departments_of_corsica_are_read_by_their_letters() {
        // 97 minus the remainder of 1800620123456 and of 1800619123456 and 1800618123456, which 2A and 2B count as.
        let key = |number: u64| 97 - number % 97;
        let of = |department: &str, number: u64| format!("18006{department}123456{:02}", key(number));
        assert!(fr_nir(of("20", 1_800_620_123_456).as_bytes()));
        assert!(fr_nir(of("2A", 1_800_619_123_456).as_bytes()));
        assert!(fr_nir(of("2B", 1_800_618_123_456).as_bytes()));
        assert!(!fr_nir(of("2C", 1_800_619_123_456).as_bytes()), "there is no department 2C");
    }
}
