//! Whatever workers, tenants and chores do, and in whatever order: each task ends once, attempts and limits hold, a lost attempt changes
//! nothing, and a right has one holder.

use super::super::common::TestStore;
use super::world::{CAP, World, step};
use super::*;
use aos_store::ClaimOptions;
use proptest::collection::vec;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_in_whatever_order_each_task_ends_once(steps in vec(step(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut world = World::new().await;
            for step in steps {
                world.take(step).await;
            }
            let written = world.test.query("SELECT CAST(COUNT(*) AS TEXT) FROM audit WHERE action = 'test.write'").await;
            assert_eq!(written, [world.written.to_string()]);
            world.test.store.close().await;
        });
    }
}

/// The same without an order: workers, a canceling tenant and the chores all at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn workers_at_once_run_each_task_once_and_no_tenant_above_its_limit() {
    const TASKS: usize = 300;
    let test = TestStore::new().await;
    let beside = test.opened_beside().await;
    let scopes = [test.scope("acme").await, test.scope("globex").await];
    for scope in &scopes {
        test.store.tenant(scope).enqueue_tasks(vec![tried(3); TASKS]).await.unwrap();
    }
    let mut work = tokio::task::JoinSet::new();
    for number in 0..4_usize {
        let store = if number % 2 == 0 { test.store.clone() } else { beside.clone() };
        work.spawn(async move {
            let worker = store.system().register_worker("test", 4, LEASE).await.unwrap();
            let options = ClaimOptions { max_running: Some(CAP), fair: true };
            let mut ended = Vec::new();
            let mut idle = 0;
            while idle < 20 {
                let claims = store.system().claim_tasks_with(worker, 4, options).await.unwrap();
                idle = if claims.is_empty() { idle + 1 } else { 0 };
                tokio::time::sleep(Duration::from_millis(if claims.is_empty() { 5 } else { 0 })).await;
                for (place, claim) in claims.iter().enumerate() {
                    let outcome =
                        if (place + claim.fence.attempt as usize).is_multiple_of(3) { failed() } else { success() };
                    if place == 3 {
                        store.system().release_tasks(&[(claim.tenant, claim.fence)]).await.unwrap();
                    }
                    let finished = store.system().finish_tasks(&[(claim.tenant, claim.fence, outcome)]).await.unwrap();
                    if let Finish::Ended(_) = finished[0].finish {
                        ended.push(claim.fence.task);
                    }
                }
            }
            ended
        });
    }
    let watching = async {
        let mut most = 0;
        for _ in 0..100 {
            for scope in &scopes {
                most = most.max(test.store.tenant(scope).queue_stats().await.unwrap().running);
            }
            test.store.system().rotate_queue().await.unwrap();
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        most
    };
    let (most, ended) = tokio::join!(watching, work.join_all());
    let mut ended: Vec<_> = ended.into_iter().flatten().collect();
    let all = ended.len();
    ended.sort_unstable();
    ended.dedup();
    assert_eq!((all, ended.len()), (2 * TASKS, 2 * TASKS), "each task ended, and once");
    assert!(most <= u64::from(CAP), "{most} ran at a time");
}
