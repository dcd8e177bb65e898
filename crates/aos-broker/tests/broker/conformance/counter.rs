//! Counters.

use super::conformance;
use crate::world::World;
use std::time::Duration;

conformance!(
    a_count_grows_over_all_processes_ends_and_can_be_reset,
    a_name_of_any_length_is_counted,
    fifty_at_once_are_fifty,
);

async fn a_count_grows_over_all_processes_ends_and_can_be_reset(world: World) {
    let window = Duration::from_secs(2);
    let (here, there) = (world.here.system(), world.there.system());
    for n in [1, 3, 5] {
        assert_eq!(here.count("sign-in:a@x", window).await, n);
        assert_eq!(there.count("sign-in:a@x", window).await, n + 1);
    }
    assert_eq!(there.counted("sign-in:a@x").await, 6);
    assert_eq!(there.counted("sign-in:b@x").await, 0);
    here.reset("sign-in:a@x").await;
    assert_eq!(there.counted("sign-in:a@x").await, 0);
    assert_eq!(there.count("sign-in:a@x", window).await, 1);
    world.pass(window).await;
    assert_eq!(here.counted("sign-in:a@x").await, 0);
    assert_eq!(here.count("sign-in:a@x", window).await, 1);
}

async fn a_name_of_any_length_is_counted(world: World) {
    let (system, window) = (world.here.system(), Duration::from_secs(60));
    let long = "ä".repeat(100_000);
    assert_eq!(system.count(&long, window).await, 1);
    assert_eq!(system.count(&long, Duration::MAX).await, 2);
    assert_eq!(system.count("", Duration::MAX).await, 1);
}

async fn fifty_at_once_are_fifty(world: World) {
    let window = Duration::from_secs(60);
    let mut counts = Vec::new();
    let counting: Vec<_> = (0..50)
        .map(|n| {
            let broker = if n % 2 == 0 { &world.here } else { &world.there }.clone();
            tokio::spawn(async move { broker.system().count("key", window).await })
        })
        .collect();
    for count in counting {
        counts.push(count.await.unwrap());
    }
    counts.sort_unstable();
    assert_eq!(counts, (1..=50).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_flood_of_keys_cannot_clear_a_grown_count() {
    let world = World::in_process();
    let (system, window) = (world.here.system(), Duration::from_secs(60));
    for _ in 0..10 {
        system.count("victim", window).await;
    }
    for n in 0..250_000 {
        system.count(&format!("flood {n}"), window).await;
    }
    assert_eq!(system.counted("victim").await, 10);
}
