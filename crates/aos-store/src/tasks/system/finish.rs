//! What came of attempts: many in one transaction, each of which counts only while its fence holds.

use super::super::enqueue::PAYLOAD_BYTES_MAX;
use super::super::rows::{self, End, Ended, Running, Wait};
use super::super::task::{kept_text, number};
use super::super::{TRIES, followers, logs, moment};
use crate::convert::{from_json, from_word, time, to_json};
use crate::db::{Tx, query_as};
use crate::error::Result;
use crate::system::SystemStore;
use aos_core::TenantId;
use aos_core::task::{Backoff, Fence, LogLevel, TaskId, TaskOutcome, TaskState, WorkerId};
use chrono::{DateTime, Utc};
use std::collections::{HashMap, HashSet};
use std::time::Duration;
use uuid::Uuid;

const ERROR_BYTES_MAX: usize = 16 * 1024;

/// What the store made of an outcome.
#[derive(Debug, Clone, PartialEq)]
pub struct FinishedTask {
    pub tenant: TenantId,
    pub fence: Fence,
    pub finish: Finish,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    /// The task has ended so; canceled, whatever its outcome, when somebody asked for that.
    Ended(TaskState),
    /// The next attempt may begin then.
    Again { at: DateTime<Utc> },
    /// The attempt did not count any more. Nothing was changed.
    Stale,
}

type Key = (Uuid, Uuid, i64);

impl SystemStore<'_> {
    /// Keeps outcomes, all in one transaction, and enqueues what follows from them: further attempts, next tasks, callbacks.
    ///
    /// Each outcome is taken only while its attempt is the one that counts. Returns what became of each, in the order given.
    pub async fn finish_tasks(&self, outcomes: &[(TenantId, Fence, TaskOutcome)]) -> Result<Vec<FinishedTask>> {
        for _ in 1..TRIES {
            match self.finish_once(outcomes).await {
                Err(error) if error.is_contention() => {}
                done => return done,
            }
        }
        self.finish_once(outcomes).await
    }

    async fn finish_once(&self, outcomes: &[(TenantId, Fence, TaskOutcome)]) -> Result<Vec<FinishedTask>> {
        let clock = &self.store.clock;
        let mut tx = self.begin_tasks().await?;
        let mut became: HashMap<Key, Finish> = HashMap::new();
        let mut ends = Vec::with_capacity(outcomes.len());
        let mut seen = HashSet::with_capacity(outcomes.len());
        let retries = running(&mut tx, outcomes).await?;
        for (tenant, fence, outcome) in outcomes {
            let key = key(*tenant, *fence);
            if !seen.insert(key) {
                continue;
            }
            match retries.get(&key) {
                Some(attempt) if attempt.attempt < attempt.last_attempt && !attempt.cancel_requested => {
                    let at = again(&mut tx, clock, attempt, outcome).await?;
                    became.insert(key, Finish::Again { at });
                }
                _ => ends.push(end(key, outcome)),
            }
        }
        let ended = rows::end(&mut tx, clock, &ends).await?;
        followers::enqueue(&mut tx, clock, &ended).await?;
        tx.commit().await?;
        // Who was canceled or lost touch had no time to end its runs. The outcomes are kept; what fails here is made up for by the tenant's
        // next connect.
        let cut_off = ended.iter().filter(|end| end.state != TaskState::Success.as_str());
        let _ = self.close_runs_of(cut_off.map(|end| end.tenant_id)).await;
        for end in ended {
            let Ended { tenant_id, id, attempt, state, .. } = end;
            became.insert((tenant_id, id, attempt), Finish::Ended(from_word(state, "tasks", "state", id)?));
        }
        Ok(outcomes.iter().map(|(tenant, fence, _)| finished(*tenant, *fence, &mut became)).collect())
    }

    /// Gives attempts back that were not made, or not to their end, through no fault of theirs: they do not count. Tasks that somebody
    /// canceled end instead. Returns how many were given back or ended.
    pub async fn release_tasks(&self, fences: &[(TenantId, Fence)]) -> Result<u64> {
        for _ in 1..TRIES {
            match self.release_once(fences).await {
                Err(error) if error.is_contention() => {}
                done => return done,
            }
        }
        self.release_once(fences).await
    }

    /// Gives back what a worker was given without hearing of it: the claim was kept, but its answer was lost. `known` are the attempts
    /// that the worker does know of. Whoever does not do this keeps such tasks for as long as its lease is renewed.
    pub async fn release_unknown_tasks(&self, worker: WorkerId, known: &HashSet<Fence>) -> Result<u64> {
        // Behind the lock that claims hold: one that is still being kept somewhere is waited for.
        let mut tx = self.begin_claim().await?;
        let held = query_as::<(Uuid, Uuid, i64)>("SELECT tenant_id, id, attempt FROM task_queue WHERE worker_id = $1");
        let held = held.bind(worker.0).fetch_all(&mut tx).await?;
        tx.commit().await?;
        let held = held
            .into_iter()
            .map(|(tenant, task, attempt)| (TenantId(tenant), Fence { task: TaskId(task), attempt: number(attempt) }));
        let unknown: Vec<_> = held.filter(|(_, fence)| !known.contains(fence)).collect();
        if unknown.is_empty() { Ok(0) } else { self.release_tasks(&unknown).await }
    }

    async fn release_once(&self, fences: &[(TenantId, Fence)]) -> Result<u64> {
        let clock = &self.store.clock;
        let mut tx = self.begin_tasks().await?;
        let keys: Vec<_> = fences.iter().map(|(tenant, fence)| key(*tenant, *fence)).collect();
        let generation = moment::generation(&mut tx).await?;
        let mut ends = Vec::new();
        let mut released = 0;
        for attempt in rows::running(&mut tx, &keys).await? {
            let key = (attempt.tenant_id, attempt.id, attempt.attempt);
            if attempt.cancel_requested {
                ends.push(end(key, &TaskOutcome::Canceled));
            } else {
                let wait = Wait { generation, run_at: None, granted: 1 };
                released += u64::from(rows::requeue(&mut tx, key, wait).await?);
            }
        }
        let ended = rows::end(&mut tx, clock, &ends).await?;
        followers::enqueue(&mut tx, clock, &ended).await?;
        tx.commit().await?;
        Ok(released + ended.len() as u64)
    }
}

