//! Personal data, as whoever stores or sends text sees it: what is found, what is left alone, what stands in its place.

#[path = "pii/addresses.rs"]
mod addresses;
#[path = "pii/labelled.rs"]
mod labelled;
#[path = "pii/measured.rs"]
mod measured;
#[path = "pii/names.rs"]
mod names;
#[path = "pii/records.rs"]
mod records;
#[path = "pii/things.rs"]
mod things;

use aos_ai::pii::{Class, Column, Detector, Error, Policy, TEXT_BYTES_MAX, TokenKey, redact, redact_column};
use aos_core::ontology::Pii;
use aos_core::vault::Secret;
use proptest::prelude::*;

/// Finds what a text holds, as classes with the pieces themselves.
fn found(text: &str) -> Vec<(Class, &str)> {
    let findings = Detector::standard().find(text).unwrap();
    findings.iter().map(|finding| (finding.class, &text[finding.span.bytes.clone()])).collect()
}

/// The same with what each is within its class.
fn kinds(text: &str) -> Vec<(Class, &'static str, &str)> {
    let findings = Detector::standard().find(text).unwrap();
    findings.iter().map(|finding| (finding.class, finding.kind, &text[finding.span.bytes.clone()])).collect()
}

/// Finds what a text holds of one class.
fn of(text: &str, class: Class) -> Vec<&str> {
    found(text).into_iter().filter(|(found, _)| *found == class).map(|(_, piece)| piece).collect()
}

fn clean(text: &str) -> String {
    redact(text, &Policy::standard()).unwrap().text
}

fn key(seed: u8) -> TokenKey {
    TokenKey::new(&Secret::new(vec![seed; 32])).unwrap()
}

#[test]
fn every_class_is_found_whole_and_nothing_else() {
    for (text, class, value) in [
        ("Mail jane.miller+x@example.co.uk, please.", Class::Email, "jane.miller+x@example.co.uk"),
        ("Schreiben Sie an jürgen@müller.example!", Class::Email, "jürgen@müller.example"),
        ("write to jane [at] example [dot] org today", Class::Email, "jane [at] example [dot] org"),
        ("call +49 (0)30 901820 now", Class::Phone, "+49 (0)30 901820"),
        ("Office (212) 555-0123 ext. 45.", Class::Phone, "(212) 555-0123 ext. 45"),
        ("Téléphone : 01 23 45 67 89", Class::Phone, "01 23 45 67 89"),
        ("pay DE89 3704 0044 0532 0130 00 today", Class::Iban, "DE89 3704 0044 0532 0130 00"),
        ("the card 4111-1111-1111-1111 expired", Class::CreditCard, "4111-1111-1111-1111"),
        ("SSN 536-90-4399", Class::NationalId, "536-90-4399"),
        ("Codice fiscale RCCMNL83S18D969H", Class::NationalId, "RCCMNL83S18D969H"),
        ("seen from 203.0.113.77:8080 twice", Class::IpAddress, "203.0.113.77"),
        ("host 2001:db8::8a2e:370:7334 is up", Class::IpAddress, "2001:db8::8a2e:370:7334"),
        ("mac 00:1B:44:11:3A:B7", Class::MacAddress, "00:1B:44:11:3A:B7"),
        ("Ship it to 221B Baker Street, London NW1 6XE.", Class::Address, "221B Baker Street, London NW1 6XE"),
        ("Er wohnt Lange Straße 5a, 10115 Berlin", Class::Address, "Lange Straße 5a, 10115 Berlin"),
        ("née le 27 avril 1990", Class::BirthDate, "27 avril 1990"),
        ("signed by Jane van der Berg", Class::PersonName, "Jane van der Berg"),
        ("ask Frau Lüdenscheidt-Quarn", Class::PersonName, "Lüdenscheidt-Quarn"),
        ("bought from Nordwind Energie GmbH & Co. KG", Class::Organization, "Nordwind Energie GmbH & Co. KG"),
        ("postgres://app:hunter2secret@db.internal/x", Class::Secret, "hunter2secret"),
    ] {
        assert_eq!(found(text), [(class, value)], "{text}");
    }
}

