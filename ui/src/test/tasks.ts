// Builds tasks for tests.
import type { TaskSummary } from "@/api/types";

export function task(part: Partial<TaskSummary>): TaskSummary {
  return {
    id: "t1",
    kind: "noop",
    state: "success",
    priority: 5,
    attempts: 1,
    max_retries: 0,
    progress: null,
    error: null,
    cancel_requested: false,
    run_at: null,
    timeout_seconds: null,
    exclusive: null,
    child_of: null,
    schedule_id: null,
    created_by: "local",
    trace_id: "",
    created_at: "2026-11-21T08:00:00Z",
    started_at: "2026-11-21T08:00:00Z",
    finished_at: "2026-11-21T08:00:02Z",
    ...part,
  };
}
