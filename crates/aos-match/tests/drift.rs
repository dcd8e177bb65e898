//! What is proposed when a source has changed and no row can be compared: what values prove by themselves, and what they do not.

use aos_core::drift::{Declared, Snapshot};
use aos_core::record::{Record, RecordBatch};
use aos_core::shape::{Shaper, StreamShape, ValueKind};
use aos_core::value::Value;
use aos_match::drift::{Drift, Proposal, Tier, compare};

/// A version of which 400 records were seen, none of them twice; each row is what the function makes of its number.
fn seen(columns: &[&str], row: impl Fn(usize) -> Vec<String>) -> Snapshot {
    let record = |number: usize| Record {
        position: number as u64 + 1,
        cells: row(number).iter().map(|cell| Some(Value::text(cell))).collect(),
    };
    let records = (0..400).map(record).collect();
    let mut shaper = Shaper::new("deals", "crm").with_sketches();
    shaper.observe(&RecordBatch { columns: columns.iter().map(|name| (*name).into()).collect(), records });
    Snapshot::of_shape(shaper.finish())
}

/// A version of which names and kinds are known.
fn declared(columns: &[(&str, ValueKind)]) -> Snapshot {
    let mut shape = StreamShape::of_names("deals", columns.iter().map(|(name, _)| *name));
    shape.columns.iter_mut().zip(columns).for_each(|(column, (_, kind))| column.kind = *kind);
    let said = |(name, _): &(&str, ValueKind)| ((*name).to_owned(), Declared::default());
    Snapshot { declared: columns.iter().map(said).collect(), ..Snapshot::of_shape(shape) }
}

fn likeliest<'d>(drift: &'d Drift, path: &str) -> &'d Proposal {
    let own = drift.proposals.iter().filter(|one| one.path == path);
    own.max_by(|x, y| x.confidence.total_cmp(&y.confidence)).unwrap_or_else(|| panic!("nothing for {path}: {drift:#?}"))
}

/// Numbers that look drawn, from 0 up to the end.
fn drawn(number: usize, end: usize) -> usize {
    (number * 7_919 + 13) * 104_729 % 1_000_003 % end
}

fn one_of<'w>(words: &[&'w str], number: usize) -> &'w str {
    words[drawn(number, words.len())]
}

#[test]
fn a_choice_that_was_divided_is_read_as_the_one_it_was() {
    let columns = ["stage", "name"];
    let stages = ["Open", "Closed", "Lost"];
    let before = seen(&columns, |n| vec![one_of(&stages, n).to_owned(), format!("Deal {n}")]);
    let after = seen(&columns, |n| {
        let n = n + 5_000;
        let stage = one_of(&stages, n);
        let stage = if stage == "Open" { ["Open A", "Open B"][n % 2] } else { stage };
        vec![stage.to_owned(), format!("Deal {n}")]
    });
    let drift = compare(&before, &after, None);
    let repair = likeliest(&drift, "stage");
    assert_eq!((repair.repair.as_str(), repair.tier), ("value_table", Tier::Auto), "{repair:#?}");
    let steps = serde_json::to_value(&repair.transforms).unwrap();
    assert_eq!(steps[0]["table"]["Open B"], "Open", "{steps:#}");
}

#[test]
fn a_choice_that_came_instead_and_is_met_more_often_is_left_to_a_person() {
    let columns = ["stage", "name"];
    let before = seen(&columns, |n| {
        let stage = if drawn(n, 10) == 0 { "Open" } else { one_of(&["Closed", "Lost"], n) };
        vec![stage.to_owned(), format!("Deal {n}")]
    });
    let after = seen(&columns, |n| {
        let stage = if drawn(n, 10) < 6 { ["Open A", "Open B"][n % 2] } else { one_of(&["Closed", "Lost"], n) };
        vec![stage.to_owned(), format!("Deal {}", n + 5_000)]
    });
    let drift = compare(&before, &after, None);
    assert_ne!(likeliest(&drift, "stage").tier, Tier::Auto, "{drift:#?}");
}

#[test]
fn what_says_the_opposite_is_never_read_as_the_same() {
    let columns = ["state", "name"];
    let states =
        |first: &'static str| move |n: usize| vec![one_of(&[first, "paused"], n).to_owned(), format!("Deal {n}")];
    let drift = compare(&seen(&columns, states("active")), &seen(&columns, states("inactive")), None);
    assert_eq!(likeliest(&drift, "state").repair.as_str(), "review", "{drift:#?}");
}

#[test]
fn two_lists_of_choices_that_were_exchanged_are_read_crosswise() {
    let row =
        |n: usize| (one_of(&["open", "won", "lost"], n).to_owned(), one_of(&["high", "low"], n * 3 + 1).to_owned());
    let before = seen(&["stage", "priority", "name"], |n| vec![row(n).0, row(n).1, format!("Deal {n}")]);
    let after = seen(&["stage", "priority", "name"], |n| {
        let (stage, priority) = row(n + 7_000);
        vec![priority, stage, format!("Deal {}", n + 7_000)]
    });
    let drift = compare(&before, &after, None);
    for (path, to) in [("stage", "priority"), ("priority", "stage")] {
        let repair = likeliest(&drift, path);
        assert_eq!((repair.repair.as_str(), repair.to.as_deref()), ("swap", Some(to)), "{drift:#?}");
        assert_eq!(repair.tier, Tier::Auto, "no word is in both: {repair:#?}");
    }
}

