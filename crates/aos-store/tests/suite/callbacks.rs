//! Endpoints of callbacks, the secrets that sign them, and the Slack webhook.

use super::common::TestStore;
use aos_core::task::TaskId;
use aos_store::{CallbackResult, Page};
use chrono::TimeDelta;

const URL: &str = "https://example.com/hook";

#[tokio::test]
async fn an_endpoint_that_takes_nothing_for_days_is_disabled_once_and_told_why() {
    let test = TestStore::new().await;
    let acme = test.store.tenant(&test.scope("acme").await);
    let endpoint = acme.ensure_callback_endpoint(URL).await.unwrap();
    assert_eq!(acme.ensure_callback_endpoint(URL).await.unwrap().id, endpoint.id, "one per URL");
    let task = TaskId::new();
    for _ in 0..9 {
        assert!(!acme.record_callback(endpoint.id, task, CallbackResult::Failed("refused")).await.unwrap());
        test.clock.advance(TimeDelta::hours(12));
    }
    assert!(acme.record_callback(endpoint.id, task, CallbackResult::Failed("refused")).await.unwrap());
    assert!(
        !acme.record_callback(endpoint.id, task, CallbackResult::Failed("refused")).await.unwrap(),
        "it is already"
    );
    let known = acme.callback_endpoint(endpoint.id).await.unwrap().unwrap();
    assert_eq!((known.failures, known.last_error.as_deref()), (11, Some("refused")));
    assert_eq!(known.disabled_reason.as_deref(), Some("it took nothing for 4 days, in 10 attempts"));
    let audited = acme.list_audit(Page::first(100)).await.unwrap().items;
    assert_eq!(audited.iter().filter(|entry| entry.action == "callback_endpoint.disable").count(), 1);
    acme.enable_callback_endpoint(endpoint.id).await.unwrap();
    let known = acme.callback_endpoint(endpoint.id).await.unwrap().unwrap();
    assert_eq!((known.failures, known.failing_since, known.disabled_at), (0, None, None));
}

#[tokio::test]
async fn a_delivery_that_is_taken_ends_a_row_of_failures() {
    let test = TestStore::new().await;
    let acme = test.store.tenant(&test.scope("acme").await);
    let endpoint = acme.ensure_callback_endpoint(URL).await.unwrap();
    for _ in 0..30 {
        acme.record_callback(endpoint.id, TaskId::new(), CallbackResult::Failed("refused")).await.unwrap();
        test.clock.advance(TimeDelta::hours(12));
        acme.record_callback(endpoint.id, TaskId::new(), CallbackResult::Delivered).await.unwrap();
    }
    let known = acme.callback_endpoint(endpoint.id).await.unwrap().unwrap();
    assert_eq!((known.failures, known.disabled_at, known.last_error), (0, None, None));
}

#[tokio::test]
async fn the_first_secret_stays_and_the_one_before_the_newest_is_valid_for_a_day() {
    let test = TestStore::new().await;
    let acme = test.store.tenant(&test.scope("acme").await);
    let first = acme.ensure_callback_secrets(|| "first".into()).await.unwrap();
    assert_eq!(acme.ensure_callback_secrets(|| "other".into()).await.unwrap(), first);
    let now = || test.clock.now();
    let rotated = acme.rotate_callback_secret("second".into()).await.unwrap();
    assert_eq!(rotated.valid_at(now()), ["second", "first"]);
    test.clock.advance(TimeDelta::hours(25));
    assert_eq!(acme.ensure_callback_secrets(|| "other".into()).await.unwrap().valid_at(now()), ["second"]);
    assert!(!format!("{rotated:?}").contains("second"));
}

#[tokio::test]
async fn endpoints_secrets_and_webhooks_are_their_tenants_own() {
    let test = TestStore::new().await;
    let (acme, globex) = (test.scope("acme").await, test.scope("globex").await);
    let (acme, globex) = (test.store.tenant(&acme), test.store.tenant(&globex));
    let endpoint = acme.ensure_callback_endpoint(URL).await.unwrap();
    acme.ensure_callback_secrets(|| "first".into()).await.unwrap();
    acme.put_slack_webhook("https://hooks.example.com/secret").await.unwrap();
    assert!(globex.callback_endpoint(endpoint.id).await.unwrap().is_none());
    assert!(globex.list_callback_endpoints(Page::first(10)).await.unwrap().items.is_empty());
    assert!(globex.enable_callback_endpoint(endpoint.id).await.is_err());
    assert!(globex.record_callback(endpoint.id, TaskId::new(), CallbackResult::Gone("gone")).await.is_err());
    assert_eq!(globex.ensure_callback_secrets(|| "theirs".into()).await.unwrap().current, "theirs");
    assert!(globex.slack_webhook().await.unwrap().is_none());
    assert!(!globex.delete_slack_webhook().await.unwrap());
    assert!(acme.slack_webhook().await.unwrap().is_some_and(|webhook| !format!("{webhook:?}").contains("secret")));
}
