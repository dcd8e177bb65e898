//! The audit trail is a chain that anyone can check, and that goes with what was done.

use super::common::{TestStore, event, new_connection, source};
use aos_core::TenantScope;
use aos_core::audit::{Head, Signer, Verified, verify};
use aos_store::{AuditFilter, Looked, Page, SignedAgain, Store};
use serde_json::json;
use std::borrow::Cow;
use std::time::Duration;

fn signer() -> Signer {
    Signer::of_seed(&[3; 32])
}

async fn export(store: &Store, scope: &TenantScope) -> Vec<String> {
    let (pieces, mut written) = tokio::sync::mpsc::channel(100);
    store.tenant(scope).export_audit(&signer(), pieces).await.unwrap();
    let mut text = String::new();
    while let Some(piece) = written.recv().await {
        text.push_str(&piece);
    }
    text.lines().map(str::to_owned).collect()
}

fn check(lines: &[String], earlier: Option<&Head>) -> Verified {
    verify(lines.iter().map(|line| Ok(Cow::Borrowed(line.as_str()))), Some(&signer().verifier()), earlier).unwrap()
}

#[tokio::test]
async fn what_is_exported_is_a_whole_chain_and_grows_from_its_earlier_heads() {
    let test = TestStore::new().await;
    let scope = test.scope("acme").await;
    let acme = source(&test.store, &scope, "crm").await;
    acme.commit(vec![event("a", 1, 0, r#"{"name":"Äcme","annual_revenue":12.5}"#)]).await.unwrap();
    let first = check(&export(&test.store, &scope).await, None);
    assert!(first.head.seq >= 3, "the tenant, the connection and the page: {first:?}");
    acme.store.put_setting("k", &json!(1e-9)).await.unwrap();
    let second = export(&test.store, &scope).await;
    let verified = check(&second, Some(&first.head));
    assert_eq!((verified.head.seq, verified.heads), (first.head.seq + 1, 2), "the head of before stands in it too");
}

#[tokio::test]
async fn what_is_changed_past_the_program_is_found() {
    for statement in [
        "UPDATE audit SET principal = 'user:someone' WHERE seq = 2",
        "UPDATE audit SET seq = 9 WHERE seq = 3",
        "DELETE FROM audit WHERE seq = 2",
        "DELETE FROM audit WHERE seq = 4",
    ] {
        let test = TestStore::new().await;
        let scope = test.scope("acme").await;
        let store = test.store.tenant(&scope);
        for name in ["a", "b", "c"] {
            store.create_connection(new_connection(name)).await.unwrap();
        }
        test.query(statement).await;
        let lines = export(&test.store, &scope).await;
        let found = verify(lines.iter().map(|line| Ok(Cow::Borrowed(line.as_str()))), None, None);
        assert!(found.is_err(), "{statement}: {found:?}");
    }
}

#[tokio::test]
async fn acts_at_the_same_moment_make_one_chain() {
    let test = TestStore::new().await;
    let scope = test.scope("acme").await;
    let other = test.opened_beside().await;
    let mut acts = tokio::task::JoinSet::new();
    for number in 0..24 {
        let (store, scope) = (if number % 2 == 0 { test.store.clone() } else { other.clone() }, scope.clone());
        acts.spawn(async move { store.tenant(&scope).put_setting(&format!("k{number}"), &json!(number)).await });
    }
    while let Some(done) = acts.join_next().await {
        done.unwrap().unwrap();
    }
    assert_eq!(check(&export(&test.store, &scope).await, None).head.seq, 25);
}

#[tokio::test]
async fn each_tenant_and_the_installation_have_chains_of_their_own() {
    let test = TestStore::new().await;
    let (acme, globex) = (test.scope("acme").await, test.scope("globex").await);
    test.store.tenant(&acme).put_setting("k", &json!(1)).await.unwrap();
    test.store.system().record_audit("access.denied", "address:203.0.113.7", json!({ "times": 3 })).await.unwrap();
    assert_eq!(check(&export(&test.store, &acme).await, None).head.seq, 2);
    assert_eq!(check(&export(&test.store, &globex).await, None).head.seq, 1);
    let (pieces, mut written) = tokio::sync::mpsc::channel(100);
    test.store.system().export_audit(&signer(), pieces).await.unwrap();
    let text = written.recv().await.unwrap();
    assert!(text.contains("203.0.113.7") && text.contains("\"nobody\""), "{text}");
}

#[tokio::test]
async fn the_trail_is_searched_by_what_one_knows() {
    let test = TestStore::new().await;
    let scope = test.scope("acme").await;
    let store = test.store.tenant(&scope);
    let connection = store.create_connection(new_connection("crm")).await.unwrap();
    aos_store::traced("order-7".to_owned(), store.put_setting("k", &json!(1))).await.unwrap();
    test.clock.advance(chrono::Duration::minutes(1));
    store.delete_connection(connection.id).await.unwrap();
    let actions = async |filter: AuditFilter| -> Vec<String> {
        let found = store.find_audit(&filter, Page::default()).await.unwrap().items;
        found.into_iter().map(|entry| entry.action).collect()
    };
    let of = |action: &str| AuditFilter { action: Some(action.into()), ..AuditFilter::default() };
    assert_eq!(actions(of("connection.")).await, ["connection.delete", "connection.create"]);
    assert_eq!(actions(of("connection.create")).await, ["connection.create"]);
    assert_eq!(actions(of("connection")).await, [""; 0]);
    let traced = AuditFilter { trace_id: Some("order-7".into()), ..AuditFilter::default() };
    assert_eq!(actions(traced).await, ["setting.put"]);
    let about = AuditFilter { resource: Some(connection.id.to_string()), ..AuditFilter::default() };
    assert_eq!(actions(about).await.len(), 2);
    let late = AuditFilter { since: Some(test.clock.now()), ..AuditFilter::default() };
    assert_eq!(actions(late).await, ["connection.delete"]);
    let early =
        AuditFilter { until: Some(test.clock.now()), principal: Some("local".into()), ..AuditFilter::default() };
    assert_eq!(actions(early).await, ["setting.put", "connection.create"]);
    let quiet =
        AuditFilter { without: Some("setting.put".into()), principal: Some("local".into()), ..AuditFilter::default() };
    assert_eq!(actions(quiet).await, ["connection.delete", "connection.create"]);
}

/// Signs every head that has grown at all.
async fn signed(test: &TestStore) -> Vec<Looked> {
    let when = SignedAgain { entries: 1, after: Duration::ZERO };
    test.store.system().sign_audit_heads(&signer(), when, 100).await.unwrap()
}

fn is_signed(looked: &Looked) -> bool {
    matches!(looked, Looked::Signed(_))
}

#[tokio::test]
async fn heads_are_signed_without_anybody_asking_and_stand_in_the_next_export() {
    let test = TestStore::new().await;
    let scope = test.scope("acme").await;
    let store = test.store.tenant(&scope);
    test.store.system().record_audit("access.denied", "address:203.0.113.7", json!({ "times": 3 })).await.unwrap();
    store.put_setting("k", &json!(1)).await.unwrap();
    let first = signed(&test).await;
    assert!(first.len() == 2 && first.iter().all(is_signed), "the tenant's and the installation's: {first:?}");
    assert_eq!(signed(&test).await, [], "nothing has been added since");
    store.put_setting("k", &json!(2)).await.unwrap();
    let seldom = SignedAgain { entries: 2, after: Duration::from_secs(600) };
    assert_eq!(test.store.system().sign_audit_heads(&signer(), seldom, 100).await.unwrap(), [], "it is too early");
    store.put_setting("k", &json!(3)).await.unwrap();
    assert_eq!(test.store.system().sign_audit_heads(&signer(), seldom, 100).await.unwrap().len(), 1);
    store.put_setting("k", &json!(4)).await.unwrap();
    test.clock.advance(chrono::Duration::minutes(11));
    assert_eq!(test.store.system().sign_audit_heads(&signer(), seldom, 100).await.unwrap().len(), 1);
    assert_eq!(check(&export(&test.store, &scope).await, None).heads, 3, "the newest one stands for the export too");
}

#[tokio::test]
async fn a_chain_that_was_touched_is_not_signed_again() {
    for statement in [
        "UPDATE audit SET principal = 'user:someone' WHERE seq = 3",
        "DELETE FROM audit WHERE seq = 4",
        "UPDATE audit_heads SET seq = seq + 1",
        "UPDATE audit_checkpoints SET link = (SELECT link FROM audit WHERE seq = 1)",
    ] {
        let test = TestStore::new().await;
        let scope = test.scope("acme").await;
        let store = test.store.tenant(&scope);
        store.put_setting("k", &json!(1)).await.unwrap();
        assert!(signed(&test).await.iter().all(is_signed));
        for number in 2..5 {
            store.put_setting("k", &json!(number)).await.unwrap();
        }
        test.query(statement).await;
        let looked = signed(&test).await;
        assert!(matches!(looked[..], [Looked::Broken { .. }]), "{statement}: {looked:?}");
        let lines = export(&test.store, &scope).await;
        let heads = lines.iter().filter(|line| line.starts_with("{\"head\"")).count();
        assert!(heads <= 2, "{statement}: the first one and the export's own");
    }
}
