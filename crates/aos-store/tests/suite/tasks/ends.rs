//! How tasks end, what follows, and how they are taken up again.

use super::super::common::TestStore;
use super::*;
use aos_core::task::Backoff;
use aos_store::{Cancel, Error, Page, TaskFilter, TaskSettings};
use serde_json::json;

#[tokio::test]
async fn a_success_keeps_its_result() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let worker = Worker::new(&test.store).await;
    let id = enqueue(&test, &acme, noop()).await;
    test.clock.advance(chrono::Duration::seconds(1));
    let claim = worker.claim_one().await;
    test.clock.advance(chrono::Duration::seconds(2));
    assert_eq!(worker.finish(&claim, TaskOutcome::Success(json!([1, null]))).await, Finish::Ended(TaskState::Success));
    let task = read(&test, &acme, id).await;
    assert_eq!((task.state, task.result, task.error), (TaskState::Success, Some(json!([1, null])), None));
    assert_eq!((task.attempts, task.worker_id, task.run_at), (1, None, None));
    assert_eq!(task.finished_at.unwrap() - task.started_at.unwrap(), chrono::Duration::seconds(2));
    assert_eq!(worker.claim(10).await, []);
}

#[tokio::test]
async fn a_failure_is_tried_again_later_and_in_the_end_is_a_dead_letter() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let worker = Worker::new(&test.store).await;
    let backoff = Backoff { initial_ms: 60_000, factor: 2.0, max_ms: 60_000 };
    let id = enqueue(&test, &acme, NewTask { backoff, ..tried(2) }).await;
    let first = worker.claim_one().await;
    let fails = || TaskOutcome::Failed { error: "no".into(), retryable: true, retry_in: None };
    let Finish::Again { at } = worker.finish(&first, fails()).await else { panic!("it has another attempt") };
    assert!(at >= test.clock.now() && at <= test.clock.now() + chrono::Duration::minutes(1));
    assert_eq!(state(&test, &acme, id).await, TaskState::Queued);
    let log = test.store.tenant(&acme).task_logs(id, Page::default()).await.unwrap().items;
    assert!(log.len() == 1 && log[0].attempt == 1 && log[0].message.ends_with(": no"), "{log:?}");

    test.clock.advance(chrono::Duration::minutes(1));
    test.store.system().renew_worker(worker.id, LEASE).await.unwrap();
    let second = worker.claim_one().await;
    assert_eq!(second.fence.attempt, 2);
    assert_eq!(worker.finish(&second, fails()).await, Finish::Ended(TaskState::Failed));
    let task = read(&test, &acme, id).await;
    assert_eq!((task.state, task.error.as_deref(), task.attempts), (TaskState::Failed, Some("no"), 2));
}

#[tokio::test]
async fn a_failure_that_no_attempt_mends_ends_at_once() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let worker = Worker::new(&test.store).await;
    let id = enqueue(&test, &acme, tried(5)).await;
    let claim = worker.claim_one().await;
    assert_eq!(worker.finish(&claim, hopeless()).await, Finish::Ended(TaskState::Failed));
    assert_eq!(read(&test, &acme, id).await.attempts, 1);
}

#[tokio::test]
async fn a_result_that_is_too_large_is_a_failure_and_harms_no_other() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let worker = Worker::new(&test.store).await;
    let (large, small) = (enqueue(&test, &acme, noop()).await, enqueue(&test, &acme, noop()).await);
    let claims = worker.claim(2).await;
    let outcome = |claim: &Claim| match claim.fence.task == large {
        true => TaskOutcome::Success(json!("x".repeat(300_000))),
        false => success(),
    };
    let outcomes: Vec<_> = claims.iter().map(|claim| (claim.tenant, claim.fence, outcome(claim))).collect();
    test.store.system().finish_tasks(&outcomes).await.unwrap();
    assert!(read(&test, &acme, large).await.error.unwrap().contains("the limit is 262144"));
    assert_eq!(state(&test, &acme, small).await, TaskState::Success);
}

#[tokio::test]
async fn the_next_task_of_a_chain_comes_with_the_success_and_only_then() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let worker = Worker::new(&test.store).await;
    let next = |kind: &str, task: NewTask| NewTask {
        exclusive: Some("aoa".into()),
        on_success_next_task: Some(Box::new(task)),
        ..NewTask::new(kind, json!({}))
    };
    let last = NewTask { exclusive: Some("aoa".into()), ..NewTask::new("last", json!({})) };
    let first = enqueue(&test, &acme, next("first", next("second", last))).await;
    assert_eq!(worker.run_all().await, ["first", "second", "last"], "the right goes from one to the next");
    let task = read(&test, &acme, first).await;
    let second = read(&test, &acme, task.next_task_id.unwrap()).await;
    assert_eq!((second.kind.as_str(), second.parent_id, second.trace_id), ("second", Some(first), task.trace_id));

    let broken = enqueue(&test, &acme, next("first", noop())).await;
    let claim = worker.claim_one().await;
    worker.finish(&claim, hopeless()).await;
    assert_eq!(read(&test, &acme, broken).await.next_task_id, None);
    assert_eq!(worker.claim(1).await, []);
}

