//! Numbers of persons in Europe. Forms and check digits are those of the issuers, as gathered with their sources by python-stdnum
//! (<https://arthurdejong.org/python-stdnum/>); what differs says so.

mod north_east;
mod rules;
mod west;

use super::national::Number;

/// Every kind of number there is.
pub(super) fn numbers() -> impl Iterator<Item = &'static Number> {
    west::NUMBERS.iter().chain(north_east::NUMBERS)
}

#[cfg(test)]
mod tests {
    use super::numbers;
    use super::rules::fr_nir;
    use crate::pii::recognize::national::Number;

    fn number(kind: &str) -> &'static Number {
        numbers().find(|number| number.kind == kind).unwrap()
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
