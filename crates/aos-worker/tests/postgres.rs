//! The worker's suite on PostgreSQL, and what only a database of its own process promises: the embedded one has a single writer, which a
//! blocked runtime may hold.

mod suite;

use aos_core::task::TaskState;
use aos_worker::WorkerOptions;
use serde_json::json;
use std::time::{Duration, Instant};
use suite::common::*;

const BACKEND: suite::common::Backend = suite::common::Backend::Postgres;

#[test]
fn a_handler_that_blocks_every_thread_does_not_cost_the_lease() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (floor, worker, id, seen) = runtime.block_on(async {
        let (floor, (registry, seen)) = (Floor::new().await, scripted());
        let id = floor.enqueue(retried(json!({ "block_ms": 6000 }), 3)).await;
        let worker = floor.start(WorkerOptions { lease: Duration::from_secs(2), ..options() }, registry);
        (floor, worker, id, seen)
    });
    // Somebody else looks for lost tasks meanwhile.
    let looking = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let store = looking.block_on(floor.beside());
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_millis(5500) {
        let recovered = looking.block_on(store.system().recover_orphans(10)).unwrap();
        assert_eq!(recovered, 0, "the lease holds");
        std::thread::sleep(Duration::from_millis(100));
    }
    let ended = runtime.block_on(floor.wait_end(id));
    assert_eq!((ended.state, ended.result, seen.attempts()), (TaskState::Success, Some(json!({ "attempt": 1 })), 1));
    runtime.block_on(worker.stop());
}
