//! What must be true of tasks, as a model that lives beside the store and takes every step with it.

use super::super::common::TestStore;
use super::*;
use aos_store::{ClaimOptions, Error, Page, TaskFilter};
use chrono::{DateTime, Utc};
use proptest::prelude::*;
use std::collections::HashMap;

/// Tasks of one tenant that may run at a time.
pub const CAP: u32 = 3;
const ATTEMPTS: u32 = 2;
const TENANTS: usize = 2;
const WORKERS: usize = 3;

#[derive(Debug, Clone)]
pub enum Step {
    Enqueue {
        tenant: usize,
        exclusive: bool,
    },
    Claim {
        worker: usize,
        tasks: usize,
    },
    /// Of all claims ever made, stale ones too.
    Finish {
        claim: usize,
        outcome: usize,
    },
    Write {
        claim: usize,
    },
    Release {
        claim: usize,
    },
    Cancel {
        task: usize,
    },
    Replay {
        task: usize,
    },
    /// Time passes; leases may run out.
    Wait {
        seconds: i64,
    },
    Renew {
        worker: usize,
    },
    Recover,
    Rotate,
}

pub fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..TENANTS, any::<bool>()).prop_map(|(tenant, exclusive)| Step::Enqueue { tenant, exclusive }),
        3 => (0..WORKERS, 1..5_usize).prop_map(|(worker, tasks)| Step::Claim { worker, tasks }),
        4 => (any::<usize>(), 0..4_usize).prop_map(|(claim, outcome)| Step::Finish { claim, outcome }),
        2 => any::<usize>().prop_map(|claim| Step::Write { claim }),
        1 => any::<usize>().prop_map(|claim| Step::Release { claim }),
        1 => any::<usize>().prop_map(|task| Step::Cancel { task }),
        1 => any::<usize>().prop_map(|task| Step::Replay { task }),
        2 => (1..40_i64).prop_map(|seconds| Step::Wait { seconds }),
        3 => (0..WORKERS).prop_map(|worker| Step::Renew { worker }),
        2 => Just(Step::Recover),
        1 => Just(Step::Rotate),
    ]
}

/// What must be true of a task, as the model has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Known {
    tenant: usize,
    exclusive: bool,
    /// Number of the attempt that counts, while one runs.
    running: Option<u32>,
    /// Attempts begun in this round that count.
    begun: u32,
    state: TaskState,
    canceling: bool,
}

pub struct World {
    pub test: TestStore,
    scopes: Vec<TenantScope>,
    workers: Vec<WorkerId>,
    lease_until: Vec<DateTime<Utc>>,
    owners: HashMap<TaskId, usize>,
    claims: Vec<Claim>,
    tasks: Vec<TaskId>,
    known: HashMap<TaskId, Known>,
    /// Writes of attempts that counted.
    pub written: u64,
}

impl World {
    pub async fn new() -> Self {
        let test = TestStore::new().await;
        let mut scopes = Vec::new();
        let mut workers = Vec::new();
        for number in 0..TENANTS {
            scopes.push(test.scope(&format!("tenant {number}")).await);
        }
        for _ in 0..WORKERS {
            workers.push(test.store.system().register_worker("test", 4, LEASE).await.unwrap());
        }
        let (owners, known) = (HashMap::new(), HashMap::new());
        let lease_until = vec![test.clock.now() + LEASE; WORKERS];
        Self { test, scopes, workers, lease_until, owners, claims: Vec::new(), tasks: Vec::new(), known, written: 0 }
    }

    fn counts(&self, claim: &Claim) -> bool {
        self.known[&claim.fence.task].running == Some(claim.fence.attempt)
    }

    fn holder(&self, tenant: usize) -> Option<TaskId> {
        let mut holders =
            self.known.iter().filter(|(_, task)| task.tenant == tenant && task.exclusive && !task.state.has_ended());
        let holder = holders.next().map(|(id, _)| *id);
        assert_eq!(holders.next(), None, "a right has one holder");
        holder
    }

    fn end(&mut self, id: TaskId, state: TaskState) {
        let task = self.known.get_mut(&id).unwrap();
        assert!(!task.state.has_ended(), "a task ends once");
        (task.state, task.running, task.canceling) = (state, None, false);
    }

