//! Tasks, at the doors of tenants and of workers.

mod ends;
mod enqueueing;
mod fences;
mod interleaving;
mod leases;
mod notes;
mod schedules;
mod sharing;
mod world;

use super::common::TestStore;
use aos_core::task::{Fence, NewTask, TaskId, TaskOutcome, TaskState, WorkerId};
use aos_core::{TenantId, TenantScope};
use aos_store::{Claim, Finish, Store, Task};
use serde_json::json;
use std::time::Duration;

const LEASE: Duration = Duration::from_secs(30);

fn noop() -> NewTask {
    NewTask::new("noop", json!({}))
}

fn noops(count: usize) -> Vec<NewTask> {
    vec![noop(); count]
}

fn tried(max_attempts: u32) -> NewTask {
    NewTask { max_attempts, ..noop() }
}

/// A worker as the store sees it.
struct Worker<'s> {
    store: &'s Store,
    id: WorkerId,
}

impl<'s> Worker<'s> {
    async fn new(store: &'s Store) -> Self {
        let id = store.system().register_worker("test", 8, LEASE).await.unwrap();
        Self { store, id }
    }

    async fn claim(&self, tasks: usize) -> Vec<Claim> {
        self.store.system().claim_tasks(self.id, tasks).await.unwrap()
    }

    async fn claim_one(&self) -> Claim {
        let mut claims = self.claim(1).await;
        claims.pop().expect("there is a task to claim")
    }

    async fn finish(&self, claim: &Claim, outcome: TaskOutcome) -> Finish {
        self.finish_as(claim.tenant, claim.fence, outcome).await
    }

    async fn finish_as(&self, tenant: TenantId, fence: Fence, outcome: TaskOutcome) -> Finish {
        let finished = self.store.system().finish_tasks(&[(tenant, fence, outcome)]).await.unwrap();
        assert_eq!((finished.len(), finished[0].tenant, finished[0].fence), (1, tenant, fence));
        finished[0].finish
    }

    /// Claims and finishes until nothing can be claimed, and returns the kinds that were run.
    async fn run_all(&self) -> Vec<String> {
        let mut kinds = Vec::new();
        loop {
            let claims = self.claim(64).await;
            if claims.is_empty() {
                return kinds;
            }
            for claim in claims {
                self.finish(&claim, success()).await;
                kinds.push(claim.kind);
            }
        }
    }
}

fn success() -> TaskOutcome {
    TaskOutcome::Success(json!({ "done": true }))
}

fn failed() -> TaskOutcome {
    TaskOutcome::Failed { error: "no".into(), retryable: true, retry_in: Some(Duration::ZERO) }
}

fn hopeless() -> TaskOutcome {
    TaskOutcome::Failed { error: "never".into(), retryable: false, retry_in: None }
}

async fn enqueue(test: &TestStore, scope: &TenantScope, task: NewTask) -> TaskId {
    test.store.tenant(scope).enqueue_task(task).await.unwrap().task.id
}

async fn read(test: &TestStore, scope: &TenantScope, id: TaskId) -> Task {
    test.store.tenant(scope).task(id).await.unwrap().expect("the task is there")
}

async fn state(test: &TestStore, scope: &TenantScope, id: TaskId) -> TaskState {
    read(test, scope, id).await.state
}
