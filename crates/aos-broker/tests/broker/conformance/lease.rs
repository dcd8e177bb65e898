//! Leases.

use super::conformance;
use crate::world::{World, someone};
use std::time::Duration;

conformance!(
    a_lease_is_held_by_one_until_it_is_given_back,
    a_lease_ends_by_itself_and_cannot_be_renewed_then,
    a_lost_lease_cannot_end_its_successors,
    a_renewed_lease_lasts,
    leases_of_two_tenants_are_two,
);

const LONG: Duration = Duration::from_secs(60);
/// Long enough for a few questions on a busy machine.
const SHORT: Duration = Duration::from_millis(1_500);

async fn a_lease_is_held_by_one_until_it_is_given_back(world: World) {
    let scope = someone();
    let (here, there) = (world.here.tenant(&scope), world.there.tenant(&scope));
    let lease = here.try_lease("refresh", LONG).await.unwrap().unwrap();
    assert_eq!(there.try_lease("refresh", LONG).await.unwrap(), None);
    assert!(there.try_lease("other", LONG).await.unwrap().is_some());
    assert!(here.release_lease(lease).await.unwrap());
    assert!(there.try_lease("refresh", LONG).await.unwrap().is_some());
}

async fn a_lease_ends_by_itself_and_cannot_be_renewed_then(world: World) {
    let scope = someone();
    let tenant = world.here.tenant(&scope);
    let lease = tenant.try_lease("refresh", SHORT).await.unwrap().unwrap();
    world.pass(SHORT).await;
    assert!(!tenant.renew_lease(&lease, LONG).await.unwrap());
    assert!(!tenant.release_lease(lease).await.unwrap());
    assert!(world.there.tenant(&scope).try_lease("refresh", LONG).await.unwrap().is_some());
}

async fn a_lost_lease_cannot_end_its_successors(world: World) {
    let scope = someone();
    let (here, there) = (world.here.tenant(&scope), world.there.tenant(&scope));
    let lost = here.try_lease("refresh", SHORT).await.unwrap().unwrap();
    world.pass(SHORT).await;
    let held = there.try_lease("refresh", LONG).await.unwrap().unwrap();
    assert!(!here.release_lease(lost).await.unwrap());
    assert!(there.renew_lease(&held, LONG).await.unwrap());
}

async fn a_renewed_lease_lasts(world: World) {
    let scope = someone();
    let lease = world.here.tenant(&scope).try_lease("refresh", SHORT).await.unwrap().unwrap();
    assert!(world.here.tenant(&scope).renew_lease(&lease, LONG).await.unwrap());
    world.pass(SHORT).await;
    assert_eq!(world.there.tenant(&scope).try_lease("refresh", LONG).await.unwrap(), None);
}

async fn leases_of_two_tenants_are_two(world: World) {
    let (acme, globex) = (someone(), someone());
    assert!(world.here.tenant(&acme).try_lease("refresh", LONG).await.unwrap().is_some());
    assert!(world.here.tenant(&globex).try_lease("refresh", LONG).await.unwrap().is_some());
}
