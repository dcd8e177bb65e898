//! A stated limit: what people decided proves from which probability repairs are applied, or that none may be yet.

use crate::world::{DEALS, Said, World};
use aos_core::ledger::Outcome;
use aos_store::{NewReview, ReviewDecision, ReviewState};
use serde_json::json;

/// Lets people have decided about so many repairs of one probability, the first of them wrong.
async fn decided(world: &World, probability: f64, of: usize, wrong: usize) {
    let store = world.tenant();
    for number in 0..of {
        let new = NewReview {
            kind: "drift".to_owned(),
            subject: format!("an earlier drift {number}"),
            connection: None,
            stream: None,
            title: "a column was renamed".to_owned(),
            payload: json!({}),
            confidence: Some(probability),
            severity: "breaking".to_owned(),
            expires_at: None,
            escalate_at: None,
        };
        let (review, _) = store.open_review(&new).await.unwrap();
        let right = number >= wrong;
        let decision = ReviewDecision {
            id: review.id,
            revision: None,
            state: if right { ReviewState::Approved } else { ReviewState::Rejected },
            outcome: json!({ "how": "by a person" }),
            was_right: Some(right),
            features: json!({ "confidence": probability, "held": false }),
        };
        store.decide_review(&decision).await.unwrap();
    }
    store.put_setting("drift", &json!({ "wrong_max": 0.01 })).await.unwrap();
}

async fn synced_with_a_renamed_column(world: &World) -> (Outcome, Option<&'static str>) {
    world.autofix(true).await;
    world.say(vec![Said::deals(DEALS).rename("amount", "deal_value")]);
    let report = world.sync().await;
    (report.outcome, report.code)
}

#[tokio::test(flavor = "multi_thread")]
async fn once_decisions_prove_a_stated_limit_what_is_as_sure_is_applied() {
    let world = World::read_once().await;
    decided(&world, 0.9, 240, 0).await;
    assert_eq!(synced_with_a_renamed_column(&world).await, (Outcome::Success, None));
    let by_itself = world.reviews(ReviewState::Approved).await;
    let by_itself: Vec<_> =
        by_itself.iter().filter(|one| one.outcome.as_ref().unwrap()["how"] == "by itself").collect();
    assert_eq!(by_itself.len(), 1, "{by_itself:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn decisions_of_which_too_many_were_wrong_prove_no_limit() {
    let world = World::read_once().await;
    decided(&world, 0.9, 240, 4).await;
    assert_eq!(synced_with_a_renamed_column(&world).await, (Outcome::Partial, Some("drift")));
    assert_eq!(world.open_reviews().await.len(), 1);
}
