//! What names the records: another form, another type, other values, other records.

use crate::desk::{between, deal, drawn, leads, led, said, with};
use aos_core::drift::{ChangeKind as K, Severity};
use aos_core::mapping::Transform;
use aos_match::drift::Tier;
use serde_json::{Value as Json, json};

fn numbered(n: usize) -> Json {
    with(n, "id", 1_000_000 + drawn(n, 900_000))
}

#[test]
fn a_key_that_carries_a_prefix_now_is_read_without_it() {
    let prefixed = |n: usize| with(n, "id", format!("gid://shop/Order/{}", numbered(n)["id"]));
    let drift = between(150, numbered, prefixed, 0);
    assert!(said(&drift, "id").iter().any(|one| one.kind == K::Retyped), "{drift:#?}");
    let repair = leads(&drift, "id");
    assert!(matches!(&repair.transforms[..], [Transform::Expression { .. }]), "{drift:#?}");
    assert!(drift.changes.iter().all(|one| one.path == "id"), "the other columns are as they were: {drift:#?}");
}

#[test]
fn keys_that_were_issued_anew_are_said() {
    let anew = |n: usize| {
        let part = |salt: usize, end: usize| drawn(n * 31 + salt, end);
        with(
            n,
            "id",
            format!(
                "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
                part(1, 999_999),
                part(2, 65_535),
                part(3, 4_095),
                part(4, 4_095),
                part(5, 999_983)
            ),
        )
    };
    let drift = between(150, numbered, anew, 0);
    let kinds: Vec<K> = said(&drift, "id").iter().map(|one| one.kind).collect();
    assert!(kinds.contains(&K::KeyChanged), "{drift:#?}");
    assert!(drift.proposals.iter().all(|one| one.tier != Tier::Auto), "{drift:#?}");
}

#[test]
fn members_that_were_laid_flat_do_not_make_other_records_of_the_same_keys() {
    let value = |n: usize, name: &str| deal(n)[name].clone();
    let wrapped = |n: usize| {
        json!({ "vid": 1_000 + n * 37, "properties": {
            "name": { "value": value(n, "name") }, "mail": { "value": value(n, "owner_email") } } })
    };
    let flat = |n: usize| json!({ "id": (1_000 + n * 37).to_string(), "properties": { "name": value(n, "name"), "mail": value(n, "owner_email") } });
    let drift = between(60, wrapped, flat, 0);
    assert!(drift.changes.iter().all(|one| one.kind != K::IdReused), "{drift:#?}");
    assert_eq!(led(&drift, "vid").1, Some("id"), "{drift:#?}");
    assert_eq!(led(&drift, "properties.mail.value"), ("flatten", Some("properties.mail"), Tier::Auto), "{drift:#?}");
}

#[test]
fn a_key_that_comes_as_text_is_said_and_breaks_nothing() {
    let drift = between(150, numbered, |n| with(n, "id", numbered(n)["id"].to_string()), 0);
    let own = said(&drift, "id");
    assert_eq!((own.len(), own[0].kind, own[0].severity), (1, K::Retyped, Severity::Harmless), "{drift:#?}");
    assert_eq!(led(&drift, "id").0, "cast");
}

#[test]
fn keys_that_name_other_records_are_said() {
    let other = |n: usize| {
        let mut one = deal(if n < 60 { (n + 1) % 60 } else { n });
        one["id"] = deal(n)["id"].clone();
        one
    };
    let drift = between(150, deal, other, 0);
    assert!(said(&drift, "id").iter().any(|one| one.kind == K::IdReused), "{drift:#?}");
    assert!(drift.is_breaking() && drift.proposals.iter().all(|one| one.tier != Tier::Auto));
}

#[test]
fn a_key_that_names_several_records_now_is_said() {
    let lines = |n: usize| {
        let mut one = deal(n / 2);
        one["line"] = json!(n % 2);
        one["amount"] = json!(drawn(n, 9_000) as f64 / 10.0);
        one
    };
    let drift = between(200, deal, lines, 0);
    assert!(said(&drift, "id").iter().any(|one| one.kind == K::KeyChanged), "{drift:#?}");
}
