//! Changes that break what is read without a new name or type, and what looks like one and is none.

use aos_core::drift::{ChangeKind, RowSampler, Severity, Snapshot};
use aos_core::record::{Record, RecordBatch};
use aos_core::shape::{Shaper, StreamShape};
use aos_core::value::Value;
use aos_match::drift::{Drift, Tier, common_key, compare, compare_streams};

/// Records as JSON objects.
fn batch(records: impl Iterator<Item = serde_json::Value>) -> RecordBatch {
    let mut columns: Vec<String> = Vec::new();
    let read = |(at, json): (usize, serde_json::Value)| {
        let mut cells: Vec<Option<Value>> = vec![None; columns.len()];
        for (name, value) in json.as_object().unwrap() {
            let place = columns.iter().position(|known| known == name).unwrap_or_else(|| {
                columns.push(name.clone());
                cells.push(None);
                columns.len() - 1
            });
            cells[place] = Some(Value::parse_json(&value.to_string()).unwrap());
        }
        Record { position: at as u64 + 1, cells }
    };
    let records = records.enumerate().map(read).collect();
    RecordBatch { columns: columns.iter().map(|name| name.as_str().into()).collect(), records }
}

fn shape(batch: &RecordBatch) -> StreamShape {
    let mut shaper = Shaper::new("deals", "crm").with_sketches();
    shaper.observe(batch);
    shaper.finish()
}

/// Two versions of 400 records each, with what the functions make of their numbers. Where `from` is 0 both hold the same records.
fn between(
    before: impl Fn(usize) -> serde_json::Value,
    after: impl Fn(usize) -> serde_json::Value,
    from: usize,
) -> Drift {
    let (then, now) = (batch((0..400).map(before)), batch((from..from + 400).map(after)));
    let (was, is) = (shape(&then), shape(&now));
    let key = common_key(&was, &is);
    let snapshot = |shape: StreamShape, batch: &RecordBatch, key: &[String]| {
        let mut sampler = RowSampler::new(shape.columns.iter().map(|column| column.path.clone()).collect(), key, 1_000);
        sampler.observe(batch);
        Snapshot { rows: sampler.finish(), ..Snapshot::of_shape(shape) }
    };
    compare(&snapshot(was, &then, &key.before), &snapshot(is, &now, &key.after), None)
}

/// Numbers that look drawn, from 0 up to the end.
fn drawn(number: usize, end: usize) -> usize {
    (number * 7_919 + 13) * 104_729 % 1_000_003 % end
}

/// An amount of two digits before and two behind the point.
fn amount(number: usize) -> f64 {
    (drawn(number, 9_000) + 1_000) as f64 / 100.0
}

fn deal(number: usize) -> serde_json::Value {
    serde_json::json!({
        "id": format!("D{:05}", drawn(number, 99_991)), "name": format!("Deal of {}", drawn(number * 3 + 1, 5_000)), "amount": amount(number),
        "owner": format!("+1 415 555 {:04}", drawn(number, 10_000)), "seats": drawn(number + 7, 90) + 1,
    })
}

fn with(number: usize, name: &str, value: impl Into<serde_json::Value>) -> serde_json::Value {
    let mut deal = deal(number);
    deal[name] = value.into();
    deal
}

/// The only change of a drift that is more than harmless.
#[track_caller]
fn only(drift: &Drift) -> (ChangeKind, &str, Severity) {
    let said: Vec<_> = drift.changes.iter().filter(|change| change.kind != ChangeKind::Added).collect();
    assert_eq!(said.len(), 1, "{drift:#?}");
    (said[0].kind, said[0].path.as_str(), said[0].severity)
}

#[test]
fn numbers_that_have_become_ranges_break() {
    for from in [0, 50_000] {
        let drift = between(deal, |n| with(n, "seats", format!("{}-{}", drawn(n, 9) + 1, drawn(n, 9) + 10)), from);
        assert_eq!(only(&drift), (ChangeKind::Retyped, "seats", Severity::Breaking));
    }
}

#[test]
fn some_words_among_numbers_break_as_well() {
    let drift = between(deal, |n| if n % 8 == 0 { with(n, "seats", "n/a") } else { deal(n) }, 50_000);
    assert_eq!(only(&drift), (ChangeKind::Retyped, "seats", Severity::Breaking));
}

#[test]
fn another_unit_in_a_part_of_the_records_is_seen_and_left_to_a_person() {
    for from in [0, 50_000] {
        let thousands = |n: usize| if n.is_multiple_of(2) { with(n, "amount", amount(n) * 1_000.0) } else { deal(n) };
        let drift = between(deal, thousands, from);
        assert_eq!(only(&drift), (ChangeKind::ScaleChanged, "amount", Severity::Breaking), "{drift:#?}");
    }
    let turned = |n: usize| if n.is_multiple_of(5) { with(n, "amount", -amount(n)) } else { deal(n) };
    assert_eq!(only(&between(deal, turned, 0)), (ChangeKind::SignChanged, "amount", Severity::Breaking));
}

