//! Two tenants never see each other's rows, through any function of the tenant's door.

use super::common::{TestStore, done, event, rejection, source};
use aos_core::ledger::Outcome;
use aos_core::shape::StreamShape;
use aos_store::{Page, RejectionFilter, RunFilter, RunTotals, SegmentRow};
use chrono::Duration;
use serde_json::json;
use uuid::Uuid;

#[tokio::test]
async fn a_stranger_sees_nothing_through_any_door() {
    let test = TestStore::new().await;
    let system = test.store.system();
    let (tenant, owner) = system.register("acme", "Ann", "ann@acme.example", "hash").await.unwrap();
    let (other, _) = system.register("globex", "Bob", "bob@globex.example", "hash").await.unwrap();
    let acme = source(&test.store, &super::common::establish(tenant.id), "crm").await;
    let segment = SegmentRow {
        id: Uuid::from_u128(7),
        path: "p".into(),
        records: 1,
        malformed: 0,
        bytes: 1,
        raw_bytes: 100,
        checksum: "c".into(),
    };
    acme.commit_with(vec![event("a", 1, 0, "A")], Some(&segment), |page| {
        page.read = 2;
        page.rejected_records = 1;
        page.rejections = vec![rejection(2, "x")];
        page.done = done("v", 1, 2);
    })
    .await
    .unwrap();
    let id = acme.connection.id;
    acme.store.save_stream_shape(id, &StreamShape::of_names("Account", ["Id"])).await.unwrap();
    let mapping = aos_core::mapping::StreamMapping { version: 0, stream: "Account".into(), entities: vec![] };
    acme.store.save_mapping(id, &mapping, &json!({})).await.unwrap();
    acme.store.put_setting("k", &json!(1)).await.unwrap();
    acme.store.save_ontology_extension(&json!({})).await.unwrap();
    acme.store.revoke_token("jti", test.clock.now() + Duration::hours(1)).await.unwrap();
    let connect = acme.store.start_connect_run(Uuid::now_v7(), &json!([])).await.unwrap();

    let scope = super::common::establish(other.id);
    let stranger = test.store.tenant(&scope);
    assert_eq!(stranger.tenant().await.unwrap(), other);
    assert_eq!(stranger.user(owner.id).await.unwrap(), None);
    assert!(!stranger.is_revoked("jti").await.unwrap());
    assert_eq!(stranger.list_connections(Page::default()).await.unwrap().items, []);
    assert_eq!(stranger.connection(id).await.unwrap(), None);
    assert_eq!(stranger.find_connection("crm").await.unwrap(), None);
    assert!(stranger.update_connection_config(id, &json!({})).await.is_err());
    assert!(stranger.delete_connection(id).await.is_err());
    assert_eq!(stranger.stream(id, "Account").await.unwrap(), None);
    assert_eq!(stranger.list_streams(id).await.unwrap(), []);
    assert_eq!(stranger.list_all_streams().await.unwrap(), []);
    assert_eq!(stranger.active_mapping(id, "Account").await.unwrap(), None);
    assert_eq!(stranger.mapping_at(id, "Account", 1).await.unwrap(), None);
    assert_eq!(stranger.list_active_mappings().await.unwrap(), []);
    assert!(stranger.start_run(id, "t").await.is_err());
    assert!(stranger.finish_run(acme.run, Outcome::Failed, None).await.is_err());
    assert_eq!(stranger.run(acme.run).await.unwrap(), None);
    assert_eq!(stranger.run_streams(acme.run).await.unwrap(), []);
    assert_eq!(stranger.list_runs(RunFilter::default(), Page::default()).await.unwrap().items, []);
    assert_eq!(stranger.list_runs(RunFilter { connection: Some(id) }, Page::default()).await.unwrap().items, []);
    assert_eq!(stranger.run_totals().await.unwrap(), RunTotals::default());
    assert_eq!(stranger.segment(segment.id).await.unwrap(), None);
    assert_eq!(stranger.list_segments(id).await.unwrap(), []);
    assert_eq!(stranger.changes_since(0, 100).await.unwrap(), []);
    assert_eq!(stranger.fragments("account", id, "a").await.unwrap(), []);
    assert_eq!(stranger.max_position().await.unwrap(), 0);
    assert_eq!(stranger.counts().await.unwrap(), []);
    assert_eq!(stranger.list_events(0, 100, None).await.unwrap(), []);
    assert_eq!(stranger.record_history("account", id, "a", 100).await.unwrap(), []);
    assert_eq!(stranger.list_rejections(&RejectionFilter::default(), Page::default()).await.unwrap().items, []);
    assert_eq!(stranger.setting("k").await.unwrap(), None);
    assert_eq!(stranger.ontology_extension().await.unwrap(), None);
    assert_eq!(stranger.ontology_extension_at(1).await.unwrap(), None);
    assert_eq!(stranger.connect_run(connect.id).await.unwrap(), None);
    assert_eq!(stranger.latest_connect_run().await.unwrap(), None);
    stranger.update_connect_run(connect.id, &json!(["theirs"])).await.unwrap();
    assert!(stranger.finish_connect_run(connect.id, &json!([]), 1, None).await.is_err());
    assert_eq!(stranger.list_audit(Page::default()).await.unwrap().items, []);
    assert!(acme.commit_with(vec![event("b", 1, 0, "B")], None, |_| {}).await.is_ok());

    // And nothing of it changed under its owner.
    assert_eq!(acme.rows().await.len(), 2);
    assert_eq!(acme.store.connection(id).await.unwrap().unwrap(), acme.connection);
    assert_eq!(acme.store.run(acme.run).await.unwrap().unwrap().outcome, None);
    assert_eq!(acme.store.connect_run(connect.id).await.unwrap().unwrap(), connect);
    assert_eq!(acme.store.list_audit(Page::default()).await.unwrap().items.len(), 5);
}

#[tokio::test]
async fn the_same_ids_in_two_tenants_are_two_records() {
    let test = TestStore::new().await;
    let acme = source(&test.store, &test.scope("acme").await, "crm").await;
    let globex = source(&test.store, &test.scope("globex").await, "crm").await;
    acme.commit(vec![event("a", 1, 0, "theirs")]).await.unwrap();
    globex.commit(vec![event("a", 1, 0, "ours")]).await.unwrap();
    assert_eq!(acme.held("a").await.as_deref(), Some("theirs"));
    assert_eq!(globex.held("a").await.as_deref(), Some("ours"));
    assert_eq!(acme.rows().await.len(), 1);
    assert_eq!(
        acme.store.max_position().await.unwrap(),
        globex.store.max_position().await.unwrap(),
        "each counts alone"
    );
}
