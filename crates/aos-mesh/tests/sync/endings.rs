//! How runs end: each outcome, the alerts that come and go with it, and what the source says against what it gave.

use super::world::{World, id, start, stream_outcome};
use aos_connectors::{Deletes, Error, SourceCount};
use aos_core::kind::SyncMode;
use aos_core::ledger::Outcome;
use chrono::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_where_there_was_something_is_suspicious_and_never_success() {
    let world = World::with(5).await;
    world.sync().await;
    let all = std::mem::take(&mut world.shelf.lock().unwrap().records);
    let report = world.sync_in(SyncMode::Full).await;
    assert_eq!((report.outcome, stream_outcome(&report)), (Outcome::SuspiciousEmpty, Outcome::SuspiciousEmpty));
    assert_eq!((world.held().await.len(), world.alerts().await), (5, vec!["suspicious_empty"]));
    world.change(|shelf| shelf.records = all);
    world.sync_in(SyncMode::Full).await;
    assert!(world.alerts().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_gives_less_than_it_says_it_has_is_told_so() {
    let world = World::with(5).await;
    world.change(|shelf| shelf.count = Some(SourceCount::Exactly(8)));
    let report = world.sync().await;
    assert_eq!((report.outcome, report.code), (Outcome::Partial, Some("count_mismatch")), "{report:?}");
    assert_eq!(world.alerts().await, ["count_mismatch"]);
    let end = world.last_run().await.streams[0].end.clone().unwrap();
    assert_eq!(end.source_count, Some(("exactly".to_owned(), 8)));
    world.change(|shelf| shelf.count = Some(SourceCount::About(8)));
    assert_eq!(world.sync_in(SyncMode::Full).await.outcome, Outcome::NoChange);
    assert!(world.alerts().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_source_gives_twice_counts_once_against_its_own_word() {
    let world = World::with(5).await;
    world.change(|shelf| {
        shelf.count = Some(SourceCount::Exactly(5));
        shelf.repeats = true;
    });
    let report = world.sync().await;
    assert_eq!((report.outcome, report.streams[0].tally.read), (Outcome::Success, 8), "{report:?}");
    assert_eq!(world.held().await, world.truth());
    world.change(|shelf| shelf.count = Some(SourceCount::Exactly(4)));
    assert_eq!(world.sync_in(SyncMode::Full).await.code, Some("count_mismatch"), "five are more than it says");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_may_count_what_is_gone_among_what_it_has_or_not() {
    let world = World::with(5).await;
    world.change(|shelf| {
        shelf.deletes = Deletes::Tombstone;
        shelf.records.get_mut(&id(2)).unwrap().deleted = true;
    });
    for (said, code) in [(4, None), (5, None), (6, Some("count_mismatch")), (3, Some("count_mismatch"))] {
        world.change(|shelf| shelf.count = Some(SourceCount::Exactly(said)));
        assert_eq!(
            world.sync_in(SyncMode::Full).await.code,
            code,
            "{said} of four that are there and one that is gone"
        );
    }
    assert_eq!(world.held().await, world.truth());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_throttled_run_says_when_it_goes_on_and_has_kept_what_it_read() {
    let world = World::with(10).await;
    let until = start() + Duration::hours(2);
    world.change(|shelf| shelf.breaks = Some((1, Error::RateLimited { until })));
    let report = world.sync().await;
    assert_eq!((report.outcome, report.resume_at), (Outcome::Throttled, Some(until)), "{report:?}");
    assert_eq!(world.held().await.len(), 3);
    let run = world.last_run().await;
    assert_eq!((run.outcome, run.resume_at), (Some(Outcome::Throttled), Some(until)));
    world.change(|shelf| shelf.breaks = None);
    world.sync().await;
    assert_eq!(world.held().await, world.truth());
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_credentials_need_a_person_and_the_alert_goes_when_they_are_right() {
    let world = World::with(3).await;
    world.change(|shelf| shelf.discovers = Some(Error::Unauthorized { said: "INVALID_SESSION_ID".into() }));
    let report = world.sync().await;
    assert_eq!((report.outcome, report.code), (Outcome::Failed, Some("unauthorized")));
    assert!(report.error.unwrap().contains("give the grant again"));
    assert_eq!(world.alerts().await, ["needs_attention"]);
    world.change(|shelf| shelf.discovers = None);
    world.sync().await;
    assert!(world.alerts().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn each_problem_of_a_source_has_its_outcome() {
    let world = World::with(6).await;
    world.sync().await;
    let said = || "x".to_owned();
    for (error, outcome) in [
        (Error::MissingScope { what: said(), said: said() }, Outcome::Failed),
        (Error::Gone { what: said(), said: said() }, Outcome::Failed),
        (Error::Refused { said: said() }, Outcome::Failed),
        (Error::TooLarge { what: said(), limit_bytes: 1 }, Outcome::Failed),
        (Error::Unreachable { host: said(), reason: said() }, Outcome::Unreachable),
        (Error::Transient { said: said() }, Outcome::Unreachable),
        (Error::Contract { what: said() }, Outcome::Unreachable),
    ] {
        world.change(|shelf| shelf.breaks = Some((0, error.clone())));
        let report = world.sync().await;
        assert_eq!(stream_outcome(&report), outcome, "{error}");
        assert_eq!(report.streams[0].code, Some(error.code()));
        assert_eq!(world.held().await, world.truth(), "what is held stays");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_asked_of_the_source_is_counted() {
    let world = World::with(10).await;
    world.sync().await;
    assert_eq!(world.last_run().await.streams[0].facts.requests, 4);
}
