//! What holds while Redis is away, in every way it can be: the work goes on, every answer comes in time, and nobody is let in.

use crate::world::{World, connect, degraded, eventually, healthy, heard, lags, next, numbers, say, someone, until};
use aos_broker::{Error, Quota, Topic};
use serde_json::json;
use std::time::{Duration, Instant};

const LONG: Duration = Duration::from_secs(60);
const MINUTE: Quota = Quota { limit: 5, period: LONG };

#[tokio::test]
async fn an_emptied_redis_loses_no_subscriber_and_lets_nobody_in() {
    let Some(world) = World::on_redis().await else { return };
    let scope = someone();
    let mut reads = world.there.tenant(&scope).subscribe(None).await;
    say(&world.here, &scope, 1).await;
    until(&mut reads, 1).await;
    let ticket = world.here.tenant(&scope).issue_ticket(LONG).await.unwrap();
    let lease = world.here.tenant(&scope).try_lease("refresh", LONG).await.unwrap().unwrap();
    let mut notices = world.there.tenant(&scope).notices("materialize", "one");
    world.here.tenant(&scope).publish_position(1).await.unwrap();
    assert_eq!(notices.read(10, Duration::ZERO).await.unwrap().len(), 1);
    world.here.tenant(&scope).announce_flags().await;
    let generation = world.there.tenant(&scope).flags_generation().await.unwrap();

    world.redis().ask("FLUSHALL");

    assert_eq!(world.here.system().redeem_ticket(&ticket).await, None);
    assert!(!world.here.tenant(&scope).renew_lease(&lease, LONG).await.unwrap());
    // The old era's events are told as missed, because some may have been.
    say(&world.here, &scope, 2).await;
    let messages = until(&mut reads, 2).await;
    assert_eq!((numbers(&messages), lags(&messages)), (vec![2], 1));
    world.here.tenant(&scope).publish_position(2).await.unwrap();
    assert_eq!(notices.read(10, LONG).await.unwrap()[0].position, 2);
    world.here.tenant(&scope).announce_flags().await;
    assert!(world.there.tenant(&scope).flags_generation().await.unwrap() > generation);
    assert!(world.here.health().is_healthy() && world.there.health().is_healthy());
}

#[tokio::test]
async fn ids_grow_over_an_emptied_redis() {
    let Some(world) = World::on_redis().await else { return };
    let scope = someone();
    let tenant = world.here.tenant(&scope);
    let before = tenant.publish(Topic::StateUpdate, json!({})).await.unwrap();
    world.redis().ask("FLUSHALL");
    let after = tenant.publish(Topic::StateUpdate, json!({})).await.unwrap();
    assert!(after > before);
    world.redis().kill();
    let away = world.here.tenant(&scope).publish(Topic::StateUpdate, json!({})).await.unwrap();
    assert!(away > after);
    world.redis().start_again();
    healthy(&world.here).await;
    let back = world.here.tenant(&scope).publish(Topic::StateUpdate, json!({})).await.unwrap();
    assert!(back > away);
}

/// Each question to Redis waits half a second at most, and no method asks more than two; a busy machine may take as long again.
async fn in_time<T>(what: &str, work: impl Future<Output = T>) -> T {
    let begun = Instant::now();
    let answer = work.await;
    assert!(begun.elapsed() < Duration::from_secs(2), "{what} took {:?}", begun.elapsed());
    answer
}

#[tokio::test]
async fn a_frozen_redis_holds_nobody_up_for_long() {
    let Some(world) = World::on_redis().await else { return };
    let scope = someone();
    let mut there = world.there.tenant(&scope).subscribe(None).await;
    say(&world.here, &scope, 1).await;
    until(&mut there, 1).await;

    world.redis().freeze();
    let (tenant, system) = (world.here.tenant(&scope), world.here.system());
    in_time("publish", say(&world.here, &scope, 2)).await;
    in_time("subscribe", tenant.subscribe(None)).await;
    assert_eq!(in_time("count", system.count("key", LONG)).await, 1);
    assert!(in_time("rate", tenant.take_rate("key", MINUTE, 1)).await.allowed);
    assert!(in_time("issue", tenant.issue_ticket(LONG)).await.is_ok());
    assert!(in_time("redeem", system.redeem_ticket(&"A".repeat(64))).await.is_none());
    assert!(in_time("cache", tenant.cache_get("key")).await.is_none());
    assert!(in_time("lease", tenant.try_lease("key", LONG)).await.is_err());
    assert!(in_time("notice", tenant.publish_position(1)).await.is_err());
    in_time("flags", tenant.announce_flags()).await;
    // By now the keeper knows, and nobody waits any more.
    degraded(&world.here).await;
    let begun = Instant::now();
    for n in 0..100 {
        system.count(&format!("{n}"), LONG).await;
    }
    assert!(begun.elapsed() < Duration::from_secs(5), "one that waits takes fifty seconds: {:?}", begun.elapsed());

    world.redis().thaw();
    healthy(&world.here).await;
    healthy(&world.there).await;
    heard(&world.here, &scope, &mut there, 3).await;
}

