//! The review queue, what is accepted of streams, and mappings that change together with the past they are for.

use super::common::{Backend, TestStore, delete, event, page, rejection, source, tally};
use aos_core::event::{CanonicalEvent, Origin, Rejection};
use aos_core::ledger::Tally;
use aos_core::mapping::StreamMapping;
use aos_core::shape::StreamShape;
use aos_store::{
    Accept, Error, MappingCause, MappingChange, NewObservation, NewReview, Page, PageCommit, RejectionFilter,
    RemappedPage, ReviewDecision, ReviewDue, ReviewFilter, ReviewOrder, ReviewState, SeenDrift, SegmentRow, TaskFilter,
};
use chrono::Duration;
use serde_json::json;
use std::collections::BTreeMap;
use uuid::Uuid;

fn review(subject: &str, connection: aos_core::ConnectionId) -> NewReview {
    NewReview {
        kind: "drift".into(),
        subject: subject.into(),
        connection: Some(connection),
        stream: Some("Account".into()),
        title: "Account.Name renamed".into(),
        payload: json!({ "path": "Name" }),
        confidence: Some(0.7),
        severity: "breaking".into(),
        expires_at: None,
        escalate_at: None,
    }
}

fn decision(id: Uuid, state: ReviewState) -> ReviewDecision {
    ReviewDecision {
        id,
        revision: None,
        state,
        outcome: json!({}),
        was_right: Some(true),
        features: json!({ "confidence": 0.7 }),
    }
}

fn shape(names: &[&str]) -> StreamShape {
    StreamShape::of_names("Account", names.iter().copied())
}

fn mapping() -> StreamMapping {
    StreamMapping { version: 0, stream: "Account".into(), entities: Vec::new() }
}

fn segment(at: u128) -> SegmentRow {
    SegmentRow {
        id: Uuid::from_u128(at),
        path: format!("s{at}"),
        records: 1,
        malformed: 0,
        bytes: 1,
        raw_bytes: 10,
        checksum: "c".into(),
    }
}

#[tokio::test]
async fn one_item_is_open_for_each_subject_and_what_was_rejected_is_not_asked_again() {
    let test = TestStore::new().await;
    let acme = source(&test.store, &test.scope("acme").await, "crm").await;
    let store = &acme.store;
    let (first, new) = store.open_review(&review("a", acme.connection.id)).await.unwrap();
    assert!(new);
    let other = NewReview { payload: json!({ "path": "Name", "more": 1 }), ..review("a", acme.connection.id) };
    let (again, new) = store.open_review(&other).await.unwrap();
    assert_eq!((again.id, new, again.revision), (first.id, false, 2));
    let stale = ReviewDecision { revision: Some(1), ..decision(first.id, ReviewState::Rejected) };
    assert!(matches!(store.decide_review(&stale).await, Err(Error::Stale { .. })));
    store
        .decide_review(&ReviewDecision { was_right: Some(false), ..decision(first.id, ReviewState::Rejected) })
        .await
        .unwrap();
    assert!(matches!(
        store.decide_review(&decision(first.id, ReviewState::Approved)).await,
        Err(Error::ReviewDecided { state: "rejected", .. })
    ));
    let (same, new) = store.open_review(&review("a", acme.connection.id)).await.unwrap();
    assert_eq!((same.id, same.state, new), (first.id, ReviewState::Rejected, false));
    assert_eq!(store.count_open_reviews().await.unwrap(), BTreeMap::new(), "what was decided waits for nobody");
    let (second, _) = store.open_review(&review("b", acme.connection.id)).await.unwrap();
    let gap = NewReview { kind: "question_gap".into(), connection: None, ..review("c", acme.connection.id) };
    store.open_review(&gap).await.unwrap();
    let waiting = BTreeMap::from([("drift".to_owned(), 1), ("question_gap".to_owned(), 1)]);
    assert_eq!(store.count_open_reviews().await.unwrap(), waiting);
    let stranger = test.store.tenant(&test.scope("globex").await).count_open_reviews().await.unwrap();
    assert_eq!(stranger, BTreeMap::new());
    let open = ReviewFilter {
        kind: Some("drift".into()),
        state: Some(ReviewState::Open),
        confidence_min: Some(0.5),
        ..ReviewFilter::default()
    };
    let listed = store.list_reviews(&open, Page::first(10)).await.unwrap().items;
    assert_eq!(listed.iter().map(|review| review.id).collect::<Vec<_>>(), [second.id]);
    store.assign_review(second.id, Some("user:x")).await.unwrap();
    store.comment_review(second.id, "look here").await.unwrap();
    assert_eq!(store.review_comments(second.id).await.unwrap()[0].text, "look here");
    assert_eq!(store.supersede_reviews("drift", acme.connection.id, "Account", &["b"]).await.unwrap(), 0);
    assert_eq!(store.supersede_reviews("drift", acme.connection.id, "Account", &[]).await.unwrap(), 1);
    let evidence = store.decided_reviews("drift", 100).await.unwrap();
    assert_eq!(evidence.iter().map(|one| one.was_right).collect::<Vec<_>>(), [false]);
    assert_eq!(evidence[0].subject, "a");
}

