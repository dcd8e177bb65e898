//! Whether processes hear each other.

use chrono::{DateTime, Utc};
use serde::Serialize;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Health {
    Healthy,
    /// Redis is away: what is told stays in this process, workers poll, and limits are each process's own.
    Degraded {
        since: DateTime<Utc>,
        /// For people; holds no secret.
        reason: String,
    },
}

impl Health {
    pub fn is_healthy(&self) -> bool {
        matches!(self, Self::Healthy)
    }
}
