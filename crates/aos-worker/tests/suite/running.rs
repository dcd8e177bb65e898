//! Attempts, from claim to outcome.

use super::common::*;
use aos_broker::{Message, Topic};
use aos_core::task::{NewTask, TaskState};
use aos_store::Page;
use serde_json::json;

#[tokio::test]
async fn a_task_is_run_and_its_result_kept() {
    let (floor, (registry, seen)) = (Floor::new().await, scripted());
    let worker = floor.start(options(), registry);
    let id = floor.enqueue(task(json!({ "who": true }))).await;
    let ended = floor.wait_end(id).await;
    assert_eq!((ended.state, ended.result, ended.attempts), (TaskState::Success, Some(json!({ "attempt": 1 })), 1));
    assert_eq!(seen.told("who").as_deref(), Some("Local Owner"), "it acts for whoever enqueued it");
    assert_eq!(worker.stop().await.succeeded, 1);
}

#[tokio::test]
async fn a_failed_attempt_is_tried_again_until_it_succeeds() {
    let (floor, (registry, seen)) = (Floor::new().await, scripted());
    let _worker = floor.start(options(), registry);
    let id = floor.enqueue(retried(json!({ "fail_until": 2 }), 5)).await;
    let ended = floor.wait_end(id).await;
    assert_eq!((ended.state, ended.attempts, seen.attempts()), (TaskState::Success, 3, 3));
}

#[tokio::test]
async fn the_last_attempt_that_fails_makes_a_dead_letter_and_a_replay_gives_it_a_new_budget() {
    let (floor, (registry, seen)) = (Floor::new().await, scripted());
    let _worker = floor.start(options(), registry);
    let id = floor.enqueue(retried(json!({ "fail_until": 3 }), 2)).await;
    let ended = floor.wait_end(id).await;
    assert_eq!((ended.state, ended.attempts), (TaskState::Failed, 2));
    assert_eq!(ended.error.as_deref(), Some("attempt 2 does not want to"));
    floor.tasks().replay_task(id).await.unwrap();
    let ended = floor.wait(id, |task| task.state == TaskState::Success).await;
    assert_eq!((ended.result, seen.attempts()), (Some(json!({ "attempt": 4 })), 4));
}

#[tokio::test]
async fn a_permanent_failure_is_not_tried_again() {
    let (floor, (registry, seen)) = (Floor::new().await, scripted());
    let _worker = floor.start(options(), registry);
    let id = floor.enqueue(retried(json!({ "permanent": "the door is locked; bring the key" }), 5)).await;
    let ended = floor.wait_end(id).await;
    assert_eq!((ended.state, seen.attempts()), (TaskState::Failed, 1));
    assert_eq!(ended.error.as_deref(), Some("the door is locked; bring the key"));
}

#[tokio::test]
async fn a_panic_is_a_failure_with_its_words_and_the_worker_goes_on() {
    let (floor, (registry, _)) = (Floor::new().await, scripted());
    let _worker = floor.start(options(), registry);
    let id = floor.enqueue(task(json!({ "panic": "cannot divide by zero" }))).await;
    let ended = floor.wait_end(id).await;
    assert_eq!(ended.error.as_deref(), Some("the handler panicked: cannot divide by zero"));
    let next = floor.enqueue(task(json!({}))).await;
    assert_eq!(floor.wait_end(next).await.state, TaskState::Success);
}

#[tokio::test]
async fn an_attempt_that_takes_too_long_is_stopped() {
    let (floor, (registry, seen)) = (Floor::new().await, scripted());
    let _worker = floor.start(options(), registry);
    let slow = NewTask { timeout_ms: Some(200), ..task(json!({ "sleep_ms": 60_000 })) };
    let id = floor.enqueue(slow).await;
    let ended = floor.wait_end(id).await;
    assert_eq!((ended.state, seen.stopped()), (TaskState::Failed, 1));
    assert!(ended.error.unwrap().contains("longer than 0.2 s"));
}

#[tokio::test]
async fn an_unknown_kind_and_a_payload_that_does_not_fit_fail_with_what_to_do() {
    let floor = Floor::new().await;
    let _worker = floor.start(options(), scripted().0);
    let id = floor.enqueue(NewTask::new("from_the_future", json!({}))).await;
    let error = floor.wait_end(id).await.error.unwrap();
    assert!(error.contains("`from_the_future`") && error.contains("scripted") && error.contains("replay"), "{error}");
}