#[test]
fn two_columns_that_every_second_block_has_exchanged_are_seen() {
    let paid = |n: usize| with(n, "paid", (drawn(n + 3, 9_000) + 1_000) as f64 / 100.0);
    let flipped = |n: usize| {
        let mut deal = paid(n);
        if (n / 50).is_multiple_of(2) {
            (deal["amount"], deal["paid"]) = (deal["paid"].clone(), deal["amount"].clone());
        }
        deal
    };
    let drift = between(paid, flipped, 0);
    let said: Vec<_> = drift.changes.iter().map(|change| (change.kind, change.path.as_str())).collect();
    assert_eq!(said, [(ChangeKind::Swapped, "amount"), (ChangeKind::Swapped, "paid")], "{drift:#?}");
    assert!(drift.is_breaking() && drift.proposals.iter().all(|one| one.tier != Tier::Auto), "{drift:#?}");
}

#[test]
fn a_column_that_has_another_name_in_every_second_block_is_seen() {
    let flipped = |n: usize| {
        let mut deal = deal(n);
        if (n / 50).is_multiple_of(2) {
            deal["value"] = deal.as_object_mut().unwrap().remove("amount").unwrap();
        }
        deal
    };
    for from in [0, 50_000] {
        let drift = between(deal, flipped, from);
        assert_eq!(only(&drift), (ChangeKind::Renamed, "amount", Severity::Breaking), "{drift:#?}");
        let repair = drift.proposals.iter().find(|one| one.path == "amount").unwrap();
        assert_eq!((repair.to.as_deref(), repair.tier), (Some("amount + value"), Tier::Review), "{repair:#?}");
    }
}

#[test]
fn a_table_of_which_only_the_header_is_left_breaks() {
    let before = Snapshot::of_shape(shape(&batch((0..400).map(deal))));
    let after = Snapshot::of_shape(StreamShape::of_names("deals", ["id", "name", "amount", "owner", "seats"]));
    let drift = compare_streams(std::slice::from_ref(&before), &[after], &[]);
    assert_eq!(only(&drift), (ChangeKind::NullRateChanged, "", Severity::Breaking));
    assert!(compare_streams(std::slice::from_ref(&before), std::slice::from_ref(&before), &[]).changes.is_empty());
}

#[test]
fn a_decimal_comma_is_said_and_still_read() {
    for from in [0, 50_000] {
        let drift = between(deal, |n| with(n, "amount", format!("{:.2}", amount(n)).replace('.', ",")), from);
        let said: Vec<_> = drift.changes.iter().map(|change| (change.kind, change.severity)).collect();
        assert_eq!(said, [(ChangeKind::FormatChanged, Severity::Harmless)], "{drift:#?}");
        assert_eq!(drift.proposals[0].repair.as_str(), "cast", "{drift:#?}");
    }
}

#[test]
fn moments_that_have_become_milliseconds_are_read_by_their_format() {
    let seconds = |n: usize| 1_704_067_200 + drawn(n, 30_000_000) as i64;
    let iso =
        |n: usize| chrono::DateTime::from_timestamp(seconds(n), 0).unwrap().format("%Y-%m-%dT%H:%M:%SZ").to_string();
    for from in [0, 50_000] {
        let drift = between(|n| with(n, "closed", iso(n)), |n| with(n, "closed", seconds(n) * 1_000), from);
        assert_eq!(only(&drift), (ChangeKind::FormatChanged, "closed", Severity::Breaking));
        let repair = &drift.proposals[0];
        assert_eq!((repair.repair.as_str(), repair.tier), ("date_format", Tier::Auto), "{repair:#?}");
        assert_eq!(serde_json::to_value(&repair.transforms).unwrap()[0]["format"], "epoch_ms");
    }
    let units = between(|n| with(n, "closed", seconds(n)), |n| with(n, "closed", seconds(n) * 1_000), 0);
    assert_eq!(units.proposals[0].repair.as_str(), "date_format", "{units:#?}");
}

#[test]
fn mail_addresses_in_place_of_telephone_numbers_mean_something_else() {
    for from in [0, 50_000] {
        let drift = between(deal, |n| with(n, "owner", format!("u{}@corp{}.example", drawn(n, 999), n % 7)), from);
        assert_eq!(only(&drift), (ChangeKind::MeaningChanged, "owner", Severity::Breaking));
    }
}

#[test]
fn the_text_of_an_object_that_has_become_the_object_is_said() {
    let member = |n: usize| drawn(n, 1_000);
    let text = |n: usize| with(n, "meta", format!("{{\"a\":{}}}", member(n)));
    let drift = between(text, |n| with(n, "meta", serde_json::json!({ "a": member(n) })), 0);
    assert_eq!(only(&drift), (ChangeKind::Retyped, "meta", Severity::Breaking), "{drift:#?}");
}

