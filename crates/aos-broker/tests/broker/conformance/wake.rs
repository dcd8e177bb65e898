//! Wake-ups.

use super::conformance;
use crate::world::{SOON, World};
use std::time::Duration;

conformance!(
    a_waiter_is_woken_by_any_process,
    a_wake_between_looking_and_waiting_is_not_lost,
    many_wakes_count_as_one,
    a_waiter_on_another_channel_sleeps_on,
);

const BRIEFLY: Duration = Duration::from_millis(300);

async fn a_waiter_is_woken_by_any_process(world: World) {
    let (mut here, mut there) = (world.here.system().waiter("tasks"), world.there.system().waiter("tasks"));
    let waiting = tokio::spawn(async move { there.wait(SOON).await });
    tokio::task::yield_now().await;
    world.here.system().wake("tasks");
    assert!(waiting.await.unwrap());
    assert!(here.wait(SOON).await);
}

async fn a_wake_between_looking_and_waiting_is_not_lost(world: World) {
    let mut there = world.there.system().waiter("tasks");
    world.here.system().wake("tasks");
    tokio::time::sleep(BRIEFLY).await;
    assert!(there.wait(Duration::from_millis(1)).await);
}

async fn many_wakes_count_as_one(world: World) {
    let mut there = world.there.system().waiter("tasks");
    for _ in 0..1000 {
        world.here.system().wake("tasks");
    }
    assert!(there.wait(SOON).await);
    tokio::time::sleep(BRIEFLY).await;
    let mut more = 0;
    while there.wait(BRIEFLY).await {
        more += 1;
    }
    assert!(more <= 1, "woken {more} times more for the same");
}

async fn a_waiter_on_another_channel_sleeps_on(world: World) {
    let mut there = world.there.system().waiter("callbacks");
    world.here.system().wake("tasks");
    assert!(!there.wait(BRIEFLY).await);
}
