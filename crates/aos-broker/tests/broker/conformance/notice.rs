//! Notices of positions.

use super::conformance;
use crate::world::{SOON, World, someone};
use aos_broker::{Notice, NoticeId};
use std::time::Duration;

conformance!(
    each_notice_goes_to_one_consumer_of_a_group_and_to_every_group,
    a_waiting_consumer_is_woken,
    who_waits_in_vain_gets_nothing,
    what_a_dead_consumer_took_is_claimed_by_another_once_it_is_stale,
    what_was_acknowledged_is_not_claimed,
    a_tenants_notices_are_its_own,
);

const NOW: Duration = Duration::ZERO;

fn positions(notices: &[Notice]) -> Vec<i64> {
    notices.iter().map(|notice| notice.position).collect()
}

fn ids(notices: &[Notice]) -> Vec<NoticeId> {
    notices.iter().map(|notice| notice.id.clone()).collect()
}

async fn each_notice_goes_to_one_consumer_of_a_group_and_to_every_group(world: World) {
    let scope = someone();
    for position in 1..=4 {
        world.here.tenant(&scope).publish_position(position).await.unwrap();
    }
    let mut one = world.here.tenant(&scope).notices("materialize", "one");
    let mut two = world.there.tenant(&scope).notices("materialize", "two");
    assert_eq!(positions(&one.read(3, NOW).await.unwrap()), [1, 2, 3]);
    assert_eq!(positions(&two.read(3, NOW).await.unwrap()), [4]);
    assert!(one.read(3, NOW).await.unwrap().is_empty());
    let mut other = world.there.tenant(&scope).notices("graph", "one");
    assert_eq!(positions(&other.read(10, NOW).await.unwrap()), [1, 2, 3, 4]);
}

async fn a_waiting_consumer_is_woken(world: World) {
    let scope = someone();
    let (broker, of) = (world.there.clone(), scope.clone());
    let waiting = tokio::spawn(async move { broker.tenant(&of).notices("materialize", "one").read(10, SOON).await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    world.here.tenant(&scope).publish_position(7).await.unwrap();
    assert_eq!(positions(&waiting.await.unwrap().unwrap()), [7]);
}

async fn who_waits_in_vain_gets_nothing(world: World) {
    let scope = someone();
    let mut reader = world.here.tenant(&scope).notices("materialize", "one");
    assert!(reader.read(10, Duration::from_millis(50)).await.unwrap().is_empty());
}

async fn what_a_dead_consumer_took_is_claimed_by_another_once_it_is_stale(world: World) {
    let (scope, idle) = (someone(), Duration::from_millis(1_500));
    for position in 1..=3 {
        world.here.tenant(&scope).publish_position(position).await.unwrap();
    }
    let mut dead = world.here.tenant(&scope).notices("materialize", "dead");
    assert_eq!(dead.read(10, NOW).await.unwrap().len(), 3);
    let heir = world.there.tenant(&scope).notices("materialize", "heir");
    assert!(heir.claim_stale(idle, 10).await.unwrap().is_empty());
    world.pass(idle).await;
    assert_eq!(positions(&heir.claim_stale(idle, 2).await.unwrap()), [1, 2]);
    assert_eq!(positions(&heir.claim_stale(idle, 10).await.unwrap()), [3]);
}

async fn what_was_acknowledged_is_not_claimed(world: World) {
    let scope = someone();
    for position in 1..=3 {
        world.here.tenant(&scope).publish_position(position).await.unwrap();
    }
    let mut reader = world.here.tenant(&scope).notices("materialize", "one");
    let taken = reader.read(10, NOW).await.unwrap();
    reader.ack(&ids(&taken[..2])).await.unwrap();
    reader.ack(&ids(&taken[..2])).await.unwrap();
    reader.ack(&[]).await.unwrap();
    let heir = world.there.tenant(&scope).notices("materialize", "two");
    assert_eq!(positions(&heir.claim_stale(NOW, 10).await.unwrap()), [3]);
}

async fn a_tenants_notices_are_its_own(world: World) {
    let (acme, globex) = (someone(), someone());
    world.here.tenant(&acme).publish_position(1).await.unwrap();
    let mut reader = world.there.tenant(&globex).notices("materialize", "one");
    assert!(reader.read(10, NOW).await.unwrap().is_empty());
    assert!(reader.claim_stale(NOW, 10).await.unwrap().is_empty());
}
