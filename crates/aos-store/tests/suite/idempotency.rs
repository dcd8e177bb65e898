//! A request under a key: its effect and its answer stand together or not at all.

use super::common::{TestStore, new_connection};
use aos_core::TenantScope;
use aos_store::{Claimed, KeptAnswer, KeyedRequest, Page, RequestClaim, Store};
use serde_json::json;
use std::time::Duration;

const LEASE: Duration = Duration::from_secs(6);

fn request(asked: u8) -> KeyedRequest {
    KeyedRequest { route: "POST /connections".into(), key: "k".into(), asked: [asked; 32] }
}

fn answer(body: &str) -> KeptAnswer {
    KeptAnswer { status: 201, headers: "{}".into(), body: Some(body.as_bytes().to_vec()) }
}

async fn claim(store: &Store, scope: &TenantScope) -> RequestClaim {
    match store.tenant(scope).claim_request(request(1), LEASE).await.unwrap() {
        Claimed::Ours(claim) => claim,
        other => panic!("{other:?}"),
    }
}

async fn names(store: &Store, scope: &TenantScope) -> Vec<String> {
    let found = store.tenant(scope).list_connections(Page::default()).await.unwrap().items;
    found.into_iter().map(|connection| connection.name).collect()
}

#[tokio::test]
async fn effect_and_answer_are_committed_together() {
    let test = TestStore::new().await;
    let scope = test.scope("acme").await;
    let store = test.store.tenant(&scope);
    let ours = claim(&test.store, &scope).await;
    let (_, unit) = store
        .as_one(async {
            store.create_connection(new_connection("a")).await.unwrap();
            store.create_connection(new_connection("b")).await.unwrap();
            assert_eq!(names(&test.store, &scope).await, ["a", "b"], "the request sees what it has done");
        })
        .await;
    assert!(unit.has_written().await);
    let beside = test.opened_beside().await;
    assert_eq!(names(&beside, &scope).await, [""; 0], "nobody else does");
    assert!(store.answer_request(&ours, unit, &answer("made")).await.unwrap());
    assert_eq!(names(&beside, &scope).await, ["a", "b"]);
    let again = store.claim_request(request(1), LEASE).await.unwrap();
    assert!(matches!(again, Claimed::Answered(kept) if kept == answer("made")));
    assert!(matches!(store.claim_request(request(2), LEASE).await.unwrap(), Claimed::Mismatch));
}

#[tokio::test]
async fn a_request_that_is_given_up_leaves_nothing_and_frees_its_key() {
    let test = TestStore::new().await;
    let scope = test.scope("acme").await;
    let store = test.store.tenant(&scope);
    let ours = claim(&test.store, &scope).await;
    let entries = store.list_audit(Page::default()).await.unwrap().items.len();
    let (_, unit) = store.as_one(async { store.create_connection(new_connection("a")).await.unwrap() }).await;
    unit.give_up().await;
    assert_eq!(names(&test.store, &scope).await, [""; 0]);
    assert_eq!(store.list_audit(Page::default()).await.unwrap().items.len(), entries, "nor in the trail");
    assert!(matches!(store.claim_request(request(1), LEASE).await.unwrap(), Claimed::InFlight { .. }));
    store.release_request(&ours).await.unwrap();
    assert!(matches!(store.claim_request(request(1), LEASE).await.unwrap(), Claimed::Ours(_)));
}

#[tokio::test]
async fn a_part_that_fails_takes_nothing_along_that_was_kept_before_it() {
    let test = TestStore::new().await;
    let scope = test.scope("acme").await;
    let store = test.store.tenant(&scope);
    let ours = claim(&test.store, &scope).await;
    let (_, unit) = store
        .as_one(async {
            store.create_connection(new_connection("a")).await.unwrap();
            store.create_connection(new_connection("a")).await.unwrap_err();
            store.create_connection(new_connection("b")).await.unwrap();
            store.create_connection(new_connection("b")).await.unwrap_err();
        })
        .await;
    assert!(store.answer_request(&ours, unit, &answer("made")).await.unwrap());
    assert_eq!(names(&test.store, &scope).await, ["a", "b"]);
    let trail = store.list_audit(Page::default()).await.unwrap().items;
    assert_eq!(
        trail.iter().filter(|entry| entry.action == "connection.create").count(),
        2,
        "what failed did not happen"
    );
}

