//! What lets connections in, and what is proposed: secrets beside their connection, grants changed from one version to the next, consents that
//! are good once, intents step by step.

use super::common::TestStore;
use aos_core::onboarding::IntentState;
use aos_core::task::TaskState;
use aos_core::vault::Secret;
use aos_core::{ConnectionId, UserId};
use aos_store::{
    AccessChange, ConnectionChange, Error, GrantChange, GrantState, GrantTokens, IntentFilter, IntentSample,
    IntentStep, NewAccess, NewConnection, NewConsent, NewIntent, Page, TaskFilter, TenantStore,
};
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;

fn new(name: &str) -> NewConnection {
    NewConnection { name: name.into(), system: "crm".into(), connector: "crm".into(), config: json!({}) }
}

async fn connection(store: &TenantStore<'_>, name: &str) -> ConnectionId {
    store.create_connection(new(name)).await.unwrap().id
}

fn change(access: &str, state: GrantState) -> GrantChange {
    GrantChange {
        state,
        expires_at: None,
        scopes: vec!["api".into()],
        api_base: Some("https://crm.example.com".into()),
        message: String::new(),
        tokens: GrantTokens { access: Some(Secret::new(access)), refresh: Some(Secret::new("refresh-4711")) },
    }
}

async fn access_token(store: &TenantStore<'_>, id: ConnectionId) -> String {
    let (_, tokens) = store.open_grant(id).await.unwrap().unwrap();
    tokens.access.unwrap().expose_text().unwrap().to_owned()
}

#[tokio::test]
async fn a_connections_secrets_come_and_go_with_it() {
    let test = TestStore::new().await;
    let (acme, globex) = (test.scope("acme").await, test.scope("globex").await);
    let (acme, globex) = (test.store.tenant(&acme), test.store.tenant(&globex));
    let access =
        NewAccess { secrets: BTreeMap::from([("token".into(), Secret::new("hush-1"))]), ..NewAccess::default() };
    let id = acme.create_connection_with(new("crm"), &access).await.unwrap().id;
    let opened =
        async || acme.connection_secret(id, "token").await.unwrap().map(|s| s.expose_text().unwrap().to_owned());
    assert_eq!(opened().await.as_deref(), Some("hush-1"));
    assert!(globex.connection_secret(id, "token").await.unwrap().is_none());
    let listed = acme.list_connection_secrets().await.unwrap();
    assert_eq!((listed.len(), listed[0].setting.as_str(), listed[0].changed_by.is_some()), (1, "token", true));

    let other = AccessChange {
        secrets: BTreeMap::from([
            ("token".into(), Some(Secret::new("hush-2"))),
            ("key".into(), Some(Secret::new("hush-3"))),
        ]),
        ..AccessChange::default()
    };
    acme.change_connection_with(id, &ConnectionChange::default(), &other).await.unwrap();
    assert_eq!(opened().await.as_deref(), Some("hush-2"));
    let fewer = AccessChange { secrets: BTreeMap::from([("key".into(), None)]), ..AccessChange::default() };
    acme.change_connection_with(id, &ConnectionChange::default(), &fewer).await.unwrap();
    assert_eq!(acme.list_connection_secrets().await.unwrap().len(), 1);

    let neighbour = acme.create_connection_with(new("erp"), &access).await.unwrap().id;
    acme.give_grant(id, &change("access-1", GrantState::Active)).await.unwrap();
    acme.delete_connection(id).await.unwrap();
    assert_eq!(opened().await, None);
    assert!(acme.grant(id).await.unwrap().is_none());
    assert!(acme.connection_secret(neighbour, "token").await.unwrap().is_some(), "another connection's stay");
    let audited = test.query("SELECT detail FROM audit").await.concat();
    assert!(!audited.contains("hush") && !audited.contains("access-1"), "{audited}");
}

