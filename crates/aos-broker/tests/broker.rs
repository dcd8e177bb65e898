//! The broker as its users meet it.

use aos_broker::{Broker, Error, EventId, Message, Subscription, Topic};
use aos_core::tenant::Principal;
use aos_core::{Clock, Role, TenantId, TenantScope, UserId};
use chrono::{DateTime, Duration};
use serde_json::json;
use std::time::Duration as StdDuration;

#[allow(clippy::disallowed_methods)] // Tests stand in for the doors that may.
fn someone() -> TenantScope {
    TenantScope::establish(TenantId::new(), Principal::User(UserId::new()), Role::Member)
}

fn broker() -> (Broker, Clock) {
    let clock = Clock::fixed(DateTime::from_timestamp(1_700_000_000, 0).unwrap());
    (Broker::in_process(clock.clone()), clock)
}

fn drain(subscription: &mut Subscription) -> Vec<Message> {
    std::iter::from_fn(|| subscription.try_next()).collect()
}

fn numbers(messages: &[Message]) -> Vec<u64> {
    let number = |message: &Message| match message {
        Message::Event(event) => serde_json::from_str::<serde_json::Value>(event.payload.get()).unwrap()["n"].as_u64(),
        Message::Lagged { .. } => None,
    };
    messages.iter().filter_map(number).collect()
}

#[tokio::test]
async fn two_tenants_never_see_each_others_events() {
    let (broker, _) = broker();
    let (acme, globex) = (someone(), someone());
    let mut acme_reads = broker.tenant(&acme).subscribe(None).await;
    let mut globex_reads = broker.tenant(&globex).subscribe(None).await;
    broker.tenant(&acme).publish(Topic::StateUpdate, json!({ "n": 1 })).await.unwrap();
    broker.tenant(&globex).publish(Topic::StateUpdate, json!({ "n": 2 })).await.unwrap();
    assert_eq!(numbers(&drain(&mut acme_reads)), [1]);
    assert_eq!(numbers(&drain(&mut globex_reads)), [2]);
    // Nor when they ask for the past.
    let mut globex_past = broker.tenant(&globex).subscribe(Some(EventId(0))).await;
    assert_eq!(numbers(&drain(&mut globex_past)), [2]);
}

#[tokio::test]
async fn a_subscriber_is_woken_by_an_event() {
    let (broker, _) = broker();
    let scope = someone();
    let mut reads = broker.tenant(&scope).subscribe(None).await;
    let waiting = tokio::spawn(async move { reads.next().await });
    tokio::task::yield_now().await;
    broker.tenant(&scope).publish(Topic::MappingProgress, json!({ "n": 7 })).await.unwrap();
    let message = tokio::time::timeout(StdDuration::from_secs(5), waiting).await.unwrap().unwrap();
    assert_eq!(numbers(&[message]), [7]);
}

#[tokio::test]
async fn who_comes_back_gets_what_was_published_meanwhile_once_and_in_order() {
    let (broker, _) = broker();
    let scope = someone();
    let mut ids = Vec::new();
    for n in 0..5 {
        ids.push(broker.tenant(&scope).publish(Topic::MappingProgress, json!({ "n": n })).await.unwrap());
    }
    assert!(ids.is_sorted());
    let mut reads = broker.tenant(&scope).subscribe(Some(ids[1])).await;
    broker.tenant(&scope).publish(Topic::MappingProgress, json!({ "n": 5 })).await.unwrap();
    let messages = drain(&mut reads);
    assert_eq!(messages.len(), 4, "no lag is told where there was none");
    assert_eq!(numbers(&messages), [2, 3, 4, 5]);
}

#[tokio::test]
async fn a_slow_subscriber_is_told_how_much_it_missed() {
    let (broker, _) = broker();
    let scope = someone();
    let mut reads = broker.tenant(&scope).subscribe(None).await;
    for n in 0..1500 {
        broker.tenant(&scope).publish(Topic::MappingProgress, json!({ "n": n })).await.unwrap();
    }
    let messages = drain(&mut reads);
    assert!(matches!(messages[0], Message::Lagged { missed: Some(500) }), "{:?}", messages[0]);
    assert_eq!(numbers(&messages), (500..1500).collect::<Vec<_>>());
}

