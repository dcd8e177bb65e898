//! An attempt that no longer counts changes nothing.

use super::super::common::TestStore;
use super::*;
use aos_core::task::{LogLevel, LogLine};
use aos_store::{Error, Page};
use serde_json::json;

#[tokio::test]
async fn a_lost_attempt_can_neither_finish_nor_tell_nor_write() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let (slow, quick) = (Worker::new(&test.store).await, Worker::new(&test.store).await);
    let id = enqueue(&test, &acme, tried(3)).await;
    let lost = slow.claim_one().await;
    let fenced = acme.clone().with_fence(lost.fence);
    let lost_store = test.store.tenant(&fenced);
    lost_store.put_setting("by", &json!("first")).await.unwrap();

    test.clock.advance(chrono::Duration::seconds(31));
    test.store.system().renew_worker(quick.id, LEASE).await.unwrap();
    assert_eq!(test.store.system().recover_orphans(10).await.unwrap(), 1);
    // Whether somebody else has it by now or not.
    for _ in 0..2 {
        let line = LogLine { at: test.clock.now(), level: LogLevel::Info, message: "late".into() };
        assert!(
            matches!(lost_store.put_setting("by", &json!("late")).await, Err(Error::StaleAttempt(fence)) if fence == lost.fence)
        );
        assert!(matches!(lost_store.append_task_logs(lost.fence, &[line]).await, Err(Error::StaleAttempt(_))));
        assert!(matches!(lost_store.set_task_progress(lost.fence, 0.5, "late").await, Err(Error::StaleAttempt(_))));
        assert!(matches!(lost_store.enqueue_task(noop()).await, Err(Error::StaleAttempt(_))));
        assert_eq!(slow.finish(&lost, success()).await, Finish::Stale);
        assert_eq!(test.store.system().release_tasks(&[(lost.tenant, lost.fence)]).await.unwrap(), 0);
        if let Some(again) = quick.claim(1).await.pop() {
            assert_eq!(again.fence, Fence { task: id, attempt: 2 });
        }
    }
    assert_eq!(test.store.tenant(&acme).setting("by").await.unwrap(), Some(json!("first")));
    let task = read(&test, &acme, id).await;
    assert_eq!((task.state, task.progress, task.worker_id), (TaskState::InProgress, None, Some(quick.id)));
}

#[tokio::test]
async fn a_canceled_attempt_writes_nothing_more() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let worker = Worker::new(&test.store).await;
    let id = enqueue(&test, &acme, noop()).await;
    let claim = worker.claim_one().await;
    let fenced = acme.clone().with_fence(claim.fence);
    test.store.tenant(&acme).cancel_task(id).await.unwrap();
    assert!(matches!(test.store.tenant(&fenced).put_setting("k", &json!(1)).await, Err(Error::StaleAttempt(_))));
    assert_eq!(test.store.tenant(&acme).setting("k").await.unwrap(), None);
}

#[tokio::test]
async fn an_attempt_of_another_tenant_is_no_attempt_here() {
    let test = TestStore::new().await;
    let (acme, globex) = (test.scope("acme").await, test.scope("globex").await);
    let worker = Worker::new(&test.store).await;
    let id = enqueue(&test, &acme, noop()).await;
    let claim = worker.claim_one().await;
    let stranger = globex.clone().with_fence(claim.fence);
    assert!(matches!(test.store.tenant(&stranger).put_setting("k", &json!(1)).await, Err(Error::StaleAttempt(_))));
    let line = LogLine { at: test.clock.now(), level: LogLevel::Info, message: "theirs".into() };
    assert!(test.store.tenant(&globex).append_task_logs(claim.fence, &[line]).await.is_err());
    assert!(test.store.tenant(&globex).set_task_progress(claim.fence, 0.5, "theirs").await.is_err());
    assert_eq!(worker.finish_as(globex.tenant_id(), claim.fence, success()).await, Finish::Stale);
    assert_eq!(test.store.tenant(&globex).task(id).await.unwrap(), None);
    assert_eq!(test.store.tenant(&globex).task_logs(id, Page::default()).await.unwrap().items, []);
    assert_eq!(test.store.tenant(&globex).queue_stats().await.unwrap().running, 0);
    assert_eq!(state(&test, &acme, id).await, TaskState::InProgress);
}

#[tokio::test]
async fn the_same_outcome_given_twice_counts_once() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let worker = Worker::new(&test.store).await;
    enqueue(&test, &acme, NewTask { callback_url: Some("https://example.com".into()), ..noop() }).await;
    let claim = worker.claim_one().await;
    let outcome = (claim.tenant, claim.fence, success());
    let finished = test.store.system().finish_tasks(&[outcome.clone(), outcome.clone()]).await.unwrap();
    let finishes: Vec<_> = finished.iter().map(|task| task.finish).collect();
    assert_eq!(finishes, [Finish::Ended(TaskState::Success), Finish::Stale]);
    assert_eq!(worker.finish(&claim, success()).await, Finish::Stale);
    assert_eq!(worker.run_all().await, ["callback"]);
}

/// What a lost lease must never do: write between the check and the end of its transaction.
#[tokio::test]
async fn an_attempt_is_held_while_it_writes() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let worker = Worker::new(&test.store).await;
    let id = enqueue(&test, &acme, noop()).await;
    let claim = worker.claim_one().await;
    let fenced = acme.clone().with_fence(claim.fence);
    let writing = async {
        let mut written = 0;
        while test.store.tenant(&fenced).put_setting("count", &json!(written + 1)).await.is_ok() {
            written += 1;
        }
        written
    };
    let canceling = async {
        tokio::time::sleep(Duration::from_millis(30)).await;
        test.store.tenant(&acme).cancel_task(id).await.unwrap();
        test.store.tenant(&acme).setting("count").await.unwrap()
    };
    let (written, at_cancel) = tokio::join!(writing, canceling);
    assert_eq!(at_cancel, Some(json!(written)), "nothing was written once the cancel was answered");
}