    /// The attempt that ran is over, without an end of its own.
    fn lose(&mut self, id: TaskId) {
        let task = self.known.get_mut(&id).unwrap();
        let (canceling, left) = (task.canceling, task.begun < ATTEMPTS);
        match (canceling, left) {
            (true, _) => self.end(id, TaskState::Canceled),
            (false, true) => (task.running, task.state) = (None, TaskState::Queued),
            (false, false) => self.end(id, TaskState::Failed),
        }
    }

    fn holds_lease(&self, worker: usize) -> bool {
        self.lease_until[worker] > self.test.clock.now()
    }

    /// Takes what a worker runs from it, and returns how many tasks that were.
    fn lose_all(&mut self, worker: usize) -> usize {
        let runs = |(id, owner): &(&TaskId, &usize)| **owner == worker && self.known[*id].running.is_some();
        let lost: Vec<_> = self.owners.iter().filter(runs).map(|(id, _)| *id).collect();
        lost.iter().for_each(|id| self.lose(*id));
        lost.len()
    }

    pub async fn take(&mut self, step: Step) {
        let store = self.test.store.clone();
        let system = store.system();
        match step {
            Step::Enqueue { tenant, exclusive } => {
                let task = NewTask { exclusive: exclusive.then(|| "aoa".into()), ..tried(ATTEMPTS) };
                let holder = self.holder(tenant).filter(|_| exclusive);
                match store.tenant(&self.scopes[tenant]).enqueue_task(task).await {
                    Ok(enqueued) => {
                        assert_eq!(holder, None, "a right is given once");
                        let state = TaskState::Queued;
                        let known = Known { tenant, exclusive, running: None, begun: 0, state, canceling: false };
                        self.known.insert(enqueued.task.id, known);
                        self.tasks.push(enqueued.task.id);
                    }
                    Err(Error::TaskActive { task, .. }) => assert_eq!(holder, Some(task)),
                    Err(error) => panic!("{error:?}"),
                }
            }
            Step::Claim { worker, tasks } => {
                let options = ClaimOptions { max_running: Some(CAP), fair: true };
                let claims = system.claim_tasks_with(self.workers[worker], tasks, options).await.unwrap();
                assert!(claims.is_empty() || self.holds_lease(worker), "nobody is given work without a lease");
                for claim in claims {
                    let task = self.known.get_mut(&claim.fence.task).unwrap();
                    assert_eq!((task.running, task.state), (None, TaskState::Queued), "a task runs once at a time");
                    (task.running, task.state) = (Some(claim.fence.attempt), TaskState::InProgress);
                    task.begun += 1;
                    assert!(task.begun <= ATTEMPTS, "no more attempts than allowed");
                    assert!(
                        self.claims.iter().all(|old| old.fence != claim.fence),
                        "no attempt's number is given twice"
                    );
                    self.owners.insert(claim.fence.task, worker);
                    self.claims.push(claim);
                }
            }
            Step::Finish { claim, outcome } => {
                let Some(claim) = self.claims.get(claim % self.claims.len().max(1)).cloned() else { return };
                let outcome = [success(), failed(), hopeless(), TaskOutcome::Canceled][outcome].clone();
                let counted = self.counts(&claim);
                let finished = system.finish_tasks(&[(claim.tenant, claim.fence, outcome.clone())]).await.unwrap();
                let canceling = self.known[&claim.fence.task].canceling;
                match finished[0].finish {
                    Finish::Stale => assert!(!counted, "an attempt that counts is taken"),
                    Finish::Again { .. } => {
                        assert!(counted && !canceling && outcome == failed());
                        self.lose(claim.fence.task);
                        assert_eq!(self.known[&claim.fence.task].state, TaskState::Queued);
                    }
                    Finish::Ended(state) => {
                        assert!(counted, "a lost attempt ends nothing");
                        assert!(!canceling || state == TaskState::Canceled);
                        self.end(claim.fence.task, state);
                    }
                }
            }
            Step::Write { claim } => {
                let Some(claim) = self.claims.get(claim % self.claims.len().max(1)).cloned() else { return };
                let task = self.known[&claim.fence.task];
                let may = self.counts(&claim) && !task.canceling;
                let fenced = self.scopes[task.tenant].clone().with_fence(claim.fence);
                let write = store.tenant(&fenced).record_audit("test.write", "x", serde_json::json!({})).await;
                assert_eq!(write.is_ok(), may, "{write:?}");
                self.written += u64::from(may);
            }
            Step::Release { claim } => {
                let Some(claim) = self.claims.get(claim % self.claims.len().max(1)).cloned() else { return };
                let counted = self.counts(&claim);
                let released = system.release_tasks(&[(claim.tenant, claim.fence)]).await.unwrap();
                assert_eq!(released, u64::from(counted));
                if counted {
                    let task = self.known.get_mut(&claim.fence.task).unwrap();
                    task.begun -= u32::from(!task.canceling);
                    self.lose(claim.fence.task);
                }
            }
            Step::Cancel { task } => {
                let Some(id) = self.tasks.get(task % self.tasks.len().max(1)).copied() else { return };
                let task = self.known[&id];
                let done = store.tenant(&self.scopes[task.tenant]).cancel_task(id).await.unwrap();
                match done {
                    aos_store::Cancel::Canceled => self.end(id, TaskState::Canceled),
                    aos_store::Cancel::Requested => {
                        assert!(task.running.is_some());
                        self.known.get_mut(&id).unwrap().canceling = true;
                    }
                    aos_store::Cancel::Ended(state) => assert_eq!(state, task.state),
                }
            }
            Step::Replay { task } => {
                let Some(id) = self.tasks.get(task % self.tasks.len().max(1)).copied() else { return };
                let task = self.known[&id];
                let may = matches!(task.state, TaskState::Failed | TaskState::Canceled)
                    && !(task.exclusive && self.holder(task.tenant).is_some());
                let replayed = store.tenant(&self.scopes[task.tenant]).replay_task(id).await;
                assert_eq!(replayed.is_ok(), may, "{replayed:?}");
                if may {
                    let task = self.known.get_mut(&id).unwrap();
                    (task.state, task.begun) = (TaskState::Queued, 0);
                }
            }
            Step::Wait { seconds } => self.test.clock.advance(chrono::Duration::seconds(seconds)),
            Step::Renew { worker } => {
                let renewed = system.renew_worker(self.workers[worker], LEASE).await.unwrap();
                assert_eq!(renewed.lost, !self.holds_lease(worker), "whether somebody has noticed or not");
                if renewed.lost {
                    self.lose_all(worker);
                }
                let canceled = self.owners.keys().filter(|id| self.known[*id].canceling && self.owners[*id] == worker);
                assert_eq!(renewed.canceled.len(), canceled.count());
                self.lease_until[worker] = self.test.clock.now() + LEASE;
            }
            Step::Recover => {
                let lost: Vec<_> = (0..WORKERS).filter(|worker| !self.holds_lease(*worker)).collect();
                let expected: usize = lost.iter().map(|worker| self.lose_all(*worker)).sum();
                assert_eq!(system.recover_orphans(100).await.unwrap(), expected as u64);
            }
            Step::Rotate => {
                system.rotate_queue().await.unwrap();
            }
        }
        self.check().await;
    }

    /// Compares what the store says with what must be true.
    async fn check(&self) {
        for (number, scope) in self.scopes.iter().enumerate() {
            let store = self.test.store.tenant(scope);
            let tasks = store.list_tasks(&TaskFilter::default(), Page::first(1000)).await.unwrap().items;
            let running = tasks.iter().filter(|task| task.state == TaskState::InProgress).count();
            assert!(running <= CAP as usize, "no more run than may");
            assert_eq!(tasks.len(), self.known.values().filter(|task| task.tenant == number).count());
            for task in tasks {
                let known = self.known[&task.id];
                assert_eq!((task.state, task.cancel_requested), (known.state, known.canceling), "{:?}", task.id);
                assert_eq!(task.attempts, known.begun, "{:?}", task.id);
            }
        }
    }
}
