//! A handful of records on either side, as the examples of a release note have them.

use crate::desk::{amount, between, deal, first_name, last_name, leads, led, only, renamed, said, with};
use aos_core::drift::{ChangeKind as K, Severity};
use aos_match::drift::Tier;
use serde_json::{Value as Json, json};

#[test]
fn five_amounts_in_cents_are_seen() {
    let cents = |n: usize| with(n, "amount", (amount(n) * 100.0).round() as i64);
    let drift = between(5, deal, cents, 0);
    assert_eq!(only(&drift, "amount"), (K::ScaleChanged, Severity::Breaking));
    assert_eq!(led(&drift, "amount").0, "rescale");
    let steps = serde_json::to_value(&leads(&drift, "amount").transforms).unwrap();
    assert_eq!(steps[0]["factor"], "0.01");
    assert_eq!(only(&between(4, deal, cents, 0), "amount").0, K::ScaleChanged, "four of four");
}

#[test]
fn five_records_find_a_column_whose_name_says_nothing() {
    let drift = between(6, deal, |n| renamed(deal(n), "owner_email", "f_0042"), 0);
    assert_eq!(only(&drift, "owner_email").0, K::Renamed, "{drift:#?}");
    assert_eq!(led(&drift, "owner_email").1, Some("f_0042"));
}

#[test]
fn five_names_that_were_split_are_put_together() {
    let whole = |n: usize| json!({ "id": n + 70, "contact": format!("{} {}", first_name(n), last_name(n)) });
    let parts = |n: usize| json!({ "id": n + 70, "given": first_name(n), "family": last_name(n) });
    let drift = between(6, whole, parts, 0);
    assert_eq!(said(&drift, "contact")[0].kind, K::Split, "{drift:#?}");
    assert_eq!(led(&drift, "contact").1, Some("given + family"));
}

#[test]
fn another_type_of_a_few_values_is_seen() {
    let drift = between(4, deal, |n| with(n, "probability", format!("about {n}")), 0);
    assert_eq!(only(&drift, "probability"), (K::Retyped, Severity::Breaking));
}

#[test]
fn a_column_that_has_lost_all_of_a_few_values_is_seen() {
    let drift = between(6, deal, |n| with(n, "owner_email", Json::Null), 0);
    assert_eq!(only(&drift, "owner_email"), (K::NullRateChanged, Severity::Breaking));
}

#[test]
fn a_factor_that_four_records_show_is_not_applied_without_a_person() {
    let drift = between(4, deal, |n| with(n, "amount", (amount(n) * 100.0).round() as i64), 0);
    assert_eq!(led(&drift, "amount").2, Tier::Review, "{drift:#?}");
}
