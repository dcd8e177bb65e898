//! Stopping: one task, or the whole worker.

use super::common::*;
use aos_core::kind::{WAKE, WAKE_CANCELED};
use aos_core::task::TaskState;
use aos_worker::WorkerOptions;
use serde_json::json;
use std::time::{Duration, Instant};

#[tokio::test]
async fn a_running_task_that_is_canceled_stops_at_once() {
    let (floor, (registry, seen)) = (Floor::new().await, scripted());
    let worker = floor.start(options(), registry);
    let id = floor.enqueue(task(json!({ "sleep_ms": 60_000, "write": "late" }))).await;
    seen.wait_attempts(1).await;
    let asked = Instant::now();
    floor.tasks().cancel_task(id).await.unwrap();
    floor.broker.system().wake(WAKE_CANCELED);
    let ended = floor.wait_end(id).await;
    assert_eq!((ended.state, seen.stopped()), (TaskState::Canceled, 1));
    assert!(asked.elapsed() < Duration::from_secs(15), "it took {:?}", asked.elapsed());
    assert_eq!(floor.tasks().setting("late").await.unwrap(), None);
    assert_eq!(worker.stop().await.canceled, 1);
}

#[tokio::test]
async fn a_cancel_is_heard_without_a_wake_up_too() {
    let (floor, (registry, _)) = (Floor::new().await, scripted());
    let _worker = floor.start(short_lease(), registry);
    let id = floor.enqueue(task(json!({ "sleep_ms": 60_000 }))).await;
    floor.wait_running(id).await;
    floor.tasks().cancel_task(id).await.unwrap();
    assert_eq!(floor.wait_end(id).await.state, TaskState::Canceled);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_canceled_attempt_still_writes_is_refused() {
    let (floor, (registry, seen)) = (Floor::new().await, scripted());
    let _worker = floor.start(options(), registry);
    // A handler on a thread that nobody can stop.
    let id = floor.enqueue(task(json!({ "block_ms": 1500, "write": "late" }))).await;
    seen.wait_attempts(1).await;
    floor.tasks().cancel_task(id).await.unwrap();
    floor.broker.system().wake(WAKE_CANCELED);
    assert_eq!(floor.wait_end(id).await.state, TaskState::Canceled);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(floor.tasks().setting("late").await.unwrap(), None);
    assert!(seen.told("write").is_none_or(|written| written.starts_with("Err")));
}

#[tokio::test]
async fn a_worker_that_is_told_to_stop_lets_running_tasks_end_and_takes_no_others() {
    let (floor, (registry, seen)) = (Floor::new().await, scripted());
    let worker = floor.start(WorkerOptions { slots: 1, ..options() }, registry);
    let first = floor.enqueue(task(json!({ "sleep_ms": 800 }))).await;
    seen.wait_attempts(1).await;
    let second = floor.enqueue(task(json!({}))).await;
    let summary = in_time(worker.stop()).await;
    assert_eq!((summary.succeeded, summary.released), (1, 0));
    assert_eq!(floor.task(first).await.state, TaskState::Success);
    assert_eq!((floor.task(second).await.state, seen.attempts()), (TaskState::Queued, 1));
}

#[tokio::test]
async fn what_does_not_end_in_time_is_given_back_without_counting_the_attempt() {
    let (floor, (registry, seen)) = (Floor::new().await, scripted());
    let worker = floor.start(WorkerOptions { drain_timeout: Duration::from_millis(200), ..options() }, registry);
    let id = floor.enqueue(task(json!({ "sleep_ms": 60_000 }))).await;
    seen.wait_attempts(1).await;
    let summary = in_time(worker.stop()).await;
    assert!(summary.released > 0 && seen.stopped() == 1, "{summary:?}");
    let task = floor.task(id).await;
    assert_eq!((task.state, task.attempts), (TaskState::Queued, 0));
    let (registry, _) = scripted();
    let _next = floor.start(options(), registry);
    assert_eq!(floor.wait_running(id).await.attempts, 1, "its only attempt is not used up");
}

#[tokio::test]
async fn a_worker_that_is_to_run_once_ends_when_nothing_is_left() {
    let (floor, (registry, _)) = (Floor::new().await, scripted());
    let ids = [floor.enqueue(task(json!({}))).await, floor.enqueue(task(json!({ "permanent": "no" }))).await];
    let later = aos_core::task::NewTask { start: aos_core::task::Start::AfterMs(3_600_000), ..task(json!({})) };
    let later = floor.enqueue(later).await;
    let summary = in_time(floor.worker(options(), registry).run_once(Default::default())).await.unwrap();
    assert_eq!((summary.succeeded, summary.failed), (1, 1));
    for id in ids {
        assert!(floor.task(id).await.state.has_ended());
    }
    assert_eq!(floor.task(later).await.state, TaskState::Queued);
}

#[tokio::test]
async fn a_woken_worker_takes_a_task_long_before_it_would_look_by_itself() {
    let (floor, (registry, _)) = (Floor::new().await, scripted());
    let _worker = floor.start(WorkerOptions { poll_interval: Duration::from_secs(600), ..options() }, registry);
    // Its first look is over by then.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let id = floor.tasks().enqueue_task(task(json!({}))).await.unwrap().task.id;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(floor.task(id).await.state, TaskState::Queued, "nobody was woken");
    floor.broker.system().wake(WAKE);
    floor.wait_end(id).await;
}

#[tokio::test]
async fn a_delayed_task_is_taken_when_its_time_comes_not_at_the_next_poll() {
    let (floor, (registry, _)) = (Floor::new().await, scripted());
    let _worker = floor.start(WorkerOptions { poll_interval: Duration::from_secs(20), ..options() }, registry);
    tokio::time::sleep(Duration::from_millis(200)).await;
    let soon = aos_core::task::NewTask { start: aos_core::task::Start::AfterMs(700), ..task(json!({})) };
    let id = floor.enqueue(soon).await;
    let begun = Instant::now();
    floor.wait_end(id).await;
    assert!(begun.elapsed() < Duration::from_secs(15), "it took {:?}", begun.elapsed());
}
