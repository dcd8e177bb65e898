//! The worker's suite on PostgreSQL, and what only a database of its own process promises: the embedded one has a single writer, which a
//! blocked runtime may hold.

mod suite;

use aos_core::task::TaskState;
use aos_worker::WorkerOptions;
use serde_json::json;
use std::time::{Duration, Instant};
use suite::common::*;

/// Of the runtime that a worker has in these tests.
const THREADS: usize = 2;
const BACKEND: suite::common::Backend = suite::common::Backend::Postgres;

#[tokio::test]
async fn handlers_that_block_every_thread_do_not_cost_the_lease() {
    let (floor, (registry, seen)) = (Floor::new().await, scripted());
    let lease = Duration::from_secs(2);
    let options = WorkerOptions { lease, slots: THREADS, ..options() };
    let worker = floor.start(options, registry);
    let mut tasks = Vec::new();
    for _ in 0..THREADS {
        tasks.push(floor.enqueue(retried(json!({ "block_ms": 3 * lease.as_millis() as u64 }), 3)).await);
    }
    seen.wait_attempts(THREADS as u32).await;
    let begun = Instant::now();
    while begun.elapsed() < 2 * lease {
        assert_eq!(floor.store.system().recover_orphans(10).await.unwrap(), 0, "the lease holds");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    for id in tasks {
        let ended = floor.wait_end(id).await;
        assert_eq!((ended.state, ended.result), (TaskState::Success, Some(json!({ "attempt": 1 }))));
    }
    worker.stop().await;
}