#[tokio::test]
async fn a_claim_whose_owner_fell_silent_passes_on_and_what_he_did_counts_no_more() {
    let test = TestStore::new().await;
    let scope = test.scope("acme").await;
    let store = test.store.tenant(&scope);
    let silent = claim(&test.store, &scope).await;
    assert!(matches!(store.claim_request(request(1), LEASE).await.unwrap(), Claimed::InFlight { .. }));
    test.clock.advance(chrono::Duration::seconds(5));
    store.renew_request(&silent, LEASE).await.unwrap();
    test.clock.advance(chrono::Duration::seconds(5));
    assert!(matches!(store.claim_request(request(1), LEASE).await.unwrap(), Claimed::InFlight { .. }));
    test.clock.advance(chrono::Duration::seconds(2));
    assert!(matches!(store.claim_request(request(2), LEASE).await.unwrap(), Claimed::Mismatch));
    let heir = claim(&test.store, &scope).await;
    let (_, unit) = store.as_one(async { store.create_connection(new_connection("twice")).await.unwrap() }).await;
    assert!(!store.answer_request(&silent, unit, &answer("too late")).await.unwrap());
    assert_eq!(names(&test.store, &scope).await, [""; 0]);
    let (_, unit) = store.as_one(async { store.create_connection(new_connection("once")).await.unwrap() }).await;
    assert!(store.answer_request(&heir, unit, &answer("once")).await.unwrap());
    store.release_request(&silent).await.unwrap();
    assert!(matches!(store.claim_request(request(1), LEASE).await.unwrap(), Claimed::Answered(_)));
    test.clock.advance(chrono::Duration::hours(25));
    assert!(matches!(store.claim_request(request(2), LEASE).await.unwrap(), Claimed::Ours(_)), "after a day it is new");
}

#[tokio::test]
async fn another_tenant_or_principal_has_keys_of_its_own() {
    let test = TestStore::new().await;
    let (acme, globex) = (test.scope("acme").await, test.scope("globex").await);
    claim(&test.store, &acme).await;
    claim(&test.store, &globex).await;
    let someone = super::common::establish_user(acme.tenant_id());
    claim(&test.store, &someone).await;
}

#[tokio::test]
async fn what_waits_for_the_commit_happens_only_then() {
    let test = TestStore::new().await;
    let scope = test.scope("acme").await;
    let store = test.store.tenant(&scope);
    let (told, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let work = async |name: &'static str| {
        store.put_setting(name, &json!(1)).await.unwrap();
        let (committed, ended) = (told.clone(), told.clone());
        aos_store::after_commit(async move { committed.send(("committed", name)).unwrap() }).await;
        aos_store::after_end(async move { ended.send(("ended", name)).unwrap() }).await;
    };
    let (_, unit) = store.as_one(work("given up")).await;
    assert!(heard.try_recv().is_err());
    unit.give_up().await;
    assert_eq!(heard.try_recv().unwrap(), ("ended", "given up"));
    let ours = claim(&test.store, &scope).await;
    let (_, unit) = store.as_one(work("kept")).await;
    assert!(heard.try_recv().is_err());
    store.answer_request(&ours, unit, &answer("")).await.unwrap();
    assert_eq!(heard.try_recv().unwrap(), ("committed", "kept"));
    assert_eq!(heard.try_recv().unwrap(), ("ended", "kept"));
    work("at once").await;
    assert_eq!(heard.try_recv().unwrap(), ("committed", "at once"));
    assert_eq!(store.setting("given up").await.unwrap(), None);
}

#[tokio::test]
async fn of_twenty_that_send_the_same_one_carries_it_out() {
    let test = TestStore::new().await;
    let scope = test.scope("acme").await;
    let mut claims = tokio::task::JoinSet::new();
    let beside = test.opened_beside().await;
    for number in 0..20 {
        let (store, scope) = (if number % 2 == 0 { test.store.clone() } else { beside.clone() }, scope.clone());
        claims.spawn(async move { store.tenant(&scope).claim_request(request(1), LEASE).await.unwrap() });
    }
    let mut ours = 0;
    while let Some(claimed) = claims.join_next().await {
        ours += u8::from(matches!(claimed.unwrap(), Claimed::Ours(_)));
    }
    assert_eq!(ours, 1);
}
