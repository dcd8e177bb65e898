//! What is asked again: repairs that were taken back, and what was proved before a small read.

use crate::world::{DEALS, Said, World};
use aos_core::kind::SyncMode;
use aos_core::ledger::Outcome;
use aos_mesh::drift::{Chosen, DriftPolicy};
use aos_store::{Review, ReviewState};
use serde_json::json;

fn renamed() -> Said {
    Said::deals(DEALS).rename("amount", "deal_value")
}

/// So many of them that nobody has seen before.
fn new_ones(said: Said, count: usize) -> Said {
    let mut said = said.with("deal_id", |at, _| format!("N-{at:05}"));
    said.rows.truncate(count);
    said
}

fn first(review: &Review) -> &serde_json::Value {
    &review.payload["candidates"][0]
}

/// A source that was renamed, repaired by itself and read on, and then taken back.
async fn taken_back(world: &World) -> Review {
    world.autofix(true).await;
    world.say_version("renamed", vec![renamed()]);
    assert_eq!(world.sync().await.outcome, Outcome::Success);
    let done = world.reviews(ReviewState::Approved).await.remove(0);
    let undone = world.undo(&done).await.unwrap();
    world.remap(undone.changed.remap).await;
    done
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_back_drifts_again_and_is_asked_about_and_not_done_again_by_itself() {
    let world = World::read_once().await;
    let done = taken_back(&world).await;
    let drifting = world.tenant().list_drifting().await.unwrap();
    assert_eq!((drifting.len(), &drifting[0].drift["changes"][0]["path"]), (1, &json!("amount")), "{drifting:#?}");
    let open = world.review_of("amount").await;
    assert_eq!((&open.subject, open.id == done.id), (&done.subject, false));
    assert!(first(&open)["held"].is_string(), "{open:#?}");

    world.say_version("renamed, later", vec![renamed()]);
    let report = world.sync().await;
    assert_eq!((report.outcome, report.code), (Outcome::Partial, Some("drift")), "{report:?}");
    assert!(world.reviews(ReviewState::Approved).await.is_empty(), "a person took it back");
    let again = world.review_of("amount").await;
    assert_eq!(again.id, open.id, "it is asked once");
    let applied = world.approve(&again, Chosen::default()).await.unwrap();
    world.remap(applied.changed.remap).await;
    assert_eq!(world.cell("D-00001", "amount").await.to_string().trim_matches('"'), "1000.5");
    assert_eq!(world.sync().await.code, None);
    // Whoever took it back approved it after all, so nothing that was said of it was wrong.
    let store = world.tenant();
    let standing = DriftPolicy::load(&store).await.unwrap().standing(&store, Some(true)).await.unwrap();
    assert_eq!((standing.reliability.decisions, standing.fitted.apply(0.997) >= 0.99), (1, true), "{standing:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_of_which_nothing_is_new_says_that_it_waits_after_an_undo() {
    let world = World::new(vec![Said::deals(DEALS)]).await;
    world.say_version("as it was", vec![Said::deals(DEALS)]);
    world.sync().await;
    taken_back(&world).await;
    let open = world.review_of("amount").await;
    let report = world.sync().await;
    assert_eq!((report.outcome, report.code, report.tally.read), (Outcome::Partial, Some("drift"), 0), "{report:?}");
    assert!(report.problem.as_ref().is_some_and(|problem| problem.contains(&open.id.to_string())), "{report:?}");
    let applied = world.approve(&open, Chosen::default()).await.unwrap();
    world.remap(applied.changed.remap).await;
    let report = world.sync().await;
    assert_eq!((report.outcome, report.code), (Outcome::NoChange, None), "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_is_again_what_it_was_is_asked_about_no_more() {
    let world = World::new(vec![Said::deals(DEALS)]).await;
    world.say_version("as it was", vec![Said::deals(DEALS)]);
    world.sync().await;
    world.say_version("renamed", vec![renamed()]);
    assert_eq!(world.sync().await.code, Some("drift"));
    world.say_version("as it was", vec![Said::deals(DEALS)]);
    let report = world.sync().await;
    assert_eq!((report.outcome, report.code), (Outcome::NoChange, None), "{report:?}");
    assert!(world.open_reviews().await.is_empty());
    assert!(world.tenant().list_drifting().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_is_what_it_was_but_for_a_new_column_is_asked_about_no_more() {
    let world = World::read_once().await;
    world.say(vec![renamed()]);
    assert_eq!(world.sync().await.code, Some("drift"));
    world.say(vec![Said::deals(DEALS).add("note", |at| format!("note {at}"))]);
    assert_eq!(world.sync().await.code, None);
    assert!(world.open_reviews().await.is_empty());
    assert!(world.tenant().list_drifting().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_few_new_records_do_not_take_the_place_of_what_the_same_rows_have_proved() {
    let world = World::read_once().await;
    world.say(vec![renamed()]);
    world.say_new(vec![new_ones(renamed(), 3)]);
    assert_eq!(world.sync_in(SyncMode::Full).await.code, Some("drift"));
    let proved = world.review_of("amount").await;
    assert_eq!((&first(&proved)["repair"], &first(&proved)["proof"]), (&json!("rename"), &json!("rows")));
    let profile = world.tenant().stream_profile(world.connection.id, "deals").await.unwrap();

    let report = world.sync().await;
    assert_eq!(report.code, Some("drift"), "{report:?}");
    assert_eq!(world.open_reviews().await, std::slice::from_ref(&proved));
    let later = world.tenant().stream_profile(world.connection.id, "deals").await.unwrap();
    assert_eq!((later.sample, later.accepted), (profile.sample, profile.accepted));
    let rehearsal = world.rehearse(&proved, &Chosen::default()).await;
    assert_eq!(rehearsal.records, DEALS as u64, "it is tried on the records that proved it");
    world.approve(&proved, Chosen::default()).await.unwrap();
    assert_eq!(world.sync().await.outcome, Outcome::Success);
    assert_eq!(world.cell("N-00000", "amount").await.to_string().trim_matches('"'), "1000.5");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_few_new_records_that_say_nothing_of_an_item_leave_it_open_beside_another() {
    let world = World::read_once().await;
    world.say(vec![renamed()]);
    world.sync_in(SyncMode::Full).await;
    // Of what they say of the stage nobody was asked before, and of the amount they say nothing.
    let other = new_ones(Said::deals(DEALS).rename("stage", "deal_phase"), 40);
    world.say_new(vec![other]);
    let report = world.sync().await;
    assert_eq!(report.code, Some("drift"), "{report:?}");
    world.review_of("stage").await;
    assert_eq!(first(&world.review_of("amount").await)["proof"], "rows");
    // A whole read has the last word.
    world.say(vec![Said::deals(DEALS)]);
    world.sync_in(SyncMode::Full).await;
    assert!(world.open_reviews().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn taking_what_is_seen_as_it_is_can_be_rehearsed_beside_what_is_held() {
    let world = World::read_once().await;
    world.say(vec![renamed()]);
    world.sync().await;
    let accept = Chosen { accept: true, ..Chosen::default() };
    let rehearsal = world.rehearse(&world.review_of("amount").await, &accept).await;
    let amount = rehearsal.fields.iter().find(|effect| effect.field == "amount").unwrap();
    assert_eq!((amount.lost, amount.gained, rehearsal.rows_changed), (DEALS as u64, 0, DEALS as u64));
    let cell = rehearsal.cells.iter().find(|cell| cell.record_id == "D-00001" && cell.field == "amount").unwrap();
    assert_eq!(
        (cell.before.as_ref().map(|value| value.to_string().replace('"', "")), &cell.after),
        (Some("1000.5".into()), &None)
    );

    let world = World::read_once().await;
    let rules = json!({ "rules": [{ "change": "enum_changed", "action": "discard_value" }] });
    world.tenant().put_contract(world.connection.id, "deals", Some(&rules)).await.unwrap();
    let paused = |at: usize, text: &str| if at.is_multiple_of(3) { "Paused".to_owned() } else { text.to_owned() };
    world.say(vec![Said::deals(DEALS).with("stage", paused)]);
    world.sync().await;
    let rehearsal = world.rehearse(&world.review_of("stage").await, &accept).await;
    let stage = rehearsal.fields.iter().find(|effect| effect.field == "stage").unwrap();
    assert_eq!((stage.gained, stage.lost), (DEALS as u64 / 3, 0), "what was kept aside would land");
}
