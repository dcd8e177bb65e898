//! Leases: who loses them, who keeps them, and what becomes of the tasks.

use super::common::*;
use aos_core::task::TaskState;
use aos_worker::WorkerOptions;
use serde_json::json;
use std::time::{Duration, Instant};

#[tokio::test]
async fn a_task_of_a_worker_that_is_gone_is_begun_again_soon_after_its_lease() {
    let lease = Duration::from_secs(2);
    let (floor, (registry, _)) = (Floor::new().await, scripted());
    let id = floor.enqueue(retried(json!({}), 2)).await;
    floor.claim_and_vanish(lease).await;
    let begun = Instant::now();
    let _worker = floor.start(WorkerOptions { lease, ..options() }, registry);
    let ended = floor.wait_end(id).await;
    assert_eq!((ended.state, ended.result), (TaskState::Success, Some(json!({ "attempt": 2 }))));
    assert!(begun.elapsed() < lease + Duration::from_secs(10), "it took {:?}", begun.elapsed());
}

#[tokio::test]
async fn a_task_whose_last_attempt_was_lost_is_a_dead_letter() {
    let (floor, (registry, seen)) = (Floor::new().await, scripted());
    let id = floor.enqueue(task(json!({}))).await;
    floor.claim_and_vanish(Duration::from_secs(2)).await;
    let _worker = floor.start(short_lease(), registry);
    let ended = floor.wait_end(id).await;
    assert_eq!((ended.state, seen.attempts()), (TaskState::Failed, 0));
}

#[tokio::test]
async fn a_worker_that_cannot_renew_its_lease_stops_its_tasks_before_others_may_begin_them() {
    let lease = Duration::from_secs(4);
    let (floor, (registry, seen)) = (Floor::new().await, scripted());
    let _worker = floor.start(WorkerOptions { lease, ..options() }, registry);
    floor.enqueue(task(json!({ "sleep_ms": 60_000 }))).await;
    seen.wait_attempts(1).await;
    floor.cut_off().await;
    let cut = Instant::now();
    while seen.stopped() == 0 && cut.elapsed() < Duration::from_secs(10) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(seen.stopped(), 1);
    assert!(cut.elapsed() < lease, "it took {:?}", cut.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_workers_run_each_task_once() {
    const TASKS: usize = 600;
    let (floor, (registry, seen)) = (Floor::new().await, scripted());
    floor.tasks().enqueue_tasks(vec![task(json!({})); TASKS]).await.unwrap();
    let mut working = Vec::new();
    for _ in 0..3 {
        let worker = floor.worker_on(floor.beside().await, options(), registry.clone());
        working.push(tokio::spawn(worker.run_once(Default::default())));
    }
    let mut succeeded = 0;
    for worker in working {
        succeeded += in_time(worker).await.unwrap().unwrap().succeeded;
    }
    assert_eq!((succeeded, seen.attempts()), (TASKS as u64, TASKS as u32));
}
