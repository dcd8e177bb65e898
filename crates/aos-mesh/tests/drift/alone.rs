//! What is repaired without a person, and what is not, where several things have changed at once.

use crate::world::{DEALS, Said, World};
use aos_broker::{Message, Topic};
use aos_core::ledger::Outcome;
use aos_mesh::drift::{Chosen, RemapEnd};
use aos_store::{Page, ReviewState};
use serde_json::json;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;

fn renamed() -> Said {
    Said::deals(DEALS).rename("amount", "deal_value")
}

/// The same without the column.
fn without(mut said: Said, column: &str) -> Said {
    let at = said.columns.iter().position(|name| name == column).unwrap();
    said.columns.remove(at);
    said.rows.iter_mut().for_each(|row| _ = row.remove(at));
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sure_is_repaired_and_what_is_not_waits_for_a_person() {
    let world = World::read_once().await;
    world.autofix(true).await;
    let before = world.held().await;
    world.say(vec![without(renamed(), "stage")]);
    let report = world.sync().await;
    assert_eq!(report.code, Some("drift"), "the stream waits for the other one: {report:?}");
    assert_eq!(world.held().await, before, "nothing is lost meanwhile");
    let done = world.reviews(ReviewState::Approved).await;
    assert_eq!((done.len(), &done[0].payload["path"]), (1, &json!("amount")), "{done:#?}");
    assert_eq!(done[0].decided_by.as_deref(), Some("system"), "nobody asked for it");
    let trail = world.tenant().list_audit(Page::first(100)).await.unwrap().items;
    let repaired: Vec<&str> = trail
        .iter()
        .filter(|entry| entry.action == "review.approved" && entry.resource == done[0].id.to_string())
        .map(|entry| entry.principal.as_str())
        .collect();
    assert_eq!(repaired, ["system"]);
    let open = world.open_reviews().await;
    assert_eq!((open.len(), &open[0].payload["path"]), (1, &json!("stage")), "{open:#?}");

    let stage = world.review_of("stage").await;
    world.approve(&stage, Chosen { accept: true, ..Chosen::default() }).await.unwrap();
    let approved = world.tenant().review(stage.id).await.unwrap().unwrap();
    assert_eq!(approved.decided_by, Some(world.scope.principal().to_string()));
    let report = world.sync().await;
    assert_eq!((report.outcome, report.code), (Outcome::Success, None), "{report:?}");
    assert_eq!(world.cell("D-00001", "amount").await.to_string().trim_matches('"'), "1000.5");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repair_that_a_person_rejected_is_not_applied_by_itself() {
    let world = World::read_once().await;
    world.say(vec![renamed()]);
    world.sync().await;
    let review = world.review_of("amount").await;
    let no = aos_store::ReviewDecision {
        id: review.id,
        revision: None,
        state: ReviewState::Rejected,
        outcome: json!({}),
        was_right: Some(false),
        features: json!({}),
    };
    world.tenant().decide_review(&no).await.unwrap();
    world.autofix(true).await;
    assert_eq!(world.sync().await.code, Some("drift"));
    assert!(world.reviews(ReviewState::Approved).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_repaired_by_itself_while_keys_name_other_records() {
    let world = World::read_once().await;
    world.autofix(true).await;
    let mut said = renamed();
    let ids: Vec<String> = said.rows.iter().map(|row| row[0].clone()).collect();
    said.rows.iter_mut().enumerate().for_each(|(at, row)| row[0].clone_from(&ids[(at + 7) % ids.len()]));
    world.say(vec![said]);
    let before = world.held().await;
    assert_eq!(world.sync().await.code, Some("drift"));
    assert_eq!(world.held().await, before);
    assert!(world.reviews(ReviewState::Approved).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn items_are_told_when_they_are_opened_and_when_they_are_repaired() {
    let world = World::read_once().await;
    world.autofix(true).await;
    let mut events = world.broker.tenant(&world.scope).subscribe(None).await;
    world.say(vec![without(renamed(), "stage")]);
    world.sync().await;
    let (opened, done) = (world.open_reviews().await, world.reviews(ReviewState::Approved).await);
    let mut told = Vec::new();
    while let Some(message) = events.next().now_or_never() {
        if let Message::Event(event) = message
            && event.topic == Topic::Drift
        {
            let payload: serde_json::Value = serde_json::from_str(event.payload.get()).unwrap();
            told.push(json!([payload["review_id"], payload["state"]]));
        }
    }
    for expected in [json!([opened[0].id, "open"]), json!([done[0].id, "open"]), json!([done[0].id, "approved"])] {
        assert!(told.contains(&expected), "{expected} is not among {told:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undo_that_is_cut_off_goes_on_and_ends_byte_equal() {
    let world = World::read_once().await;
    let rules = json!({ "rules": [{ "path": "amount", "action": "discard_value" }] });
    world.tenant().put_contract(world.connection.id, "deals", Some(&rules)).await.unwrap();
    for more in 0..3 {
        let first = |at: usize, text: &str| if at == 0 { format!("{}", 5_000 + more * 1_000) } else { text.to_owned() };
        world.say(vec![renamed().with("deal_value", first)]);
        world.sync().await;
    }
    let before = world.held().await;
    let review = world.review_of("amount").await;
    let applied = world.approve(&review, Chosen::default()).await.unwrap();
    world.remap(applied.changed.remap).await;
    assert_ne!(world.held().await, before);
    let undone = world.undo(&review).await.unwrap();
    let mut steps = 0;
    let cut = AssertUnwindSafe(world.mesh.remap(&world.scope, undone.changed.remap, &world.ontology, |_| {
        steps += 1;
        assert!(steps < 2, "the process ends here");
    }));
    assert!(cut.catch_unwind().await.is_err());
    assert!(matches!(world.remap(undone.changed.remap).await, RemapEnd::Done(_)));
    assert_eq!(world.held().await, before);
}
