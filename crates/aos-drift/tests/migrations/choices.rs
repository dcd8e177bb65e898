//! Choices that were renamed, divided, put together, or took the place of others in a part of the records.

use crate::desk::{OTHERS, between, deal, drawn, leads, led, only, renamed, with};
use aos_core::drift::{ChangeKind as K, Severity};
use aos_match::drift::{Drift, Tier};
use serde_json::{Value as Json, json};

fn stage(n: usize) -> String {
    deal(n)["stage"].as_str().unwrap().to_owned()
}

fn table(drift: &Drift, path: &str) -> Json {
    serde_json::to_value(&leads(drift, path).transforms).unwrap()[0]["table"].clone()
}

#[test]
fn choices_in_another_style_are_read_as_they_were() {
    let styled = |n: usize| with(n, "stage", stage(n).to_uppercase().replace(' ', "_"));
    for from in [0, OTHERS] {
        let drift = between(200, deal, styled, from);
        assert_eq!(only(&drift, "stage"), (K::EnumChanged, Severity::Breaking));
        assert_eq!(
            (led(&drift, "stage").0, table(&drift, "stage")["ON_HOLD"].clone()),
            ("value_table", json!("on hold"))
        );
    }
}

#[test]
fn choices_that_are_codes_now_are_read_by_the_rows() {
    let coded = |n: usize| {
        with(n, "stage", ["open", "won", "lost", "on hold"].iter().position(|one| *one == stage(n)).unwrap())
    };
    let drift = between(200, deal, coded, 0);
    assert!(drift.is_breaking());
    assert_eq!(
        (led(&drift, "stage").0, table(&drift, "stage")["1"].clone()),
        ("value_table", json!("won")),
        "{drift:#?}"
    );
    let others = between(200, deal, coded, OTHERS);
    assert!(others.is_breaking() && others.proposals.iter().all(|one| one.tier != Tier::Auto), "{others:#?}");
}

#[test]
fn a_choice_that_was_divided_is_read_as_the_one_it_was() {
    let divided = |n: usize| match stage(n).as_str() {
        "open" => with(n, "stage", ["open - new", "open - working"][drawn(n * 3, 2)]),
        _ => deal(n),
    };
    for from in [0, OTHERS] {
        let drift = between(300, deal, divided, from);
        assert_eq!(only(&drift, "stage"), (K::EnumChanged, Severity::Breaking));
        assert_eq!(
            (led(&drift, "stage").0, table(&drift, "stage")["open - new"].clone()),
            ("value_table", json!("open"))
        );
    }
}

#[test]
fn choices_that_became_one_are_never_read_as_one_of_them_without_a_person() {
    let merged = |n: usize| match stage(n).as_str() {
        "won" | "lost" => with(n, "stage", "closed"),
        _ => deal(n),
    };
    for from in [0, OTHERS] {
        let drift = between(300, deal, merged, from);
        assert_eq!(only(&drift, "stage"), (K::EnumChanged, Severity::Breaking));
        assert!(drift.proposals.iter().all(|one| one.tier == Tier::Review), "{drift:#?}");
    }
    // One of the two is so seldom that a table is right for nearly all.
    let rare = |n: usize| if drawn(n * 29, 20) == 0 { with(n, "stage", "lapsed") } else { deal(n) };
    let joined = |n: usize| match rare(n)["stage"].as_str().unwrap() {
        "won" | "lapsed" => with(n, "stage", "done"),
        _ => rare(n),
    };
    let drift = between(300, rare, joined, 0);
    assert!(drift.proposals.iter().all(|one| one.tier == Tier::Review), "{drift:#?}");
}

#[test]
fn a_part_of_a_choice_that_is_another_one_now_is_said() {
    let open = |n: usize| with(n, "state", ["open", "closed", "blocked"][usize::from(n >= 25) + usize::from(n >= 80)]);
    let some = |n: usize| if n < 11 { with(n, "state", "in_progress") } else { open(n) };
    let drift = between(120, open, some, 0);
    assert_eq!(only(&drift, "state"), (K::EnumChanged, Severity::Risky));
    assert!(drift.changes[0].evidence[0].says.starts_with("11 of the 25 records that held `open`"), "{drift:#?}");
    assert_eq!((led(&drift, "state").0, led(&drift, "state").2), ("value_table", Tier::Review));
}

#[test]
fn a_currency_that_a_few_records_have_now_breaks() {
    let some = |n: usize| match deal(n)["currency"].as_str() {
        Some("USD") if n % 14 == 3 => with(n, "currency", "JPY"),
        _ => deal(n),
    };
    let drift = between(144, deal, some, 0);
    assert_eq!(only(&drift, "currency"), (K::CurrencyChanged, Severity::Breaking));
    assert_eq!(leads(&drift, "currency").tier, Tier::Review);
}

#[test]
fn a_seldom_choice_with_another_name_is_read_by_the_rows() {
    let other = |n: usize| if stage(n) == "on hold" { with(n, "stage", "parked") } else { deal(n) };
    let drift = between(150, deal, other, 0);
    assert_eq!(only(&drift, "stage"), (K::EnumChanged, Severity::Breaking));
    assert_eq!(
        (led(&drift, "stage").2, table(&drift, "stage")["parked"].clone()),
        (Tier::Auto, json!("on hold")),
        "{drift:#?}"
    );
}

#[test]
fn yes_and_no_that_say_the_opposite_are_turned() {
    let flipped = |n: usize| {
        let yes = deal(n)["is_key_account"].as_bool().unwrap();
        with(n, "is_key_account", !yes)
    };
    let drift = between(200, deal, flipped, 0);
    assert_eq!(only(&drift, "is_key_account").0, K::EnumChanged);
    assert_eq!(table(&drift, "is_key_account")["true"], json!("false"), "{drift:#?}");
    let active = |n: usize| renamed(deal(n), "is_key_account", "active");
    let archived = |n: usize| renamed(flipped(n), "is_key_account", "archived");
    let drift = between(200, active, archived, 0);
    assert_eq!((led(&drift, "active").0, led(&drift, "active").1), ("value_table", Some("archived")), "{drift:#?}");
}