#[test]
fn what_only_looks_like_it_is_left_alone() {
    for text in [
        "Order 4111111111111112 left on 12.04.2025 at 10:30.",
        "Version 1.2.3.4 replaces 1.2.3.",
        "Trace 550e8400-e29b-41d4-a716-446655440000 took 12 ms.",
        "The price is 1,234,567.89 EUR.",
        "52.520008, 13.404954",
        "npm i react@18.2.0 icon@2x.png",
        "git@github.com:acme/tool.git",
        "The timestamp 1732200000000 is in milliseconds.",
        "DE89 3704 0044 0532 0130 01 has a wrong check digit.",
        "std::vector and 12:30:45",
        "Best regards from the whole team",
        "We open on Monday in New York.",
        "password: <your password>",
        "Please reset your password.",
    ] {
        assert_eq!(found(text), [], "{text}");
    }
}

#[test]
fn other_ways_of_writing_the_same_are_found_too() {
    for (text, class, value) in [
        ("write to j_doe {at} example {dot} com", Class::Email, "j_doe {at} example {dot} com"),
        ("escribe a hola (arroba) ejemplo (punto) es", Class::Email, "hola (arroba) ejemplo (punto) es"),
        ("it is maria dot lopez at example dot com, all small", Class::Email, "maria dot lopez at example dot com"),
        ("the card 4111.1111.1111.1111 expired", Class::CreditCard, "4111.1111.1111.1111"),
        ("seen from fe80::1ff:fe23:4567:890a%eth2 twice", Class::IpAddress, "fe80::1ff:fe23:4567:890a%eth2"),
        ("the number 070-174 06 05 rang", Class::Phone, "070-174 06 05"),
        ("Zentrale (030) 90 18 20", Class::Phone, "(030) 90 18 20"),
    ] {
        assert_eq!(found(text), [(class, value)], "{text}");
    }
    for text in
        ["look at example dot com", "it dies at a point of the program", "Versions 10.0.19045.3324 and 1.2.3.4 work"]
    {
        assert_eq!(found(text), [], "{text}");
    }
}

#[test]
fn names_are_found_by_what_else_the_text_says() {
    let names = |text: &'static str| {
        let found = found(text).into_iter().filter(|(class, _)| *class == Class::PersonName);
        found.map(|(_, name)| name).collect::<Vec<_>>()
    };
    // In a list of persons; again by a part; by an e-mail address; at the end of a letter; alone where a given name is nothing else.
    assert_eq!(names("Present: Xul Quarn, Velm Orriso (remote)\n"), ["Xul Quarn", "Velm Orriso"]);
    assert_eq!(names("Ms. Xul Quarn came. Later Quarn left."), ["Xul Quarn", "Quarn"]);
    assert_eq!(names("Xul Quarn owns it: xquarn@example.org"), ["Xul Quarn"]);
    assert_eq!(names("Cumprimentos,\nGonçalo Teles"), ["Gonçalo Teles"]);
    assert_eq!(names("please tell it to whoever replaces Bastien now"), ["Bastien"]);
    for text in [
        "Systems: Salesforce, Netsuite, Workday",
        "The Victoria dashboard and offices in Florence and Madison",
        "Crystal Reports and Power BI",
    ] {
        assert_eq!(names(text), [""; 0], "{text}");
    }
}

#[test]
fn digits_without_a_form_are_an_id_only_where_something_says_so() {
    assert_eq!(found("Reference 111222333 is open."), []);
    assert_eq!(found("Mijn BSN is 111222333."), [(Class::NationalId, "111222333")]);
    let named = Detector::standard().find_in("111222333", &Column::named("burgerservicenummer")).unwrap();
    assert_eq!(named[0].kind, "nl_bsn");
}

#[test]
fn places_are_told_in_characters_and_in_bytes() {
    let text = "Grüße 👋 an zoë@example.org";
    let found = Detector::standard().find(text).unwrap();
    let span = &found[0].span;
    assert_eq!(&text[span.bytes.clone()], "zoë@example.org");
    let characters: String = text.chars().skip(span.start).take(span.end - span.start).collect();
    assert_eq!(characters, "zoë@example.org");
    let json = serde_json::to_value(&found[0]).unwrap();
    assert_eq!((&json["type"], &json["start"], &json["bytes"]["start"]), (&"email".into(), &11.into(), &16.into()));
}

