//! What the mesh keeps: places in reads, deletes that come and go, lateness, alerts, accounts.

use super::common::{TestStore, delete, done, event, page, source, tally};
use aos_core::ledger::Outcome;
use aos_store::{
    AlertKind, ConnectionChange, NewCheck, NewConnection, NewHeldRead, Page, PageCommit, RunStreamEnd, StreamDone,
    StreamReading,
};
use chrono::Duration;
use serde_json::json;

fn reading(cursor: serde_json::Value, generation: i64) -> StreamReading {
    StreamReading {
        cursor,
        mode: "full".into(),
        generation,
        mapping_version: 1,
        records: 1,
        newest_version: Some(7),
        started_at: chrono::DateTime::from_timestamp(1_700_000_000, 0).unwrap(),
    }
}

#[tokio::test]
async fn a_place_in_a_read_comes_with_its_page_and_goes_with_its_end() {
    let test = TestStore::new().await;
    let acme = source(&test.store, &test.scope("acme").await, "crm").await;
    let place = reading(json!({ "after": "2" }), 1);
    let origin = acme.origin();
    let first = PageCommit { reading: Some(&place), ..page(acme.run, &origin, vec![event("a", 1, 5, "{}")]) };
    acme.store.commit_page(first).await.unwrap();
    let state = acme.store.stream(acme.connection.id, "Account").await.unwrap().unwrap();
    assert_eq!(state.reading.as_ref(), Some(&place));
    assert_eq!((state.cursor, state.completed_at), (None, None));

    let end = StreamDone { cursor: Some(json!({ "since": "x" })), newest_version: Some(9), ..done("", 1, 2).unwrap() };
    acme.commit_with(vec![event("b", 1, 6, "{}")], None, |page| page.done = Some(end)).await.unwrap();
    let state = acme.store.stream(acme.connection.id, "Account").await.unwrap().unwrap();
    assert_eq!(state.reading, None);
    assert_eq!(state.cursor, Some(json!({ "since": "x" })));
    assert_eq!((state.newest_version, state.records_read), (Some(9), 2));
    assert!(state.completed_at.is_some() && state.whole_at.is_some());

    // A read of what is new keeps what the whole read counted, and the cursor when it brings none.
    let end = StreamDone { generation: 2, records_read: 1, ..StreamDone::default() };
    acme.commit_with(vec![event("c", 1, 10, "{}")], None, |page| page.done = Some(end)).await.unwrap();
    let state = acme.store.stream(acme.connection.id, "Account").await.unwrap().unwrap();
    assert_eq!((state.records_read, state.cursor), (2, Some(json!({ "since": "x" }))));
}

