//! What is noticed while a stream is read, and what is not.

use crate::world::{DEALS, Said, World};
use aos_core::ledger::Outcome;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_new_sample_of_the_same_data_is_quiet() {
    let world = World::read_once().await;
    for turn in 1..4 {
        let mut said = Said::deals(DEALS + turn * 5);
        said.rows.drain(..turn);
        world.say(vec![said]);
        let report = world.sync().await;
        assert_eq!((report.outcome, report.code), (Outcome::Success, None), "{report:?}");
    }
    assert!(world.open_reviews().await.is_empty());
    let seen = world.tenant().list_observations(world.connection.id, "deals", aos_store::Page::first(10)).await;
    assert_eq!(seen.unwrap().items.len(), 4, "each run says what it saw");
}

#[tokio::test(flavor = "multi_thread")]
async fn seeing_drift_never_changes_what_was_accepted() {
    let world = World::read_once().await;
    let accepted = world.tenant().stream_profile(world.connection.id, "deals").await.unwrap().accepted;
    world.say(vec![Said::deals(DEALS).rename("amount", "deal_value")]);
    for _ in 0..3 {
        world.sync().await;
        let profile = world.tenant().stream_profile(world.connection.id, "deals").await.unwrap();
        assert_eq!(profile.accepted, accepted);
        assert!(profile.drift.is_some());
    }
    assert_eq!(world.open_reviews().await.len(), 1, "the same drift is asked once");
    world.say(vec![Said::deals(DEALS)]);
    world.sync().await;
    assert!(world.open_reviews().await.is_empty(), "what is no more is asked no more");
    assert!(world.tenant().stream_profile(world.connection.id, "deals").await.unwrap().drift.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_amount_in_another_unit_is_noticed_by_the_same_rows() {
    let world = World::read_once().await;
    let cents = |_: usize, text: &str| format!("{:.0}", text.parse::<f64>().unwrap() * 100.0);
    world.say(vec![Said::deals(DEALS).with("amount", cents)]);
    let before = world.held().await;
    assert_eq!(world.sync().await.code, Some("drift"));
    assert_eq!(world.held().await, before);
    let review = world.review_of("amount").await;
    let first = &review.payload["candidates"][0];
    assert_eq!((&first["repair"], &first["proof"]), (&json!("rescale"), &json!("rows")), "{review:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_that_is_dropped_is_never_filled_with_something_else() {
    let world = World::read_once().await;
    let mut said = Said::deals(DEALS);
    said.columns.remove(2);
    said.rows.iter_mut().for_each(|row| _ = row.remove(2));
    world.say(vec![said]);
    world.autofix(true).await;
    assert_eq!(world.sync().await.code, Some("drift"));
    let review = world.review_of("amount").await;
    assert_eq!(review.payload["candidates"][0]["repair"], "none");
    assert_eq!(world.cell("D-00001", "amount").await.to_string().trim_matches('"'), "1000.5");
}