#[test]
fn a_turned_sign_is_told_from_other_numbers_by_their_size() {
    let amounts = |sign: &'static str, from: usize, scale: usize| {
        move |n: usize| {
            vec![format!("{sign}{}.5", (drawn(n + from, 9_000) + 100) * scale), format!("Deal {}", n + from)]
        }
    };
    let columns = ["amount", "name"];
    let before = seen(&columns, amounts("", 0, 1));
    let turned = compare(&before, &seen(&columns, amounts("-", 5_000, 1)), None);
    let repair = likeliest(&turned, "amount");
    assert_eq!((repair.repair.as_str(), repair.tier), ("rescale", Tier::Auto), "{turned:#?}");
    let others = compare(&before, &seen(&columns, amounts("-", 5_000, 40)), None);
    assert_ne!(likeliest(&others, "amount").tier, Tier::Auto, "{others:#?}");
}

#[test]
fn what_stood_for_an_object_is_found_under_another_name_where_others_show_how() {
    use ValueKind::{Integer, Object, String as Text};
    let before = [
        ("user_id", Object),
        ("user_id.name", Text),
        ("user_id.value", Integer),
        ("org_id", Object),
        ("org_id.name", Text),
        ("org_id.value", Integer),
        ("title", Text),
    ];
    let after = [("owner_id", Integer), ("org_id", Integer), ("title", Text), ("custom_fields", Object)];
    let drift = compare(&declared(&before), &declared(&after), None);
    let repair = likeliest(&drift, "user_id.value");
    assert_eq!((repair.to.as_deref(), repair.tier), (Some("owner_id"), Tier::Review), "{drift:#?}");
}

#[test]
fn the_only_column_that_can_be_it_is_asked_about_when_its_name_holds_the_other() {
    use ValueKind::{Decimal, String as Text};
    let before = declared(&[("hs_time_in_stage", Decimal), ("title", Text)]);
    let after = declared(&[("hs_latest_time_in_stage", Decimal), ("title", Text)]);
    let drift = compare(&before, &after, None);
    let repair = likeliest(&drift, "hs_time_in_stage");
    assert_eq!((repair.to.as_deref(), repair.tier), (Some("hs_latest_time_in_stage"), Tier::Review), "{drift:#?}");
}

#[test]
fn what_surely_is_another_column_is_no_guess_for_a_lost_one() {
    use ValueKind::{Boolean, String as Text};
    let before = declared(&[("active", Boolean), ("deleted", Boolean), ("title", Text)]);
    let after = declared(&[("is_deleted", Boolean), ("title", Text)]);
    let drift = compare(&before, &after, None);
    assert_eq!(likeliest(&drift, "deleted").to.as_deref(), Some("is_deleted"));
    assert_eq!(likeliest(&drift, "active").repair.as_str(), "none", "{drift:#?}");
}

#[test]
fn a_name_is_not_taken_for_an_id_without_a_look() {
    use ValueKind::{Object, String as Text};
    let before = declared(&[("reporter", Object), ("reporter.name", Text), ("title", Text)]);
    let after = declared(&[("reporter", Object), ("reporter.accountId", Text), ("title", Text)]);
    let drift = compare(&before, &after, None);
    assert_ne!(likeliest(&drift, "reporter.name").tier, Tier::Auto, "{drift:#?}");
}

#[test]
fn what_stayed_behind_where_others_moved_into_an_object_is_asked_about() {
    use ValueKind::{Integer, String as Text};
    let before = declared(&[
        ("Clicks", Integer),
        ("Impressions", Integer),
        ("Views", Integer),
        ("Cost", Integer),
        ("Note", Text),
    ]);
    let after = declared(&[
        ("metrics.clicks", Integer),
        ("metrics.impressions", Integer),
        ("metrics.views", Integer),
        ("metrics.cost_micros", Integer),
        ("ad_name", Text),
    ]);
    let drift = compare(&before, &after, None);
    let repair = likeliest(&drift, "Cost");
    assert_eq!((repair.to.as_deref(), repair.tier), (Some("metrics.cost_micros"), Tier::Review), "{drift:#?}");
}

#[test]
fn one_more_currency_beside_the_known_ones_is_one_more_choice() {
    let before = seen(&["currency"], |n| vec![one_of(&["EUR", "USD", "GBP"], n).to_owned()]);
    let after = seen(&["currency"], |n| vec![one_of(&["EUR", "USD", "GBP", "CHF"], n).to_owned()]);
    let drift = compare(&before, &after, None);
    assert!(!drift.is_breaking(), "{drift:#?}");
}
