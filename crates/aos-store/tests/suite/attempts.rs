//! Runs belong to the attempt at a task that began them, and are ended when it is lost.

use super::common::{TestStore, new_connection};
use aos_core::ledger::Outcome;
use aos_core::task::{NewTask, TaskOutcome};
use aos_store::ConnectStatus;
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

const LEASE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn a_lost_attempt_leaves_no_run_open_and_takes_no_other_with_it() {
    let test = TestStore::new().await;
    let (scope, system) = (test.scope("acme").await, test.store.system());
    let acme = test.store.tenant(&scope);
    let connection = acme.create_connection(new_connection("crm")).await.unwrap().id;
    let of_nobody = acme.start_run(connection, "by hand").await.unwrap().id;
    acme.enqueue_task(NewTask { max_attempts: 2, ..NewTask::new("sync", json!({})) }).await.unwrap();

    let dead = system.register_worker("dead", 1, LEASE).await.unwrap();
    let first = system.claim_tasks(dead, 1).await.unwrap().pop().unwrap().fence;
    let first_store = test.store.tenant(&scope.clone().with_fence(first));
    let (left, left_connect) = (
        first_store.start_run(connection, "first").await.unwrap().id,
        first_store.start_connect_run(Uuid::now_v7(), &json!([])).await.unwrap().id,
    );

    test.clock.advance(chrono::Duration::seconds(600));
    assert_eq!(system.recover_orphans(10).await.unwrap(), 1);
    test.clock.advance(chrono::Duration::seconds(600));
    let next = system.register_worker("next", 1, LEASE).await.unwrap();
    let second = system.claim_tasks(next, 1).await.unwrap().pop().unwrap().fence;
    assert_eq!((second.task, second.attempt), (first.task, 2));
    let second_store = test.store.tenant(&scope.clone().with_fence(second));
    let own = second_store.start_run(connection, "second").await.unwrap().id;
    assert_eq!(second_store.close_abandoned_runs().await.unwrap(), 0, "they are ended already");

    let ended = acme.run(left).await.unwrap().unwrap();
    assert_eq!(ended.outcome, Some(Outcome::Failed));
    assert!(ended.error.unwrap().contains("interrupted"));
    assert_eq!(acme.connect_run(left_connect).await.unwrap().unwrap().status, ConnectStatus::Failed);
    for open in [own, of_nobody] {
        assert_eq!(acme.run(open).await.unwrap().unwrap().outcome, None);
    }
}

#[tokio::test]
async fn an_attempt_that_failed_before_it_ended_its_runs_leaves_none_open() {
    let test = TestStore::new().await;
    let (scope, system) = (test.scope("acme").await, test.store.system());
    let acme = test.store.tenant(&scope);
    let connection = acme.create_connection(new_connection("crm")).await.unwrap().id;
    acme.enqueue_task(NewTask::new("sync", json!({}))).await.unwrap();
    let worker = system.register_worker("out of touch", 1, LEASE).await.unwrap();
    let fence = system.claim_tasks(worker, 1).await.unwrap().pop().unwrap().fence;
    let store = test.store.tenant(&scope.clone().with_fence(fence));
    let run = store.start_run(connection, "only").await.unwrap().id;
    let connect = store.start_connect_run(Uuid::now_v7(), &json!([])).await.unwrap().id;

    let lost_touch = TaskOutcome::Failed { error: "out of touch".into(), retryable: true, retry_in: None };
    system.finish_tasks(&[(scope.tenant_id(), fence, lost_touch)]).await.unwrap();
    assert_eq!(acme.run(run).await.unwrap().unwrap().outcome, Some(Outcome::Failed));
    assert_eq!(acme.connect_run(connect).await.unwrap().unwrap().status, ConnectStatus::Failed);
}
