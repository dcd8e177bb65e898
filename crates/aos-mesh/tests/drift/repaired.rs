//! Repairs: approved or applied at once, mapped into the past, raced, cut off, and taken back.

use crate::world::{DEALS, Said, World};
use aos_core::ledger::Outcome;
use aos_core::mapping::FieldRule;
use aos_drift::Edit;
use aos_mesh::drift::{Chosen, RemapEnd};
use aos_store::ReviewState;
use serde_json::json;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;

fn renamed() -> Said {
    Said::deals(DEALS).rename("amount", "deal_value")
}

/// The same deals, of which the first is worth one more.
fn renamed_and_changed() -> Said {
    renamed().with("deal_value", |at, text| if at == 0 { "1001.50".to_owned() } else { text.to_owned() })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repair_is_approved_and_the_stream_is_read_on_under_it() {
    let world = World::read_once().await;
    world.say(vec![renamed_and_changed()]);
    let before = world.held().await;
    let report = world.sync().await;
    assert_eq!((report.outcome, report.code), (Outcome::Partial, Some("drift")), "{report:?}");
    assert_eq!(world.held().await, before, "nothing is overwritten with nothing");
    let review = world.review_of("amount").await;
    let first = &review.payload["candidates"][0];
    assert_eq!((&first["repair"], &first["to"]), (&json!("rename"), &json!("deal_value")), "{review:#?}");

    let rehearsal = world.rehearse(&review, &Chosen::default()).await;
    let amount = rehearsal.fields.iter().find(|effect| effect.field == "amount").unwrap();
    assert_eq!((amount.gained, amount.lost), (DEALS as u64, 0), "{rehearsal:#?}");

    let applied = world.approve(&review, Chosen::default()).await.unwrap();
    assert!(matches!(world.remap(applied.changed.remap).await, RemapEnd::Done(_)));
    assert_eq!(world.held().await, before, "records of the old shape stay under the mapping of their time");
    let report = world.sync().await;
    assert_eq!(report.outcome, Outcome::Success, "{report:?}");
    assert_eq!(world.cell("D-00001", "amount").await.to_string().trim_matches('"'), "1001.5");
    assert!(world.open_reviews().await.is_empty());
    let quiet = world.sync().await;
    assert_eq!(quiet.code, None, "repair, then observe, is quiet: {quiet:?}");
    assert!(world.open_reviews().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_undone_is_byte_equal_to_what_was_held() {
    let world = World::read_once().await;
    // The new shape is read on, without the value, so that there is a past to map anew.
    let rules = json!({ "rules": [{ "path": "amount", "action": "discard_value" }] });
    world.tenant().put_contract(world.connection.id, "deals", Some(&rules)).await.unwrap();
    world.say(vec![renamed_and_changed()]);
    let report = world.sync().await;
    assert_eq!(report.tally.landed, DEALS as u64, "{report:?}");
    let before = world.held().await;
    assert_eq!(world.cell("D-00001", "amount").await, json!(null));

    let review = world.review_of("amount").await;
    let applied = world.approve(&review, Chosen::default()).await.unwrap();
    let RemapEnd::Done(remap) = world.remap(applied.changed.remap).await else { panic!("done") };
    assert_eq!((remap.segments, remap.records), (1, DEALS as u64), "only what was read since is mapped anew");
    assert_eq!(world.cell("D-00001", "amount").await.to_string().trim_matches('"'), "1001.5");

    let undone = world.undo(&review).await.unwrap();
    world.remap(undone.changed.remap).await;
    assert_eq!(world.held().await, before);
    assert_eq!(world.reviews(ReviewState::Undone).await.len(), 1);
    assert!(world.undo(&review).await.is_err(), "it is undone once");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_repairs_of_one_stream_are_both_undone_the_later_one_first() {
    let world = World::read_once().await;
    let before = world.held().await;
    world.say(vec![renamed().rename("close_date", "expected_close")]);
    world.sync().await;
    for path in ["amount", "close_date"] {
        let applied = world.approve(&world.review_of(path).await, Chosen::default()).await.unwrap();
        world.remap(applied.changed.remap).await;
    }
    let done = world.reviews(ReviewState::Approved).await;
    let of = |path: &str| done.iter().find(|review| review.payload["path"] == json!(path)).unwrap();
    assert!(world.undo(of("amount")).await.is_err(), "what came later is undone first");
    for path in ["close_date", "amount"] {
        let undone = world.undo(of(path)).await.unwrap();
        world.remap(undone.changed.remap).await;
    }
    assert_eq!(world.held().await, before);
    assert_eq!(world.reviews(ReviewState::Undone).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repair_that_is_sure_enough_is_applied_at_once_while_the_switch_is_on() {
    let world = World::read_once().await;
    world.autofix(true).await;
    world.say(vec![renamed_and_changed()]);
    let report = world.sync().await;
    assert_eq!(report.outcome, Outcome::Success, "{report:?}");
    assert_eq!(world.cell("D-00001", "amount").await.to_string().trim_matches('"'), "1001.5");
    let done = world.reviews(ReviewState::Approved).await;
    assert_eq!((done.len(), &done[0].outcome.as_ref().unwrap()["how"]), (1, &json!("by itself")));

    world.autofix(false).await;
    world.say(vec![renamed_and_changed().rename("deal_value", "amount_total")]);
    let report = world.sync().await;
    assert_eq!(report.code, Some("drift"), "nothing is applied once the switch is off: {report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_applied_by_itself_while_a_stated_limit_is_not_proven() {
    let world = World::read_once().await;
    world.autofix(true).await;
    world.tenant().put_setting("drift", &json!({ "wrong_max": 0.01 })).await.unwrap();
    world.say(vec![renamed()]);
    assert_eq!(world.sync().await.code, Some("drift"));
    assert_eq!(world.open_reviews().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_repairs_that_race_the_second_is_stale() {
    let world = World::read_once().await;
    world.say(vec![renamed().rename("close_date", "expected_close")]);
    world.sync().await;
    let (amount, date) = (world.review_of("amount").await, world.review_of("close_date").await);
    let both = tokio::join!(world.approve(&amount, Chosen::default()), world.approve(&amount, Chosen::default()));
    let won = [&both.0, &both.1].into_iter().filter(|one| one.is_ok()).count();
    assert_eq!(won, 1, "{both:?}");
    // Another item of the same stream is not stale: its rule is as it was.
    world.approve(&date, Chosen::default()).await.unwrap();
    let old = Chosen { revision: Some(amount.revision + 7), ..Chosen::default() };
    world.say(vec![renamed().rename("close_date", "expected_close").rename("stage", "deal_phase")]);
    world.sync().await;
    let stage = world.review_of("stage").await;
    assert!(matches!(world.approve(&stage, old).await, Err(aos_mesh::Error::Store(aos_store::Error::Stale { .. }))));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_of_what_was_changed_by_hand_meanwhile_is_stale() {
    let world = World::read_once().await;
    world.say(vec![renamed()]);
    world.sync().await;
    let review = world.review_of("amount").await;
    let stored = world.tenant().active_mapping(world.connection.id, "deals").await.unwrap().unwrap();
    let mut mapping = stored.mapping.clone();
    let rule = mapping.entities[0].fields.iter_mut().find(|rule| rule.target == "amount").unwrap();
    rule.sources = vec!["deal_name".into()];
    world.tenant().save_mapping(world.connection.id, &mapping, &stored.matched).await.unwrap();
    let refused = world.approve(&review, Chosen::default()).await;
    assert!(matches!(refused, Err(aos_mesh::Error::Edit(aos_drift::EditError::Stale { .. }))), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_can_write_the_rule_themselves() {
    let world = World::read_once().await;
    world.say(vec![renamed_and_changed()]);
    world.sync().await;
    let review = world.review_of("amount").await;
    let first: Edit = serde_json::from_value(review.payload["candidates"][0]["edits"][0].clone()).unwrap();
    let own = FieldRule { sources: vec!["deal_value".into()], ..first.after.clone().unwrap() };
    let own = Edit { after: Some(own), ..first };
    let chosen = Chosen { edits: Some(vec![own]), ..Chosen::default() };
    world.approve(&review, chosen).await.unwrap();
    world.sync().await;
    assert_eq!(world.cell("D-00001", "amount").await.to_string().trim_matches('"'), "1001.5");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_re_mapping_that_is_cut_off_goes_on_where_it_stopped() {
    let world = World::read_once().await;
    let rules = json!({ "rules": [{ "path": "amount", "action": "discard_value" }] });
    world.tenant().put_contract(world.connection.id, "deals", Some(&rules)).await.unwrap();
    // Three reads of the new shape are three segments, of which the later ones say more.
    for more in 0..3 {
        let first = |at: usize, text: &str| if at == 0 { format!("{}", 5_000 + more * 1_000) } else { text.to_owned() };
        world.say(vec![renamed().with("deal_value", first)]);
        world.sync().await;
    }
    let review = world.review_of("amount").await;
    let applied = world.approve(&review, Chosen::default()).await.unwrap();
    let mut steps = 0;
    let cut = AssertUnwindSafe(world.mesh.remap(&world.scope, applied.changed.remap, &world.ontology, |_| {
        steps += 1;
        assert!(steps < 2, "the process ends here");
    }));
    assert!(cut.catch_unwind().await.is_err());
    let half = world.tenant().remap(applied.changed.remap).await.unwrap().unwrap();
    assert_eq!((half.state.as_str(), half.segments_done), ("running", 2));
    // The newest segment comes first, so that no row ever goes back to what was said before.
    assert_eq!(world.cell("D-00001", "amount").await.to_string().trim_matches('"'), "7000");
    let RemapEnd::Done(done) = world.remap(applied.changed.remap).await else { panic!("done") };
    assert_eq!((done.segments_done, done.records), (3, 3 * DEALS as u64));
    assert_eq!(world.cell("D-00001", "amount").await.to_string().trim_matches('"'), "7000");
    assert!(matches!(world.remap(applied.changed.remap).await, RemapEnd::Done(again) if again == done));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_its_source_deleted_does_not_come_back_by_a_re_mapping() {
    let world = World::read_once().await;
    let rules = json!({ "rules": [{ "path": "amount", "action": "discard_value" }] });
    world.tenant().put_contract(world.connection.id, "deals", Some(&rules)).await.unwrap();
    world.say(vec![renamed()]);
    world.sync().await;
    world.delete("D-00007").await;
    assert_eq!(world.held().await.len(), DEALS - 1);
    let review = world.review_of("amount").await;
    let applied = world.approve(&review, Chosen::default()).await.unwrap();
    world.remap(applied.changed.remap).await;
    assert_eq!(world.held().await.len(), DEALS - 1);
    let undone = world.undo(&review).await.unwrap();
    world.remap(undone.changed.remap).await;
    assert!(!world.held().await.contains_key("D-00007"));
}