#[tokio::test]
async fn an_id_from_before_a_restart_is_told_as_a_gap_and_never_given_again() {
    let (before, clock) = broker();
    let scope = someone();
    let old = before.tenant(&scope).publish(Topic::StateUpdate, json!({ "n": 1 })).await.unwrap();
    clock.advance(Duration::seconds(1));
    let after = Broker::in_process(clock);
    let mut reads = after.tenant(&scope).subscribe(Some(old)).await;
    let new = after.tenant(&scope).publish(Topic::StateUpdate, json!({ "n": 2 })).await.unwrap();
    assert!(new > old);
    let messages = drain(&mut reads);
    assert!(matches!(messages[0], Message::Lagged { missed: None }));
    assert_eq!(numbers(&messages), [2]);
}

#[tokio::test]
async fn the_log_is_bounded_in_bytes_too() {
    let (broker, _) = broker();
    let scope = someone();
    let mut reads = broker.tenant(&scope).subscribe(None).await;
    let large = "x".repeat(3 << 20);
    for n in 0..4 {
        broker.tenant(&scope).publish(Topic::StateUpdate, json!({ "n": n, "large": large })).await.unwrap();
    }
    let messages = drain(&mut reads);
    assert!(matches!(messages[0], Message::Lagged { missed: Some(2) }));
    assert_eq!(numbers(&messages), [2, 3]);
    let too_large = broker.tenant(&scope).publish(Topic::StateUpdate, json!("x".repeat(5 << 20))).await;
    assert!(matches!(too_large, Err(Error::TooLarge { .. })));
}

#[tokio::test]
async fn a_ticket_is_good_exactly_once() {
    let (broker, _) = broker();
    let scope = someone();
    let ticket = broker.tenant(&scope).issue_ticket(Duration::seconds(30)).await.unwrap();
    let attempts: Vec<_> = (0..16)
        .map(|_| {
            let (broker, ticket) = (broker.clone(), ticket.clone());
            tokio::spawn(async move { broker.system().redeem_ticket(&ticket).await })
        })
        .collect();
    let mut redeemed = Vec::new();
    for attempt in attempts {
        redeemed.extend(attempt.await.unwrap());
    }
    assert_eq!(redeemed, [(scope.tenant_id(), scope.principal(), Role::Member)]);
}

#[tokio::test]
async fn a_ticket_ends_with_its_time_and_no_later_than_five_minutes() {
    let (broker, clock) = broker();
    let scope = someone();
    let short = broker.tenant(&scope).issue_ticket(Duration::seconds(30)).await.unwrap();
    let long = broker.tenant(&scope).issue_ticket(Duration::days(365)).await.unwrap();
    clock.advance(Duration::seconds(30));
    assert_eq!(broker.system().redeem_ticket(&short).await, None);
    clock.advance(Duration::minutes(5));
    assert_eq!(broker.system().redeem_ticket(&long).await, None);
    assert_eq!(broker.system().redeem_ticket("").await, None);
}

#[tokio::test]
async fn a_tenant_that_hoards_tickets_is_stopped_and_others_are_not() {
    let (broker, clock) = broker();
    let (greedy, other) = (someone(), someone());
    for _ in 0..1000 {
        broker.tenant(&greedy).issue_ticket(Duration::seconds(30)).await.unwrap();
    }
    let one_more = broker.tenant(&greedy).issue_ticket(Duration::seconds(30)).await;
    assert!(matches!(one_more, Err(Error::TooManyTickets { limit: 1000 })));
    broker.tenant(&other).issue_ticket(Duration::seconds(30)).await.unwrap();
    clock.advance(Duration::seconds(30));
    broker.tenant(&greedy).issue_ticket(Duration::seconds(30)).await.unwrap();
}

#[tokio::test]
async fn a_count_grows_ends_and_can_be_reset() {
    let (broker, clock) = broker();
    let window = Duration::minutes(1);
    let system = broker.system();
    for n in 1..=5 {
        assert_eq!(system.count("sign-in:a@x", window).await, n);
    }
    assert_eq!(system.counted("sign-in:b@x").await, 0);
    system.reset("sign-in:a@x").await;
    assert_eq!(system.count("sign-in:a@x", window).await, 1);
    clock.advance(window);
    assert_eq!(system.counted("sign-in:a@x").await, 0);
    assert_eq!(system.count("sign-in:a@x", window).await, 1);
}

#[tokio::test]
async fn a_flood_of_keys_cannot_clear_a_grown_count() {
    let (broker, _) = broker();
    let (system, window) = (broker.system(), Duration::minutes(1));
    for _ in 0..10 {
        system.count("victim", window).await;
    }
    for n in 0..250_000 {
        system.count(&format!("flood {n}"), window).await;
    }
    assert_eq!(system.counted("victim").await, 10);
}