#[tokio::test]
async fn a_next_task_that_cannot_be_enqueued_is_told_in_the_log() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let worker = Worker::new(&test.store).await;
    let exclusive = NewTask { exclusive: Some("aoa".into()), ..noop() };
    let first =
        enqueue(&test, &acme, NewTask { on_success_next_task: Some(Box::new(exclusive.clone())), ..noop() }).await;
    let claim = worker.claim_one().await;
    let holder = enqueue(&test, &acme, exclusive).await;
    assert_eq!(worker.finish(&claim, success()).await, Finish::Ended(TaskState::Success));
    let log = test.store.tenant(&acme).task_logs(first, Page::default()).await.unwrap().items;
    assert!(log.len() == 1 && log[0].message.contains(&holder.to_string()), "{log:?}");
}

#[tokio::test]
async fn callback_and_message_are_enqueued_with_the_end_once() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let worker = Worker::new(&test.store).await;
    let store = test.store.tenant(&acme);
    let settings = TaskSettings { max_running: None, slack_on: vec![TaskState::Failed] };
    store.put_task_settings(&settings).await.unwrap();
    assert_eq!(store.task_settings().await.unwrap(), settings);
    let told = |max_attempts| NewTask { callback_url: Some("https://example.com".into()), ..tried(max_attempts) };
    let fine = enqueue(&test, &acme, told(1)).await;
    let claim = worker.claim_one().await;
    worker.finish(&claim, success()).await;
    let callback = worker.claim_one().await;
    assert_eq!((callback.kind.as_str(), callback.payload), ("callback", json!({ "task_id": fine, "attempt": 1 })));
    worker.finish_as(callback.tenant, callback.fence, success()).await;

    enqueue(&test, &acme, told(2)).await;
    let claim = worker.claim_one().await;
    worker.finish(&claim, failed()).await;
    let claim = worker.claim_one().await;
    assert_eq!(claim.kind, "noop", "a failed attempt is no end");
    worker.finish(&claim, failed()).await;
    let mut kinds: Vec<_> = worker.claim(10).await.into_iter().map(|claim| (claim.kind, claim.payload)).collect();
    kinds.sort_by(|left, right| left.0.cmp(&right.0));
    assert_eq!(kinds.iter().map(|(kind, _)| kind.as_str()).collect::<Vec<_>>(), ["callback", "slack"]);
    assert!(kinds[1].1["text"].as_str().unwrap().ends_with("failed: no"));

    let canceled = enqueue(&test, &acme, told(1)).await;
    store.cancel_task(canceled).await.unwrap();
    assert_eq!(worker.run_all().await, ["callback"]);
}

#[tokio::test]
async fn a_waiting_task_is_canceled_at_once_and_a_running_one_is_asked_to_stop() {
    let test = TestStore::new().await;
    let (acme, globex) = (test.scope("acme").await, test.scope("globex").await);
    let worker = Worker::new(&test.store).await;
    let store = test.store.tenant(&acme);
    let waiting = enqueue(&test, &acme, noop()).await;
    assert!(matches!(test.store.tenant(&globex).cancel_task(waiting).await, Err(Error::NotFound(_))));
    assert_eq!(store.cancel_task(waiting).await.unwrap(), Cancel::Canceled);
    assert_eq!(store.cancel_task(waiting).await.unwrap(), Cancel::Ended(TaskState::Canceled));
    assert_eq!(worker.claim(1).await, []);

    let running = enqueue(&test, &acme, tried(5)).await;
    let claim = worker.claim_one().await;
    assert_eq!(store.cancel_task(running).await.unwrap(), Cancel::Requested);
    assert!(read(&test, &acme, running).await.cancel_requested);
    let renewed = test.store.system().renew_worker(worker.id, LEASE).await.unwrap();
    assert_eq!((renewed.canceled, renewed.lost), (vec![(acme.tenant_id(), claim.fence)], false));
    assert_eq!(worker.finish(&claim, success()).await, Finish::Ended(TaskState::Canceled), "whatever it says");
    let task = read(&test, &acme, running).await;
    assert_eq!((task.state, task.result, task.error), (TaskState::Canceled, None, None));
}

