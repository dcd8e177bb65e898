//! Values under the same name in another unit, sign, currency, zone or way of writing, or of another making.

use crate::desk::{
    OTHERS, amount, between, deal, drawn, leads, led, moment, only, renamed, said, seconds, silent, with,
};
use aos_core::drift::{ChangeKind as K, Severity};
use aos_match::drift::Tier;
use serde_json::{Value as Json, json};

fn factor(transforms: &[aos_core::mapping::Transform]) -> String {
    serde_json::to_value(transforms).unwrap()[0]["factor"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn cents_and_thousands_are_rescaled() {
    let cents = |n: usize| with(n, "amount", (amount(n) * 100.0).round() as i64);
    let thousands = |n: usize| with(n, "amount", (amount(n) * 100.0).round() / 100_000.0);
    for from in [0, OTHERS] {
        for (drift, by) in [(between(200, deal, cents, from), "0.01"), (between(200, deal, thousands, from), "1000")] {
            assert_eq!(only(&drift, "amount"), (K::ScaleChanged, Severity::Breaking));
            let repair = leads(&drift, "amount");
            assert_eq!((repair.repair.as_str(), factor(&repair.transforms).as_str()), ("rescale", by), "{drift:#?}");
        }
    }
}

#[test]
fn a_share_that_is_a_percentage_now_is_rescaled() {
    let share = |n: usize| with(n, "margin", (drawn(n * 7, 800) + 50) as f64 / 1_000.0);
    let percent = |n: usize| with(n, "margin", (drawn(n * 7, 800) + 50) as f64 / 10.0);
    let drift = between(200, share, percent, 0);
    assert_eq!(only(&drift, "margin").0, K::ScaleChanged);
    assert_eq!(factor(&leads(&drift, "margin").transforms), "0.01");
}

#[test]
fn another_currency_is_said_and_left_to_a_person() {
    let euros = |n: usize| with(n, "amount", (amount(n) * 108.57).round() / 100.0);
    let drift = between(200, deal, euros, 0);
    assert_eq!(only(&drift, "amount"), (K::CurrencyChanged, Severity::Breaking));
    assert_eq!(leads(&drift, "amount").tier, Tier::Review);
}

#[test]
fn a_turned_sign_is_turned_back() {
    for from in [0, OTHERS] {
        let drift = between(200, deal, |n| with(n, "amount", -amount(n)), from);
        assert_eq!(only(&drift, "amount"), (K::SignChanged, Severity::Breaking));
        assert_eq!(factor(&leads(&drift, "amount").transforms), "-1");
    }
}

#[test]
fn moments_of_another_zone_are_said() {
    let later = |n: usize| with(n, "created_at", moment(seconds(n) + 5 * 3_600, "%Y-%m-%dT%H:%M:%SZ"));
    for from in [0, OTHERS] {
        let drift = between(300, deal, later, from);
        assert_eq!(only(&drift, "created_at"), (K::TimeZoneChanged, Severity::Breaking));
    }
    let unsaid = |n: usize| with(n, "created_at", moment(seconds(n), "%Y-%m-%dT%H:%M:%S"));
    assert_eq!(only(&between(300, deal, unsaid, OTHERS), "created_at").0, K::TimeZoneChanged);
}

#[test]
fn days_and_moments_in_other_formats_are_read_by_them() {
    for format in ["%d.%m.%Y", "%m/%d/%Y", "%d %b %Y"] {
        let drift = between(200, deal, |n| with(n, "close_date", moment(seconds(n * 3 + 1), format)), 0);
        assert_eq!(only(&drift, "close_date"), (K::FormatChanged, Severity::Breaking));
        assert_eq!(led(&drift, "close_date"), ("date_format", Some("close_date"), Tier::Auto));
        let steps = serde_json::to_value(&leads(&drift, "close_date").transforms).unwrap();
        assert_eq!(steps[0]["format"], format);
    }
    let counted = between(200, deal, |n| with(n, "created_at", seconds(n) * 1_000), 0);
    assert_eq!(led(&counted, "created_at").0, "date_format", "{counted:#?}");
}

#[test]
fn values_that_were_cut_or_rounded_are_said() {
    let cut = |n: usize| {
        let name: String = deal(n)["name"].as_str().unwrap().chars().take(14).collect();
        with(n, "name", name)
    };
    for from in [0, OTHERS] {
        assert_eq!(only(&between(200, deal, cut, from), "name"), (K::Truncated, Severity::Breaking));
    }
    let exact = |n: usize| (drawn(n, 900_000) + 12_000) as f64 / 10_000.0;
    let rounded = |n: usize| with(n, "rate", (exact(n) * 100.0).round() / 100.0);
    let drift = between(200, |n| with(n, "rate", exact(n)), rounded, 0);
    assert_eq!(only(&drift, "rate"), (K::Truncated, Severity::Breaking));
}

#[test]
fn numbers_that_only_got_digits_by_their_writing_are_silent() {
    let noisy = |n: usize| {
        let mut one = deal(n);
        let text = format!("{}0000000001", deal(n)["amount"]);
        one["amount"] = serde_json::from_str(&text).unwrap();
        one
    };
    silent(&between(100, deal, noisy, 0), "numbers of a float");
}

#[test]
fn telephone_numbers_that_are_dialled_otherwise_are_said() {
    let digits = |n: usize| deal(n)["phone"].as_str().unwrap().chars().filter(char::is_ascii_digit).collect::<String>();
    for from in [0, OTHERS] {
        let drift = between(200, deal, |n| with(n, "phone", format!("00{}", digits(n))), from);
        assert!(matches!(only(&drift, "phone").0, K::FormatChanged | K::Retyped), "{drift:#?}");
        assert!(drift.proposals.iter().all(|one| one.path == "phone"));
    }
    let within = between(200, deal, |n| with(n, "phone", format!("({}) {}", &digits(n)[1..4], &digits(n)[4..])), 0);
    assert_eq!(only(&within, "phone").0, K::FormatChanged, "{within:#?}");
}

#[test]
fn numbers_that_come_as_texts_are_said_and_read_as_before() {
    let text = |n: usize| with(n, "amount", deal(n)["amount"].to_string());
    for from in [0, OTHERS] {
        let drift = between(200, deal, text, from);
        assert_eq!(only(&drift, "amount"), (K::Retyped, Severity::Harmless), "{drift:#?}");
    }
    let some = |n: usize| if n.is_multiple_of(4) { text(n) } else { deal(n) };
    assert_eq!(only(&between(200, deal, some, 0), "amount"), (K::Retyped, Severity::Harmless));
}

#[test]
fn values_of_another_making_among_the_others_are_said() {
    let list = |n: usize| if n.is_multiple_of(7) { with(n, "owner_email", json!(["a@b.example"])) } else { deal(n) };
    assert_eq!(only(&between(200, deal, list, OTHERS), "owner_email"), (K::Retyped, Severity::Breaking));
    let few = |n: usize| if n.is_multiple_of(25) { with(n, "probability", "n/a") } else { deal(n) };
    let drift = between(400, deal, few, OTHERS);
    assert_eq!(only(&drift, "probability"), (K::Retyped, Severity::Risky), "{drift:#?}");
    let more = |n: usize| if n.is_multiple_of(8) { with(n, "probability", "n/a") } else { deal(n) };
    for from in [0, OTHERS] {
        let drift = between(400, deal, more, from);
        assert_eq!(only(&drift, "probability"), (K::Retyped, Severity::Breaking));
        let steps = serde_json::to_value(&leads(&drift, "probability").transforms).unwrap();
        assert_eq!(steps[0]["values"], json!(["n/a"]), "{drift:#?}");
    }
}

#[test]
fn a_number_with_its_unit_is_read_without_it() {
    let euro = |n: usize| with(n, "amount", format!("{:.2} €", amount(n)));
    for from in [0, OTHERS] {
        let drift = between(200, deal, euro, from);
        assert!(matches!(only(&drift, "amount").0, K::Retyped | K::FormatChanged), "{drift:#?}");
        assert!(!drift.proposals.is_empty());
    }
}

#[test]
fn values_that_went_missing_are_said() {
    let missing = |n: usize| if drawn(n, 10) < 6 { with(n, "owner_email", Json::Null) } else { deal(n) };
    for from in [0, OTHERS] {
        let drift = between(200, deal, missing, from);
        assert_eq!(only(&drift, "owner_email"), (K::NullRateChanged, Severity::Breaking));
    }
}

#[test]
fn names_in_the_place_of_mail_addresses_mean_something_else() {
    let name = |n: usize| with(n, "owner_email", format!("user {}", drawn(n, 90)));
    let drift = between(200, deal, name, OTHERS);
    assert!(drift.is_breaking() && said(&drift, "owner_email")[0].kind == K::MeaningChanged, "{drift:#?}");
}

#[test]
fn another_name_and_another_unit_at_once_are_one_repair() {
    let both = |n: usize| renamed(with(n, "amount", (amount(n) * 100.0).round() as i64), "amount", "amount_minor");
    let drift = between(200, deal, both, 0);
    assert_eq!(led(&drift, "amount").1, Some("amount_minor"));
    assert_eq!(factor(&leads(&drift, "amount").transforms), "0.01", "{drift:#?}");
}
