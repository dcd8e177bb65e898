//! What becomes of records meanwhile, by contract.

use crate::world::{DEALS, Said, World};
use aos_core::ledger::Outcome;
use aos_mesh::drift::Chosen;
use serde_json::{Value, json};

async fn agree(world: &World, rules: Value) {
    let contract = json!({ "rules": rules });
    world.tenant().put_contract(world.connection.id, "deals", Some(&contract)).await.unwrap();
}

/// Every third deal has a new stage.
fn with_new_stage() -> Said {
    Said::deals(DEALS).with("stage", |at, text| if at % 3 == 0 { "Paused".to_owned() } else { text.to_owned() })
}

#[tokio::test(flavor = "multi_thread")]
async fn new_choices_are_kept_aside_value_by_value_and_replayed_once_they_are_accepted() {
    let world = World::read_once().await;
    agree(&world, json!([{ "change": "enum_changed", "action": "discard_value" }])).await;
    world.say(vec![with_new_stage()]);
    let report = world.sync().await;
    assert_eq!(report.outcome, Outcome::Partial, "{report:?}");
    assert_eq!(world.cell("D-00001", "stage").await, Value::Null);
    assert_eq!(world.cell("D-00002", "stage").await, "Qualification");
    assert_eq!(world.rejections().await, (DEALS / 3, 0));

    let review = world.review_of("stage").await;
    let applied = world.approve(&review, Chosen { accept: true, ..Chosen::default() }).await.unwrap();
    world.remap(applied.changed.remap).await;
    assert_eq!(world.cell("D-00001", "stage").await, "Paused");
    assert_eq!(world.rejections().await, (0, DEALS / 3), "what was kept aside is resolved");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_kept_aside_as_a_whole_where_that_is_agreed() {
    let world = World::read_once().await;
    agree(&world, json!([{ "path": "stage", "action": "discard_row" }])).await;
    let before = world.held().await;
    world.say(vec![with_new_stage()]);
    let report = world.sync().await;
    assert_eq!((report.tally.rejected, report.tally.read), (DEALS as u64 / 3, DEALS as u64));
    assert_eq!(world.held().await, before, "rows that were held before stay");

    let review = world.review_of("stage").await;
    let applied = world.approve(&review, Chosen { accept: true, ..Chosen::default() }).await.unwrap();
    world.remap(applied.changed.remap).await;
    assert_eq!(world.cell("D-00001", "stage").await, "Paused");
    let undone = world.undo(&review).await.unwrap();
    world.remap(undone.changed.remap).await;
    // The mapping itself was not changed by accepting, so the records that are in the lake say what they say.
    assert_eq!(world.cell("D-00001", "stage").await, "Paused");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_evolve_evolves_without_a_word() {
    let world = World::read_once().await;
    agree(&world, json!([{ "action": "evolve" }])).await;
    world.say(vec![with_new_stage().rename("amount", "deal_value")]);
    assert_eq!(world.sync().await.outcome, Outcome::Success);
    assert_eq!(world.cell("D-00001", "stage").await, "Paused");
    assert!(world.open_reviews().await.is_empty());
    assert_eq!(world.cell("D-00001", "amount").await, Value::Null, "that is what was agreed");
}

#[tokio::test(flavor = "multi_thread")]
async fn new_choices_beside_the_known_ones_are_taken_where_nothing_else_was_agreed() {
    let world = World::read_once().await;
    world.say(vec![with_new_stage()]);
    assert_eq!(world.sync().await.outcome, Outcome::Success);
    assert_eq!(world.cell("D-00001", "stage").await, "Paused");
    assert!(world.open_reviews().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_stream_takes_no_new_column_either() {
    let world = World::read_once().await;
    agree(&world, json!([{ "action": "freeze" }])).await;
    world.say(vec![Said::deals(DEALS).add("probability", |at| format!("{}", at % 100))]);
    assert_eq!(world.sync().await.code, Some("drift"));
    let review = world.review_of("probability").await;
    world.approve(&review, Chosen { accept: true, ..Chosen::default() }).await.unwrap();
    assert_eq!(world.sync().await.code, None);
}
