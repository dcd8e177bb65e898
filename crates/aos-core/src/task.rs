//! Tasks as values: what can be asked for, how an attempt can end, and how long to wait for the next one. Where tasks are kept is the
//! store's business, how they are run the worker's.

mod backoff;
mod new_task;

pub use crate::id::{ScheduleId, TaskId, WorkerId};
pub use backoff::Backoff;
pub use new_task::{InvalidTask, NewTask, Start};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::time::Duration;

/// Where a task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TaskState {
    /// Waits for a worker, for its time, or for its next attempt.
    Queued,
    InProgress,
    Success,
    /// Ended without success and without attempts left: a dead letter, until somebody replays it.
    Failed,
    Canceled,
}

/// How urgent a task is among those of its tenant: 0 is the most urgent, 9 the least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(try_from = "u8", into = "u8")]
pub struct Priority(u8);

/// One attempt at a task. Attempts are numbered from 1, and no number is given twice: whoever holds an older one is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Fence {
    pub task: TaskId,
    pub attempt: u32,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq)]
pub enum TaskOutcome {
    Success(Value),
    Failed {
        /// For the person whose task it is.
        error: String,
        /// Whether another attempt may succeed.
        retryable: bool,
        /// How long to wait for the next attempt, where the handler knows better than the task's backoff.
        retry_in: Option<Duration>,
    },
    /// The attempt was stopped because somebody canceled the task.
    Canceled,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LogLevel {
    Debug,
    Info,
    Warn,
    Error,
}

/// What a task tells about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    pub at: DateTime<Utc>,
    pub level: LogLevel,
    pub message: String,
}

impl TaskState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::InProgress => "in_progress",
            Self::Success => "success",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
        }
    }

    /// Whether nothing happens to the task any more, unless it is replayed.
    pub fn has_ended(self) -> bool {
        matches!(self, Self::Success | Self::Failed | Self::Canceled)
    }
}

impl LogLevel {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

impl Priority {
    pub const MOST_URGENT: Self = Self(0);
    pub const LEAST_URGENT: Self = Self(9);

    pub fn get(self) -> u8 {
        self.0
    }
}

impl Default for Priority {
    fn default() -> Self {
        Self(5)
    }
}

impl TryFrom<u8> for Priority {
    type Error = InvalidTask;
    fn try_from(priority: u8) -> Result<Self, InvalidTask> {
        if priority > Self::LEAST_URGENT.0 {
            return Err(InvalidTask::Priority(priority));
        }
        Ok(Self(priority))
    }
}

impl From<Priority> for u8 {
    fn from(priority: Priority) -> Self {
        priority.0
    }
}

impl std::fmt::Display for Fence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "attempt {} at task {}", self.attempt, self.task)
    }
}
