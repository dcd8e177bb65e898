//! How long to wait before a task is tried again.

use super::InvalidTask;
use serde::{Deserialize, Serialize};
use std::time::Duration;

const MAX_WAIT_MS: u64 = 24 * 60 * 60 * 1000;

/// Waits that grow from attempt to attempt. Which part of a wait is taken is left to chance, so that tasks that failed together do not
/// come back together ("full jitter": Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Backoff {
    /// The longest wait after the first attempt, in milliseconds.
    pub initial_ms: u64,
    /// By how much the longest wait grows with each attempt.
    pub factor: f64,
    /// No wait is longer than this, in milliseconds.
    pub max_ms: u64,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { initial_ms: 1000, factor: 2.0, max_ms: 5 * 60 * 1000 }
    }
}

impl Backoff {
    /// Returns how long to wait after `attempts` attempts (at least 1). `chance` is evenly distributed from 0 to 1.
    pub fn wait(&self, attempts: u32, chance: f64) -> Duration {
        let grown = self.initial_ms as f64 * self.factor.powi(attempts.saturating_sub(1).min(1000) as i32);
        Duration::from_millis((grown.min(self.max_ms as f64) * chance.clamp(0.0, 1.0)) as u64)
    }

    pub(super) fn check(&self) -> Result<(), InvalidTask> {
        let fits = self.factor.is_finite() && (1.0..=100.0).contains(&self.factor);
        if !fits || self.initial_ms > self.max_ms || self.max_ms > MAX_WAIT_MS {
            return Err(InvalidTask::Backoff);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_their_limit() {
        let longest = |attempts| Backoff::default().wait(attempts, 1.0).as_secs();
        assert_eq!([1, 2, 3, 9, 10, 1_000_000].map(longest), [1, 2, 4, 256, 300, 300]);
    }

    #[test]
    fn chance_takes_any_part_of_a_wait() {
        let backoff = Backoff { initial_ms: 800, factor: 2.0, max_ms: 10_000 };
        assert_eq!(backoff.wait(2, 0.0), Duration::ZERO);
        assert_eq!(backoff.wait(2, 0.25), Duration::from_millis(400));
    }
}
