//! One attempt, from its claim to what came of it: the handler with its time limit, panics caught, notes written beside it.

use crate::announce::{Announcer, Change};
use crate::context::TaskContext;
use crate::handler::{Registry, TaskError};
use crate::notes;
use aos_core::task::{Fence, TaskOutcome, TaskState};
use futures_util::FutureExt;
use serde_json::Value;
use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// How long the last notes of an attempt may take to be written; the end of the task does not wait longer for them.
const LAST_NOTES: Duration = Duration::from_secs(5);

pub(crate) struct Attempt {
    pub context: TaskContext,
    pub kind: Arc<str>,
    pub payload: Value,
    pub registry: Registry,
    pub announcer: Announcer,
}

/// What came of an attempt.
#[derive(Debug)]
pub(crate) struct Ended {
    pub fence: Fence,
    /// None when it was stopped from outside; whoever stopped it knows why.
    pub outcome: Option<TaskOutcome>,
    pub took: Duration,
}

impl Attempt {
    pub async fn run(self) -> Ended {
        let begun = Instant::now();
        let outcome = self.outcome().await;
        let took = begun.elapsed();
        // Threads that the handler began see it here; nobody else can stop them.
        self.context.stopped.cancel();
        let _ = tokio::time::timeout(LAST_NOTES, self.write_notes()).await;
        Ended { fence: self.context.fence, outcome, took }
    }

    async fn outcome(&self) -> Option<TaskOutcome> {
        let context = &self.context;
        let work = self.registry.run(&self.kind, context, self.payload.clone());
        let work = tokio::time::timeout_at(context.deadline, AssertUnwindSafe(work).catch_unwind());
        let result = tokio::select! {
            biased;
            () = context.stopped.cancelled() => return None,
            result = work => result,
            () = self.keep_writing_notes() => return None,
        };
        Some(match result {
            Ok(Ok(Ok(result))) => TaskOutcome::Success(result),
            Ok(Ok(Err(error))) => failed(error),
            Ok(Err(panic)) => failed(TaskError::retryable(format!("the handler panicked: {}", words_of(&*panic)))),
            Err(_) => failed(TaskError::retryable(format!(
                "the attempt took longer than {} s and was stopped; give the task more time with timeout_seconds",
                self.context.time_allowed.as_secs_f64()
            ))),
        })
    }

    async fn keep_writing_notes(&self) {
        loop {
            self.context.notes.written_to.notified().await;
            tokio::time::sleep(notes::COLLECTED_FOR).await;
            self.write_notes().await;
        }
    }

    /// Writes what was noted, and tells that there is something to read. Notes that cannot be written are lost and do not fail the work.
    async fn write_notes(&self) {
        let notes = self.context.notes.take();
        if notes.is_empty() {
            return;
        }
        let (store, fence) = (self.context.store(), self.context.fence);
        if !notes.lines.is_empty()
            && let Err(error) = store.append_task_logs(fence, &notes.lines).await
        {
            tracing::warn!(%error, lines = notes.lines.len(), "log lines of the task could not be kept: {error}");
        }
        if let Some(progress) = &notes.progress
            && let Err(error) = store.set_task_progress(fence, progress.fraction, &progress.message).await
        {
            tracing::warn!(%error, "progress of the task could not be kept: {error}");
            return;
        }
        let (progress, message) = notes.progress.map(|progress| (progress.fraction, progress.message)).unzip();
        let (kind, attempt) = (self.kind.clone(), fence.attempt);
        let change = Change { id: fence.task, kind, state: TaskState::InProgress, attempt, progress, message };
        self.announcer.changed(&self.context.scope, change);
    }
}

fn failed(error: TaskError) -> TaskOutcome {
    TaskOutcome::Failed { error: error.message, retryable: error.retryable, retry_in: error.retry_in }
}

/// Reads what a panic said.
fn words_of(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without a word")
}