#[tokio::test]
async fn a_delete_of_unknown_time_is_about_what_is_held_and_the_same_record_can_come_back() {
    let test = TestStore::new().await;
    let mut acme = source(&test.store, &test.scope("acme").await, "crm").await;
    let record = || event("a", 1, 1_000, r#"{"name":"A"}"#);
    acme.commit_with(vec![record()], None, |page| page.done = done("", 1, 1)).await.unwrap();
    for generation in [2, 4] {
        acme.generation = generation;
        assert_eq!(acme.commit(vec![delete("a", 1, 0)]).await.unwrap(), tally(1, 1, 0));
        assert_eq!(acme.held("a").await.as_deref(), Some("deleted"));
        assert_eq!(acme.commit(vec![delete("a", 1, 0)]).await.unwrap(), tally(1, 0, 1), "once is enough");
        acme.generation = generation + 1;
        assert_eq!(acme.commit(vec![record()]).await.unwrap(), tally(1, 1, 0), "it is back, as it was");
        assert_eq!(acme.held("a").await.as_deref(), Some(r#"{"name":"A"}"#));
        assert_eq!(acme.commit(vec![record()]).await.unwrap(), tally(1, 0, 1));
    }
    // What is older than a delete of known time does not bring a record back.
    acme.generation = 6;
    acme.commit(vec![delete("a", 1, 2_000)]).await.unwrap();
    acme.commit(vec![record()]).await.unwrap();
    assert_eq!(acme.held("a").await.as_deref(), Some("deleted"));
}

#[tokio::test]
async fn live_rows_are_those_that_stood_at_a_position_and_are_not_deleted() {
    let test = TestStore::new().await;
    let mut acme = source(&test.store, &test.scope("acme").await, "crm").await;
    let records = ["a", "b", "c"].map(|id| event(id, id.as_bytes()[0].into(), 1, "{}")).to_vec();
    acme.commit_with(records, None, |page| page.done = done("", 1, 3)).await.unwrap();
    acme.generation = 2;
    acme.commit(vec![delete("b", 1, 0)]).await.unwrap();
    let head = acme.store.head().await.unwrap().position;
    acme.commit(vec![event("d", 1, 1, "{}")]).await.unwrap();
    let id = acme.connection.id;
    let fragments = acme.store.live_fragments(id, "Account").await.unwrap();
    assert_eq!(fragments, [("account".to_owned(), "Account".to_owned(), 3)]);
    assert!(acme.store.live_fragments(id, "Acc").await.unwrap().is_empty());
    let rows = acme.store.live_rows(id, ("account", "Account"), head, "", 10).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.record_id.as_str()).collect::<Vec<_>>(), ["a", "c"]);
    let rest = acme.store.live_rows(id, ("account", "Account"), head, "a", 10).await.unwrap();
    assert_eq!(rest.len(), 1);
}

#[tokio::test]
async fn what_became_visible_late_is_counted_with_how_late_it_was() {
    let test = TestStore::new().await;
    let mut acme = source(&test.store, &test.scope("acme").await, "crm").await;
    acme.commit_with(vec![event("a", 1, 1_000, "{}")], None, |page| page.done = done("", 1, 1)).await.unwrap();
    acme.generation = 2;
    acme.next_run().await;
    let page = vec![
        event("a", 1, 1_000, "{}"),
        event("late", 2, 400, "{}"),
        event("later", 3, 700, "{}"),
        event("new", 4, 2_000, "{}"),
        // Met already, and changed without a new time of change: not late.
        event("a", 5, 1_000, r#"{"name":"other"}"#),
    ];
    acme.commit_with(page, None, |page| page.newest_before = Some(1_000)).await.unwrap();
    let run = acme.store.run(acme.run).await.unwrap().unwrap();
    assert_eq!((run.streams[0].facts.late, run.streams[0].facts.lateness_us), (2, 600));
    let since = test.clock.now() - Duration::days(1);
    assert_eq!(acme.store.worst_lateness(acme.connection.id, "Account", since).await.unwrap(), 600);
    test.clock.advance(Duration::days(2));
    assert_eq!(acme.store.worst_lateness(acme.connection.id, "Account", test.clock.now()).await.unwrap(), 0);
}

#[tokio::test]
async fn the_end_of_a_streams_read_stands_beside_its_tally() {
    let test = TestStore::new().await;
    let acme = source(&test.store, &test.scope("acme").await, "crm").await;
    acme.commit_with(vec![event("a", 1, 1, "{}"), delete("b", 2, 1)], None, |page| page.requests = 3).await.unwrap();
    let end = RunStreamEnd {
        outcome: Outcome::Partial,
        problem: Some("the source says that it has 5".into()),
        problem_code: Some("count_mismatch".into()),
        source_count: Some(("exactly".into(), 5)),
    };
    acme.store.end_run_stream(acme.run, "Account", &end).await.unwrap();
    let resume = test.clock.now() + Duration::minutes(5);
    acme.store.finish_run_until(acme.run, Outcome::Throttled, Some("later"), Some(resume)).await.unwrap();
    let run = acme.store.run(acme.run).await.unwrap().unwrap();
    assert_eq!((run.outcome, run.resume_at), (Some(Outcome::Throttled), Some(resume)));
    let stream = &run.streams[0];
    assert_eq!((stream.facts.requests, stream.facts.deleted), (3, 1));
    assert_eq!((stream.tally.read, stream.end.as_ref()), (2, Some(&end)));
}

#[tokio::test]
async fn an_alert_is_raised_once_and_leaves_a_trace_when_it_is_cleared() {
    let test = TestStore::new().await;
    let acme = source(&test.store, &test.scope("acme").await, "crm").await;
    let (store, id) = (&acme.store, acme.connection.id);
    assert!(store.raise_alert(id, "Account", AlertKind::Stale, "old").await.unwrap());
    assert!(!store.raise_alert(id, "Account", AlertKind::Stale, "older").await.unwrap());
    let alerts = store.list_alerts(Some(id)).await.unwrap();
    assert_eq!((alerts.len(), alerts[0].message.as_str()), (1, "older"));
    assert!(store.clear_alert(id, "Account", AlertKind::Stale).await.unwrap());
    assert!(!store.clear_alert(id, "Account", AlertKind::Stale).await.unwrap());
    let kinds =
        |events: &[aos_store::ConnectionEvent]| events.iter().map(|event| event.kind.clone()).collect::<Vec<_>>();
    let events = store.list_connection_events(Some(id), Page::first(10)).await.unwrap();
    assert_eq!(kinds(&events.items), ["alert_cleared", "alert_raised"]);

    assert!(store.set_paused(id, Some("holidays")).await.unwrap());
    assert!(!store.set_paused(id, Some("holidays")).await.unwrap());
    assert_eq!(store.connection(id).await.unwrap().unwrap().paused.unwrap().reason, "holidays");
    assert!(store.set_paused(id, None).await.unwrap());
    let events = store.list_connection_events(None, Page::first(2)).await.unwrap();
    assert_eq!(kinds(&events.items), ["resumed", "paused"]);
    let other = test.store.tenant(&test.scope("globex").await);
    assert!(other.list_connection_events(None, Page::first(10)).await.unwrap().items.is_empty());
    assert!(other.set_paused(id, Some("not yours")).await.is_err());
}

#[tokio::test]
async fn a_stream_that_nobody_reads_goes_stale_once_and_a_paused_one_never() {
    let test = TestStore::new().await;
    let scope = test.scope("acme").await;
    let day = std::time::Duration::from_secs(86_400);
    let crm = source(&test.store, &scope, "crm").await;
    let paused = source(&test.store, &scope, "paused").await;
    let patient = source(&test.store, &scope, "patient").await;
    for source in [&crm, &paused, &patient] {
        source.commit_with(vec![event("a", 1, 1, "{}")], None, |page| page.done = done("", 1, 1)).await.unwrap();
    }
    paused.store.set_paused(paused.connection.id, Some("on purpose")).await.unwrap();
    let week = ConnectionChange { stale_after_us: Some(Some(7 * 86_400_000_000)), ..ConnectionChange::default() };
    patient.store.change_connection(patient.connection.id, &week).await.unwrap();
    assert_eq!(test.store.system().raise_stale_alerts(day).await.unwrap(), 0);
    test.clock.advance(Duration::days(2));
    assert_eq!(test.store.system().raise_stale_alerts(day).await.unwrap(), 1);
    assert_eq!(test.store.system().raise_stale_alerts(day).await.unwrap(), 0);
    let alerts = crm.store.list_alerts(None).await.unwrap();
    assert_eq!((alerts[0].connection_id, alerts[0].kind), (crm.connection.id, AlertKind::Stale));
    crm.store.confirm_streams(crm.connection.id, &["Account"]).await.unwrap();
    crm.store.clear_alert(crm.connection.id, "Account", AlertKind::Stale).await.unwrap();
    assert_eq!(test.store.system().raise_stale_alerts(day).await.unwrap(), 0);
}

#[tokio::test]
async fn a_connection_changes_its_name_only_to_one_that_is_free() {
    let test = TestStore::new().await;
    let scope = test.scope("acme").await;
    let crm = source(&test.store, &scope, "crm").await;
    source(&test.store, &scope, "erp").await;
    let named = |name: &str| ConnectionChange { name: Some(name.into()), ..ConnectionChange::default() };
    assert!(crm.store.change_connection(crm.connection.id, &named("erp")).await.is_err());
    let changed = crm.store.change_connection(crm.connection.id, &named("sales")).await.unwrap();
    assert_eq!((changed.name.as_str(), changed.config), ("sales", crm.connection.config.clone()));
}

#[tokio::test]
async fn the_latest_looks_at_a_source_are_kept() {
    let test = TestStore::new().await;
    let acme = source(&test.store, &test.scope("acme").await, "crm").await;
    for turn in 0..103 {
        let latency = std::time::Duration::from_millis(turn);
        let check = NewCheck { latency, code: (turn == 102).then_some("unauthorized"), message: "x".into() };
        acme.store.save_check(acme.connection.id, &check).await.unwrap();
    }
    let checks = acme.store.list_checks(acme.connection.id).await.unwrap();
    assert_eq!(checks.len(), 100);
    assert_eq!((checks[0].ok, checks[0].code.as_deref()), (false, Some("unauthorized")));
    assert!(checks[1].ok);
}

#[tokio::test]
async fn an_account_that_cannot_be_reached_is_left_alone_longer_each_time_until_it_answers() {
    let test = TestStore::new().await;
    let acme = source(&test.store, &test.scope("acme").await, "crm").await;
    let store = &acme.store;
    assert_eq!(store.account_failed("crm.example", "refused").await.unwrap(), None);
    assert_eq!(store.account_failed("crm.example", "refused").await.unwrap(), None);
    let first = store.account_failed("crm.example", "refused").await.unwrap().unwrap();
    let second = store.account_failed("crm.example", "refused").await.unwrap().unwrap();
    let now = test.clock.now();
    assert_eq!((first - now, second - now), (Duration::seconds(60), Duration::seconds(120)));
    assert_eq!(store.source_account("crm.example").await.unwrap().unwrap().closed_at(now), Some(second));
    assert!(store.account_reached("crm.example").await.unwrap());
    assert_eq!(store.source_account("crm.example").await.unwrap().unwrap().closed_at(now), None);

    let until = now + Duration::hours(1);
    store.pause_account("crm.example", until).await.unwrap();
    store.pause_account("crm.example", now + Duration::minutes(1)).await.unwrap();
    assert_eq!(store.source_account("crm.example").await.unwrap().unwrap().closed_at(now), Some(until));
    store.save_allowance("crm.example", 900, 1000).await.unwrap();
    assert_eq!(store.list_source_accounts().await.unwrap()[0].requests_left, Some(900));
    assert!(test.store.tenant(&test.scope("globex").await).list_source_accounts().await.unwrap().is_empty());
}

#[tokio::test]
async fn only_connections_to_files_that_want_it_are_watched_of_whatever_tenant() {
    let test = TestStore::new().await;
    let mut expected = Vec::new();
    for tenant in ["acme", "globex"] {
        let scope = test.scope(tenant).await;
        let store = test.store.tenant(&scope);
        for (name, connector, config) in [
            ("watched", "file", json!({ "path": "/exports", "watch": true })),
            ("paused", "file", json!({ "path": "/exports", "watch": true })),
            ("gone", "file", json!({ "path": "/exports", "watch": true })),
            ("unwatched", "file", json!({ "path": "/exports", "watch": false })),
            ("misleading", "file", json!({ "path": "/\"watch\":true" })),
            ("other", "zendesk", json!({ "watch": true })),
        ] {
            let new = NewConnection { name: name.into(), system: "crm".into(), connector: connector.into(), config };
            let id = store.create_connection(new).await.unwrap().id;
            match name {
                "watched" => expected.push((scope.tenant_id(), id)),
                "paused" => assert!(store.set_paused(id, Some("holidays")).await.unwrap()),
                "gone" => _ = store.delete_connection(id).await.unwrap(),
                _ => {}
            }
        }
    }
    expected.sort_by_key(|(tenant, id)| (tenant.0, id.0));
    let system = test.store.system();
    assert_eq!(system.watched_connections(None).await.unwrap(), expected);
    assert_eq!(system.watched_connections(Some(expected[0])).await.unwrap(), expected[1..]);
    assert!(system.watched_connections(Some(expected[1])).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_read_that_waits_is_confirmed_once_and_by_its_own_tenant_only() {
    let test = TestStore::new().await;
    let acme = source(&test.store, &test.scope("acme").await, "crm").await;
    let globex = test.store.tenant(&test.scope("globex").await);
    let (store, id) = (&acme.store, acme.connection.id);
    assert!(store.confirm_held_read(id).await.is_err(), "nothing waits");
    let held = NewHeldRead {
        run: acme.run,
        spent: 3,
        requests: Some(40),
        requests_max: 9,
        message: "about 40 requests".into(),
        request: json!({ "connection": "crm", "mode": "full" }),
    };
    store.hold_read(id, &held).await.unwrap();
    assert!(globex.held_read(id).await.unwrap().is_none() && globex.confirm_held_read(id).await.is_err());
    globex.hold_read(id, &held).await.unwrap();
    assert!(globex.list_held_reads().await.unwrap().is_empty(), "nobody holds what is not theirs");
    store.confirm_held_read(id).await.unwrap();
    assert!(store.confirm_held_read(id).await.is_err(), "once is enough");
    let shown = store.held_read(id).await.unwrap().unwrap();
    assert_eq!((shown.spent, shown.requests, shown.requests_max), (3, Some(40), 9));
    assert!(shown.confirmed.is_some() && shown.request == held.request);

    store.hold_read(id, &held).await.unwrap();
    assert!(store.held_read(id).await.unwrap().unwrap().confirmed.is_none(), "another read is asked about anew");
    store.release_read(id).await.unwrap();
    assert!(store.list_held_reads().await.unwrap().is_empty());
}

#[tokio::test]
async fn what_a_read_may_spend_is_kept_with_its_connection() {
    let test = TestStore::new().await;
    let crm = source(&test.store, &test.scope("acme").await, "crm").await;
    let (store, id) = (&crm.store, crm.connection.id);
    assert_eq!(store.connection(id).await.unwrap().unwrap().requests_max, None);
    let limit = ConnectionChange { requests_max: Some(Some(500)), ..ConnectionChange::default() };
    assert_eq!(store.change_connection(id, &limit).await.unwrap().requests_max, Some(500));
    let named = ConnectionChange { name: Some("sales".into()), ..ConnectionChange::default() };
    assert_eq!(store.change_connection(id, &named).await.unwrap().requests_max, Some(500), "what is left out stays");
}

#[tokio::test]
async fn live_places_are_where_the_rows_that_hold_came_from() {
    let test = TestStore::new().await;
    let mut acme = source(&test.store, &test.scope("acme").await, "crm").await;
    let records = vec![event("a", 1, 1, "{}"), event("b", 2, 1, "{}"), event("c", 3, 1, "{}")];
    acme.commit_with(records, None, |page| page.done = done("", 1, 3)).await.unwrap();
    acme.generation = 2;
    acme.commit(vec![delete("b", 1, 0)]).await.unwrap();
    acme.commit(vec![event("c", 7, 2, r#"{"name":"C"}"#)]).await.unwrap();
    let (entity, fragment, _) = acme.store.live_fragments(acme.connection.id, "Account").await.unwrap().remove(0);
    let places = acme.store.live_places(acme.connection.id, (&entity, &fragment), "", 10).await.unwrap();
    let places: Vec<(&str, u64)> = places.iter().map(|place| (place.record_id.as_str(), place.raw_position)).collect();
    assert_eq!(places, [("a", 1), ("c", 7)]);
    let rest = acme.store.live_places(acme.connection.id, (&entity, &fragment), "a", 10).await.unwrap();
    assert_eq!(rest.len(), 1);
}