#[tokio::test]
async fn a_grant_changes_from_the_version_that_was_read_and_one_failure_removes_nothing() {
    let test = TestStore::new().await;
    let scope = test.scope("acme").await;
    let store = test.store.tenant(&scope);
    let id = connection(&store, "crm").await;
    assert!(!store.replace_grant(id, 0, &change("nobody", GrantState::Active)).await.unwrap(), "nothing was given yet");
    store.give_grant(id, &change("access-1", GrantState::Active)).await.unwrap();
    assert!(store.replace_grant(id, 1, &change("access-2", GrantState::Active)).await.unwrap());
    assert!(!store.replace_grant(id, 1, &change("late", GrantState::Active)).await.unwrap(), "somebody was faster");
    assert_eq!(access_token(&store, id).await, "access-2");

    assert!(store.replace_grant(id, 2, &change("access-2", GrantState::Revoked)).await.unwrap());
    let (grant, tokens) = store.open_grant(id).await.unwrap().unwrap();
    assert_eq!((grant.state, grant.version, tokens.refresh.is_some()), (GrantState::Revoked, 3, true));
    store.give_grant(id, &change("access-3", GrantState::Active)).await.unwrap();
    assert_eq!(access_token(&store, id).await, "access-3");
    let foreign = test.scope("globex").await;
    assert!(test.store.tenant(&foreign).open_grant(id).await.unwrap().is_none());
    assert!(test.store.tenant(&foreign).give_grant(id, &change("x", GrantState::Active)).await.is_err());
}

#[tokio::test]
async fn one_process_at_a_time_has_the_right_to_renew_a_grant() {
    let test = TestStore::new().await;
    let beside = test.opened_beside().await;
    let scope = test.scope("acme").await;
    let (one, other) = (test.store.tenant(&scope), beside.tenant(&scope));
    let id = connection(&one, "crm").await;
    one.give_grant(id, &change("access-1", GrantState::Active)).await.unwrap();
    let (first, second) = tokio::join!(one.may_renew_grant(id, 1), other.may_renew_grant(id, 1));
    assert_eq!([first.unwrap(), second.unwrap()].into_iter().filter(|may| *may).count(), 1);
    test.clock.advance(chrono::Duration::seconds(46));
    assert!(other.may_renew_grant(id, 1).await.unwrap(), "the right of who died ends");
    assert!(other.replace_grant(id, 1, &change("access-2", GrantState::Active)).await.unwrap());
    assert!(
        !one.may_renew_grant(id, 1).await.unwrap(),
        "who has not seen the renewal renews nothing, and takes the right from nobody"
    );
    assert!(other.may_renew_grant(id, 2).await.unwrap(), "and with the renewal");
}

#[tokio::test]
async fn two_renewals_at_once_keep_one_pair_of_tokens() {
    let test = TestStore::new().await;
    let beside = test.opened_beside().await;
    let scope = test.scope("acme").await;
    let (one, other) = (test.store.tenant(&scope), beside.tenant(&scope));
    let id = connection(&one, "crm").await;
    one.give_grant(id, &change("access-0", GrantState::Active)).await.unwrap();
    for round in 1..=10 {
        let (a, b) =
            (change(&format!("a-{round}"), GrantState::Active), change(&format!("b-{round}"), GrantState::Active));
        let (first, second) = tokio::join!(one.replace_grant(id, round, &a), other.replace_grant(id, round, &b));
        let (first, second) = (first.unwrap(), second.unwrap());
        assert!(first != second, "round {round}: exactly one is kept");
        assert_eq!(access_token(&one, id).await, if first { format!("a-{round}") } else { format!("b-{round}") });
    }
}

async fn consent(test: &TestStore, store: &TenantStore<'_>, user: UserId, id: ConnectionId, digest: &str) {
    let (body, expires_at) = (Secret::new("verifier"), test.clock.now() + Duration::from_secs(900));
    store.begin_consent(NewConsent { digest, connection: id, user, body: &body, expires_at }).await.unwrap();
}

#[tokio::test]
async fn a_consent_is_taken_once_and_not_after_its_time() {
    let test = TestStore::new().await;
    let scope = test.scope("acme").await;
    let store = test.store.tenant(&scope);
    let id = connection(&store, "crm").await;
    let system = test.store.system();
    let tenant = scope.tenant_id();
    let user = system.add_user(tenant, "Ann", "ann@acme.test", "hash", aos_core::Role::Member).await.unwrap().id;
    consent(&test, &store, user, id, "one").await;
    consent(&test, &store, user, id, "two").await;
    let taken = system.take_consent(tenant, "one").await.unwrap().unwrap();
    assert_eq!((taken.connection, taken.known.user, taken.body.expose()), (id, user, &b"verifier"[..]));
    assert!(system.take_consent(tenant, "one").await.unwrap().is_none(), "it is good once");
    assert!(system.take_consent(test.scope("globex").await.tenant_id(), "two").await.unwrap().is_none());
    test.clock.advance(chrono::Duration::seconds(901));
    assert!(system.take_consent(tenant, "two").await.unwrap().is_none(), "it took too long");
    let left = store.list_secrets().await.unwrap();
    assert!(left.iter().all(|secret| secret.purpose != "consent"), "{left:?}");
}

