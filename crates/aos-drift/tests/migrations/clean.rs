//! Pairs in which nothing has changed but the data.

use crate::desk::{OTHERS, amount, as_texts, between, compared, deal, drawn, one_of, silent, with};
use serde_json::{Value as Json, json};

#[test]
fn other_records_of_the_same_source_are_silent() {
    for count in [30, 120, 400] {
        silent(&between(count, deal, deal, OTHERS), "other rows");
        silent(&between(count, deal, deal, 0), "the same rows");
        silent(&between(count, deal, deal, count / 3), "a third is new");
    }
}

#[test]
fn numbers_that_go_on_are_silent_where_nothing_pairs_the_rows() {
    let ticket = |n: usize| {
        json!({ "ticket": 70_000 + n, "priority": one_of(&["low", "normal", "high"], n * 7), "minutes": drawn(n * n, 600),
            "opened_by": 397_700_000_000_u64 + drawn(n * n + 3, 9) as u64 * 1_003 })
    };
    for count in [12, 60, 180] {
        silent(&between(count, ticket, ticket, 500), &format!("{count} tickets"));
    }
}

#[test]
fn another_order_and_more_records_are_silent() {
    let then: Vec<Json> = (0..150).map(deal).collect();
    let mut now: Vec<Json> = (0..260).map(deal).collect();
    now.reverse();
    silent(&compared(&then, &now), "more rows, backwards");
    silent(&compared(&as_texts(&then), &as_texts(&now)), "the same as a table of texts");
    silent(&compared(&then, &as_texts(&now)), "records that are written as a table of texts");
}

#[test]
fn a_few_records_are_silent() {
    for (count, from) in [(3, 0), (5, 0), (5, OTHERS), (7, 0), (7, 3), (9, OTHERS), (12, OTHERS), (20, OTHERS)] {
        silent(&between(count, deal, deal, from), &format!("{count} records from {from}"));
    }
}

#[test]
fn records_that_were_edited_are_silent() {
    let edited = |n: usize| {
        let mut one = deal(n);
        if drawn(n, 12) == 0 {
            one["stage"] = deal(n + 4)["stage"].clone();
            one["amount"] = json!(amount(n + 9));
        }
        if drawn(n, 15) == 1 {
            one["owner_email"] = deal(n + 31)["owner_email"].clone();
            one["note"] = json!(format!("asked for offer {n}"));
        }
        one
    };
    for count in [8, 40, 200, 400] {
        silent(&between(count, deal, edited, 0), &format!("{count} edited records"));
    }
}

#[test]
fn deals_that_move_on_are_silent() {
    let moved = |n: usize| match (deal(n)["stage"].as_str(), drawn(n, 3)) {
        (Some("open"), 0) => with(n, "stage", "won"),
        (Some("open"), 1) => with(n, "stage", "lost"),
        _ => deal(n),
    };
    for count in [60, 200] {
        silent(&between(count, deal, moved, 0), &format!("{count} deals"));
    }
}

#[test]
fn a_seldom_choice_that_is_met_for_the_first_time_is_silent() {
    let first = |n: usize| if n % 80 == 3 { with(n, "stage", "postponed") } else { deal(n) };
    silent(&between(200, deal, first, 0), "three of two hundred");
}

#[test]
fn business_that_grows_is_silent() {
    let grown = |n: usize| with(n, "amount", (amount(n) * 1.12 * 100.0).round() / 100.0);
    silent(&between(300, deal, grown, OTHERS), "amounts of the next year");
}
