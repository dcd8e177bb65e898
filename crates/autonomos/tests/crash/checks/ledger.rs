//! Runs: every one has ended, and what was read is accounted for.

use super::nothing;
use crate::house::House;

pub async fn check(house: &House) {
    nothing(
        house,
        "runs that are still open",
        "SELECT id, task_id, attempt FROM runs WHERE finished_at IS NULL OR outcome IS NULL",
    )
    .await;
    nothing(house, "connects that are still open", "SELECT id, status FROM connect_runs WHERE status = 'running'")
        .await;
    nothing(
        house,
        "streams of runs that do not balance",
        "SELECT s.*, r.outcome FROM run_streams s JOIN runs r ON r.tenant_id = s.tenant_id AND r.id = s.run_id
          WHERE s.read <> s.landed + s.duplicate + s.filtered + s.rejected",
    )
    .await;
    nothing(
        house,
        "failed runs that do not say why",
        "SELECT id, outcome, error FROM runs WHERE outcome = 'failed' AND COALESCE(error, '') = ''",
    )
    .await;
}
