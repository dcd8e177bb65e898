//! Two tenants never see each other's rows, through any function of the tenant's door.

use super::common::{TestStore, done, event, rejection, source};
use aos_core::Role;
use aos_core::ledger::Outcome;
use aos_core::shape::StreamShape;
use aos_store::{
    NewApiKey, NewMember, NewSession, Page, Proof, RejectionFilter, Renewal, RunFilter, RunTotals, SegmentRow,
    SessionEnd,
};
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
    acme.store.save_stream_shape(id, &StreamShape::of_names("Account", ["Id"]), "f").await.unwrap();
    let mapping = aos_core::mapping::StreamMapping { version: 0, stream: "Account".into(), entities: vec![] };
    acme.store.save_mapping(id, &mapping, &json!({})).await.unwrap();
    acme.store.put_setting("k", &json!(1)).await.unwrap();
    acme.store.save_ontology_extension(&json!({})).await.unwrap();
    let until = test.clock.now() + Duration::hours(1);
    let new = NewSession { user: owner.id, method: "password", expires_at: until, refresh_digest: Some("r0") };
    let session = acme.store.begin_session(new).await.unwrap();
    let key = NewApiKey { name: "k", digest: "d", ending: "d", role: Role::Agent, scopes: None, expires_at: None };
    let key = acme.store.create_api_key(key).await.unwrap();
    let invitation = acme.store.create_invitation("cy@acme.example", Role::Member, "i0", until).await.unwrap();
    acme.store.create_password_reset(owner.id, "p0", until).await.unwrap();
    let reset = system.find_password_reset(tenant.id, "p0").await.unwrap().unwrap();
    let connect = acme.store.start_connect_run(Uuid::now_v7(), &json!([])).await.unwrap();

    let scope = super::common::establish(other.id);
    let stranger = test.store.tenant(&scope);
    assert_eq!(stranger.tenant().await.unwrap(), other);
    assert_eq!(stranger.user(owner.id).await.unwrap(), None);
    assert_eq!(stranger.session_standing(session).await.unwrap(), None);
    assert_eq!(stranger.list_sessions(owner.id).await.unwrap(), []);
    let grace = std::time::Duration::from_secs(1);
    assert_eq!(stranger.renew_session(session, "r0", "r1", grace).await.unwrap(), Renewal::Over);
    stranger.end_session(session, SessionEnd::Revoked).await.unwrap();
    assert!(stranger.end_session_of(owner.id, session).await.is_err());
    assert_eq!(stranger.api_key(key.id).await.unwrap(), None);
    assert_eq!(stranger.list_api_keys(Page::default()).await.unwrap().items, []);
    assert!(stranger.revoke_api_key(key.id).await.is_err());
    assert_eq!(stranger.list_invitations(Page::default()).await.unwrap().items, []);
    assert!(stranger.revoke_invitation(invitation.id).await.is_err());
    let new = NewMember { user: aos_core::UserId::new(), name: "Eve", proof: Proof::PasswordHash("h") };
    assert!(stranger.accept_invitation(invitation.id, new).await.is_err());
    assert!(stranger.list_members(Page::default()).await.unwrap().items.iter().all(|member| member.id != owner.id));
    assert!(stranger.change_member_role(owner.id, Role::Viewer).await.is_err());
    assert!(stranger.remove_member(owner.id).await.is_err());
    assert!(stranger.change_password(owner.id, "theirs", session).await.is_err());
    assert_eq!(system.find_refresh_token(other.id, "r0").await.unwrap(), None);
    assert_eq!(system.find_api_key(other.id, "d").await.unwrap(), None);
    assert_eq!(system.find_invitation(other.id, "i0").await.unwrap(), None);
    assert_eq!(system.password_hash(other.id, owner.id).await.unwrap(), None);
    assert!(stranger.create_password_reset(owner.id, "p1", until).await.is_err());
    assert!(stranger.use_password_reset(reset.id, "theirs").await.is_err());
    assert_eq!(system.find_password_reset(other.id, "p0").await.unwrap(), None);
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
    let trail = stranger.list_audit(Page::default()).await.unwrap().items;
    let actions: Vec<_> = trail.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["member.add", "tenant.create"], "their own registration");
    assert!(acme.commit_with(vec![event("b", 1, 0, "B")], None, |_| {}).await.is_ok());

    // And nothing of it changed under its owner.
    assert_eq!(acme.rows().await.len(), 2);
    assert!(!acme.store.session_standing(session).await.unwrap().unwrap().ended);
    assert!(acme.store.api_key(key.id).await.unwrap().unwrap().revoked_at.is_none());
    assert_eq!(system.password_hash(tenant.id, owner.id).await.unwrap().as_deref(), Some("hash"));
    assert_eq!(acme.store.connection(id).await.unwrap().unwrap(), acme.connection);
    assert_eq!(acme.store.run(acme.run).await.unwrap().unwrap().outcome, None);
    assert_eq!(acme.store.connect_run(connect.id).await.unwrap().unwrap(), connect);
    assert_eq!(acme.store.list_audit(Page::default()).await.unwrap().items.len(), 13);
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
