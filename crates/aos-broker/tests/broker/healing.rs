//! Redis comes back, or a process comes back to it, and everything heals by itself.

use crate::relay::Relay;
use crate::world::{World, connect, degraded, eventually, healthy, heard, lags, next, numbers, say, someone, until};
use aos_broker::{AccessChange, Broker, BrokerConfig, FlagChange, Health, Message, RedisConfig};
use aos_core::Clock;
use aos_testservers::Redis;
use std::time::Duration;

const LONG: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_killed_redis_stops_nobody_and_everything_heals_when_it_is_back() {
    let Some(world) = World::on_redis().await else { return };
    let scope = someone();
    let mut here = world.here.tenant(&scope).subscribe(None).await;
    let mut there = world.there.tenant(&scope).subscribe(None).await;
    say(&world.here, &scope, 1).await;
    until(&mut here, 1).await;
    until(&mut there, 1).await;
    let ticket = world.here.tenant(&scope).issue_ticket(LONG).await.unwrap();
    let mut waiter = world.there.system().waiter("tasks");

    world.redis().kill();
    degraded(&world.here).await;
    degraded(&world.there).await;
    let Health::Degraded { reason, .. } = world.here.health() else { panic!("degraded") };
    assert!(!reason.is_empty());
    // What is told here is heard here, with the warning that others may have been missed.
    say(&world.here, &scope, 2).await;
    let messages = until(&mut here, 2).await;
    assert_eq!((numbers(&messages), lags(&messages)), (vec![2], 1));
    assert!(there.try_next().is_none());
    world.there.system().wake("tasks");
    assert!(waiter.wait(Duration::from_millis(10)).await);
    assert_eq!(world.here.system().redeem_ticket(&ticket).await, None);

    world.redis().start_again();
    healthy(&world.here).await;
    healthy(&world.there).await;
    assert_eq!(world.here.system().redeem_ticket(&ticket).await, None);
    heard(&world.here, &scope, &mut there, 3).await;
    heard(&world.there, &scope, &mut here, 4).await;
    world.here.system().wake("tasks");
    assert!(waiter.wait(LONG).await);
}

#[tokio::test]
async fn a_broker_whose_redis_is_not_there_yet_begins_by_itself() {
    let Some(world) = World::on_redis().await else { return };
    world.redis().kill();
    let config = BrokerConfig::Redis(RedisConfig::new(world.redis().url()));
    let late = Broker::open(config, Clock::System).await.unwrap();
    assert!(!late.health().is_healthy());
    let scope = someone();
    let mut reads = late.tenant(&scope).subscribe(None).await;
    say(&late, &scope, 1).await;
    assert_eq!(numbers(&[next(&mut reads).await]), [1]);
    world.redis().start_again();
    healthy(&late).await;
    healthy(&world.here).await;
    heard(&world.here, &scope, &mut reads, 2).await;
}

