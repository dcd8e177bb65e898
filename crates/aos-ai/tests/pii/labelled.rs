//! Numbers that somebody has called what they are, and words that only look like such labels.

use super::{found, kinds};
use aos_ai::pii::{Class, Column, Detector};

#[test]
fn a_number_is_found_by_its_label_although_no_issuer_would_give_it_out() {
    for (text, kind, value) in [
        ("SSN: 123-45-6789", "us_ssn", "123-45-6789"),
        ("Social Security Number: 078-05-1120", "us_ssn", "078-05-1120"),
        ("My social security number is 219 09 9999.", "us_ssn", "219 09 9999"),
        ("ssn = 123456789", "us_ssn", "123456789"),
        ("Her SSN was recorded wrongly as 666-45-1234", "us_ssn", "666-45-1234"),
        ("Passport: 512345678", "passport", "512345678"),
        ("Passport number C01X00T47", "passport", "C01X00T47"),
        ("passport no. C01X00T47 expires soon", "passport", "C01X00T47"),
        ("numéro de passeport : 12AB34567", "passport", "12AB34567"),
        ("Driver's license: D1234567", "driving_licence", "D1234567"),
        ("driving licence no: JONES710238HA3DX", "driving_licence", "JONES710238HA3DX"),
        ("license # S123-456-78-901-0", "driving_licence", "S123-456-78-901-0"),
        ("Führerschein-Nr. B072RRE2I55", "driving_licence", "B072RRE2I55"),
        ("SIN: 046 454 286", "ca_sin", "046 454 286"),
        ("Canadian SIN: 123 456 789", "ca_sin", "123 456 789"),
        ("Aadhaar no. 1234 5678 9012", "in_aadhaar", "1234 5678 9012"),
        ("NHS: 485 777 3456", "gb_nhs", "485 777 3456"),
        ("PESEL: 12345678901", "pl_pesel", "12345678901"),
        ("CPF: 123.456.789-00", "br_cpf", "123.456.789-00"),
        ("DNI: 12345678A", "es_dni", "12345678A"),
        ("BSN: 123456789", "nl_bsn", "123456789"),
        ("NIR : 2 94 03 75 120 005 22", "fr_nir", "2 94 03 75 120 005 22"),
        ("Steuernummer: 21/815/08150", "de_tax_number", "21/815/08150"),
        ("Voter ID: ABC1234567", "in_voter_id", "ABC1234567"),
        ("паспорт 4509 123456", "passport", "4509 123456"),
        ("SS#: 123-45-6789", "us_ssn", "123-45-6789"),
        ("D.L. No. S12345678", "driving_licence", "S12345678"),
        ("CNIC 35202-1234567-1", "pk_cnic", "35202-1234567-1"),
        ("Ghana Card GHA-123456789-0", "gh_card", "GHA-123456789-0"),
    ] {
        assert_eq!(kinds(text), [(Class::NationalId, kind, value)], "{text}");
    }
}

#[test]
fn what_only_sounds_like_a_label_makes_nothing_a_number_of_a_person() {
    for text in [
        "her SSN ends in 6789",
        "SSN: 000-00-0000",
        "Order 123-45-6789 is late",
        "Order ID: 123-45-6789",
        "passport photos, 2 pieces of 35 by 45 mm",
        "a passport office with 12345678 visitors",
        "Driver version 12345678",
        "driver update 31.0.15.3623",
        "license key ABCD-1234-EFGH-5678",
        "License: MIT, 2024",
        "RFC 2616 and RFC 7231",
        "run 7654321 times",
        "pan 12345 pieces",
        "CC 12345678",
        "uid 1000 and gid 1000",
        "DL 30 mm",
        "fin 2024 report",
        "identity: 550e8400-e29b-41d4-a716-446655440000",
        "my number one priority is 123456789012 items",
        "Employee ID: E12345",
        "EIN: 12-3456789",
    ] {
        assert_eq!(found(text), [], "{text}");
    }
}

#[test]
fn the_name_of_a_column_is_a_label_as_well() {
    let kind = |name: &str, value: &str| {
        let found = Detector::standard().find_in(value, &Column::named(name)).unwrap();
        found.first().map(|finding| (finding.kind, finding.span.bytes.clone()))
    };
    assert_eq!(kind("ssn", "123-45-6789"), Some(("us_ssn", 0..11)));
    assert_eq!(kind("passport_number", "C01X00T47"), Some(("passport", 0..9)));
    assert_eq!(kind("taxFileNumber", "123 456 789"), Some(("au_tfn", 0..11)));
    assert_eq!(kind("order_number", "123-45-6789"), None);
}

#[test]
fn a_card_or_account_that_is_called_so_is_found_although_it_was_mistyped() {
    for (text, class, value) in [
        ("card: 4111 1111 1111 1112 was refused", Class::CreditCard, "4111 1111 1111 1112"),
        ("Visa card number 4539-1488-0343-6468", Class::CreditCard, "4539-1488-0343-6468"),
        ("Diners 3056 9309 0259 04", Class::CreditCard, "3056 9309 0259 04"),
        ("IBAN: GB00 BUKB 2020 1555 5555 55", Class::Iban, "GB00 BUKB 2020 1555 5555 55"),
        ("MAC 001B44113AB7", Class::MacAddress, "001B44113AB7"),
    ] {
        assert_eq!(found(text), [(class, value)], "{text}");
    }
    for text in [
        "Order 4111 1111 1111 1112",
        "fixed in commit 4111111111111111",
        "git show 4012888888881881",
        "commit 4111111111111111222233334444555566667777",
        "sha 5105105105105100",
        "the value 001B44113AB7 is a colour twice",
        "Card ending in 4242",
    ] {
        assert_eq!(found(text), [], "{text}");
    }
}

#[test]
fn other_spellings_of_birth_dates_phones_and_addresses_for_mail_are_found() {
    for (text, class, value) in [
        ("D.O.B. 05/17/1985", Class::BirthDate, "05/17/1985"),
        ("Born: 19850517", Class::BirthDate, "19850517"),
        ("DOB 12MAR1980", Class::BirthDate, "12MAR1980"),
        ("(b. 12 March 1980)", Class::BirthDate, "12 March 1980"),
        ("001-541-754-3010 is on the back", Class::Phone, "001-541-754-3010"),
        ("8 (495) 123-45-67 answers", Class::Phone, "8 (495) 123-45-67"),
        ("Ph. 5551234567", Class::Phone, "5551234567"),
        ("tel: +44 20 7946 0958 #12", Class::Phone, "+44 20 7946 0958 #12"),
        ("\"john doe\"@example.com", Class::Email, "\"john doe\"@example.com"),
    ] {
        assert_eq!(found(text), [(class, value)], "{text}");
    }
    for text in [
        "Released: 19850517",
        "build 12MAR1980",
        "{\"a\": \"b\", \"c\": \"@example.com\"}",
        "[\"\", \"@example.com\"]",
        "part 8 495 123 45 67 of 9",
    ] {
        assert_eq!(found(text), [], "{text}");
    }
}