#[tokio::test]
async fn a_dead_letter_is_replayed_with_all_its_attempts() {
    let test = TestStore::new().await;
    let (acme, globex) = (test.scope("acme").await, test.scope("globex").await);
    let worker = Worker::new(&test.store).await;
    let store = test.store.tenant(&acme);
    let id = enqueue(&test, &acme, NewTask { exclusive: Some("aoa".into()), ..tried(2) }).await;
    for _ in 0..2 {
        let claim = worker.claim_one().await;
        worker.finish(&claim, failed()).await;
    }
    assert!(matches!(test.store.tenant(&globex).replay_task(id).await, Err(Error::NotFound(_))));
    let holder = enqueue(&test, &acme, NewTask { exclusive: Some("aoa".into()), ..noop() }).await;
    assert!(matches!(store.replay_task(id).await, Err(Error::TaskActive { task, .. }) if task == holder));
    assert_eq!(state(&test, &acme, id).await, TaskState::Failed, "nothing was changed");
    store.cancel_task(holder).await.unwrap();

    store.replay_task(id).await.unwrap();
    assert!(matches!(
        store.replay_task(id).await,
        Err(Error::NotReplayable { state: TaskState::Queued } | Error::TaskActive { .. })
    ));
    let task = read(&test, &acme, id).await;
    assert_eq!((task.state, task.attempts, task.max_attempts, task.error), (TaskState::Queued, 0, 2, None));
    let claim = worker.claim_one().await;
    assert_eq!(claim.fence.attempt, 3, "numbers go on, so that an old attempt stays refused");
    assert_eq!(worker.finish_as(claim.tenant, Fence { task: id, attempt: 2 }, success()).await, Finish::Stale);
    worker.finish(&claim, failed()).await;
    let claim = worker.claim_one().await;
    assert_eq!(worker.finish(&claim, failed()).await, Finish::Ended(TaskState::Failed));
    assert_eq!(read(&test, &acme, id).await.attempts, 2);
}

#[tokio::test]
async fn dead_letters_are_replayed_in_bulk_oldest_first() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let worker = Worker::new(&test.store).await;
    let store = test.store.tenant(&acme);
    let mut ids = store.enqueue_tasks(noops(5)).await.unwrap();
    ids.push(enqueue(&test, &acme, NewTask::new("other", json!({}))).await);
    for claim in worker.claim(10).await {
        worker.finish(&claim, if claim.fence.task == ids[2] { success() } else { hopeless() }).await;
    }
    let noop_only = TaskFilter { kinds: vec!["noop".into()], ..TaskFilter::default() };
    assert_eq!(store.replay_tasks(&noop_only, 3).await.unwrap(), [ids[0], ids[1], ids[3]]);
    assert_eq!(store.replay_tasks(&noop_only, 100).await.unwrap(), [ids[4]]);
    assert_eq!(store.replay_tasks(&TaskFilter::default(), 100).await.unwrap(), [ids[5]]);
    let successes = TaskFilter { states: vec![TaskState::Success], ..TaskFilter::default() };
    assert_eq!(store.replay_tasks(&successes, 100).await.unwrap(), []);
    assert_eq!(worker.run_all().await.len(), 5);
    assert_eq!(store.queue_stats().await.unwrap().failed, 0);
}

#[tokio::test]
async fn ended_tasks_go_after_their_time_and_others_stay() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let store = test.store.tenant(&acme);
    // Ids carry the real time, so this test's clock starts there.
    test.clock.advance(chrono::DateTime::<chrono::Utc>::from(std::time::UNIX_EPOCH + real_time()) - test.clock.now());
    let old = store.enqueue_tasks(noops(3)).await.unwrap();
    let worker = Worker::new(&test.store).await;
    for claim in worker.claim(10).await {
        worker.finish(&claim, hopeless()).await;
    }
    let waiting = enqueue(&test, &acme, noop()).await;
    test.clock.advance(chrono::Duration::days(20));
    let days = |days: u64| Duration::from_secs(days * 24 * 60 * 60);
    assert_eq!(test.store.system().expire_tasks(days(30), 100).await.unwrap(), 0);
    assert_eq!(test.store.system().expire_tasks(days(10), 2).await.unwrap(), 2);
    assert_eq!(test.store.system().expire_tasks(days(10), 100).await.unwrap(), 1);
    assert_eq!(store.task(old[0]).await.unwrap(), None);
    assert_eq!(store.queue_stats().await.unwrap().failed, 0);
    assert_eq!(state(&test, &acme, waiting).await, TaskState::Queued);
}

#[allow(clippy::disallowed_methods)] // What the ids of tasks are made from.
fn real_time() -> Duration {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap()
}