fn intent(name: &str) -> NewIntent {
    NewIntent {
        name: name.into(),
        source_type: "salesforce".into(),
        namespace: "autonomy".into(),
        body: json!({ "name": name }),
    }
}

fn step(from: IntentState, to: IntentState) -> IntentStep<'static> {
    IntentStep { from, to, code: None, message: "it went on", detail: json!({}), samples: Vec::new() }
}

#[tokio::test]
async fn an_intent_goes_step_by_step_and_its_connection_is_read_once_it_is_promoted() {
    let test = TestStore::new().await;
    let scope = test.scope("acme").await;
    let store = test.store.tenant(&scope);
    let id = store.propose_intents(&[intent("crm")]).await.unwrap()[0].id;
    let tasks = TaskFilter { states: vec![TaskState::Queued], ..TaskFilter::default() };
    let tasks = store.list_tasks(&tasks, Page::default()).await.unwrap().items;
    assert_eq!((tasks.len(), tasks[0].kind.as_str()), (1, "onboard"), "the task that looks into it comes with it");

    let access = NewAccess { intent: Some(id), ..NewAccess::default() };
    let connection = store.create_connection_with(new("crm"), &access).await.unwrap();
    assert!(connection.safe_mode_at.is_some());
    assert!(matches!(store.start_run(connection.id, "t").await, Err(Error::SafeMode { .. })));
    let twice = store.create_connection_with(new("crm 2"), &access).await;
    assert!(matches!(twice, Err(Error::Conflict { .. })), "an intent has one connection");
    assert!(store.find_connection("crm 2").await.unwrap().is_none());

    use IntentState::{Checked, Discovered, Failed, Promoted, Proposed, Sampled};
    assert!(!store.step_intent(id, &step(Proposed, Promoted)).await.unwrap(), "no step is left out");
    assert!(!store.step_intent(id, &step(Checked, Discovered)).await.unwrap(), "it is not there yet");
    for (from, to) in [(Proposed, Checked), (Checked, Discovered)] {
        assert!(store.step_intent(id, &step(from, to)).await.unwrap());
    }
    let sample = IntentSample {
        stream: "Account".into(),
        entity: Some("account".into()),
        confidence: Some(0.9),
        records: json!([{ "Id": "1" }]),
    };
    let sampled = IntentStep { samples: vec![sample.clone()], ..step(Discovered, Sampled) };
    assert!(store.step_intent(id, &sampled).await.unwrap());
    assert_eq!(store.intent_samples(id).await.unwrap(), [sample]);
    let (first, second) = (step(Sampled, Promoted), step(Sampled, Failed));
    let (first, second) = tokio::join!(store.step_intent(id, &first), store.step_intent(id, &second));
    let (first, second) = (first.unwrap_or(false), second.unwrap_or(false));
    assert!(first != second, "two decisions at once: one holds");
    if !first {
        assert!(store.step_intent(id, &step(Failed, Proposed)).await.is_err(), "its task has not ended");
        return;
    }
    assert_eq!(store.intent_samples(id).await.unwrap(), [], "what was sampled went with the decision");
    assert!(store.start_run(connection.id, "t").await.is_ok());
    let steps: Vec<_> = store.intent_transitions(id).await.unwrap().into_iter().map(|step| step.to).collect();
    assert_eq!(steps, [Checked, Discovered, Sampled, Promoted]);
    let promoted = IntentFilter { state: Some(Promoted), namespace: Some("autonomy".into()) };
    assert_eq!(store.list_intents(&promoted, Page::default()).await.unwrap().items.len(), 1);
    let foreign = test.scope("globex").await;
    assert!(test.store.tenant(&foreign).intent(id).await.unwrap().is_none());
    assert!(test.store.tenant(&foreign).intent_transitions(id).await.unwrap().is_empty());
}
