//! The cache.

use super::conformance;
use crate::world::{World, someone};
use aos_broker::Error;
use std::time::Duration;

conformance!(
    what_is_put_is_found_by_every_process_until_its_end,
    a_removed_value_is_gone,
    a_tenant_finds_only_its_own,
    a_value_that_is_too_large_is_refused,
);

const LONG: Duration = Duration::from_secs(60);

async fn what_is_put_is_found_by_every_process_until_its_end(world: World) {
    let (scope, brief) = (someone(), Duration::from_millis(1_500));
    let bytes = [0, 159, 146, 150, b'\r', b'\n'];
    world.here.tenant(&scope).cache_put("picture", &bytes, brief).await.unwrap();
    assert_eq!(world.there.tenant(&scope).cache_get("picture").await.as_deref(), Some(bytes.as_slice()));
    world.here.tenant(&scope).cache_put("picture", b"newer", brief).await.unwrap();
    assert_eq!(world.there.tenant(&scope).cache_get("picture").await.as_deref(), Some(b"newer".as_slice()));
    world.pass(brief).await;
    assert_eq!(world.there.tenant(&scope).cache_get("picture").await, None);
}

async fn a_removed_value_is_gone(world: World) {
    let scope = someone();
    world.here.tenant(&scope).cache_put("picture", b"x", LONG).await.unwrap();
    world.there.tenant(&scope).cache_remove("picture").await.unwrap();
    world.there.tenant(&scope).cache_remove("picture").await.unwrap();
    assert_eq!(world.here.tenant(&scope).cache_get("picture").await, None);
}

async fn a_tenant_finds_only_its_own(world: World) {
    let (acme, globex) = (someone(), someone());
    world.here.tenant(&acme).cache_put("picture", b"acme", LONG).await.unwrap();
    assert_eq!(world.there.tenant(&globex).cache_get("picture").await, None);
    world.there.tenant(&globex).cache_remove("picture").await.unwrap();
    assert!(world.there.tenant(&acme).cache_get("picture").await.is_some());
}

async fn a_value_that_is_too_large_is_refused(world: World) {
    let scope = someone();
    let refused = world.here.tenant(&scope).cache_put("large", &vec![0; 300_000], LONG).await;
    assert!(matches!(refused, Err(Error::TooLarge { limit: 262_144, .. })));
}

#[tokio::test]
async fn the_cache_of_a_process_is_bounded() {
    let world = World::in_process();
    let (scope, value) = (someone(), vec![7; 200_000]);
    for n in 0..1000 {
        world.here.tenant(&scope).cache_put(&format!("{n}"), &value, LONG).await.unwrap();
    }
    let mut kept = 0;
    for n in 0..1000 {
        kept += usize::from(world.here.tenant(&scope).cache_get(&format!("{n}")).await.is_some());
    }
    assert!(kept * value.len() <= 64 << 20 && kept > 100, "{kept} are kept");
}
