//! What no column shows by itself: the same values in other rows than before, and the same factor for all of them.

use crate::world::{DEALS, Said, World};
use aos_core::kind::SyncMode;
use aos_core::ledger::Outcome;
use aos_mesh::drift::Chosen;
use aos_store::Review;

fn kind(review: &Review) -> &str {
    review.payload["changes"][0]["kind"].as_str().unwrap()
}

/// The only thing that is asked about.
async fn asked(world: &World) -> Review {
    let mut open = world.open_reviews().await;
    assert_eq!(open.len(), 1, "{open:#?}");
    open.remove(0)
}

/// The same deals, each under the key of another one.
fn with_other_keys(said: Said) -> Said {
    let ids: Vec<String> = said.rows.iter().map(|row| row[0].clone()).collect();
    said.with("deal_id", |at, _| ids[(at + 7) % ids.len()].clone())
}

fn exchanged(_: usize, text: &str) -> String {
    match text {
        "Closed Won" => "Prospecting".to_owned(),
        "Prospecting" => "Closed Won".to_owned(),
        other => other.to_owned(),
    }
}

fn in_another_currency(_: usize, text: &str) -> String {
    format!("{:.2}", text.parse::<f64>().unwrap() * 1.0857)
}

/// Some of the deals, from one to before another.
fn some(said: Said, range: std::ops::Range<usize>) -> Said {
    Said { rows: said.rows[range].to_vec(), ..said }
}

