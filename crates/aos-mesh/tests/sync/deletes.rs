//! What is gone: told by tombstones, found by sweeps, and not believed when it is too much.

use super::world::{World, id, stream_outcome};
use aos_connectors::{Deletes, Error};
use aos_core::kind::SyncMode;
use aos_core::ledger::Outcome;
use aos_mesh::SyncRequest;

#[tokio::test(flavor = "multi_thread")]
async fn a_tombstone_deletes_its_record_and_a_restored_one_is_back() {
    let world = World::with(6).await;
    world.change(|shelf| shelf.deletes = Deletes::Tombstone);
    world.sync().await;
    world.put(2, "Company 2", 100);
    world.change(|shelf| shelf.records.get_mut(&id(2)).unwrap().deleted = true);
    let report = world.sync().await;
    assert_eq!((report.streams[0].deleted, stream_outcome(&report)), (1, Outcome::Success), "{report:?}");
    assert_eq!(world.held().await, world.truth());
    assert!(world.state().await.deletes_known_at.is_some());
    world.put(2, "Restored", 200);
    world.sync().await;
    assert_eq!(world.held().await, world.truth());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_read_deletes_what_it_did_not_meet_and_brings_back_what_it_meets_again() {
    let world = World::with(30).await;
    world.change(|shelf| {
        shelf.deletes = Deletes::Sweep;
        shelf.cursors = false;
    });
    world.sync().await;
    let known = world.state().await.deletes_known_at;
    assert!(known.is_some(), "the first whole read holds exactly what there is");
    let gone = world.shelf.lock().unwrap().records.remove(&id(7)).unwrap();
    let report = world.sync().await;
    assert_eq!((report.streams[0].deleted, stream_outcome(&report)), (1, Outcome::Success), "{report:?}");
    assert!(report.streams[0].tally.balanced());
    assert_eq!(world.held().await, world.truth());
    assert!(world.state().await.deletes_known_at > known);

    world.change(|shelf| _ = shelf.records.insert(id(7), gone));
    world.sync().await;
    assert_eq!(world.held().await, world.truth(), "it is there again, just as it was");
    world.change(|shelf| _ = shelf.records.remove(&id(7)));
    world.sync().await;
    assert_eq!(world.held().await, world.truth(), "and gone again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_misses_most_records_deletes_none_of_them_until_that_is_meant() {
    let world = World::with(30).await;
    world.change(|shelf| {
        shelf.deletes = Deletes::Sweep;
        shelf.cursors = false;
    });
    world.sync().await;
    world.change(|shelf| shelf.records.retain(|id, _| id.ends_with('0')));
    let report = world.sync().await;
    assert_eq!(report.streams[0].held_back, Some(27), "{report:?}");
    assert_eq!((world.held().await.len(), world.alerts().await), (30, vec!["sweep_held_back"]));
    let meant = SyncRequest { accept_loss: true, ..SyncRequest::default() };
    let report = world.sync_with(meant).await;
    assert_eq!(report.streams[0].deleted, 27, "{report:?}");
    assert_eq!(world.held().await, world.truth());
    assert!(world.alerts().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_broke_off_deletes_nothing() {
    let world = World::with(9).await;
    world.change(|shelf| {
        shelf.deletes = Deletes::Sweep;
        shelf.cursors = false;
    });
    world.sync().await;
    world.change(|shelf| {
        shelf.records.remove(&id(1));
        shelf.breaks = Some((2, Error::Transient { said: "500".into() }));
    });
    world.sync().await;
    assert_eq!(world.held().await.len(), 9);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_at_the_keys_finds_what_is_gone_without_reading_records() {
    let world = World::with(30).await;
    world.change(|shelf| shelf.deletes = Deletes::Sweep);
    world.sync().await;
    world.change(|shelf| _ = shelf.records.remove(&id(4)));
    let cursor = world.state().await.cursor;
    let report = world.sync().await;
    assert_eq!((report.streams[0].deleted, world.held().await.len()), (0, 30), "a read of what is new cannot know");
    let report = world.sync_in(SyncMode::Keys).await;
    assert_eq!(report.streams[0].deleted, 1, "{report:?}");
    assert_eq!(world.held().await, world.truth());
    assert_eq!(world.state().await.cursor, cursor);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_source_that_cannot_tell_nothing_is_ever_deleted() {
    let world = World::with(5).await;
    world.sync().await;
    world.change(|shelf| _ = shelf.records.remove(&id(4)));
    for mode in [SyncMode::Incremental, SyncMode::Full, SyncMode::Keys] {
        world.sync_in(mode).await;
        assert_eq!(world.held().await.len(), 5);
    }
    assert_eq!(world.state().await.deletes_known_at, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_source_says_it_emptied_is_gone_at_once_and_what_came_after_is_held() {
    let world = World::with(30).await;
    world.change(|shelf| shelf.deletes = Deletes::Tombstone);
    world.sync().await;
    world.change(|shelf| {
        shelf.records.clear();
        shelf.emptied = true;
    });
    world.put(3, "Here again", 100);
    world.put(77, "New", 101);
    let report = world.sync().await;
    assert_eq!((report.streams[0].deleted, stream_outcome(&report)), (30, Outcome::Success), "{report:?}");
    assert!(report.streams[0].tally.balanced());
    assert_eq!(world.held().await, world.truth());
    let events = world.tenant().list_connection_events(None, aos_store::Page::first(5)).await.unwrap().items;
    assert!(events.iter().any(|event| event.kind == "emptied" && event.message.contains("30 rows")), "{events:?}");
    // The same said again, as after a read that was cut off, leaves the same.
    world.sync().await;
    assert_eq!(world.held().await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_the_source_has_forgotten_costs_a_whole_read_which_finds_what_no_tombstone_tells_any_more() {
    let world = World::with(30).await;
    world.change(|shelf| shelf.deletes = Deletes::Tombstone);
    world.sync().await;
    world.change(|shelf| {
        shelf.records.remove(&id(4));
        shelf.forgets = true;
    });
    let report = world.sync().await;
    assert_eq!((report.streams[0].deleted, stream_outcome(&report)), (1, Outcome::Success), "{report:?}");
    assert_eq!(world.held().await, world.truth());
    // The place it has now is known again.
    world.change(|shelf| shelf.forgets = false);
    world.put(40, "New", 1_000);
    world.sync().await;
    assert!(world.asked().cursor.is_some());
    assert_eq!(world.held().await, world.truth());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_always_begins_at_the_start_that_comes_back_empty_is_suspicious() {
    let world = World::with(30).await;
    world.change(|shelf| {
        shelf.deletes = Deletes::Sweep;
        shelf.cursors = false;
    });
    world.sync().await;
    world.change(|shelf| shelf.records.clear());
    let report = world.sync().await;
    assert_eq!(stream_outcome(&report), Outcome::SuspiciousEmpty, "{report:?}");
    assert_eq!(world.held().await.len(), 30);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_cannot_be_read_any_more_is_not_taken_for_gone() {
    let world = World::with(30).await;
    world.change(|shelf| {
        shelf.deletes = Deletes::Sweep;
        shelf.cursors = false;
    });
    world.sync().await;
    world.change(|shelf| {
        shelf.garbled = vec![id(3)];
        shelf.records.remove(&id(9));
    });
    let report = world.sync().await;
    assert_eq!((report.streams[0].deleted, stream_outcome(&report)), (0, Outcome::Partial), "{report:?}");
    assert!(report.streams[0].problem.as_ref().unwrap().contains("nothing was deleted"), "{report:?}");
    assert_eq!(world.held().await.len(), 30);
    // Once it can be read again, what is gone is found.
    world.change(|shelf| shelf.garbled.clear());
    let report = world.sync().await;
    assert_eq!(report.streams[0].deleted, 1, "{report:?}");
    assert_eq!(world.held().await, world.truth());
}
