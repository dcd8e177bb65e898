//! What a read may spend without asking: forecast before it begins, kept an eye on while it goes on.

use super::world::{World, stream_outcome};
use aos_connectors::SourceCount;
use aos_core::ledger::Outcome;
use aos_mesh::{AWAITS_CONFIRMATION, SourceReport, SyncRequest};

async fn sync(world: &World, requests_max: u64) -> SourceReport {
    world.sync_with(SyncRequest { requests_max: Some(requests_max), ..SyncRequest::default() }).await
}

fn reads(world: &World) -> usize {
    world.shelf.lock().unwrap().asked.iter().filter(|request| request.records_max.is_none()).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_is_forecast_to_take_more_than_it_may_waits_until_somebody_says_so() {
    let world = World::with(30).await;
    world.change(|shelf| shelf.declared = Some(SourceCount::Exactly(30)));
    for _ in 0..2 {
        let report = sync(&world, 9).await;
        assert_eq!((report.outcome, report.code), (Outcome::Throttled, Some(AWAITS_CONFIRMATION)), "{report:?}");
    }
    assert_eq!(reads(&world), 0, "nothing of it is read meanwhile");
    let held = world.tenant().held_read(world.connection.id).await.unwrap().unwrap();
    assert_eq!((held.requests, held.requests_max, held.spent), (Some(10), 9, 0));
    assert!(held.message.contains("about 10 requests"), "{}", held.message);
    assert_eq!(world.alerts().await, ["awaits_confirmation"]);

    world.tenant().confirm_held_read(world.connection.id).await.unwrap();
    assert_eq!(sync(&world, 9).await.outcome, Outcome::Success);
    assert_eq!(world.held().await, world.truth());
    assert!(world.tenant().held_read(world.connection.id).await.unwrap().is_none());
    assert!(world.alerts().await.is_empty());
    // What is new is little, and nobody is asked about it.
    world.put(40, "New", 100);
    assert_eq!(sync(&world, 9).await.outcome, Outcome::Success);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_higher_limit_is_enough() {
    let world = World::with(30).await;
    world.change(|shelf| shelf.declared = Some(SourceCount::Exactly(30)));
    assert_eq!(sync(&world, 9).await.code, Some(AWAITS_CONFIRMATION));
    assert_eq!(sync(&world, 10).await.outcome, Outcome::Success);
    assert!(world.alerts().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_whose_size_nobody_knew_stops_once_it_has_spent_what_it_may_and_goes_on_there() {
    let world = World::with(11_000).await;
    let report = sync(&world, 2_000).await;
    assert_eq!((stream_outcome(&report), report.code), (Outcome::Throttled, Some(AWAITS_CONFIRMATION)), "{report:?}");
    let first = report.streams[0].tally.read;
    assert!(first < 11_000, "{report:?}");
    let held = world.tenant().held_read(world.connection.id).await.unwrap().unwrap();
    assert!(held.spent > 2_000, "{held:?}");
    let read = reads(&world);
    assert_eq!(sync(&world, 2_000).await.code, Some(AWAITS_CONFIRMATION));
    assert_eq!(reads(&world), read, "it goes no further before somebody has said so");

    world.tenant().confirm_held_read(world.connection.id).await.unwrap();
    let report = sync(&world, 2_000).await;
    assert_eq!(report.outcome, Outcome::Success, "{report:?}");
    assert_eq!(first + report.streams[0].tally.read, 11_000, "what was kept is not read again");
    assert_eq!(world.held().await.len(), 11_000);
}
