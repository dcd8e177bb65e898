//! What a worker counts: attempts, by kind and outcome. Kinds are those this worker knows, so that their number has an end.

use crate::handler::Registry;
use aos_core::task::TaskOutcome;
use std::time::Duration;

pub(crate) fn attempt_ended(registry: &Registry, kind: &str, outcome: Option<&TaskOutcome>, took: Duration) {
    let kind = registry.kinds().find(|known| *known == kind).unwrap_or("unknown");
    let outcome = match outcome {
        Some(TaskOutcome::Success(_)) => "success",
        Some(TaskOutcome::Failed { retryable: true, .. }) => "failed",
        Some(TaskOutcome::Failed { retryable: false, .. }) => "failed_for_good",
        Some(TaskOutcome::Canceled) => "canceled",
        None => "stopped",
    };
    metrics::counter!("autonomos_task_attempts_total", "kind" => kind, "outcome" => outcome).increment(1);
    metrics::histogram!("autonomos_task_attempt_duration_seconds", "kind" => kind).record(took);
}
