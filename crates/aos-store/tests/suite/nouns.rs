//! Connections, streams, mappings, runs and the smaller nouns, each at the tenant's door.

use super::common::{TestStore, delete, done, event, new_connection, rejection, source};
use aos_core::ledger::Outcome;
use aos_core::mapping::{EntityMapping, FieldRule, Origin, StreamMapping};
use aos_core::shape::StreamShape;
use aos_core::{Ontology, Role, UserId};
use aos_store::{ConnectStatus, Error, Head, Page, RejectionFilter, RunFilter, SegmentRow, Standing};
use serde_json::json;
use uuid::Uuid;

fn mapping(target: &str) -> StreamMapping {
    let rule = FieldRule {
        target: target.into(),
        sources: vec!["Id".into()],
        transforms: vec![],
        confidence: 0.9,
        evidence: vec!["name".into()],
        origin: Origin::Matched,
    };
    let entity = EntityMapping { entity: "account".into(), fields: vec![rule], pivot: None };
    StreamMapping { version: 0, stream: "Account".into(), entities: vec![entity] }
}

#[tokio::test]
async fn a_connections_name_is_taken_until_it_is_deleted() {
    let test = TestStore::new().await;
    let (acme, globex) = (test.scope("acme").await, test.scope("globex").await);
    let store = test.store.tenant(&acme);
    let created = store.create_connection(new_connection("crm")).await.unwrap();
    assert_eq!(store.find_connection("crm").await.unwrap().as_ref(), Some(&created));
    assert!(matches!(store.create_connection(new_connection("crm")).await, Err(Error::Conflict { .. })));
    test.store.tenant(&globex).create_connection(new_connection("crm")).await.unwrap();
    store.delete_connection(created.id).await.unwrap();
    assert_eq!(store.connection(created.id).await.unwrap(), None);
    assert!(matches!(store.delete_connection(created.id).await, Err(Error::NotFound(_))));
    store.create_connection(new_connection("crm")).await.unwrap();
}

