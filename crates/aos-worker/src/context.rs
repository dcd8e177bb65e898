//! What a handler gets to do its work with.

use crate::notes::Notes;
use aos_core::task::{Fence, LogLevel};
use aos_core::{Clock, TenantScope};
use aos_store::{Store, TenantStore};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// One attempt at a task: whose it is, how long it may take, and how it tells what it does.
#[derive(Debug, Clone)]
pub struct TaskContext {
    pub(crate) scope: TenantScope,
    pub(crate) fence: Fence,
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) max_attempts: u32,
    pub(crate) trace_id: Arc<str>,
    pub(crate) time_allowed: Duration,
    pub(crate) deadline: Instant,
    pub(crate) stopped: CancellationToken,
    pub(crate) notes: Arc<Notes>,
}

impl TaskContext {
    /// Whoever enqueued the task. Every door that is opened with it is fenced: a store refuses what a lost attempt writes.
    pub fn scope(&self) -> &TenantScope {
        &self.scope
    }

    /// The tenant's part of the store, which refuses to write once this attempt is no longer the one that counts.
    pub fn store(&self) -> TenantStore<'_> {
        self.store.tenant(&self.scope)
    }

    /// Names task and attempt.
    pub fn fence(&self) -> Fence {
        self.fence
    }

    /// Counts from 1.
    pub fn attempt(&self) -> u32 {
        self.fence.attempt
    }

    /// Whether no further attempt follows when this one fails.
    pub fn is_last_attempt(&self) -> bool {
        self.fence.attempt >= self.max_attempts
    }

    pub fn trace_id(&self) -> &str {
        &self.trace_id
    }

    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// How much time the attempt has left.
    pub fn time_left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// Tells how far the work is, from 0 to 1. Of several in quick succession the last one is written.
    pub fn progress(&self, fraction: f64, message: impl Into<String>) {
        self.notes.progress(fraction, message.into());
    }

    /// Adds a line to the task's log.
    pub fn log(&self, level: LogLevel, message: impl Into<String>) {
        self.notes.log(&self.clock, level, message.into());
    }

    /// Whether the attempt was stopped: canceled, out of time, or no longer this worker's. For work on threads of its own, which nobody
    /// else can stop.
    pub fn is_stopped(&self) -> bool {
        self.stopped.is_cancelled()
    }

    /// The same to wait for.
    pub fn stopped(&self) -> &CancellationToken {
        &self.stopped
    }
}
