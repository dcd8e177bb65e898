//! Live events.

use super::conformance;
use crate::world::{World, lags, next, numbers, say, someone, until};
use aos_broker::{Broker, Error, EventId, Message, Topic};
use serde_json::json;

conformance!(
    two_tenants_never_see_each_others_events,
    a_subscriber_is_woken_by_an_event,
    every_process_sees_the_same_events_in_the_same_order,
    who_comes_back_gets_what_was_published_meanwhile_once_and_in_order,
    what_is_kept_is_there_as_soon_as_one_subscribes,
    a_slow_subscriber_is_told_how_much_it_missed,
    an_id_that_nobody_knows_is_told_as_a_gap,
    the_log_is_bounded_in_bytes_too,
);

async fn two_tenants_never_see_each_others_events(world: World) {
    let (acme, globex) = (someone(), someone());
    let mut acme_reads = world.there.tenant(&acme).subscribe(None).await;
    let mut globex_reads = world.there.tenant(&globex).subscribe(None).await;
    say(&world.here, &acme, 1).await;
    say(&world.here, &globex, 2).await;
    say(&world.here, &acme, 3).await;
    assert_eq!(numbers(&until(&mut acme_reads, 3).await), [1, 3]);
    assert_eq!(numbers(&[next(&mut globex_reads).await]), [2]);
    assert!(globex_reads.try_next().is_none());
    // Nor when they ask for the past.
    let mut globex_past = world.there.tenant(&globex).subscribe(Some(EventId(0))).await;
    assert_eq!(numbers(&until(&mut globex_past, 2).await), [2]);
}

async fn a_subscriber_is_woken_by_an_event(world: World) {
    let scope = someone();
    let mut reads = world.there.tenant(&scope).subscribe(None).await;
    let waiting = tokio::spawn(async move { next(&mut reads).await });
    tokio::task::yield_now().await;
    say(&world.here, &scope, 7).await;
    assert_eq!(numbers(&[waiting.await.unwrap()]), [7]);
}

async fn every_process_sees_the_same_events_in_the_same_order(world: World) {
    let scope = someone();
    let mut here = world.here.tenant(&scope).subscribe(None).await;
    let mut there = world.there.tenant(&scope).subscribe(None).await;
    let publish = async |broker: &Broker, from: u64| {
        for n in from..from + 50 {
            say(broker, &scope, n).await;
        }
    };
    tokio::join!(publish(&world.here, 0), publish(&world.there, 100));
    say(&world.here, &scope, 1000).await;
    let (here, there) = (until(&mut here, 1000).await, until(&mut there, 1000).await);
    assert_eq!(numbers(&here), numbers(&there));
    assert_eq!((here.len(), lags(&here)), (101, 0));
    let ids = |messages: &[Message]| -> Vec<EventId> {
        let id = |message: &Message| match message {
            Message::Event(event) => Some(event.id),
            Message::Lagged { .. } => None,
        };
        messages.iter().filter_map(id).collect()
    };
    assert_eq!(ids(&here), ids(&there));
    assert!(ids(&here).is_sorted_by(|a, b| a < b));
}

async fn who_comes_back_gets_what_was_published_meanwhile_once_and_in_order(world: World) {
    let scope = someone();
    let mut ids = Vec::new();
    for n in 0..5 {
        ids.push(say(&world.here, &scope, n).await);
    }
    let mut reads = world.there.tenant(&scope).subscribe(Some(ids[1])).await;
    say(&world.here, &scope, 5).await;
    let messages = until(&mut reads, 5).await;
    assert_eq!(messages.len(), 4, "no lag is told where there was none");
    assert_eq!(numbers(&messages), [2, 3, 4, 5]);
    assert!(reads.try_next().is_none());
}

async fn what_is_kept_is_there_as_soon_as_one_subscribes(world: World) {
    let scope = someone();
    let first = say(&world.here, &scope, 1).await;
    for n in 2..=700 {
        say(&world.here, &scope, n).await;
    }
    let mut reads = world.there.tenant(&scope).subscribe(Some(first)).await;
    let kept: Vec<Message> = std::iter::from_fn(|| reads.try_next()).collect();
    assert_eq!(numbers(&kept), (2..=700).collect::<Vec<_>>());
}

async fn a_slow_subscriber_is_told_how_much_it_missed(world: World) {
    let scope = someone();
    let mut reads = world.there.tenant(&scope).subscribe(None).await;
    for n in 0..1500 {
        say(&world.here, &scope, n).await;
    }
    // Everything has arrived once another subscriber has read it.
    let mut other = world.there.tenant(&scope).subscribe(None).await;
    say(&world.here, &scope, 1500).await;
    until(&mut other, 1500).await;
    let messages = until(&mut reads, 1500).await;
    assert!(matches!(messages[0], Message::Lagged { missed: Some(501) }), "{:?}", messages[0]);
    assert_eq!(numbers(&messages), (501..=1500).collect::<Vec<_>>());
}

async fn an_id_that_nobody_knows_is_told_as_a_gap(world: World) {
    let scope = someone();
    let last = say(&world.here, &scope, 1).await;
    for unknown in [EventId(0), EventId(last.0 + 1_000_000)] {
        let mut reads = world.there.tenant(&scope).subscribe(Some(unknown)).await;
        assert!(matches!(reads.try_next(), Some(Message::Lagged { missed: None })));
        assert_eq!(numbers(&[reads.try_next().expect("what is kept")]), [1]);
    }
}

async fn the_log_is_bounded_in_bytes_too(world: World) {
    let scope = someone();
    let large = "x".repeat(3 << 20);
    let mut ids = Vec::new();
    for n in 0..4 {
        let payload = json!({ "n": n, "large": large });
        ids.push(world.here.tenant(&scope).publish(Topic::StateUpdate, payload).await.unwrap());
    }
    let mut reads = world.there.tenant(&scope).subscribe(Some(ids[0])).await;
    let messages = until(&mut reads, 3).await;
    assert!(matches!(messages[0], Message::Lagged { missed: Some(1) }), "{}", messages.len());
    assert_eq!(numbers(&messages), [2, 3]);
    if let Some(redis) = &world.redis {
        let kept = redis.ask(&format!("XLEN aos:{{{}}}:events", scope.tenant_id()));
        assert!(kept.starts_with(":2\r\n"), "{kept}");
    }
    let too_large = world.here.tenant(&scope).publish(Topic::StateUpdate, json!("x".repeat(5 << 20))).await;
    assert!(matches!(too_large, Err(Error::TooLarge { .. })));
}

#[tokio::test]
async fn an_id_from_before_a_restart_is_never_given_again() {
    let before = World::in_process();
    let scope = someone();
    let old = say(&before.here, &scope, 1).await;
    before.pass(std::time::Duration::from_secs(1)).await;
    // The process starts again, a second later.
    let after = World::in_process();
    after.pass(std::time::Duration::from_secs(1)).await;
    let mut reads = after.here.tenant(&scope).subscribe(Some(old)).await;
    let new = say(&after.here, &scope, 2).await;
    assert!(new > old);
    let messages = until(&mut reads, 2).await;
    assert!(matches!(messages[0], Message::Lagged { missed: None }));
}
