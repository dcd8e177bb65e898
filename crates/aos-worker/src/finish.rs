//! Brings outcomes to the store, those of one moment together: while one transaction is under way, the next ones gather.

use aos_core::TenantId;
use aos_core::task::{Fence, TaskOutcome};
use aos_store::{Error, FinishedTask, Store};
use std::time::Duration;

/// Outcomes of one transaction.
const TOGETHER_MAX: usize = 512;
const RETRY_AFTER: Duration = Duration::from_millis(100);
const RETRY_AFTER_MAX: Duration = Duration::from_secs(5);

pub(crate) type Outcomes = Vec<(TenantId, Fence, TaskOutcome)>;

/// Takes what goes into the next transaction.
pub(crate) fn take_batch(waiting: &mut Outcomes) -> Outcomes {
    if waiting.len() <= TOGETHER_MAX {
        return std::mem::take(waiting);
    }
    let rest = waiting.split_off(TOGETHER_MAX);
    std::mem::replace(waiting, rest)
}

/// Keeps outcomes, trying until the database takes them: what was brought about is not thrown away, and its fence says whether it still counts.
/// An outcome that the store refuses for what it is becomes a failure that says so; the others are not held up by it.
pub(crate) async fn finish(store: Store, outcomes: Outcomes) -> Vec<FinishedTask> {
    let mut left = vec![outcomes];
    let mut finished = Vec::new();
    while let Some(outcomes) = left.pop() {
        match until_taken(&store, &outcomes).await {
            Ok(some) => finished.extend(some),
            Err(error) => left.extend(apart(outcomes, &error)),
        }
    }
    finished
}

/// Tries as long as trying may help.
async fn until_taken(store: &Store, outcomes: &Outcomes) -> aos_store::Result<Vec<FinishedTask>> {
    let mut pause = RETRY_AFTER;
    loop {
        match store.system().finish_tasks(outcomes).await {
            Err(error) if may_pass(&error) => {
                let tasks = outcomes.len();
                tracing::warn!(tasks, %error, "the outcomes of {tasks} tasks could not be kept yet: {error}");
            }
            done => return done,
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(RETRY_AFTER_MAX);
    }
}

/// Says what to try instead of outcomes that were refused: each alone, and of a single one that it failed.
fn apart(mut outcomes: Outcomes, error: &Error) -> Vec<Outcomes> {
    if outcomes.len() > 1 {
        return outcomes.into_iter().map(|outcome| vec![outcome]).collect();
    }
    let Some((tenant, fence, outcome)) = outcomes.pop() else { return Vec::new() };
    if matches!(&outcome, TaskOutcome::Failed { retryable: false, .. }) {
        tracing::error!(task.id = %fence.task, %error, "the end of {fence} cannot be kept: {error}");
        return Vec::new();
    }
    let error = format!("what came of the task cannot be kept: {error}");
    vec![vec![(tenant, fence, TaskOutcome::Failed { error, retryable: false, retry_in: None })]]
}

fn may_pass(error: &Error) -> bool {
    matches!(
        error,
        Error::Unavailable(_)
            | Error::Contended(_)
            | Error::Full(_)
            | Error::TooManyConnections(_)
            | Error::Database(_)
    )
}

/// Gives tasks back without counting the attempt, trying until the database takes them, and returns how many were still ours to give.
pub(crate) async fn release(store: Store, tasks: Vec<(TenantId, Fence)>) -> u64 {
    let mut pause = RETRY_AFTER;
    loop {
        match store.system().release_tasks(&tasks).await {
            Ok(released) => return released,
            Err(error) => {
                let tasks = tasks.len();
                tracing::warn!(tasks, %error, "{tasks} tasks could not be given back yet: {error}");
            }
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(RETRY_AFTER_MAX);
    }
}