#[test]
fn a_number_is_never_looked_for_in_an_object() {
    let object = |n: usize| {
        let mut deal = deal(n);
        deal.as_object_mut().unwrap().remove("seats");
        deal["custom_fields"] = serde_json::json!({ "a": if n.is_multiple_of(2) { Some("x") } else { None } });
        deal
    };
    for from in [0, 50_000] {
        let drift = between(deal, object, from);
        let seats = drift.proposals.iter().filter(|one| one.path == "seats");
        assert!(
            seats.clone().count() > 0 && seats.clone().all(|one| one.to.as_deref() != Some("custom_fields")),
            "{drift:#?}"
        );
    }
}

#[test]
fn a_counter_that_gains_a_digit_goes_on_and_zeros_that_are_lost_do_not() {
    let numbered = |from: usize| move |n: usize| with(n, "invoice", format!("INV-{}", from + n));
    let goes_on = between(numbered(600), numbered(600), 400);
    assert!(goes_on.changes.is_empty(), "{goes_on:#?}");
    let padded = |n: usize| with(n, "invoice", format!("INV-{:06}", drawn(n, 900) + 100));
    let lost = between(padded, |n| with(n, "invoice", format!("INV-{}", drawn(n, 900) + 100)), 50_000);
    assert_eq!(only(&lost), (ChangeKind::FormatChanged, "invoice", Severity::Breaking));
}

#[test]
fn what_says_which_load_a_record_came_with_may_change_with_every_load() {
    for (one, other) in [
        ("2024-01", "2024-02"),
        ("January", "February"),
        ("2024-01-31", "2024-02-29"),
        ("2024-01-31T02:10:00Z", "2024-02-29T05:40:00Z"),
        ("batch_0099", "batch_0100"),
        ("9", "10"),
        ("5e6c0a4e-95a9-4d10-8c46-5d3a3f5d2b11", "0b6c0a4e-11a9-4d10-8c46-5d3a3f5d2b12"),
    ] {
        let drift = between(|n| with(n, "load", one), |n| with(n, "load", other), 50_000);
        assert!(drift.changes.is_empty(), "{one} {other}: {drift:#?}");
    }
    let months = |first: usize| move |n: usize| with(n, "month", format!("2024-{:02}", first + drawn(n, 3)));
    assert!(between(months(1), months(4), 50_000).changes.is_empty());
    let other = between(|n| with(n, "unit", "celsius"), |n| with(n, "unit", "fahrenheit"), 50_000);
    assert_eq!(only(&other), (ChangeKind::EnumChanged, "unit", Severity::Breaking), "another word is another choice");
    assert_eq!(other.proposals[0].repair.as_str(), "review", "{other:#?}");
}

#[test]
fn other_records_beside_the_same_ones_do_not_change_what_a_choice_means() {
    let staged = |n: usize| {
        with(
            n,
            "stage",
            if n < 200 {
                "open"
            } else if n < 400 {
                "won"
            } else {
                "archived"
            },
        )
    };
    let drift = between(staged, staged, 200);
    assert!(!drift.is_breaking(), "{drift:#?}");
}

#[test]
fn day_and_month_that_were_exchanged_are_read_by_the_new_format() {
    let day = |n: usize| (drawn(n, 28) + 1, drawn(n + 5, 12) + 1, 2023 + drawn(n, 2));
    let first = |n: usize| with(n, "due", format!("{:02}/{:02}/{}", day(n).0, day(n).1, day(n).2));
    let second = |n: usize| with(n, "due", format!("{:02}/{:02}/{}", day(n).1, day(n).0, day(n).2));
    for from in [0, 50_000] {
        let drift = between(first, second, from);
        assert_eq!(only(&drift), (ChangeKind::FormatChanged, "due", Severity::Breaking));
        assert_eq!(serde_json::to_value(&drift.proposals[0].transforms).unwrap()[0]["format"], "%m/%d/%Y");
    }
}

#[test]
fn codes_whose_zeros_in_front_are_gone_are_seen_among_those_that_never_had_one() {
    let code = |n: usize| drawn(n, 100_000);
    for from in [0, 50_000] {
        let drift =
            between(|n| with(n, "zip", format!("{:05}", code(n))), |n| with(n, "zip", code(n).to_string()), from);
        assert_eq!(only(&drift), (ChangeKind::Retyped, "zip", Severity::Breaking));
        assert_eq!(drift.proposals[0].tier, Tier::Review, "how many digits there were is not in the values");
    }
}

