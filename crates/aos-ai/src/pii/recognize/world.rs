//! Numbers of persons outside Europe. Forms and check digits are those of the issuers, as gathered with their sources by python-stdnum
//! (<https://arthurdejong.org/python-stdnum/>); what differs says so.

mod rules;

use super::check::{is_uniform, last, luhn, value, verhoeff, weighted, year_month_day};
use super::national::Number;
use rules::{
    any, ar_cuil, au_abn, br_cnpj, br_cpf, cl_rut, cn_resident_id, hk_id, id_nik, jp_my_number, kr_rrn, mx_curp,
    not_uniform, ru_inn, ru_snils, sg_nric, tr_tckn, tw_id, us_itin, us_mbi, us_ssn,
};

pub(super) const NUMBERS: &[Number] = &[
    Number {
        kind: "us_ssn",
        forms: &[("999-99-9999", 0.75), ("999_99_9999", 0.5), ("999999999", 0.2)],
        check: us_ssn,
        hints: &["ssn", "social", "ssns", "soc"],
    },
    // A number that is never given is somebody's all the same where it is called one.
    Number {
        kind: "us_ssn",
        forms: &[("999-99-9999", 0.15), ("999_99_9999", 0.12)],
        check: not_uniform,
        hints: &["ssn", "ssns"],
    },
    Number {
        kind: "us_mbi",
        forms: &[("9AX9-AX9-AA99", 0.7), ("9AX9AX9AA99", 0.5)],
        check: us_mbi,
        hints: &["medicare", "mbi", "beneficiary"],
    },
    Number {
        kind: "us_itin",
        forms: &[("999-99-9999", 0.75), ("999_99_9999", 0.5), ("999999999", 0.2)],
        check: us_itin,
        hints: &["itin", "taxpayer"],
    },
    // Passports and driving licences have no check digit: without a word that speaks of them they are nothing.
    Number {
        kind: "us_passport",
        forms: &[("999999999", 0.1), ("A99999999", 0.15)],
        check: not_uniform,
        hints: PASSPORT,
    },
    Number {
        kind: "passport",
        forms: &[("AA9999999", 0.15), ("A9999999", 0.12), ("AA999999", 0.12)],
        check: any,
        hints: PASSPORT,
    },
    Number {
        kind: "driving_licence",
        forms: &[("A999-9999-9999", 0.4), ("A9999999", 0.12), ("A99999999", 0.12), ("AA999999A", 0.12)],
        check: any,
        hints: &["driver*", "driving", "licence", "license", "führerschein*", "permis", "patente", "rijbewijs"],
    },
    Number {
        kind: "ca_sin",
        forms: &[("999-999-999", 0.45), ("999_999_999", 0.45)],
        check: |number| luhn(number) && !matches!(number[0], b'0' | b'8') && !is_uniform(number),
        hints: &["sin", "nas", "insurance"],
    },
    Number { kind: "mx_curp", forms: &[("AAAA999999AAAAAAX9", 0.9)], check: mx_curp, hints: &["curp"] },
    Number {
        kind: "mx_rfc",
        forms: &[("AAAA999999XXX", 0.45), ("AAAA-999999-XXX", 0.5)],
        check: |number| year_month_day(&number[4..10]),
        hints: &["rfc"],
    },
    Number {
        kind: "br_cpf",
        forms: &[("999.999.999-99", 0.85), ("99999999999", 0.45)],
        check: br_cpf,
        hints: &["cpf", "cadastro"],
    },
    Number {
        kind: "br_cnpj",
        forms: &[("99.999.999/9999-99", 0.85), ("99999999999999", 0.25)],
        check: br_cnpj,
        hints: &["cnpj"],
    },
    Number {
        kind: "cl_rut",
        forms: &[("99.999.999-X", 0.8), ("9.999.999-X", 0.8), ("99999999-X", 0.6), ("9999999-X", 0.55)],
        check: cl_rut,
        hints: &["rut", "run"],
    },
    Number {
        kind: "ar_cuil",
        forms: &[("99-99999999-9", 0.8), ("99999999999", 0.3)],
        check: ar_cuil,
        hints: &["cuil", "cuit"],
    },
    Number { kind: "ar_dni", forms: &[("99.999.999", 0.35)], check: any, hints: &["dni", "documento"] },
    Number {
        kind: "co_cedula",
        forms: &[("9.999.999.999", 0.35), ("99.999.999", 0.25)],
        check: any,
        hints: &["cédula", "cedula", "ciudadanía", "ciudadania"],
    },
    Number {
        kind: "in_aadhaar",
        forms: &[("9999_9999_9999", 0.6), ("9999-9999-9999", 0.45), ("999999999999", 0.35)],
        check: |number| !matches!(number[0], b'0' | b'1') && verhoeff(number) && !is_uniform(number),
        hints: &["aadhaar", "aadhar", "uidai", "uid"],
    },
    Number {
        kind: "in_pan",
        forms: &[("AAAAA9999A", 0.6)],
        check: |number| b"ABCFGHJLPT".contains(&number[3]) && &number[5..9] != b"0000",
        hints: &["pan", "permanent"],
    },
    Number {
        kind: "cn_resident_id",
        forms: &[("99999999999999999X", 0.9)],
        check: cn_resident_id,
        hints: &["*身份证", "*身份證", "resident"],
    },
    Number {
        kind: "kr_rrn",
        forms: &[("999999-9999999", 0.75)],
        check: kr_rrn,
        hints: &["rrn", "resident", "*주민등록"],
    },
    Number {
        kind: "jp_my_number",
        forms: &[("9999-9999-9999", 0.35), ("9999_9999_9999", 0.35), ("999999999999", 0.25)],
        check: jp_my_number,
        hints: &["*マイナンバー", "*個人番号", "mynumber", "my"],
    },
    Number { kind: "sg_nric", forms: &[("A9999999A", 0.7)], check: sg_nric, hints: &["nric", "fin"] },
    Number {
        kind: "tw_id", forms: &[("A999999999", 0.45)], check: tw_id, hints: &["*身分證", "*身份證", "taiwan*"]
    },
    Number { kind: "hk_id", forms: &[("A999999(X)", 0.85)], check: hk_id, hints: &["hkid", "hong"] },
    Number {
        kind: "th_id",
        forms: &[("9-9999-99999-99-9", 0.85), ("9 9999 99999 99 9", 0.4)],
        check: |number| {
            number[0] != b'0'
                && (11 - weighted(number, &[13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11) % 10 == last(number)
        },
        hints: &["thai*", "*ประชาชน"],
    },
    Number {
        kind: "au_tfn",
        forms: &[("999 999 999", 0.3)],
        check: |number| weighted(number, &[1, 4, 3, 7, 5, 8, 6, 9, 10]).is_multiple_of(11) && !is_uniform(number),
        hints: &["tfn", "tax"],
    },
    Number { kind: "au_abn", forms: &[("99_999_999_999", 0.3), ("99999999999", 0.2)], check: au_abn, hints: &["abn"] },
    Number {
        kind: "ae_emirates_id",
        forms: &[("999-9999-9999999-9", 0.85)],
        check: |number| number.starts_with(b"784") && matches!(value(&number[3..7]), 1900..=2099),
        hints: &["emirates"],
    },
    Number {
        kind: "ru_snils",
        forms: &[("999-999-999_99", 0.75), ("999-999-999-99", 0.55)],
        check: ru_snils,
        hints: &["снилс", "snils"],
    },
    Number { kind: "ru_inn", forms: &[("999999999999", 0.35)], check: ru_inn, hints: &["инн", "inn"] },
    Number {
        kind: "au_medicare",
        forms: &[("9999 99999 9", 0.4)],
        check: |number| {
            matches!(number[0], b'2'..=b'6')
                && weighted(number, &[1, 3, 7, 9, 1, 3, 7, 9]) % 10 == u32::from(number[8] - b'0')
        },
        hints: &["medicare"],
    },
    Number {
        kind: "za_id",
        forms: &[("999999 9999 99 9", 0.7)],
        check: |number| year_month_day(number) && matches!(number[10], b'0' | b'1') && luhn(number),
        hints: &["rsa", "african"],
    },
    Number {
        kind: "il_id",
        forms: &[("999999999", 0.15)],
        check: |number| luhn(number) && !is_uniform(number),
        hints: &["teudat", "zehut", "israel*", "תעודת", "ת.ז"],
    },
    Number { kind: "tr_tckn", forms: &[("99999999999", 0.6)], check: tr_tckn, hints: &["tckn", "kimlik", "tc"] },
    Number { kind: "id_nik", forms: &[("9999999999999999", 0.2)], check: id_nik, hints: &["nik", "ktp"] },
];

const PASSPORT: &[&str] = &[
    "passport*",
    "reisepass*",
    "passeport",
    "pasaporte",
    "passaporto",
    "passaporte",
    "paspoort*",
    "paszport*",
    "pass",
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
            ("us_itin", "912701234", "912681234"),
            ("ca_sin", "123456782", "123456783"),
            ("mx_curp", "BOXW310820HNERXN09", "BOXW310820HNERXN08"),
            ("us_mbi", "1EG4TE5MK73", "1SG4TE5MK73"),
            ("br_cpf", "39053344705", "39053344706"),
            ("br_cnpj", "16727230000197", "16727230000198"),
            ("au_abn", "83914571673", "99999999999"),
            ("ru_snils", "11223344595", "11223344594"),
            ("ru_inn", "123456789047", "123456789037"),
            ("cl_rut", "125319092", "125319091"),
            ("ar_cuil", "20267565393", "20267565392"),
            ("in_aadhaar", "234123412346", "234123412347"),
            ("cn_resident_id", "360426199101010071", "360426199101010072"),
            ("jp_my_number", "123456789018", "123456789019"),
            ("sg_nric", "S1234567D", "S1234567A"),
            ("tw_id", "A123456789", "A123456788"),
            ("hk_id", "G123456A", "G1234560"),
            ("th_id", "1234545678781", "1234545678782"),
            ("au_tfn", "123456782", "123456783"),
            ("au_medicare", "2428778132", "2428778232"),
            ("za_id", "7503305044089", "7503305044088"),
            ("il_id", "039337423", "039337424"),
            ("tr_tckn", "17291716060", "17291716050"),
        ] {
            assert!((number(kind).check)(right.as_bytes()), "{kind} {right}");
            assert!(!(number(kind).check)(wrong.as_bytes()), "{kind} {wrong}");
        }
    }

    #[test]
    fn a_social_security_number_that_is_never_given_is_none() {
        for never in ["000123456", "666123456", "900123456", "123006789", "123450000", "078051120"] {
            assert!(!us_ssn(never.as_bytes()), "{never}");
        }
        assert!(us_ssn(b"536904399"));
    }
}
