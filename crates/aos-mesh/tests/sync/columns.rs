//! Backfills of single columns: asked for alone, put into what is held, and nothing else changes.

use super::world::{World, id, stream_outcome};
use aos_core::kind::SyncMode;
use aos_core::ledger::Outcome;
use aos_mesh::SyncRequest;

const COLUMN: &str = "Favourite_Colour__c";

fn backfill(column: &str) -> SyncRequest {
    SyncRequest {
        mode: SyncMode::Backfill,
        streams: vec![super::world::STREAM.into()],
        columns: vec![column.into()],
        ..SyncRequest::default()
    }
}

/// What is held of a record under the column, wherever the mapping puts it.
async fn held(world: &World, at: usize) -> Option<String> {
    let (data, extras) = world.held_whole(at).await;
    let told = format!("{COLUMN} of {}", id(at));
    [data, extras]
        .iter()
        .flat_map(|one| one.as_object().unwrap().values().cloned().collect::<Vec<_>>())
        .find_map(|value| value.as_str().filter(|text| *text == told).map(str::to_owned))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_that_was_hidden_is_filled_without_touching_the_others() {
    let world = World::with(5).await;
    world.change(|shelf| (shelf.further, shelf.hidden) = (vec![COLUMN], true));
    world.sync().await;
    // So much later that the others are behind the overlap of two reads.
    world.put(40, "Newest", 1_000);
    world.sync().await;
    let before = world.held().await;
    let cursor = world.state().await.cursor;
    world.change(|shelf| shelf.hidden = false);
    // Changed without a new time, and not what was asked for.
    world.put(1, "Another name", -4);
    world.sync().await;
    assert_eq!(held(&world, 3).await, None, "nothing tells a later read of it");

    let report = world.sync_with(backfill(COLUMN)).await;
    let asked = world.asked();
    assert!(asked.columns.contains(&COLUMN.to_owned()) && !asked.columns.contains(&"Name".to_owned()), "{asked:?}");
    let tally = &report.streams[0].tally;
    assert_eq!((tally.read, tally.landed, tally.duplicate), (6, 5, 1), "what is told is accounted for: {report:?}");
    assert_eq!(stream_outcome(&report), Outcome::Success);
    for at in 0..5 {
        assert_eq!(held(&world, at).await, Some(format!("{COLUMN} of {}", id(at))));
    }
    assert_eq!(world.held().await, before, "nothing but the column is taken of what the source gives");
    assert_eq!(world.state().await.cursor, cursor);

    let again = world.sync_with(backfill(COLUMN)).await;
    let tally = &again.streams[0].tally;
    assert_eq!((tally.read, tally.duplicate, stream_outcome(&again)), (6, 6, Outcome::NoChange), "{again:?}");
    // The raw records have it too: what is read later goes on from whole ones.
    world.put(1, "A new name", 1_100);
    world.sync().await;
    assert_eq!(held(&world, 1).await, Some(format!("{COLUMN} of {}", id(1))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_that_is_new_is_filled_and_no_whole_read_follows() {
    let world = World::with(6).await;
    world.sync().await;
    world.change(|shelf| shelf.further = vec![COLUMN]);
    let report = world.sync_with(backfill(COLUMN)).await;
    assert_eq!(stream_outcome(&report), Outcome::Success, "{report:?}");
    for at in 0..6 {
        assert_eq!(held(&world, at).await, Some(format!("{COLUMN} of {}", id(at))));
    }
    world.sync().await;
    assert!(world.asked().cursor.is_some(), "every record that is held was mapped with it");
    assert_eq!(world.held().await, world.truth());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backfill_accounts_for_what_is_not_held_what_comes_twice_and_what_cannot_be_read() {
    let world = World::with(7).await;
    world.change(|shelf| (shelf.further, shelf.hidden) = (vec![COLUMN], true));
    world.sync().await;
    world.put(40, "Not read yet", 1_000);
    world.change(|shelf| {
        (shelf.hidden, shelf.repeats) = (false, true);
        shelf.garbled = vec![id(6)];
    });
    let report = world.sync_with(backfill(COLUMN)).await;
    let tally = &report.streams[0].tally;
    // Six with their values, three of them twice, one that nobody holds and one of which nothing can be read.
    let told = (tally.read, tally.landed, tally.duplicate, tally.filtered, tally.rejected);
    assert_eq!((told, stream_outcome(&report)), ((11, 6, 3, 1, 1), Outcome::Partial), "{report:?}");
    assert!(world.last_run().await.tally.balanced());
    assert_eq!(held(&world, 6).await, None);
    assert!(!world.held().await.contains_key(&id(40)), "the next read brings it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_that_is_not_there_and_a_stream_that_was_never_read_are_told() {
    let world = World::with(3).await;
    let report = world.sync_with(backfill("Name")).await;
    assert_eq!(report.streams[0].code, Some("nothing_held"), "{report:?}");
    world.sync().await;
    let report = world.sync_with(backfill("Nmae")).await;
    assert!(report.error.as_ref().is_some_and(|error| error.contains("has no column Nmae")), "{report:?}");
    assert_eq!(world.held().await, world.truth());
}