#[tokio::test]
async fn a_deleted_connection_takes_along_what_came_from_it_and_nothing_else() {
    let test = TestStore::new().await;
    let scope = test.scope("acme").await;
    let (gone, stays) = (source(&test.store, &scope, "gone").await, source(&test.store, &scope, "stays").await);
    for (source, id) in [(&gone, 1), (&stays, 2)] {
        let path = format!("{id}.zst");
        let segment = SegmentRow {
            id: Uuid::from_u128(id),
            path,
            records: 1,
            malformed: 0,
            bytes: 1,
            raw_bytes: 100,
            checksum: "c".into(),
        };
        let commit = source.commit_with(vec![event("a", 1, 0, "A")], Some(&segment), |page| {
            page.read = 2;
            page.rejected_records = 1;
            page.rejections = vec![rejection(2, "x")];
            page.done = done("v", 1, 2);
        });
        commit.await.unwrap();
        source.store.save_mapping(source.connection.id, &mapping("name"), &json!({})).await.unwrap();
    }
    let head = stays.store.head().await.unwrap();
    assert_eq!(stays.store.delete_connection(gone.connection.id).await.unwrap().segment_paths, ["1.zst"]);
    assert_ne!(stays.store.head().await.unwrap().epoch, head.epoch, "followers are told to start again");

    let rows = stays.rows().await;
    assert_eq!(rows.iter().map(|row| row.connection_id).collect::<Vec<_>>(), [stays.connection.id]);
    assert_eq!(stays.store.list_events(0, 10, None).await.unwrap().len(), 1);
    assert_eq!(stays.store.counts().await.unwrap().len(), 1);
    assert_eq!(stays.store.list_all_streams().await.unwrap().len(), 1);
    assert_eq!(stays.store.list_active_mappings().await.unwrap().len(), 1);
    assert_eq!(stays.store.list_segments(gone.connection.id).await.unwrap(), []);
    let rejections = stays.store.list_rejections(&RejectionFilter::default(), Page::default()).await.unwrap();
    assert_eq!(rejections.items.len(), 1);
    assert!(stays.store.run(gone.run).await.unwrap().is_some(), "the ledger stays");
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repetition() {
    let test = TestStore::new().await;
    let scope = test.scope("acme").await;
    let store = test.store.tenant(&scope);
    for n in 0..7 {
        store.create_connection(new_connection(&format!("c{n}"))).await.unwrap();
    }
    let (mut names, mut page) = (Vec::new(), Page::first(3));
    loop {
        let got = store.list_connections(page).await.unwrap();
        assert!(got.items.len() <= 3);
        names.extend(got.items.into_iter().map(|connection| connection.name));
        let Some(cursor) = got.next_cursor else { break };
        page = Page::after(cursor, 3);
    }
    assert_eq!(names, ["c0", "c1", "c2", "c3", "c4", "c5", "c6"]);
    let exact = store.list_connections(Page::first(7)).await.unwrap();
    assert_eq!(exact.next_cursor, None, "a page that ends exactly has no next");
    for bad in ["", "%%%", "bm90LWFuLWlk", "/w"] {
        assert!(matches!(store.list_connections(Page::after(bad, 3)).await, Err(Error::BadCursor)), "{bad}");
    }
}

#[tokio::test]
async fn what_is_too_large_is_refused() {
    let test = TestStore::new().await;
    let scope = test.scope("acme").await;
    let store = test.store.tenant(&scope);
    let long = "x".repeat(300_000);
    assert!(matches!(store.create_connection(new_connection(&long)).await, Err(Error::TooLarge { .. })));
    assert!(matches!(store.put_setting("k", &json!("x".repeat(2 << 20))).await, Err(Error::TooLarge { .. })));
}

#[tokio::test]
async fn a_stream_keeps_its_shape_and_its_cursor_apart() {
    let test = TestStore::new().await;
    let acme = source(&test.store, &test.scope("acme").await, "crm").await;
    let shape = StreamShape::of_names("Account", ["Id", "Name"]);
    acme.store.save_stream_shape(acme.connection.id, &shape, &shape.fingerprint()).await.unwrap();
    acme.commit_with(vec![event("a", 1, 0, "A")], None, |page| page.done = done("v1", 4, 1)).await.unwrap();
    let wider = StreamShape::of_names("Account", ["Id", "Name", "City"]);
    acme.store.save_stream_shape(acme.connection.id, &wider, &wider.fingerprint()).await.unwrap();
    acme.store.set_stream_status(acme.connection.id, "Account", "throttled").await.unwrap();
    let streams = acme.store.list_streams(acme.connection.id).await.unwrap();
    assert_eq!(streams, acme.store.list_all_streams().await.unwrap());
    let stream = &streams[0];
    assert_eq!(stream.shape.as_ref(), Some(&wider));
    assert_eq!(stream.fingerprint, Some(wider.fingerprint()));
    assert_eq!((stream.version.as_deref(), stream.generation), (Some("v1"), 4));
    assert_eq!(stream.status_text, "throttled");
}

#[tokio::test]
async fn a_mapping_that_says_the_same_is_no_new_version() {
    let test = TestStore::new().await;
    let acme = source(&test.store, &test.scope("acme").await, "crm").await;
    let id = acme.connection.id;
    assert_eq!(acme.store.save_mapping(id, &mapping("name"), &json!({ "why": 1 })).await.unwrap(), 1);
    assert_eq!(acme.store.save_mapping(id, &mapping("name"), &json!({ "why": 2 })).await.unwrap(), 1);
    assert_eq!(acme.store.active_mapping(id, "Account").await.unwrap().unwrap().matched, json!({ "why": 2 }));
    assert_eq!(acme.store.save_mapping(id, &mapping("account_id"), &json!({})).await.unwrap(), 2);
    assert_eq!(acme.store.save_mapping(id, &mapping("name"), &json!({})).await.unwrap(), 3);
    let active = acme.store.list_active_mappings().await.unwrap();
    assert_eq!(active.len(), 1);
    assert_eq!(active[0].mapping, StreamMapping { version: 3, ..mapping("name") });
    let second = acme.store.mapping_at(id, "Account", 2).await.unwrap().unwrap();
    assert_eq!(second.mapping, StreamMapping { version: 2, ..mapping("account_id") });
}

#[tokio::test]
async fn runs_are_listed_newest_first_with_their_tallies() {
    let test = TestStore::new().await;
    let scope = test.scope("acme").await;
    let (mut one, two) = (source(&test.store, &scope, "one").await, source(&test.store, &scope, "two").await);
    one.commit(vec![event("a", 1, 0, "A")]).await.unwrap();
    one.store.finish_run(one.run, Outcome::Success, None).await.unwrap();
    one.store.finish_run(one.run, Outcome::Failed, Some("late")).await.unwrap();
    one.next_run().await;
    one.commit_with(vec![event("a", 1, 0, "A"), event("b", 2, 0, "B")], None, |page| {
        page.warnings = [("uncastable".to_owned(), 1)].into();
    })
    .await
    .unwrap();
    one.store.finish_run(one.run, Outcome::Partial, None).await.unwrap();

    let runs = one.store.list_runs(RunFilter::default(), Page::default()).await.unwrap().items;
    assert_eq!(runs.len(), 3);
    assert_eq!(runs[0].id, one.run);
    assert_eq!((runs[0].tally.read, runs[0].tally.landed, runs[0].tally.duplicate), (2, 1, 1));
    assert_eq!(runs[2].outcome, Some(Outcome::Success), "the first end stays");
    assert_eq!((runs[2].error.as_deref(), runs[2].tally.landed), (None, 1));
    let of_two = RunFilter { connection: Some(two.connection.id) };
    assert_eq!(one.store.list_runs(of_two, Page::default()).await.unwrap().items[0].id, two.run);

    let totals = one.store.run_totals().await.unwrap();
    assert_eq!((totals.runs, totals.outcomes["success"], totals.outcomes["partial"]), (3, 1, 1));
    assert_eq!((totals.tally.read, totals.tally.landed, totals.tally.duplicate), (3, 2, 1));
    assert_eq!(totals.tally.warnings["uncastable"], 1);
}

#[tokio::test]
async fn a_connect_run_tells_its_progress_and_its_end() {
    let test = TestStore::new().await;
    let scope = test.scope("acme").await;
    let store = test.store.tenant(&scope);
    assert_eq!(store.latest_connect_run().await.unwrap(), None);
    let run = store.start_connect_run(Uuid::now_v7(), &json!(["a"])).await.unwrap();
    store.update_connect_run(run.id, &json!(["a", "b"])).await.unwrap();
    assert_eq!(store.latest_connect_run().await.unwrap().unwrap().sources, json!(["a", "b"]));
    store.finish_connect_run(run.id, &json!([]), 17, Some("unreadable")).await.unwrap();
    let ended = store.connect_run(run.id).await.unwrap().unwrap();
    assert_eq!((ended.status, ended.elapsed_ms), (ConnectStatus::Failed, Some(17)));
    assert!(matches!(store.finish_connect_run(run.id, &json!([]), 1, None).await, Err(Error::NotFound(_))));
}

#[tokio::test]
async fn an_e_mail_address_registers_once_however_it_is_written() {
    let test = TestStore::new().await;
    let system = test.store.system();
    let (tenant, owner) = system.register("Acme", "Ann", "Ann@Acme.example", "hash").await.unwrap();
    assert!(matches!(system.register("Other", "Bob", " ann@acme.EXAMPLE ", "x").await, Err(Error::EmailTaken)));
    assert_eq!(system.list_tenants().await.unwrap(), std::slice::from_ref(&tenant), "no half tenant is left");
    let sign_in = system.find_sign_in("ANN@acme.example").await.unwrap().unwrap();
    assert_eq!((sign_in.tenant, sign_in.user, sign_in.role), (tenant.id, owner.id, Role::Owner));
    assert_eq!(sign_in.password_hash, "hash");
    assert!(!format!("{sign_in:?}").contains("hash"));
    assert!(system.find_sign_in("nobody@acme.example").await.unwrap().is_none());
    assert_eq!(system.find_tenant_by_name("Acme").await.unwrap(), Some(tenant.clone()));
    assert_eq!(system.ensure_tenant("Acme").await.unwrap(), tenant);
    let member = system.add_user(tenant.id, "Cy", "cy@acme.example", "h", Role::Member).await.unwrap();
    let scope = super::common::establish(tenant.id);
    assert_eq!(test.store.tenant(&scope).user(member.id).await.unwrap(), Some(member));
    assert_eq!(test.store.tenant(&scope).tenant().await.unwrap(), tenant);
    assert_eq!(test.store.tenant(&scope).user(UserId::new()).await.unwrap(), None);
}

#[tokio::test]
async fn settings_and_ontology_versions_are_kept() {
    let test = TestStore::new().await;
    let scope = test.scope("acme").await;
    let store = test.store.tenant(&scope);
    assert_eq!(store.setting("agents").await.unwrap(), None);
    store.put_setting("agents", &json!(["finops"])).await.unwrap();
    store.put_setting("agents", &json!(["revops"])).await.unwrap();
    assert_eq!(store.setting("agents").await.unwrap(), Some(json!(["revops"])));
    assert_eq!(store.save_ontology_extension(&json!({ "a": 1 })).await.unwrap(), 1);
    assert_eq!(store.save_ontology_extension(&json!({ "a": 1 })).await.unwrap(), 1);
    assert_eq!(store.save_ontology_extension(&json!({ "a": 2 })).await.unwrap(), 2);
    assert_eq!(store.ontology_extension().await.unwrap().unwrap().body, json!({ "a": 2 }));
    assert_eq!(store.ontology_extension_at(1).await.unwrap().unwrap().body, json!({ "a": 1 }));
}

#[tokio::test]
async fn where_a_tenant_stands_is_one_look_and_its_own() {
    let test = TestStore::new().await;
    let scopes = (test.scope("acme").await, test.scope("globex").await);
    let (acme, globex) = (source(&test.store, &scopes.0, "crm").await, source(&test.store, &scopes.1, "crm").await);
    let nothing = Standing { head: Head::default(), extension: 0 };
    assert_eq!(acme.store.standing().await.unwrap(), nothing);
    acme.commit(vec![event("A-1", 1, 0, "A")]).await.unwrap();
    acme.store.save_ontology_extension(&json!({ "a": 1 })).await.unwrap();
    acme.store.save_ontology_extension(&json!({ "a": 2 })).await.unwrap();
    let head = acme.store.head().await.unwrap();
    assert_ne!(head, Head::default());
    assert_eq!(acme.store.standing().await.unwrap(), Standing { head, extension: 2 });
    assert_eq!(globex.store.standing().await.unwrap(), nothing);
}

#[tokio::test]
async fn every_change_is_in_the_audit_trail() {
    let test = TestStore::new().await;
    let scope = test.scope("acme").await;
    let store = test.store.tenant(&scope);
    let connection = store.create_connection(new_connection("crm")).await.unwrap();
    store.update_connection_config(connection.id, &json!({})).await.unwrap();
    store.save_mapping(connection.id, &mapping("name"), &json!({})).await.unwrap();
    store.put_setting("k", &json!(1)).await.unwrap();
    store.delete_connection(connection.id).await.unwrap();
    store.create_connection(new_connection("x")).await.unwrap();
    store.create_connection(new_connection("x")).await.unwrap_err();
    let trail = store.list_audit(Page::default()).await.unwrap().items;
    let actions: Vec<_> = trail.iter().rev().map(|entry| entry.action.as_str()).collect();
    assert_eq!(
        actions,
        [
            "tenant.create",
            "connection.create",
            "connection.configure",
            "mapping.save",
            "setting.put",
            "connection.delete",
            "connection.create"
        ],
        "what failed did not happen"
    );
    assert!(trail.iter().all(|entry| entry.principal == "local" || entry.action == "tenant.create"));
}

#[tokio::test]
async fn rejections_are_found_by_what_they_are_about() {
    let test = TestStore::new().await;
    let acme = source(&test.store, &test.scope("acme").await, "crm").await;
    acme.commit_with(vec![], None, |page| {
        page.read = 700;
        page.rejected_records = 700;
        page.rejections = (0..700).map(|n| rejection(n, &"ä".repeat(20_000))).collect();
    })
    .await
    .unwrap();
    let found = acme.store.list_rejections(&RejectionFilter::default(), Page::first(1000)).await.unwrap();
    assert_eq!(found.items.len(), 700);
    assert!(found.items.iter().map(|item| item.rejection.position).eq(0..700), "in the order they were found");
    assert!(found.items[0].rejection.raw.len() <= 16 * 1024, "long evidence is cut");
    let none = RejectionFilter { stream: Some("Contact".into()), ..RejectionFilter::default() };
    assert_eq!(acme.store.list_rejections(&none, Page::default()).await.unwrap().items, []);
    let some = RejectionFilter {
        stream: Some("Account".into()),
        code: Some(aos_core::event::Code::MissingKey),
        run: Some(acme.run),
        connection: Some(acme.connection.id),
    };
    assert_eq!(acme.store.list_rejections(&some, Page::first(5)).await.unwrap().items.len(), 5);
}

#[tokio::test]
async fn the_typed_views_have_every_field_of_the_shipped_ontology() {
    let test = TestStore::new().await;
    let acme = source(&test.store, &test.scope("acme").await, "crm").await;
    acme.commit(vec![event("a", 1, 0, r#"{"name":"Acme","annual_revenue":12.5}"#), delete("b", 2, 0)]).await.unwrap();
    let views = [
        ("account", "accounts"),
        ("opportunity", "opportunities"),
        ("contact", "contacts"),
        ("ticket", "tickets"),
        ("aws_resource", "aws_resources"),
        ("cost_report", "cost_reports"),
        ("health", "health"),
        ("usage", "usage"),
    ];
    let ontology = Ontology::shipped();
    assert_eq!(ontology.entities.len(), views.len());
    for (entity, view) in views {
        let fields: Vec<_> = ontology.entities[entity].fields.keys().map(String::as_str).collect();
        let found = test.query(&format!("SELECT {} FROM materialized_{view}", fields.join(", "))).await;
        assert_eq!(found.len(), usize::from(entity == "account"), "{view}");
    }
    assert_eq!(test.query("SELECT name || annual_revenue FROM materialized_accounts").await, ["Acme12.5"]);
}
