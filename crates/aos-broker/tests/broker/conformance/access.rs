//! News of changed access.

use super::conformance;
use crate::world::{SOON, World, someone};
use aos_broker::{AccessChange, AccessChanges};

conformance!(a_change_of_access_is_heard_by_every_process, a_listener_that_fell_behind_is_told);

async fn next(changes: &mut AccessChanges) -> AccessChange {
    tokio::time::timeout(SOON, changes.next()).await.expect("news comes").expect("the broker is there")
}

async fn a_change_of_access_is_heard_by_every_process(world: World) {
    let (acme, globex) = (someone(), someone());
    for broker in [&world.here, &world.there] {
        let mut changes = broker.system().access_changes();
        world.here.tenant(&acme).announce_access().await;
        world.here.tenant(&globex).announce_access().await;
        assert_eq!(next(&mut changes).await, AccessChange::Of(acme.tenant_id()));
        assert_eq!(next(&mut changes).await, AccessChange::Of(globex.tenant_id()));
    }
}

async fn a_listener_that_fell_behind_is_told(world: World) {
    let scope = someone();
    let mut changes = world.here.system().access_changes();
    for _ in 0..1100 {
        world.here.tenant(&scope).announce_access().await;
    }
    assert_eq!(next(&mut changes).await, AccessChange::Missed);
}