#[tokio::test]
async fn limits_stay_closed_while_redis_is_away() {
    let Some(world) = World::on_redis().await else { return };
    let scope = someone();
    let (tenant, system) = (world.here.tenant(&scope), world.here.system());
    for _ in 0..4 {
        assert!(tenant.take_rate("reads", MINUTE, 1).await.allowed);
        system.count("sign-in", LONG).await;
    }
    world.redis().kill();
    // The process goes on from what it saw last.
    assert!(tenant.take_rate("reads", MINUTE, 1).await.allowed);
    assert!(!tenant.take_rate("reads", MINUTE, 1).await.allowed);
    assert_eq!(system.count("sign-in", LONG).await, 5);
    assert_eq!(system.counted("sign-in").await, 5);
    // One that saw nothing starts with a full bucket of its own, and not with an open door.
    let mut allowed = 0;
    for _ in 0..20 {
        allowed += u32::from(world.there.tenant(&scope).take_rate("reads", MINUTE, 1).await.allowed);
    }
    assert_eq!(allowed, 5);
}

#[tokio::test]
async fn a_ticket_given_out_while_redis_is_away_is_good_once_and_here_only() {
    let Some(world) = World::on_redis().await else { return };
    let scope = someone();
    world.redis().kill();
    degraded(&world.here).await;
    let ticket = world.here.tenant(&scope).issue_ticket(LONG).await.unwrap();
    assert_eq!(world.there.system().redeem_ticket(&ticket).await, None);
    world.redis().start_again();
    healthy(&world.here).await;
    healthy(&world.there).await;
    assert_eq!(world.there.system().redeem_ticket(&ticket).await, None);
    assert!(world.here.system().redeem_ticket(&ticket).await.is_some());
    assert_eq!(world.here.system().redeem_ticket(&ticket).await, None);
}

#[tokio::test]
async fn what_needs_redis_says_so_and_the_rest_is_a_miss() {
    let Some(world) = World::on_redis().await else { return };
    let scope = someone();
    world.redis().kill();
    degraded(&world.here).await;
    let tenant = world.here.tenant(&scope);
    tenant.cache_put("key", b"x", LONG).await.unwrap();
    assert_eq!(tenant.cache_get("key").await, None);
    assert!(matches!(tenant.cache_remove("key").await, Err(Error::Away { .. })));
    let refused = tenant.try_lease("key", LONG).await.unwrap_err();
    assert!(refused.to_string().contains("ask the store"), "{refused}");
    assert!(matches!(tenant.flags_generation().await, Err(Error::Away { .. })));
    // A reader in a loop waits as long as it asked to, and does not spin.
    let begun = Instant::now();
    let read = tenant.notices("materialize", "one").read(1, Duration::from_millis(200)).await;
    assert!(read.is_err() && begun.elapsed() >= Duration::from_millis(200));
}

#[tokio::test]
async fn a_channel_is_joined_once_and_left_when_nobody_reads() {
    let Some(world) = World::on_redis().await else { return };
    let scope = someone();
    let channels = |world: &World| world.redis().ask("PUBSUB CHANNELS aos:{*").matches("notices").count();
    let mut reader = world.here.tenant(&scope).notices("materialize", "one");
    reader.read(1, Duration::from_millis(10)).await.unwrap();
    assert_eq!(channels(&world), 1);
    // Another process comes and goes.
    let broker = connect(world.redis()).await;
    let mut other = broker.tenant(&scope).notices("materialize", "two");
    other.read(1, Duration::from_millis(10)).await.unwrap();
    let listeners = |world: &World| -> u64 {
        let answer = world.redis().ask(&format!("PUBSUB NUMSUB aos:{{{}}}:notices", scope.tenant_id()));
        answer.lines().filter_map(|line| line.strip_prefix(':')?.parse::<u64>().ok()).sum()
    };
    assert_eq!(listeners(&world), 2);
    drop(other);
    eventually("the second process has left", async || listeners(&world) == 1).await;
    drop(reader);
    eventually("nobody listens", async || channels(&world) == 0).await;
    // And joined again.
    let mut reader = broker.tenant(&scope).notices("materialize", "two");
    reader.read(1, Duration::from_millis(10)).await.unwrap();
    assert_eq!(listeners(&world), 1);
}

#[tokio::test]
async fn a_reader_that_gives_up_at_once_leaves_the_next_one_everything() {
    let Some(world) = World::on_redis().await else { return };
    let scope = someone();
    for patience in 0..50 {
        // Given up at some point on the way.
        let brief = Duration::from_micros(patience * 20);
        let _ = tokio::time::timeout(brief, world.there.tenant(&scope).subscribe(None)).await;
    }
    let mut reads = world.there.tenant(&scope).subscribe(None).await;
    say(&world.here, &scope, 1).await;
    assert_eq!(numbers(&[next(&mut reads).await]), [1]);
}