/// A source of so many deals that was read whole, and tells from then on what is new.
async fn followed(deals: usize) -> World {
    let world = World::new(vec![Said::deals(deals)]).await;
    world.say_new(Vec::new());
    assert_eq!(world.sync_in(SyncMode::Full).await.outcome, Outcome::Success);
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_name_other_records_are_seen_where_nothing_else_has_changed() {
    let world = World::read_once().await;
    let before = world.held().await;
    world.say(vec![with_other_keys(Said::deals(DEALS))]);
    let report = world.sync().await;
    assert_eq!((report.outcome, report.tally.rejected), (Outcome::Partial, DEALS as u64), "{report:?}");
    assert_eq!(kind(&asked(&world).await), "id_reused");
    assert_eq!(world.held().await, before, "no row is overwritten by another record");
}

#[tokio::test(flavor = "multi_thread")]
async fn choices_that_were_exchanged_are_seen_where_each_is_met_as_often_as_before() {
    let world = World::read_once().await;
    let before = world.held().await;
    world.say(vec![Said::deals(DEALS).with("stage", exchanged)]);
    let report = world.sync().await;
    assert_eq!((report.outcome, report.code), (Outcome::Partial, Some("drift")), "{report:?}");
    assert_eq!(kind(&asked(&world).await), "enum_changed");
    assert_eq!(world.held().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn amounts_that_are_all_in_another_currency_are_seen() {
    let world = World::read_once().await;
    let before = world.held().await;
    world.say(vec![Said::deals(DEALS).with("amount", in_another_currency)]);
    let report = world.sync().await;
    assert_eq!((report.outcome, report.code), (Outcome::Partial, Some("drift")), "{report:?}");
    assert_eq!(kind(&asked(&world).await), "currency_changed");
    assert_eq!(world.held().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_accepted_or_repaired_once_is_not_asked_about_again() {
    let world = World::read_once().await;
    world.say(vec![Said::deals(DEALS).with("amount", in_another_currency)]);
    world.sync().await;
    let accept = Chosen { accept: true, ..Chosen::default() };
    world.approve(&asked(&world).await, accept).await.unwrap();
    for _ in 0..2 {
        let report = world.sync().await;
        assert_eq!(report.code, None, "{report:?}");
    }
    assert_eq!(world.cell("D-00001", "amount").await.to_string().trim_matches('"'), "1086.24");

    let both = || Said::deals(DEALS).with("amount", in_another_currency).with("stage", exchanged);
    world.say(vec![both()]);
    world.sync().await;
    let before = world.held().await;
    let applied = world.approve(&asked(&world).await, Chosen::default()).await.unwrap();
    world.remap(applied.changed.remap).await;
    for _ in 0..2 {
        let report = world.sync().await;
        assert_eq!(report.code, None, "{report:?}");
    }
    assert!(world.open_reviews().await.is_empty());
    assert_eq!(world.held().await.len(), before.len());
    assert_eq!(world.cell("D-00001", "stage").await, "Prospecting", "it is read as what it meant");
    // As the source says it, it is another thing to the rows of now.
    world.say(vec![Said::deals(DEALS).with("amount", in_another_currency)]);
    assert_eq!(world.sync().await.code, Some("drift"));
    assert_eq!(kind(&asked(&world).await), "enum_changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn ordinary_edits_of_records_that_are_read_again_are_quiet() {
    let world = World::read_once().await;
    for turn in 1..5 {
        let edited = |at: usize| (at + turn).is_multiple_of(7);
        let stages = ["Prospecting", "Qualification", "Negotiation", "Closed Won"];
        let moved = |at: usize, text: &str| if edited(at) { stages[(at + 1) % 4].to_owned() } else { text.to_owned() };
        let raised = |at: usize, text: &str| if edited(at) { format!("{}.00", 900 + at * 41) } else { text.to_owned() };
        let put_off =
            |at: usize, text: &str| if edited(at) { format!("2027-01-{:02}", at % 28 + 1) } else { text.to_owned() };
        world.say(vec![Said::deals(DEALS).with("stage", moved).with("amount", raised).with("close_date", put_off)]);
        let report = world.sync().await;
        assert_eq!((report.outcome, report.code), (Outcome::Success, None), "{report:?}");
    }
    assert!(world.open_reviews().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn measurements_that_are_others_at_every_read_are_quiet() {
    let measured = |turn: usize| {
        let drawn = move |at: usize| (at * 7_919 + turn * 104_729 + 13) * 31_337 % 1_000_003;
        Said::deals(DEALS)
            .with("deal_name", |at, _| format!("Reading {}", drawn(at)))
            .with("amount", |at, _| format!("{}.5", drawn(at) % 9_000))
            .with("stage", |at, _| ["Prospecting", "Qualification", "Negotiation"][drawn(at) % 3].to_owned())
            .with("close_date", |at, _| format!("2026-{:02}-{:02}", drawn(at) % 12 + 1, drawn(at) % 28 + 1))
    };
    let world = World::new(vec![measured(0)]).await;
    for turn in 1..4 {
        let report = world.sync().await;
        assert_eq!((report.code, report.tally.rejected), (None, 0), "{report:?}");
        world.say(vec![measured(turn)]);
    }
    assert!(world.open_reviews().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_of_what_was_changed_tells_what_has_happened_to_all_of_it_from_edits() {
    let world = followed(240).await;
    let next = |_: usize, text: &str| match text {
        "Prospecting" => "Qualification".to_owned(),
        "Qualification" => "Negotiation".to_owned(),
        "Negotiation" => "Closed Won".to_owned(),
        _ => "Prospecting".to_owned(),
    };
    world.say_new(vec![Said::deals(240).with("stage", next)]);
    let report = world.sync().await;
    assert_eq!((report.code, report.tally.rejected), (None, 0), "they are the changes: {report:?}");

    let before = world.held().await;
    world.say_new(vec![with_other_keys(some(Said::deals(240), 0..60))]);
    let report = world.sync().await;
    assert_eq!((report.outcome, report.tally.rejected), (Outcome::Partial, 60), "{report:?}");
    assert_eq!(kind(&asked(&world).await), "id_reused");
    assert_eq!(world.held().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_records_are_found_wherever_in_the_lake_they_lie() {
    let world = followed(240).await;
    // Ten reads of a few others lie between; no segment of the newest ones has any of the first.
    for at in 0..10 {
        world.say_new(vec![
            some(Said::deals(240), 200 + at * 4..204 + at * 4).with("deal_name", |at, _| format!("Edited {at}")),
        ]);
        assert_eq!(world.sync().await.code, None);
    }
    world.say_new(vec![some(Said::deals(240), 0..40).with("amount", in_another_currency)]);
    let report = world.sync().await;
    assert_eq!((report.outcome, report.code), (Outcome::Partial, Some("drift")), "{report:?}");
    assert_eq!(kind(&asked(&world).await), "currency_changed");
}