#[tokio::test]
async fn a_reader_of_notices_that_waits_is_woken_when_redis_is_back() {
    let Some(world) = World::on_redis().await else { return };
    let scope = someone();
    let (broker, of) = (world.there.clone(), scope.clone());
    let waiting = tokio::spawn(async move { broker.tenant(&of).notices("materialize", "one").read(1, LONG).await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    world.redis().kill();
    degraded(&world.there).await;
    world.redis().start_again();
    healthy(&world.here).await;
    healthy(&world.there).await;
    world.here.tenant(&scope).publish_position(9).await.unwrap();
    let read = tokio::time::timeout(LONG, waiting).await.unwrap().unwrap().unwrap();
    assert_eq!(read[0].position, 9);
}

#[tokio::test]
async fn flags_that_changed_while_redis_was_away_are_told_when_it_is_back() {
    let Some(world) = World::on_redis().await else { return };
    let scope = someone();
    world.redis().kill();
    degraded(&world.here).await;
    let (mut here, mut there) = (world.here.system().flag_changes(), world.there.system().flag_changes());
    world.here.tenant(&scope).announce_flags().await;
    let change = FlagChange::Of { tenant: scope.tenant_id(), generation: None };
    assert_eq!(here.next().await, Some(change));
    world.redis().start_again();
    healthy(&world.there).await;
    // Whoever was cut off reads everything again, and the number has changed for those who look at it.
    let first = tokio::time::timeout(LONG, there.next()).await.unwrap();
    assert!(matches!(first, Some(FlagChange::Missed | FlagChange::Of { .. })), "{first:?}");
    eventually("the number has changed", async || {
        world.there.tenant(&scope).flags_generation().await.is_ok_and(|generation| generation > 0)
    })
    .await;
}

#[tokio::test]
async fn access_that_changed_while_redis_was_away_is_told_when_it_is_back() {
    let Some(world) = World::on_redis().await else { return };
    let scope = someone();
    world.redis().kill();
    degraded(&world.here).await;
    let (mut here, mut there) = (world.here.system().access_changes(), world.there.system().access_changes());
    world.here.tenant(&scope).announce_access().await;
    assert_eq!(here.next().await, Some(AccessChange::Of(scope.tenant_id())));
    world.redis().start_again();
    healthy(&world.there).await;
    // Whoever was cut off forgets what it knows of everybody, whether or not the news itself came.
    let first = tokio::time::timeout(LONG, there.next()).await.unwrap();
    assert!(matches!(first, Some(AccessChange::Missed | AccessChange::Of(_))), "{first:?}");
}

#[tokio::test]
async fn a_redis_that_takes_no_writes_is_away_until_it_does() {
    let Some(world) = World::on_redis().await else { return };
    let scope = someone();
    assert!(world.redis().ask("CONFIG SET maxmemory 1").starts_with("+OK"));
    let mut reads = world.here.tenant(&scope).subscribe(None).await;
    say(&world.here, &scope, 1).await;
    until(&mut reads, 1).await;
    degraded(&world.here).await;
    let Health::Degraded { reason, .. } = world.here.health() else { panic!("degraded") };
    assert!(reason.contains("OOM"), "{reason}");
    assert!(world.redis().ask("CONFIG SET maxmemory 0").starts_with("+OK"));
    healthy(&world.here).await;
}

#[tokio::test]
async fn a_redis_with_too_many_clients_is_tried_again() {
    let Some(world) = World::on_redis().await else { return };
    world.redis().ask("CONFIG SET maxclients 1\r\nCLIENT KILL TYPE normal\r\nCLIENT KILL TYPE pubsub");
    degraded(&world.here).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!world.here.health().is_healthy());
    eventually("the limit is raised", async || {
        world.redis().try_ask("CONFIG SET maxclients 100").is_some_and(|answer| answer.starts_with("+OK"))
    })
    .await;
    healthy(&world.here).await;
}

#[tokio::test]
async fn connections_that_are_cut_come_back_with_their_subscriptions() {
    let Some(world) = World::on_redis().await else { return };
    let scope = someone();
    let mut there = world.there.tenant(&scope).subscribe(None).await;
    for n in 1..=5 {
        world.redis().ask("CLIENT KILL TYPE pubsub");
        world.redis().ask("CLIENT KILL TYPE normal");
        heard(&world.here, &scope, &mut there, n).await;
    }
    healthy(&world.here).await;
    healthy(&world.there).await;
}

#[tokio::test]
async fn what_a_process_told_while_it_was_cut_off_is_told_to_the_others_as_missed() {
    let Some(redis) = Redis::start_on_port() else { return };
    let relay = Relay::to(redis.port()).await;
    let there = connect(&redis).await;
    let config = BrokerConfig::Redis(RedisConfig::new(format!("redis://{}", relay.address())));
    let here = Broker::open(config, Clock::System).await.unwrap();
    let scope = someone();
    let mut here_reads = here.tenant(&scope).subscribe(None).await;
    let mut there_reads = there.tenant(&scope).subscribe(None).await;
    say(&here, &scope, 1).await;
    until(&mut here_reads, 1).await;
    until(&mut there_reads, 1).await;

    relay.cut();
    degraded(&here).await;
    say(&here, &scope, 2).await;
    until(&mut here_reads, 2).await;
    say(&there, &scope, 3).await;
    assert_eq!(numbers(&until(&mut there_reads, 3).await), [3]);
    assert!(there.health().is_healthy());

    relay.mend();
    healthy(&here).await;
    // Without anything more being said.
    assert!(matches!(next(&mut there_reads).await, Message::Lagged { missed: None }));
    assert!(matches!(next(&mut here_reads).await, Message::Lagged { missed: None }));
    say(&there, &scope, 4).await;
    assert_eq!(numbers(&[next(&mut here_reads).await, next(&mut there_reads).await]), [4, 4]);
}

#[tokio::test]
async fn what_others_told_while_a_process_was_cut_off_is_read_when_it_is_back() {
    let Some(redis) = Redis::start_on_port() else { return };
    let relay = Relay::to(redis.port()).await;
    let there = connect(&redis).await;
    let config = BrokerConfig::Redis(RedisConfig::new(format!("redis://{}", relay.address())));
    let here = Broker::open(config, Clock::System).await.unwrap();
    let scope = someone();
    let mut reads = here.tenant(&scope).subscribe(None).await;
    say(&there, &scope, 1).await;
    until(&mut reads, 1).await;

    relay.cut();
    degraded(&here).await;
    for n in 2..=4 {
        say(&there, &scope, n).await;
    }
    assert!(reads.try_next().is_none());
    relay.mend();
    // Nothing more is said, and nothing was lost.
    let messages = until(&mut reads, 4).await;
    assert_eq!((numbers(&messages), lags(&messages)), (vec![2, 3, 4], 0));
}