#[tokio::test]
async fn the_raw_records_of_some_rows_are_found_in_the_epochs_that_were_asked_for_and_in_no_other_tenant() {
    let test = TestStore::new().await;
    let acme = source(&test.store, &test.scope("acme").await, "crm").await;
    let (store, id) = (&acme.store, acme.connection.id);
    let records = vec![event("a", 1, 1, "{}"), event("b", 2, 1, "{}"), event("c", 7, 1, "{}")];
    acme.commit_with(records, Some(&segment(7)), |_| {}).await.unwrap();
    let (entity, fragment, _) = store.live_fragments(id, "Account").await.unwrap().remove(0);
    let place = (entity.as_str(), fragment.as_str());
    let mut found = store.find_live_places(id, place, &["c", "x", "a"], &(0..1)).await.unwrap();
    found.sort_by(|one, other| one.record_id.cmp(&other.record_id));
    let told: Vec<_> = found.iter().map(|one| (one.record_id.as_str(), one.segment_id, one.raw_position)).collect();
    assert_eq!(told, [("a", Uuid::from_u128(7), 1), ("c", Uuid::from_u128(7), 7)]);
    assert!(store.find_live_places(id, place, &["a"], &(1..9)).await.unwrap().is_empty());
    let many: Vec<String> = (0..1_200).map(|number| format!("x{number}")).chain(["b".to_owned()]).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(store.find_live_places(id, place, &many, &(0..9)).await.unwrap().len(), 1);
    let recent = async |epochs| store.recent_segments(id, "Account", &epochs, 10).await.unwrap().len();
    assert_eq!((recent(0..1).await, recent(1..9).await), (1, 0));

    let other = source(&test.store, &test.scope("globex").await, "crm").await;
    assert!(other.store.find_live_places(id, place, &["a"], &(0..9)).await.unwrap().is_empty());
    assert!(other.store.recent_segments(id, "Account", &(0..9), 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_breaks_something_comes_first_and_then_what_has_waited_longest_page_by_page() {
    let test = TestStore::new().await;
    let acme = source(&test.store, &test.scope("acme").await, "crm").await;
    let store = &acme.store;
    for (subject, severity) in [
        ("a", "info"),
        ("b", "risky"),
        ("c", "breaking"),
        ("d", "info"),
        ("e", "breaking"),
        ("f", "risky"),
        ("g", "new word"),
    ] {
        test.clock.advance(Duration::milliseconds(5));
        let new = NewReview { severity: severity.into(), ..review(subject, acme.connection.id) };
        store.open_review(&new).await.unwrap();
    }
    let urgent =
        ReviewFilter { state: Some(ReviewState::Open), order: ReviewOrder::Urgency, ..ReviewFilter::default() };
    for limit in [1, 2, 3, 7] {
        let (mut listed, mut next) = (Vec::new(), Page::first(limit));
        loop {
            let found = store.list_reviews(&urgent, next).await.unwrap();
            listed.extend(found.items.into_iter().map(|item| item.subject));
            match found.next_cursor {
                Some(cursor) => next = Page::after(cursor, limit),
                None => break,
            }
        }
        assert_eq!(listed, ["c", "e", "b", "f", "a", "d", "g"], "by {limit}");
    }
    let newest = store.list_reviews(&ReviewFilter::default(), Page::first(1)).await.unwrap();
    assert_eq!(newest.items[0].subject, "g");
    let crossed = store.list_reviews(&urgent, Page::after(newest.next_cursor.unwrap(), 1)).await;
    assert!(matches!(crossed, Err(Error::BadCursor)), "a cursor leads on in its own order only");
}

#[tokio::test]
async fn what_nobody_decides_is_told_once_and_expires() {
    let test = TestStore::new().await;
    let acme = source(&test.store, &test.scope("acme").await, "crm").await;
    let store = &acme.store;
    let (soon, late) = (test.clock.now() + Duration::hours(1), test.clock.now() + Duration::hours(2));
    let new = NewReview { escalate_at: Some(soon), expires_at: Some(late), ..review("a", acme.connection.id) };
    let (item, _) = store.open_review(&new).await.unwrap();
    let looks = TaskFilter { kinds: vec!["review_due".into()], ..TaskFilter::default() };
    assert_eq!(store.list_tasks(&looks, Page::default()).await.unwrap().items.len(), 1);
    assert_eq!(store.review_due(item.id).await.unwrap(), ReviewDue::Nothing);
    test.clock.advance(Duration::minutes(61));
    assert!(matches!(store.review_due(item.id).await.unwrap(), ReviewDue::Escalate(_)));
    assert_eq!(store.review_due(item.id).await.unwrap(), ReviewDue::Nothing, "it is told once");
    assert_eq!(store.list_tasks(&looks, Page::default()).await.unwrap().items.len(), 2, "the end is looked at too");
    test.clock.advance(Duration::minutes(61));
    assert!(matches!(store.review_due(item.id).await.unwrap(), ReviewDue::Expired(_)));
    assert_eq!(store.review(item.id).await.unwrap().unwrap().state, ReviewState::Expired);
}

#[tokio::test]
async fn seeing_a_shape_accepts_nothing_and_an_epoch_begins_with_what_is_committed() {
    let test = TestStore::new().await;
    let acme = source(&test.store, &test.scope("acme").await, "crm").await;
    let (store, id) = (&acme.store, acme.connection.id);
    store.accept_shape(id, &shape(&["Id", "Name"])).await.unwrap();
    let seen = shape(&["Id", "Title"]);
    let drift = json!({ "changes": [{ "path": "Name" }] });
    let frozen = SeenDrift { observed: &seen, drift: &drift, sample: None, goes_on: false };
    assert_eq!(store.note_drift(id, frozen).await.unwrap(), 0);
    let profile = store.stream_profile(id, "Account").await.unwrap();
    assert_eq!(profile.accepted, Some(shape(&["Id", "Name"])));
    assert_eq!(store.stream_shape(profile.observed_id.unwrap()).await.unwrap(), Some(seen.clone()));
    let goes_on = SeenDrift { goes_on: true, ..frozen };
    assert_eq!(store.note_drift(id, goes_on).await.unwrap(), 1);
    assert_eq!(store.note_drift(id, goes_on).await.unwrap(), 1, "an epoch begins once");
    assert_eq!(store.list_drifting().await.unwrap().len(), 1);
    assert!(store.clear_drift(id, "Account").await.unwrap());
    assert!(!store.clear_drift(id, "Account").await.unwrap());
    assert_eq!(store.stream_profile(id, "Account").await.unwrap().epoch, 2, "what follows is of another epoch");
    for _ in 0..2 {
        let new =
            NewObservation { run: acme.run, fingerprint: "f", sampled: 7, shape: &json!([]), changes: &json!([]) };
        store.add_observation(id, "Account", &new).await.unwrap();
    }
    assert_eq!(store.list_observations(id, "Account", Page::first(10)).await.unwrap().items.len(), 2);
    store.put_contract(id, "Account", Some(&json!({ "rules": [] }))).await.unwrap();
    assert!(store.stream_profile(id, "Account").await.unwrap().contract.is_some());
    let shapes = test.query("SELECT fingerprint FROM stream_shapes").await.len();
    assert!(shapes <= 3, "shapes that nothing refers to are not kept: {shapes}");
}

#[tokio::test]
async fn a_mapping_changes_with_its_decisions_and_the_past_of_its_epoch_is_mapped_anew() {
    let test = TestStore::new().await;
    let acme = source(&test.store, &test.scope("acme").await, "crm").await;
    let (store, id) = (&acme.store, acme.connection.id);
    store.save_mapping(id, &mapping(), &json!({})).await.unwrap();
    let accepted = store.accept_shape(id, &shape(&["Id", "Name"])).await.unwrap();
    store.tie_mapping(id, "Account", 1, accepted).await.unwrap();
    let read = async |at: u128, events: Vec<CanonicalEvent>, rejections: Vec<Rejection>| {
        let row = segment(at);
        let origin = Origin { segment: row.id, ..acme.origin() };
        let rejected_records = rejections.len() as u64;
        let page = page(acme.run, &origin, events);
        let page = PageCommit {
            segment: Some(&row),
            read: page.read + rejected_records,
            rejected_records,
            rejections,
            ..page
        };
        acme.store.commit_page(page).await.unwrap();
    };
    read(1, vec![event("old", 1, 0, r#"{"name":"old"}"#)], Vec::new()).await;
    let seen = shape(&["Id", "Title"]);
    let drift = json!({ "changes": [] });
    let frozen = SeenDrift { observed: &seen, drift: &drift, sample: None, goes_on: false };
    store.note_drift(id, SeenDrift { goes_on: true, ..frozen }).await.unwrap();
    // Two segments of the new epoch speak of one record, and of one that was there before.
    for (at, name) in [(2, "second"), (3, "third")] {
        let events = vec![event("new", 1, 0, &format!(r#"{{"name":"{name}"}}"#)), event("old", 1, 1, "{}")];
        read(at, events, vec![rejection(at as u64, "x")]).await;
    }
    let (item, _) = store.open_review(&review("a", id)).await.unwrap();
    let next = mapping();
    let change = MappingChange {
        connection: id,
        mapping: &next,
        expected_version: 1,
        accept: Some(Accept::New(&seen)),
        drift_left: None,
        decisions: vec![decision(item.id, ReviewState::Approved)],
        reopened: Vec::new(),
        why: MappingCause::Repair,
    };
    let changed = store.change_mapping(&change).await.unwrap();
    assert_eq!((changed.version, changed.epoch), (2, 1));
    let outcome = store.review(item.id).await.unwrap().unwrap().outcome.unwrap();
    assert_eq!(outcome["version"], 2);
    assert!(matches!(store.change_mapping(&change).await, Err(Error::Stale { .. })), "of two, the second is stale");
    let late = acme.commit(vec![event("late", 1, 0, "{}")]).await;
    assert!(matches!(late, Err(Error::MappingChanged { version: 1, .. })), "{late:?}");
    assert_eq!(standing(store).await, 0, "what was rejected counts as resolved until it is rejected again");

    let remap = store.remap(changed.remap).await.unwrap().unwrap();
    assert_eq!((remap.segments, remap.epoch), (2, 1));
    let newest = store.segment_before(id, "Account", 1, None).await.unwrap().unwrap();
    assert_eq!(newest.id, Uuid::from_u128(3));
    let origin = acme.origin();
    let step = |segment: u128, expected: Option<u128>, name: &str| RemappedPage {
        remap: changed.remap,
        run: acme.run,
        origin: &origin,
        segment: Some(Uuid::from_u128(segment)),
        expected: expected.map(Uuid::from_u128),
        events: vec![CanonicalEvent { mapping_version: 2, ..event("new", 2, 0, &format!(r#"{{"name":"{name}"}}"#)) }],
        rejections: vec![rejection(3, "x")],
        read: 2,
        filtered: 0,
        rejected_records: 1,
        warnings: BTreeMap::new(),
        removed: 0,
        restored: 0,
    };
    let mapped = |landed, duplicate| Tally { rejected: 1, ..tally(2, landed, duplicate) };
    assert_eq!(store.commit_remapped(step(3, None, "third, anew")).await.unwrap().tally, mapped(1, 0));
    assert!(matches!(store.commit_remapped(step(3, None, "third, anew")).await, Err(Error::Stale { .. })));
    assert_eq!(store.commit_remapped(step(2, Some(3), "second, anew")).await.unwrap().tally, mapped(0, 1));
    assert_eq!(acme.held("new").await.as_deref(), Some(r#"{"name":"third, anew"}"#), "the newer record wins");
    assert_eq!(standing(store).await, 1, "it is rejected again");
    assert!(store.segment_before(id, "Account", 1, Some(Uuid::from_u128(2))).await.unwrap().is_none());

    let remap = store.remap(changed.remap).await.unwrap().unwrap();
    let ungiven = store.ungiven_rows(&remap, ("account", "Account"), "", 10).await.unwrap();
    assert_eq!(ungiven.len(), 1, "{ungiven:?}");
    assert_eq!(
        ungiven[0].earlier,
        Some((r#"{"name":"old"}"#.to_owned(), "{}".to_owned())),
        "what held before the epoch"
    );
    store.finish_remap(changed.remap).await.unwrap();
    assert!(matches!(store.commit_remapped(step(1, Some(2), "x")).await, Err(Error::MappingChanged { .. })));

    let places = store.mapping_places(id, "Account").await.unwrap();
    assert_eq!(
        places.iter().map(|place| (place.version, place.active, place.epoch)).collect::<Vec<_>>(),
        [(1, false, 0), (2, true, 1)]
    );
    let again = json!({ "changes": [{ "path": "Name" }], "goes_on": false });
    let undo = MappingChange {
        expected_version: 2,
        accept: Some(Accept::Again(accepted)),
        drift_left: Some(&again),
        decisions: vec![decision(item.id, ReviewState::Undone)],
        reopened: vec![review("a", id)],
        why: MappingCause::Undo,
        ..change.clone()
    };
    let undone = store.change_mapping(&undo).await.unwrap();
    assert_eq!((undone.version, undone.epoch), (3, 1), "the same records are mapped again");
    let profile = store.stream_profile(id, "Account").await.unwrap();
    assert_eq!(profile.accepted, Some(shape(&["Id", "Name"])));
    assert!(profile.has_begun(), "records of the new shape are among those that are held");
    assert_eq!(profile.drift.unwrap()["changes"], again["changes"], "it drifts again");
    assert!(store.decided_reviews("drift", 10).await.unwrap().len() == 1, "the last word about an item counts");
    let open = ReviewFilter { state: Some(ReviewState::Open), ..ReviewFilter::default() };
    let open = store.list_reviews(&open, Page::first(10)).await.unwrap().items;
    assert_eq!(open.iter().map(|item| item.subject.as_str()).collect::<Vec<_>>(), ["a"], "and is asked about again");
    // What was committed of the new shape is not forgotten by a stream that is not read on: a repair maps it anew.
    assert_eq!(store.note_drift(id, frozen).await.unwrap(), 1);
    let change = MappingChange { expected_version: 3, decisions: Vec::new(), ..change };
    let repaired = store.change_mapping(&change).await.unwrap();
    assert_eq!((repaired.epoch, store.remap(repaired.remap).await.unwrap().unwrap().segments), (1, 2));
}

#[tokio::test]
async fn what_held_at_a_moment_is_what_its_events_say() {
    let test = TestStore::new().await;
    let mut acme = source(&test.store, &test.scope("acme").await, "crm").await;
    let at = |test: &TestStore| test.clock.now();
    let names = async |acme: &super::common::Source<'_>, moment| {
        let mut names = Vec::new();
        let mut next = Page::first(2);
        loop {
            let found = acme.store.records_as_of("account", None, moment, next).await.unwrap();
            names.extend(found.items.iter().map(|one| (one.record_id.clone(), one.fragments[0].data.clone())));
            match found.next_cursor {
                Some(cursor) => next = Page::after(cursor, 2),
                None => return names,
            }
        }
    };
    let before = at(&test);
    test.clock.advance(Duration::seconds(1));
    let events = ["a", "b", "c"].map(|id| event(id, 1, 0, "1")).to_vec();
    let origin = |test: &TestStore, acme: &super::common::Source<'_>| Origin { emitted_at: at(test), ..acme.origin() };
    let here = origin(&test, &acme);
    acme.store.commit_page(page(acme.run, &here, events)).await.unwrap();
    let first = at(&test);
    test.clock.advance(Duration::seconds(1));
    acme.generation = 2;
    let here = origin(&test, &acme);
    let events = vec![event("a", 1, 0, "2"), delete("b", 1, 0)];
    acme.store.commit_page(page(acme.run, &here, events)).await.unwrap();
    let second = at(&test);
    let of = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(id, data)| ((*id).to_owned(), (*data).to_owned())).collect()
    };
    assert_eq!(names(&acme, before).await, of(&[]));
    assert_eq!(names(&acme, first).await, of(&[("a", "1"), ("b", "1"), ("c", "1")]));
    assert_eq!(names(&acme, second).await, of(&[("a", "2"), ("c", "1")]));
    let globex = test.scope("globex").await;
    let stranger = test.store.tenant(&globex).records_as_of("account", None, second, Page::default()).await;
    assert_eq!(stranger.unwrap().items, []);
}

#[tokio::test]
async fn what_a_segment_that_is_mapped_anew_changed_is_what_the_store_tells() {
    let test = TestStore::new().await;
    let acme = source(&test.store, &test.scope("acme").await, "crm").await;
    let (store, id) = (&acme.store, acme.connection.id);
    store.save_mapping(id, &mapping(), &json!({})).await.unwrap();
    let accepted = store.accept_shape(id, &shape(&["Id", "Name"])).await.unwrap();
    store.tie_mapping(id, "Account", 1, accepted).await.unwrap();
    for at in 1..=3 {
        let row = segment(at);
        let origin = Origin { segment: row.id, ..acme.origin() };
        let both = [("a", 1), ("b", 2)];
        let events = both.map(|(name, raw)| event(&format!("{name}{at}"), raw, 0, r#"{"name":"before"}"#)).to_vec();
        store.commit_page(PageCommit { segment: Some(&row), ..page(acme.run, &origin, events) }).await.unwrap();
    }
    // In the third segment one record is gone at its source; in the second one was read again since.
    acme.commit(vec![delete("a3", 1, 0), event("b2", 2, 5, r#"{"name":"newer"}"#)]).await.unwrap();
    let counts = store.counts().await.unwrap();
    let next = mapping();
    let change = MappingChange {
        connection: id,
        mapping: &next,
        expected_version: 1,
        accept: None,
        drift_left: None,
        decisions: Vec::new(),
        reopened: Vec::new(),
        why: MappingCause::Repair,
    };
    let changed = store.change_mapping(&change).await.unwrap();
    let origin = acme.origin();
    let mut expected = None;
    for (at, landed) in [(3, 1), (2, 1), (1, 2)] {
        let before = store.max_position().await.unwrap();
        let anew = |name: &str, raw| CanonicalEvent {
            mapping_version: 2,
            ..event(&format!("{name}{at}"), raw, 0, r#"{"name":"anew"}"#)
        };
        let remapped = store
            .commit_remapped(RemappedPage {
                remap: changed.remap,
                run: acme.run,
                origin: &origin,
                segment: Some(Uuid::from_u128(at)),
                expected,
                events: vec![anew("a", 1), anew("b", 2)],
                rejections: Vec::new(),
                read: 2,
                filtered: 0,
                rejected_records: 0,
                warnings: BTreeMap::new(),
                removed: 0,
                restored: 0,
            })
            .await
            .unwrap();
        expected = Some(Uuid::from_u128(at));
        assert_eq!((remapped.tally.landed, remapped.tally.duplicate), (landed, 2 - landed), "segment {at}");
        let told = store.changes_since(before, 10).await.unwrap();
        assert_eq!(told.len() as u64, landed, "segment {at}");
        // PostgreSQL reads the rows that are replaced, and leaves it to the store to tell.
        let known = landed == 2 && matches!(crate::BACKEND, Backend::Sqlite);
        assert_eq!(remapped.changes, if known { told } else { Vec::new() }, "segment {at}");
    }
    assert_eq!(store.counts().await.unwrap(), counts);
    assert_eq!(acme.held("b2").await.as_deref(), Some(r#"{"name":"newer"}"#));
    assert_eq!(acme.held("a1").await.as_deref(), Some(r#"{"name":"anew"}"#));
}

async fn standing(store: &aos_store::TenantStore<'_>) -> usize {
    let all = store.list_rejections(&RejectionFilter::default(), Page::first(100)).await.unwrap().items;
    all.iter().filter(|rejection| rejection.resolved_at.is_none()).count()
}

#[tokio::test]
async fn a_stranger_sees_and_decides_nothing_of_the_queue() {
    let test = TestStore::new().await;
    let acme = source(&test.store, &test.scope("acme").await, "crm").await;
    let (item, _) = acme.store.open_review(&review("a", acme.connection.id)).await.unwrap();
    acme.store.accept_shape(acme.connection.id, &shape(&["Id"])).await.unwrap();
    let globex = test.scope("globex").await;
    let stranger = test.store.tenant(&globex);
    assert_eq!(stranger.review(item.id).await.unwrap(), None);
    assert_eq!(stranger.list_reviews(&ReviewFilter::default(), Page::default()).await.unwrap().items, []);
    assert!(stranger.decide_review(&decision(item.id, ReviewState::Approved)).await.is_err());
    assert!(stranger.comment_review(item.id, "x").await.is_err());
    assert!(stranger.assign_review(item.id, None).await.is_err());
    assert_eq!(stranger.review_due(item.id).await.unwrap(), ReviewDue::Nothing);
    assert_eq!(stranger.stream_profile(acme.connection.id, "Account").await.unwrap().accepted, None);
    assert_eq!(stranger.list_drifting().await.unwrap(), []);
    assert_eq!(acme.store.review(item.id).await.unwrap().unwrap().state, ReviewState::Open);
    // A page of a test that has nothing to do with mappings is taken as before.
    let origin = acme.origin();
    let untouched: PageCommit<'_> = page(acme.run, &origin, vec![event("a", 1, 0, "{}")]);
    acme.store.commit_page(untouched).await.unwrap();
}
