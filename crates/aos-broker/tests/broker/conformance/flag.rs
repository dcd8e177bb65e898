//! News of changed flags.

use super::conformance;
use crate::world::{SOON, World, someone};
use aos_broker::{FlagChange, FlagChanges};

conformance!(
    a_change_is_heard_by_every_process_once,
    a_change_that_was_missed_shows_in_the_number,
    a_listener_that_fell_behind_is_told,
);

async fn next(changes: &mut FlagChanges) -> FlagChange {
    tokio::time::timeout(SOON, changes.next()).await.expect("news comes").expect("the broker is there")
}

async fn a_change_is_heard_by_every_process_once(world: World) {
    let (acme, globex) = (someone(), someone());
    for broker in [&world.here, &world.there] {
        let mut changes = broker.system().flag_changes();
        world.here.tenant(&acme).announce_flags().await;
        world.here.tenant(&globex).announce_flags().await;
        let generation = Some(world.here.tenant(&acme).flags_generation().await.unwrap());
        assert_eq!(next(&mut changes).await, FlagChange::Of { tenant: acme.tenant_id(), generation });
        let FlagChange::Of { tenant, .. } = next(&mut changes).await else { panic!("nothing was missed") };
        assert_eq!(tenant, globex.tenant_id());
    }
}

async fn a_change_that_was_missed_shows_in_the_number(world: World) {
    let (acme, globex) = (someone(), someone());
    assert_eq!(world.there.tenant(&acme).flags_generation().await.unwrap(), 0);
    world.here.tenant(&acme).announce_flags().await;
    let first = world.there.tenant(&acme).flags_generation().await.unwrap();
    world.here.tenant(&acme).announce_flags().await;
    assert!(world.there.tenant(&acme).flags_generation().await.unwrap() > first && first > 0);
    assert_eq!(world.there.tenant(&globex).flags_generation().await.unwrap(), 0);
}

async fn a_listener_that_fell_behind_is_told(world: World) {
    let scope = someone();
    let mut changes = world.here.system().flag_changes();
    for _ in 0..300 {
        world.here.tenant(&scope).announce_flags().await;
    }
    assert_eq!(next(&mut changes).await, FlagChange::Missed);
}