#[tokio::test]
async fn progress_and_log_lines_are_kept_up_to_the_last_word() {
    let (floor, (registry, _)) = (Floor::new().await, scripted());
    let _worker = floor.start(options(), registry);
    let id = floor.enqueue(task(json!({ "log": "reading", "progress": 0.25, "sleep_ms": 5000 }))).await;
    let running = floor.wait(id, |task| task.progress.is_some()).await;
    assert_eq!(
        running.progress.map(|progress| (progress.fraction, progress.message)),
        Some((0.25, "on the way".into()))
    );
    let quick = floor.enqueue(task(json!({ "log": "said and gone" }))).await;
    floor.wait_end(quick).await;
    for (id, said) in [(id, "reading"), (quick, "said and gone")] {
        let logs = floor.tasks().task_logs(id, Page::first(10)).await.unwrap().items;
        assert_eq!(logs.iter().map(|line| line.message.as_str()).collect::<Vec<_>>(), [said]);
    }
}

#[tokio::test]
async fn a_result_that_is_too_large_is_a_failure_that_says_so() {
    let (floor, (registry, _)) = (Floor::new().await, scripted());
    let _worker = floor.start(options(), registry);
    let id = floor.enqueue(task(json!({ "result_bytes": 300_000 }))).await;
    let ended = floor.wait_end(id).await;
    assert_eq!(ended.state, TaskState::Failed);
    assert!(ended.error.unwrap().contains("result"), "it is named");
}

#[tokio::test]
async fn thousands_of_short_tasks_are_each_run_once() {
    const TASKS: usize = 3000;
    let (floor, (registry, seen)) = (Floor::new().await, scripted());
    floor.tasks().enqueue_tasks(vec![task(json!({})); TASKS]).await.unwrap();
    let summary = in_time(floor.worker(options(), registry).run_once(Default::default())).await.unwrap();
    assert_eq!((summary.succeeded, summary.refused), (TASKS as u64, 0));
    assert_eq!(seen.attempts(), TASKS as u32);
}

#[tokio::test]
async fn a_chain_goes_on_by_itself() {
    let (floor, (registry, seen)) = (Floor::new().await, scripted());
    let _worker = floor.start(options(), registry);
    let next = NewTask { on_success_next_task: Some(Box::new(task(json!({})))), ..task(json!({})) };
    let id = floor.enqueue(NewTask { on_success_next_task: Some(Box::new(next)), ..task(json!({})) }).await;
    let first = floor.wait(id, |task| task.next_task_id.is_some()).await;
    let second = floor.wait(first.next_task_id.unwrap(), |task| task.next_task_id.is_some()).await;
    let third = floor.wait_end(second.next_task_id.unwrap()).await;
    assert_eq!((third.state, seen.attempts()), (TaskState::Success, 3));
}

#[tokio::test]
async fn what_happens_to_tasks_is_told_to_their_tenant_and_nobody_else() {
    let (floor, (registry, _)) = (Floor::new().await, scripted());
    let other = floor.other_tenant("globex").await;
    let mut heard = floor.broker.tenant(&floor.scope).subscribe(None).await;
    let mut overheard = floor.broker.tenant(&other).subscribe(None).await;
    let _worker = floor.start(options(), registry);
    let id = floor.enqueue(task(json!({ "sleep_ms": 300 }))).await;
    let mut states = Vec::new();
    while states.last().map(String::as_str) != Some("success") {
        let Message::Event(event) = in_time(heard.next()).await else { panic!("nothing is missed") };
        assert_eq!(event.topic, Topic::TaskChanged);
        let told: serde_json::Value = serde_json::from_str(event.payload.get()).unwrap();
        assert_eq!(told["tasks"][0]["id"], json!(id));
        states.push(told["tasks"][0]["state"].as_str().unwrap().to_owned());
    }
    assert_eq!(states, ["in_progress", "success"]);
    assert!(overheard.try_next().is_none());
}

#[tokio::test]
async fn that_a_task_has_logged_something_is_told_once_it_can_be_read() {
    let (floor, (registry, _)) = (Floor::new().await, scripted());
    let mut heard = floor.broker.tenant(&floor.scope).subscribe(None).await;
    let _worker = floor.start(options(), registry);
    let id = floor.enqueue(task(json!({ "log": "reading", "sleep_ms": 5000 }))).await;
    let mut told = async || {
        let Message::Event(event) = in_time(heard.next()).await else { panic!("nothing is missed") };
        serde_json::from_str::<serde_json::Value>(event.payload.get()).unwrap()["tasks"][0].clone()
    };
    let (begun, logged) = (told().await, told().await);
    assert_eq!((&begun["state"], &begun["id"]), (&json!("in_progress"), &json!(id)));
    assert_eq!((&logged["state"], &logged["id"]), (&json!("in_progress"), &json!(id)));
    let lines = floor.tasks().task_logs(id, Page::first(10)).await.unwrap().items;
    assert_eq!(lines.iter().map(|line| line.message.as_str()).collect::<Vec<_>>(), ["reading"]);
}