#[test]
fn what_the_policy_names_is_taken_out_and_the_rest_stays() {
    let text = "Nordwind GmbH: call Ms. Jane Miller, 203.0.113.77, jane@example.org";
    assert_eq!(clean(text), "Nordwind GmbH: call Ms. <PERSON_NAME>, <IP_ADDRESS>, <EMAIL>");
    let only = Policy::standard().only([Class::Email]);
    assert_eq!(redact(text, &only).unwrap().text, text.replace("jane@example.org", "<EMAIL>"));
}

#[test]
fn tokens_stand_for_values_lead_back_to_them_and_never_for_secrets() {
    let text = "jane@example.org and jane@example.org use ghp_abcdefghijklmnopqrstuvwxyz0123456789";
    let policy = Policy::standard().with_tokens(key(1));
    let redacted = redact(text, &policy).unwrap().text;
    let tokens: Vec<&str> = redacted.split(' ').filter(|word| word.starts_with("<EMAIL:tok_")).collect();
    assert!(tokens.len() == 2 && tokens[0] == tokens[1] && redacted.ends_with("<SECRET>"), "{redacted}");
    assert!(key(1).reveal(&redacted).text.starts_with("jane@example.org and jane@example.org use <SECRET>"));
    assert_eq!(key(2).reveal(&redacted).text, redacted, "another tenant's key opens nothing");
}

#[test]
fn what_was_redacted_before_stays_as_it_is() {
    let text = "Call +44 20 7946 0958 or write to jane@example.org, 4111 1111 1111 1111.";
    let policy = Policy::standard().with_tokens(key(1));
    let once = redact(text, &policy).unwrap().text;
    assert_eq!(redact(&once, &policy).unwrap().text, once);
    assert_eq!(clean(&clean(text)), clean(text));
}

#[test]
fn a_field_that_the_ontology_calls_personal_is_taken_out_whole() {
    let column = Column { name: "handle", pii: Some(Pii::PersonName) };
    assert_eq!(redact_column(" xq-17 ", &column, &Policy::standard()).unwrap().text, " <PERSON_NAME> ");
    let free = Column { name: "subject", pii: Some(Pii::FreeText) };
    assert_eq!(redact_column("mail jane@example.org", &free, &Policy::standard()).unwrap().text, "mail <EMAIL>");
}

#[test]
fn a_text_that_cannot_be_searched_is_not_passed_on() {
    let text = "a".repeat(TEXT_BYTES_MAX + 1);
    assert!(matches!(redact(&text, &Policy::standard()), Err(Error::TooLarge { limit: TEXT_BYTES_MAX, .. })));
}

#[test]
fn texts_that_are_made_to_take_long_do_not() {
    for piece in [
        "a@",
        "1 ",
        "+1",
        "eyJ",
        "sk-",
        "token=",
        "://a:b",
        "-----BEGIN PRIVATE KEY",
        "A.",
        "<EMAIL:tok_",
        "(1) ",
        "password ",
        "Jane ",
        "1-",
    ] {
        let text = piece.repeat(30_000 / piece.len());
        let begun = std::time::Instant::now();
        Detector::standard().find(&text).unwrap();
        // A square of the length would take minutes.
        assert!(begun.elapsed().as_secs() < 20, "{piece:?} took {:?}", begun.elapsed());
    }
}

proptest! {
    #[test]
    fn any_text_is_searched_and_findings_are_in_order_whole_and_apart(text in "(\\PC|[0-9+@.:/ -]|jane@example\\.org|\u{1F44B}|ü){0,80}") {
        let findings = Detector::standard().find(&text).unwrap();
        let mut reached = 0;
        for finding in &findings {
            let span = &finding.span;
            prop_assert!(span.bytes.start >= reached && span.bytes.end > span.bytes.start);
            prop_assert_eq!(text[..span.bytes.start].chars().count(), span.start);
            prop_assert_eq!(text[..span.bytes.end].chars().count(), span.end);
            prop_assert!((0.5..=1.0).contains(&finding.score));
            reached = span.bytes.end;
        }
    }

    #[test]
    fn tokens_always_lead_back_to_the_text_as_it_was(text in "(\\PC|[0-9+@. -]|jane@example\\.org|203\\.0\\.113\\.7){0,40}") {
        let policy = Policy::standard().only(Class::ALL.into_iter().filter(|class| *class != Class::Secret)).with_tokens(key(3));
        let redacted = redact(&text, &policy).unwrap();
        prop_assert_eq!(key(3).reveal(&redacted.text).text, text);
    }
}
