//! Sources that nobody should have to deal with.

use crate::world::{DEALS, Said, World};
use aos_core::ledger::Outcome;
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_changes_its_shape_from_page_to_page_is_not_read_on_and_nothing_is_guessed() {
    let world = World::read_once().await;
    world.autofix(true).await;
    let before = world.held().await;
    let page = |at: usize| {
        let mut said = Said::deals(DEALS);
        said.rows = said.rows.split_off(at * 10).into_iter().take(10).collect();
        if at.is_multiple_of(2) { said } else { said.rename("amount", "deal_value") }
    };
    world.say((0..6).map(page).collect());
    for _ in 0..2 {
        let report = world.sync().await;
        assert_eq!((report.outcome, report.code), (Outcome::Partial, Some("drift")), "{report:?}");
    }
    assert_eq!(world.held().await, before);
    let review = world.review_of("amount").await;
    assert!(review.payload["changes"].to_string().contains("comes and goes"), "{review:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_new_fields_are_taken_in_their_stride() {
    let world = World::read_once().await;
    let mut said = Said::deals(DEALS);
    for field in 0..1_000 {
        said = said.add(&format!("custom_{field}"), move |at| format!("{}", at * field % 97));
    }
    world.say(vec![said]);
    let begun = Instant::now();
    let report = world.sync().await;
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
    assert_eq!(report.code, None, "{report:?}");
    assert_eq!(world.held().await.len(), DEALS);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_whose_type_differs_from_row_to_row_loses_no_row_and_no_evidence() {
    let world = World::read_once().await;
    let mixed = |at: usize, text: &str| match at % 3 {
        0 => "to be agreed".to_owned(),
        1 => format!("{text} EUR or so"),
        _ => text.to_owned(),
    };
    world.say(vec![Said::deals(DEALS).with("amount", mixed)]);
    let report = world.sync().await;
    assert_eq!(report.outcome, Outcome::Partial, "{report:?}");
    assert_eq!(world.held().await.len(), DEALS);
    assert_eq!(report.tally.landed + report.tally.duplicate, DEALS as u64);
    let (standing, _) = world.rejections().await;
    assert_eq!(standing, 2 * DEALS / 3);
}
