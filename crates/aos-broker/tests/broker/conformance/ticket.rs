//! Tickets.

use super::conformance;
use crate::world::{World, someone};
use aos_broker::Error;
use aos_core::Role;
use std::time::Duration;

conformance!(
    a_ticket_is_good_exactly_once_in_any_process,
    a_ticket_ends_with_its_time,
    what_is_no_ticket_lets_nobody_in,
    a_tenant_that_hoards_tickets_is_stopped_and_others_are_not,
);

async fn a_ticket_is_good_exactly_once_in_any_process(world: World) {
    let scope = someone();
    let ticket = world.here.tenant(&scope).issue_ticket(Duration::from_secs(30)).await.unwrap();
    let attempts: Vec<_> = (0..16)
        .map(|n| {
            let (broker, ticket) = (if n % 2 == 0 { &world.here } else { &world.there }.clone(), ticket.clone());
            tokio::spawn(async move { broker.system().redeem_ticket(&ticket).await })
        })
        .collect();
    let mut redeemed = Vec::new();
    for attempt in attempts {
        redeemed.extend(attempt.await.unwrap());
    }
    assert_eq!(redeemed, [(scope.tenant_id(), scope.principal(), Role::Member)]);
}

async fn a_ticket_ends_with_its_time(world: World) {
    let (scope, ttl) = (someone(), Duration::from_millis(200));
    let ticket = world.here.tenant(&scope).issue_ticket(ttl).await.unwrap();
    world.pass(ttl).await;
    assert_eq!(world.there.system().redeem_ticket(&ticket).await, None);
}

async fn what_is_no_ticket_lets_nobody_in(world: World) {
    let (scope, other) = (someone(), someone());
    let mut ticket = world.here.tenant(&scope).issue_ticket(Duration::from_secs(30)).await.unwrap();
    let others = world.here.tenant(&other).issue_ticket(Duration::from_secs(30)).await.unwrap();
    // Another tenant's name before this ticket's secret: both are 16 bytes and 32 bytes in base64.
    let mixed = format!("{}{}", &others[..21], &ticket[21..]);
    for wrong in ["", "x", "*", &mixed, &"A".repeat(64), &"A".repeat(100_000)] {
        assert_eq!(world.there.system().redeem_ticket(wrong).await, None);
    }
    assert!(world.there.system().redeem_ticket(&ticket).await.is_some());
    ticket.push('A');
    assert_eq!(world.there.system().redeem_ticket(&ticket).await, None);
}

async fn a_tenant_that_hoards_tickets_is_stopped_and_others_are_not(world: World) {
    let (greedy, other) = (someone(), someone());
    let brief = Duration::from_secs(3);
    for _ in 0..9_999 {
        world.here.tenant(&greedy).issue_ticket(Duration::from_secs(300)).await.unwrap();
    }
    let last = world.there.tenant(&greedy).issue_ticket(brief).await.unwrap();
    let one_more = world.here.tenant(&greedy).issue_ticket(brief).await;
    assert!(matches!(one_more, Err(Error::TooManyTickets { limit: 10_000 })));
    world.here.tenant(&other).issue_ticket(brief).await.unwrap();
    // A place is free again when a ticket is used, and when one has ended.
    assert!(world.here.system().redeem_ticket(&last).await.is_some());
    world.here.tenant(&greedy).issue_ticket(brief).await.unwrap();
    assert!(world.here.tenant(&greedy).issue_ticket(brief).await.is_err());
    world.pass(brief).await;
    world.here.tenant(&greedy).issue_ticket(brief).await.unwrap();
}

#[tokio::test]
async fn no_ticket_is_good_for_longer_than_five_minutes() {
    let world = World::in_process();
    let scope = someone();
    let ticket = world.here.tenant(&scope).issue_ticket(Duration::from_secs(365 * 24 * 3600)).await.unwrap();
    world.pass(Duration::from_secs(5 * 60)).await;
    assert_eq!(world.here.system().redeem_ticket(&ticket).await, None);
}
