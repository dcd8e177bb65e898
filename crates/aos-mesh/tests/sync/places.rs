//! Where reads begin and go on: cursors, places in the middle, overlap, backfill.

use super::world::{STREAM, World, start, stream_outcome};
use aos_connectors::Error;
use aos_core::kind::SyncMode;
use aos_core::ledger::Outcome;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn the_next_read_brings_what_is_new_and_nothing_is_held_twice() {
    let world = World::with(10).await;
    let report = world.sync().await;
    assert_eq!((report.outcome, report.streams[0].tally.landed), (Outcome::Success, 10), "{report:?}");
    assert_eq!(world.held().await, world.truth());
    world.put(3, "Renamed", 70);
    world.put(10, "New", 71);
    let report = world.sync().await;
    // The two, and what the overlap of a minute brings again.
    assert_eq!(report.streams[0].tally.landed, 2, "{report:?}");
    assert_eq!(world.held().await, world.truth());
    let report = world.sync().await;
    assert_eq!((stream_outcome(&report), report.streams[0].tally.landed), (Outcome::NoChange, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_breaks_off_goes_on_where_it_stopped_and_loses_nothing() {
    let world = World::with(10).await;
    world.change(|shelf| shelf.breaks = Some((2, Error::Transient { said: "502".into() })));
    let report = world.sync().await;
    assert_eq!((report.outcome, report.streams[0].tally.landed), (Outcome::Unreachable, 6), "{report:?}");
    let state = world.state().await;
    assert_eq!((state.cursor, state.completed_at), (None, None), "the end was not reached");
    assert_eq!(state.reading.unwrap().records, 6);

    // Meanwhile something behind the place changes: it is met by the read after this one.
    world.put(0, "Changed meanwhile", 90);
    world.change(|shelf| shelf.breaks = None);
    let report = world.sync().await;
    assert_eq!(report.outcome, Outcome::Success, "{report:?}");
    assert!(world.asked().cursor.unwrap()["id"].is_string(), "it went on in the middle");
    assert_eq!(world.held().await, world.truth());
    let state = world.state().await;
    assert!(state.reading.is_none() && state.cursor.is_some() && state.whole_at.is_some());
    assert_eq!(state.records_read, 11);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_field_never_moves_a_cursor() {
    let world = World::with(4).await;
    world.sync().await;
    let before = world.state().await.cursor;
    world.change(|shelf| {
        shelf.further = vec!["Favourite_Colour__c"];
        shelf.breaks = Some((0, Error::Transient { said: "503".into() }));
    });
    world.sync().await;
    let state = world.state().await;
    assert_eq!(state.cursor, before);
    assert!(state.shape.unwrap().column("Favourite_Colour__c").is_some());
    assert_eq!(world.held().await, world.truth());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backfill_reads_everything_again_and_moves_no_cursor() {
    let world = World::with(5).await;
    world.sync().await;
    let before = world.state().await.cursor;
    world.put(1, "Changed without a new time", -4);
    let report = world.sync_in(SyncMode::Backfill).await;
    assert_eq!(world.asked().cursor, None);
    assert_eq!(report.streams[0].tally.read, 5);
    assert_eq!(world.state().await.cursor, before);
    assert_eq!(world.held().await, world.truth());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_overlap_grows_with_the_lateness_that_was_measured() {
    let world = World::with(5).await;
    world.sync().await;
    world.put(20, "On time", 100);
    world.sync().await;
    assert_eq!(world.asked().overlap, Duration::from_secs(60));
    // Visible only now, though it says that it changed 40 s before what was read already.
    world.put(21, "Late", 60);
    world.sync().await;
    assert_eq!(world.held().await, world.truth());
    let run = world.last_run().await;
    assert_eq!((run.streams[0].facts.late, run.streams[0].facts.lateness_us), (1, 40_000_000));
    world.sync().await;
    assert_eq!(world.asked().overlap, Duration::from_secs(80));
    // Only found by reading everything, and then by every read after it.
    world.put(22, "Very late", -200);
    world.sync_in(SyncMode::Full).await;
    assert_eq!(world.held().await, world.truth());
    world.sync().await;
    assert_eq!(world.asked().overlap, Duration::from_secs(600));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_ahead_does_not_make_everything_after_it_late() {
    let world = World::with(3).await;
    world.put(9, "From the future", 10 * 365 * 86_400);
    world.sync().await;
    assert!(world.state().await.newest_version.unwrap() <= (start() + chrono::Duration::minutes(2)).timestamp_micros());
    world.put(4, "Today", 100);
    world.sync_in(SyncMode::Full).await;
    assert_eq!(world.last_run().await.streams[0].facts.late, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_without_cursors_is_read_from_the_start_each_time() {
    let world = World::with(5).await;
    world.change(|shelf| shelf.cursors = false);
    world.sync().await;
    world.put(2, "Changed", 10);
    let report = world.sync().await;
    assert_eq!(world.asked().cursor, None);
    let tally = &report.streams[0].tally;
    assert_eq!((tally.read, tally.landed, tally.duplicate), (5, 1, 4));
    assert_eq!(world.held().await, world.truth());
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_streams_that_were_asked_for_are_read() {
    let world = World::with(2).await;
    let asked = |stream: &str| aos_mesh::SyncRequest { streams: vec![stream.into()], ..Default::default() };
    let report = world.sync_with(asked("Nonsense")).await;
    assert!(report.error.unwrap().contains(STREAM));
    assert_eq!(world.sync_with(asked(STREAM)).await.outcome, Outcome::Success);
}