#[test]
fn yes_and_no_that_have_changed_places_are_asked_about() {
    let rare = |n: usize| drawn(n, 20) == 0;
    let drift = between(|n| with(n, "paid", rare(n)), |n| with(n, "paid", !rare(n)), 50_000);
    assert_eq!(only(&drift), (ChangeKind::EnumChanged, "paid", Severity::Breaking));
    assert_eq!((drift.proposals[0].repair.as_str(), drift.proposals[0].tier), ("value_table", Tier::Review));
    let words = between(|n| with(n, "paid", rare(n)), |n| with(n, "paid", if rare(n) { "Y" } else { "N" }), 50_000);
    assert_eq!(only(&words), (ChangeKind::FormatChanged, "paid", Severity::Harmless), "other words for the same");
}

#[test]
fn texts_that_have_become_numbers_are_not_only_cast() {
    let stages = ["open", "won", "lost", "paused"];
    let drift =
        between(|n| with(n, "stage", stages[drawn(n, 4)]), |n| with(n, "stage", drawn(n, 4) as u64 + 1), 50_000);
    assert!(drift.is_breaking() && drift.proposals.iter().all(|one| one.tier != Tier::Auto), "{drift:#?}");
}

#[test]
fn numbers_with_a_unit_are_read_by_themselves_where_their_size_is_what_it_was() {
    let drift = between(deal, |n| with(n, "amount", format!("{} pcs", amount(n))), 50_000);
    let repair = drift.proposals.iter().find(|one| one.path == "amount").unwrap();
    assert_eq!((repair.repair.as_str(), repair.tier), ("expression", Tier::Auto), "{repair:#?}");
    let thousands = between(deal, |n| with(n, "amount", format!("{:.4}K", amount(n) / 1_000.0)), 50_000);
    let repair = thousands.proposals.iter().find(|one| one.path == "amount").unwrap();
    assert_eq!(repair.tier, Tier::Review, "{repair:#?}");
}

#[test]
fn a_list_that_has_become_text_is_said_without_a_row_to_compare() {
    let one_of = |n: usize| ["a", "b", "c"][drawn(n, 3)];
    let list = |n: usize| with(n, "tags", serde_json::json!([one_of(n), "x"]));
    let text = |n: usize| with(n, "tags", format!("{},x", one_of(n)));
    for from in [0, 50_000] {
        let drift = between(list, text, from);
        assert_eq!(only(&drift), (ChangeKind::Retyped, "tags", Severity::Breaking));
        assert!(drift.proposals.iter().all(|one| one.tier != Tier::Auto), "{drift:#?}");
    }
}

#[test]
fn a_seldom_filled_column_that_is_never_filled_any_more_is_a_risk() {
    let some = |n: usize| {
        if drawn(n, 20) == 0 { with(n, "coupon", "SPRING") } else { with(n, "coupon", serde_json::Value::Null) }
    };
    let drift = between(some, |n| with(n, "coupon", serde_json::Value::Null), 50_000);
    assert_eq!(only(&drift), (ChangeKind::NullRateChanged, "coupon", Severity::Risky));
    assert!(between(some, some, 50_000).changes.is_empty());
}

#[test]
fn a_member_whose_type_differs_row_by_row_is_not_said_of_the_object_around_it() {
    let order = |n: usize| serde_json::json!({ "code": format!("C-{}", drawn(n, 90_000)), "paid": drawn(n, 9_000) });
    let mixed = |n: usize| {
        let mut order = order(n);
        order["paid"] = match n % 3 {
            0 => order["paid"].clone(),
            1 => order["paid"].to_string().into(),
            _ => serde_json::json!([order["paid"]]),
        };
        order
    };
    let drift = between(|n| with(n, "order", order(n)), |n| with(n, "order", mixed(n)), 0);
    assert!(drift.changes.iter().all(|change| change.path != "order"), "{drift:#?}");
}

#[test]
fn measurements_that_are_others_beside_a_name_that_stays_are_no_other_records() {
    let measured = |n: usize, turn: usize| {
        let drawn = |salt: usize| drawn(n * 31 + turn * 7_001 + salt, 90_000);
        serde_json::json!({
            "id": format!("W{:05}", self::drawn(n, 99_991)), "station": format!("Station of {}", self::drawn(n * 3 + 1, 5_000)),
            "temperature": drawn(1), "humidity": drawn(2), "pressure": drawn(3), "wind": drawn(4),
        })
    };
    let drift = between(|n| measured(n, 0), |n| measured(n, 1), 0);
    assert!(drift.changes.iter().all(|change| change.kind != ChangeKind::IdReused), "{drift:#?}");
    let exchanged = |n: usize| {
        let mut other = measured(n + 1, 0);
        other["id"] = measured(n, 0)["id"].clone();
        other
    };
    let drift = between(|n| measured(n, 0), exchanged, 0);
    assert!(drift.changes.iter().any(|change| change.kind == ChangeKind::IdReused), "{drift:#?}");
}