fn key(tenant: TenantId, fence: Fence) -> Key {
    (tenant.0, fence.task.0, i64::from(fence.attempt))
}

/// Reads and locks the attempts after which another one may follow.
async fn running(tx: &mut Tx, outcomes: &[(TenantId, Fence, TaskOutcome)]) -> Result<HashMap<Key, Running>> {
    let retryable =
        outcomes.iter().filter(|(_, _, outcome)| matches!(outcome, TaskOutcome::Failed { retryable: true, .. }));
    let keys: Vec<_> = retryable.map(|(tenant, fence, _)| key(*tenant, *fence)).collect();
    let running = rows::running(tx, &keys).await?;
    Ok(running.into_iter().map(|attempt| ((attempt.tenant_id, attempt.id, attempt.attempt), attempt)).collect())
}

/// Queues the next attempt of a task and returns when it may begin.
async fn again(
    tx: &mut Tx,
    clock: &aos_core::Clock,
    attempt: &Running,
    outcome: &TaskOutcome,
) -> Result<DateTime<Utc>> {
    let TaskOutcome::Failed { error, retry_in, .. } = outcome else {
        return Ok(clock.now());
    };
    let key = (attempt.tenant_id, attempt.id, attempt.attempt);
    let wait = match retry_in {
        Some(wait) => *wait,
        None => {
            let backoff: Backoff = from_json(&attempt.backoff, "tasks", "backoff", attempt.id)?;
            let begun = attempt.attempt - (attempt.last_attempt - attempt.max_attempts);
            backoff.wait(super::super::task::number(begun), rand::random())
        }
    };
    let now = moment::now(tx, clock).await?;
    let at = now.saturating_add(i64::try_from(wait.as_micros()).unwrap_or(i64::MAX));
    rows::requeue(tx, key, Wait { generation: moment::DELAYED, run_at: Some(at), granted: 0 }).await?;
    let seconds = Duration::from_millis(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)).as_secs_f64();
    let line = format!("the attempt failed and is followed by another one in {seconds:.1} s: {error}");
    logs::note(tx, key, now, LogLevel::Warn, &line).await?;
    Ok(time(at))
}

pub(super) fn end((tenant, task, attempt): Key, outcome: &TaskOutcome) -> End {
    let (state, result, error) = match outcome {
        TaskOutcome::Success(result) => {
            let text = to_json(result);
            if text.len() > PAYLOAD_BYTES_MAX {
                let error = format!("the result is {} bytes long, the limit is {PAYLOAD_BYTES_MAX}", text.len());
                (TaskState::Failed, None, Some(error))
            } else {
                (TaskState::Success, Some(text), None)
            }
        }
        TaskOutcome::Failed { error, .. } => (TaskState::Failed, None, Some(kept_text(error, ERROR_BYTES_MAX))),
        TaskOutcome::Canceled => (TaskState::Canceled, None, None),
    };
    End { tenant, task, attempt, running: true, state, result, error }
}

/// An outcome that was given twice has come to pass once.
fn finished(tenant: TenantId, fence: Fence, became: &mut HashMap<Key, Finish>) -> FinishedTask {
    let finish = became.remove(&key(tenant, fence)).unwrap_or(Finish::Stale);
    FinishedTask { tenant, fence, finish }
}
