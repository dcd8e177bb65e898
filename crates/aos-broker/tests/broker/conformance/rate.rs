//! Rates.

use super::conformance;
use crate::world::{World, someone};
use aos_broker::Quota;
use std::time::Duration;

conformance!(
    a_bucket_is_shared_by_all_processes_and_says_when_to_come_back,
    a_bucket_refills_evenly,
    tenants_and_keys_have_buckets_of_their_own,
    a_cost_above_the_limit_is_never_allowed,
    no_more_than_the_limit_pass_at_once,
);

/// Five per minute: one every twelve seconds, in which even a busy machine answers six questions.
const SLOW: Quota = Quota { limit: 5, period: Duration::from_secs(60) };

async fn a_bucket_is_shared_by_all_processes_and_says_when_to_come_back(world: World) {
    let scope = someone();
    let (here, there) = (world.here.tenant(&scope), world.there.tenant(&scope));
    for (broker, remaining) in [(&here, 4), (&there, 3), (&here, 2), (&there, 1), (&here, 0)] {
        let verdict = broker.take_rate("reads", SLOW, 1).await;
        assert!(verdict.allowed && verdict.retry_after.is_none());
        assert_eq!((verdict.limit, verdict.remaining), (5, remaining));
    }
    let refused = there.take_rate("reads", SLOW, 1).await;
    assert!(!refused.allowed);
    assert_eq!(refused.remaining, 0);
    let retry_after = refused.retry_after.unwrap();
    assert!(retry_after > Duration::from_secs(4) && retry_after <= Duration::from_secs(12), "{retry_after:?}");
    assert!(refused.reset_after > Duration::from_secs(52) && refused.reset_after <= Duration::from_secs(60));
}

async fn a_bucket_refills_evenly(world: World) {
    let scope = someone();
    let quota = Quota { limit: 10, period: Duration::from_secs(2) };
    let tenant = world.here.tenant(&scope);
    assert!(tenant.take_rate("writes", quota, 10).await.allowed);
    let refused = tenant.take_rate("writes", quota, 1).await;
    world.pass(refused.retry_after.unwrap()).await;
    assert!(tenant.take_rate("writes", quota, 1).await.allowed);
    world.pass(Duration::from_secs(2)).await;
    let full = tenant.take_rate("writes", quota, 0).await;
    assert_eq!((full.allowed, full.remaining, full.reset_after), (true, 10, Duration::ZERO));
}

async fn tenants_and_keys_have_buckets_of_their_own(world: World) {
    let (acme, globex) = (someone(), someone());
    assert!(world.here.tenant(&acme).take_rate("reads", SLOW, 5).await.allowed);
    assert!(!world.there.tenant(&acme).take_rate("reads", SLOW, 1).await.allowed);
    assert!(world.there.tenant(&acme).take_rate("writes", SLOW, 5).await.allowed);
    assert!(world.there.tenant(&globex).take_rate("reads", SLOW, 5).await.allowed);
    assert!(world.there.system().take_rate("reads", SLOW, 5).await.allowed);
}

async fn a_cost_above_the_limit_is_never_allowed(world: World) {
    let verdict = world.here.system().take_rate("address", SLOW, 6).await;
    assert_eq!((verdict.allowed, verdict.retry_after, verdict.remaining), (false, None, 5));
    let nothing = Quota { limit: 0, period: Duration::from_secs(1) };
    assert!(!world.here.system().take_rate("closed", nothing, 1).await.allowed);
}

async fn no_more_than_the_limit_pass_at_once(world: World) {
    let quota = Quota { limit: 20, period: Duration::from_secs(600) };
    let asking: Vec<_> = (0..60)
        .map(|n| {
            let broker = if n % 2 == 0 { &world.here } else { &world.there }.clone();
            tokio::spawn(async move { broker.system().take_rate("door", quota, 1).await.allowed })
        })
        .collect();
    let mut allowed = 0;
    for answer in asking {
        allowed += usize::from(answer.await.unwrap());
    }
    assert_eq!(allowed, 20);
}
