//! Committing pages: what lands, what is a duplicate, which version holds, and that it is all or nothing.

use super::common::{Backend, TestStore, delete, done, event, page, rejection, source, tally};
use aos_core::ConnectionId;
use aos_store::{Error, Page, RejectionFilter, SegmentRow};
use proptest::prelude::*;
use std::collections::HashMap;
use std::sync::LazyLock;
use tokio::runtime::Runtime;
use uuid::Uuid;

#[tokio::test]
async fn a_page_lands_with_its_data_and_place() {
    let test = TestStore::new().await;
    let acme = source(&test.store, &test.scope("acme").await, "crm").await;
    assert_eq!(
        acme.commit(vec![event("a", 1, 0, r#"{"n":1}"#), event("b", 2, 0, r#"{"n":2}"#)]).await.unwrap(),
        tally(2, 2, 0)
    );
    let rows = acme.rows().await;
    assert_eq!(rows.len(), 2);
    assert_eq!((rows[0].record_id.as_str(), rows[0].data.as_str()), ("a", r#"{"n":1}"#));
    let fragment = &acme.store.fragments("account", acme.connection.id, "a").await.unwrap()[0];
    assert_eq!((fragment.segment_id, fragment.raw_position), (Uuid::from_u128(7), 1));
    assert_eq!(acme.store.max_position().await.unwrap(), rows[1].position);
    assert_eq!(acme.store.changes_since(rows[0].position, 10).await.unwrap(), rows[1..]);
}

#[tokio::test]
async fn a_replay_changes_nothing() {
    let test = TestStore::new().await;
    let acme = source(&test.store, &test.scope("acme").await, "crm").await;
    let events = || vec![event("a", 1, 0, "1"), event("b", 2, 5, "2"), delete("c", 3, 0)];
    acme.commit(events()).await.unwrap();
    let (before, head) = (acme.rows().await, acme.store.head().await.unwrap());
    assert_eq!(acme.commit(events()).await.unwrap(), tally(3, 0, 3));
    assert_eq!((acme.rows().await, acme.store.head().await.unwrap()), (before, head));
    assert_eq!(acme.store.list_events(0, 100, None).await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_new_generation_of_the_same_content_is_all_duplicates() {
    let test = TestStore::new().await;
    let mut acme = source(&test.store, &test.scope("acme").await, "crm").await;
    acme.commit(vec![event("a", 1, 0, "1"), event("b", 2, 0, "2")]).await.unwrap();
    acme.generation = 2;
    let changed = vec![event("a", 1, 0, "1"), event("b", 2, 0, "3"), event("c", 3, 0, "4")];
    assert_eq!(acme.commit(changed).await.unwrap(), tally(3, 2, 1));
    assert_eq!(acme.held("b").await.as_deref(), Some("3"));
    assert_eq!(acme.store.counts().await.unwrap()[0].records, 3);
}

#[tokio::test]
async fn a_value_that_comes_back_holds_again() {
    let test = TestStore::new().await;
    let mut acme = source(&test.store, &test.scope("acme").await, "crm").await;
    for (generation, data) in [(1, "A"), (2, "B"), (3, "A")] {
        acme.generation = generation;
        assert_eq!(acme.commit(vec![event("a", 1, 0, data)]).await.unwrap(), tally(1, 1, 0));
        assert_eq!(acme.held("a").await.as_deref(), Some(data));
    }
    let history = acme.store.record_history("account", acme.connection.id, "a", 10).await.unwrap();
    assert_eq!(history.iter().map(|event| event.data.as_str()).collect::<Vec<_>>(), ["A", "B", "A"]);
}

#[tokio::test]
async fn the_newest_source_version_holds_whatever_the_order_of_arrival() {
    let test = TestStore::new().await;
    let acme = source(&test.store, &test.scope("acme").await, "crm").await;
    acme.commit(vec![event("a", 1, 30, "newest")]).await.unwrap();
    assert_eq!(acme.commit(vec![event("a", 1, 20, "older")]).await.unwrap(), tally(1, 1, 0), "history keeps it");
    assert_eq!(acme.held("a").await.as_deref(), Some("newest"));
    acme.commit(vec![event("a", 2, 50, "last"), event("a", 3, 40, "before")]).await.unwrap();
    assert_eq!(acme.held("a").await.as_deref(), Some("last"));
    assert_eq!(acme.store.list_events(0, 100, None).await.unwrap().len(), 4);
}

#[tokio::test]
async fn an_unchanged_record_of_a_newer_version_is_known_to_be_newer() {
    let test = TestStore::new().await;
    let acme = source(&test.store, &test.scope("acme").await, "crm").await;
    acme.commit(vec![event("a", 1, 10, "A")]).await.unwrap();
    acme.commit(vec![event("a", 1, 30, "A")]).await.unwrap();
    acme.commit(vec![event("a", 1, 20, "B")]).await.unwrap();
    assert_eq!(acme.held("a").await.as_deref(), Some("A"));
}

#[tokio::test]
async fn of_one_source_version_the_newer_mapping_holds() {
    let test = TestStore::new().await;
    let acme = source(&test.store, &test.scope("acme").await, "crm").await;
    let mapped =
        |version, data| aos_core::event::CanonicalEvent { mapping_version: version, ..event("a", 1, 10, data) };
    acme.commit(vec![mapped(2, "new")]).await.unwrap();
    acme.commit(vec![mapped(1, "old")]).await.unwrap();
    assert_eq!(acme.held("a").await.as_deref(), Some("new"));
    acme.commit(vec![mapped(3, "newest")]).await.unwrap();
    assert_eq!(acme.held("a").await.as_deref(), Some("newest"));
}

#[tokio::test]
async fn a_delete_leaves_a_tombstone_and_the_record_can_return() {
    let test = TestStore::new().await;
    let acme = source(&test.store, &test.scope("acme").await, "crm").await;
    acme.commit(vec![event("a", 1, 10, "A"), event("b", 2, 10, "B")]).await.unwrap();
    let before = acme.store.max_position().await.unwrap();
    acme.commit(vec![delete("a", 1, 20)]).await.unwrap();
    let changed = acme.store.changes_since(before, 10).await.unwrap();
    assert_eq!(changed.iter().map(|row| (row.record_id.as_str(), row.deleted)).collect::<Vec<_>>(), [("a", true)]);
    assert_eq!(acme.store.counts().await.unwrap()[0].rows, 1);
    acme.commit(vec![event("a", 3, 30, "A again")]).await.unwrap();
    assert_eq!(acme.held("a").await.as_deref(), Some("A again"));
    assert_eq!(acme.store.counts().await.unwrap()[0].rows, 2);
    acme.commit(vec![event("b", 4, 30, "B"), delete("b", 5, 40), delete("never seen", 6, 40)]).await.unwrap();
    assert_eq!(acme.store.counts().await.unwrap()[0].rows, 1);
}

#[tokio::test]
async fn several_tables_of_one_entity_are_rows_of_one_record() {
    let test = TestStore::new().await;
    let acme = source(&test.store, &test.scope("acme").await, "crm").await;
    let of = |fragment: &str, record: &str, at| aos_core::event::CanonicalEvent {
        fragment: fragment.into(),
        ..event(record, at, 0, fragment)
    };
    acme.commit(vec![of("A", "x", 1), of("B", "x", 2), of("A", "y", 3), of("C", "z", 4)]).await.unwrap();
    let counts = acme.store.counts().await.unwrap();
    assert_eq!((counts.len(), counts[0].records, counts[0].rows), (1, 3, 4));
    let fragments = acme.store.fragments("account", acme.connection.id, "x").await.unwrap();
    assert_eq!(fragments.iter().map(|row| row.data.as_str()).collect::<Vec<_>>(), ["A", "B"]);
}

#[tokio::test]
async fn a_record_with_several_events_is_counted_once() {
    let test = TestStore::new().await;
    let acme = source(&test.store, &test.scope("acme").await, "crm").await;
    let contact =
        |record, at| aos_core::event::CanonicalEvent { entity: "contact".into(), ..event(record, at, 0, "C") };
    let first = vec![event("a", 1, 0, "A"), contact("c", 1), event("b", 2, 0, "B"), contact("c", 2)];
    assert_eq!(acme.commit(first).await.unwrap(), tally(2, 2, 0));
    let second = vec![event("a", 1, 0, "A"), contact("c", 1), event("b", 2, 0, "changed"), contact("c", 2)];
    assert_eq!(acme.commit(second).await.unwrap(), tally(2, 1, 1));
}

#[tokio::test]
async fn a_page_that_does_not_add_up_keeps_nothing() {
    let test = TestStore::new().await;
    let acme = source(&test.store, &test.scope("acme").await, "crm").await;
    let segment = SegmentRow {
        id: Uuid::from_u128(7),
        path: "p".into(),
        records: 2,
        malformed: 0,
        bytes: 9,
        raw_bytes: 100,
        checksum: "c".into(),
    };
    let refused = acme
        .commit_with(vec![event("a", 1, 0, "A")], Some(&segment), |page| {
            page.read = 3;
            page.rejections = vec![rejection(2, "x")];
            page.done = done("v1", 1, 3);
        })
        .await;
    assert!(matches!(refused, Err(Error::Unbalanced { read: 3, accounted: 1, .. })));
    assert_eq!(acme.rows().await, []);
    assert_eq!(acme.store.max_position().await.unwrap(), 0);
    assert_eq!(acme.store.counts().await.unwrap(), []);
    assert_eq!(acme.store.list_segments(acme.connection.id).await.unwrap(), []);
    assert_eq!(acme.store.stream(acme.connection.id, "Account").await.unwrap(), None);
    assert_eq!(acme.store.run_streams(acme.run).await.unwrap(), []);
    let rejections = acme.store.list_rejections(&RejectionFilter::default(), Page::default()).await.unwrap();
    assert_eq!(rejections.items, []);
}

#[tokio::test]
async fn a_page_that_is_given_up_half_way_keeps_nothing_and_holds_nothing_up() {
    let test = TestStore::new().await;
    let acme = source(&test.store, &test.scope("acme").await, "crm").await;
    let events = || (0..5_000).map(|n| event(&format!("{n:05}"), n, 0, "A")).collect::<Vec<_>>();
    for waits in [0, 1, 2, 3, 5, 8, 13] {
        let commit = acme.commit(events());
        tokio::pin!(commit);
        for _ in 0..waits {
            let _ = tokio::time::timeout(std::time::Duration::from_millis(1), &mut commit).await;
        }
        if acme.store.max_position().await.unwrap() > 0 {
            break;
        }
    }
    let landed = acme.commit(events()).await.unwrap();
    assert_eq!(landed.read, 5_000);
    assert!(landed.landed == 5_000 || landed.duplicate == 5_000, "all or nothing: {landed:?}");
    assert_eq!(acme.rows().await.len(), 5_000);
}

#[tokio::test]
async fn cursor_segment_ledger_and_rejections_come_with_the_data() {
    let test = TestStore::new().await;
    let acme = source(&test.store, &test.scope("acme").await, "crm").await;
    let segment = SegmentRow {
        id: Uuid::from_u128(7),
        path: "p".into(),
        records: 4,
        malformed: 0,
        bytes: 9,
        raw_bytes: 100,
        checksum: "c".into(),
    };
    let commit = || {
        acme.commit_with(vec![event("a", 1, 0, "A"), event("b", 2, 0, "B")], Some(&segment), |page| {
            page.read = 4;
            page.filtered = 1;
            page.rejected_records = 1;
            page.rejections = vec![rejection(3, "raw text")];
            page.warnings = [("uncastable".to_owned(), 2)].into();
            page.done = done("etag-1", 1, 4);
        })
    };
    commit().await.unwrap();
    commit().await.unwrap();
    let stream = acme.store.stream(acme.connection.id, "Account").await.unwrap().unwrap();
    assert_eq!((stream.version.as_deref(), stream.generation, stream.records_read), (Some("etag-1"), 1, 4));
    assert_eq!(acme.store.segment(segment.id).await.unwrap().unwrap().path, "p");
    let run = acme.store.run(acme.run).await.unwrap().unwrap();
    assert!(run.tally.balanced());
    assert_eq!((run.tally.read, run.tally.landed, run.tally.duplicate), (8, 2, 2));
    assert_eq!(run.tally.warnings["uncastable"], 4);
    let rejections = acme.store.list_rejections(&RejectionFilter::default(), Page::default()).await.unwrap();
    assert_eq!(rejections.items.len(), 1, "the same evidence is one rejection");
    assert_eq!(rejections.items[0].rejection.raw, "raw text");
}

#[tokio::test]
async fn a_page_of_another_tenant_or_of_a_deleted_connection_is_refused() {
    let test = TestStore::new().await;
    let acme = source(&test.store, &test.scope("acme").await, "crm").await;
    let globex = source(&test.store, &test.scope("globex").await, "crm").await;
    let origin = acme.origin();
    let foreign = globex.store.commit_page(page(globex.run, &origin, vec![event("a", 1, 0, "A")])).await;
    assert!(matches!(foreign, Err(Error::ForeignPage)));
    let unknown = aos_core::event::Origin { connection: super::common::unknown_connection(), ..acme.origin() };
    let unknown = acme.store.commit_page(page(acme.run, &unknown, vec![])).await;
    assert!(matches!(unknown, Err(Error::NotFound(_))));
    acme.store.delete_connection(acme.connection.id).await.unwrap();
    assert!(matches!(acme.commit(vec![event("a", 1, 0, "A")]).await, Err(Error::NotFound(_))));
}

#[tokio::test]
async fn what_was_committed_is_there_after_a_restart() {
    let test = TestStore::new().await;
    let scope = test.scope("acme").await;
    let acme = source(&test.store, &scope, "crm").await;
    acme.commit(vec![event("a", 1, 0, "A")]).await.unwrap();
    let run = acme.run;
    drop(acme);
    let test = test.reopened().await;
    assert_eq!(test.store.tenant(&scope).changes_since(0, 10).await.unwrap().len(), 1);
    let closed = test.store.system().close_interrupted().await.unwrap();
    let run = test.store.tenant(&scope).run(run).await.unwrap().unwrap();
    match crate::BACKEND {
        Backend::Sqlite => {
            assert_eq!((closed, run.outcome), (1, Some(aos_core::ledger::Outcome::Failed)));
            assert!(run.error.unwrap().contains("interrupted"));
        }
        // Another process may be at it, so it is nobody's to end.
        Backend::Postgres => assert_eq!((closed, run.outcome), (0, None)),
    }
}

/// What should hold, the slow way: every event in the order of arrival, compared one by one.
#[derive(Default)]
struct Model {
    held: HashMap<String, (i64, u32, bool, String)>,
}

impl Model {
    fn take(&mut self, event: &aos_core::event::CanonicalEvent) {
        let deleted = event.op == aos_core::event::Op::Delete;
        let new = (event.source_version, event.mapping_version, deleted, event.data.clone());
        let held = self.held.entry(event.record_id.to_string()).or_insert_with(|| new.clone());
        if (new.0, new.1) > (held.0, held.1) {
            *held = new;
        }
    }
}

/// One store for all cases of a property, each with a tenant of its own.
static SHARED: LazyLock<(Runtime, TestStore)> = LazyLock::new(|| {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let test = runtime.block_on(TestStore::new());
    (runtime, test)
});

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Versions are given so that equal versions have equal content, as a source that versions its records does.
    #[test]
    fn every_page_balances_and_the_newest_holds(
        pages in prop::collection::vec(prop::collection::vec((0u8..40, 1i64..6, 1u32..3, any::<bool>()), 0..90), 1..6)
    ) {
        let (runtime, test) = &*SHARED;
        runtime.block_on(async {
            let tenant = uuid::Uuid::new_v4().to_string();
            let mut acme = source(&test.store, &test.scope(&tenant).await, "crm").await;
            let mut model = Model::default();
            let mut read = 0;
            for (number, page) in pages.iter().enumerate() {
                acme.generation = number as i64 / 2 + 1;
                let events: Vec<_> = page.iter().enumerate().map(|(at, (record, version, mapping, _))| {
                    let mut event = event(&record.to_string(), at as u64 / 2, *version, &format!("{record}/{version}/{mapping}"));
                    event.mapping_version = *mapping;
                    if (i64::from(*record) + version) % 5 == 0 {
                        event.op = aos_core::event::Op::Delete;
                    }
                    event
                }).collect();
                events.iter().for_each(|event| model.take(event));
                let tally = acme.commit(events.clone()).await.unwrap();
                prop_assert!(tally.balanced());
                read += tally.read;
                // A replay at once is all duplicates.
                let again = acme.commit(events).await.unwrap();
                prop_assert_eq!((again.landed, again.duplicate), (0, tally.read));
            }
            let rows = acme.rows().await;
            prop_assert_eq!(rows.len(), model.held.len());
            for row in &rows {
                let held = &model.held[&row.record_id];
                prop_assert_eq!((row.source_version, row.mapping_version, row.deleted, &row.data), (held.0, held.1, held.2, &held.3));
            }
            let live = rows.iter().filter(|row| !row.deleted).count() as u64;
            let counted = acme.store.counts().await.unwrap().first().map_or(0, |count| count.rows);
            prop_assert_eq!(counted, live);
            let run = acme.store.run(acme.run).await.unwrap().unwrap();
            prop_assert_eq!(run.tally.read, 2 * read);
            prop_assert!(run.tally.balanced());
            Ok(())
        })?;
    }
}

#[tokio::test]
async fn two_writers_of_one_tenant_leave_no_gap_behind_a_reader() {
    let test = TestStore::new().await;
    let scope = test.scope("acme").await;
    let mut writers = Vec::new();
    for name in ["one", "two"] {
        let (store, scope) = (test.store.clone(), scope.clone());
        writers.push(tokio::spawn(async move {
            let source = source(&store, &scope, name).await;
            for n in 0..40 {
                source.commit((0..10).map(|m| event(&format!("{n}-{m}"), m, 0, "A")).collect()).await.unwrap();
            }
            source.connection.id
        }));
    }
    let reader = test.store.tenant(&scope);
    let (mut position, mut seen): (i64, HashMap<ConnectionId, usize>) = Default::default();
    let read_all = async |position: &mut i64, seen: &mut HashMap<ConnectionId, usize>| {
        for row in reader.changes_since(*position, 37).await.unwrap() {
            *position = row.position;
            *seen.entry(row.connection_id).or_default() += 1;
        }
    };
    while seen.values().sum::<usize>() < 800 && !writers.iter().all(|writer| writer.is_finished()) {
        read_all(&mut position, &mut seen).await;
    }
    for _ in 0..30 {
        read_all(&mut position, &mut seen).await;
    }
    for writer in writers {
        assert_eq!(seen[&writer.await.unwrap()], 400);
    }
}
