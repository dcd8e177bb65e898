//! How a connect stands: source by source, while it runs here, runs elsewhere, or after it has ended.

use crate::Result;
use crate::service::{TenantDcl, lock};
use aos_core::RunId;
use aos_core::kind;
use aos_core::task::{TaskId, TaskState};
use aos_mesh::Stage;
use aos_store::{Connection, Task};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::{Arc, Mutex};
use utoipa::ToSchema;
use uuid::Uuid;

const CUT_OFF: &str = "the process ended before the connect did; run it again, nothing is read twice";

/// How a connect stands, or ended.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ConnectRun {
    pub run_id: Uuid,
    pub status: ConnectStatus,
    pub started_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
    pub elapsed_ms: Option<u64>,
    pub sources: Vec<SourceProgress>,
    pub error: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConnectStatus {
    Running,
    Finished,
    Failed,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SourceProgress {
    pub source: String,
    pub status: Stage,
    pub tables_done: usize,
    pub tables: usize,
    pub records_read: u64,
    /// Share of the source's bytes that are read, in percent.
    pub percent: f64,
    pub error: Option<String>,
}

impl SourceProgress {
    pub(crate) fn waiting(connection: &Connection) -> Self {
        Self {
            source: connection.name.clone(),
            status: Stage::Waiting,
            tables_done: 0,
            tables: 0,
            records_read: 0,
            percent: 0.0,
            error: None,
        }
    }
}

impl TenantDcl {
    /// Returns how a connect stands, wherever it runs. One that was cut off and is not begun again is shown as failed.
    pub async fn connect_run(&self, run: RunId) -> Result<Option<ConnectRun>> {
        let live = lock(&self.inner.running).get(&self.scope.tenant_id()).and_then(|live| live.clone());
        let live = live.map(|live| lock(&live).clone()).filter(|live| live.run_id == run.0);
        if let Some(live) = live.filter(|live| live.status == ConnectStatus::Running) {
            return Ok(Some(live));
        }
        // A connect that a worker does has the id of its task, and has ended when its task has: only then may the next one begin.
        let task = self.store().task(TaskId(run.0)).await?.filter(|task| task.kind == kind::CONNECT);
        Ok(match (self.store().connect_run(run.0).await?, task) {
            (Some(stored), task) => Some(ConnectRun::of_stored(stored, task.as_ref())),
            (None, Some(task)) => Some(ConnectRun::of_task(&task)),
            (None, None) => None,
        })
    }

    /// Writes down how far a run is, for those who ask another process; the next time makes up for one that fails.
    pub(crate) async fn keep_progress(&self, state: &Arc<Mutex<ConnectRun>>) {
        let (run, sources) = {
            let state = lock(state);
            (state.run_id, json!(state.sources))
        };
        if let Err(error) = self.store().update_connect_run(run, &sources).await {
            tracing::warn!(run.id = %run, %error, "the progress of connect {run} could not be kept: {error}");
        }
    }
}

impl ConnectRun {
    fn of_stored(stored: aos_store::ConnectRun, task: Option<&Task>) -> Self {
        let (status, error) = match (stored.status, task) {
            // It runs elsewhere, is about to end, or its next attempt follows.
            (_, Some(task)) if !task.state.has_ended() => (ConnectStatus::Running, None),
            (aos_store::ConnectStatus::Done, _) => (ConnectStatus::Finished, None),
            (aos_store::ConnectStatus::Failed, _) => (ConnectStatus::Failed, stored.error),
            (aos_store::ConnectStatus::Running, Some(task)) => (ConnectStatus::Failed, Some(why_ended(task))),
            (aos_store::ConnectStatus::Running, None) => (ConnectStatus::Failed, Some(CUT_OFF.to_owned())),
        };
        Self {
            run_id: stored.id,
            status,
            started_at: stored.started_at,
            finished_at: stored.finished_at.filter(|_| status != ConnectStatus::Running),
            elapsed_ms: stored.elapsed_ms.filter(|_| status != ConnectStatus::Running),
            sources: serde_json::from_value(stored.sources).unwrap_or_default(),
            error,
        }
    }

    /// Shows a connect that no worker has begun.
    fn of_task(task: &Task) -> Self {
        let ended = task.state.has_ended();
        Self {
            run_id: task.id.0,
            status: if ended { ConnectStatus::Failed } else { ConnectStatus::Running },
            started_at: task.created_at,
            finished_at: task.finished_at,
            elapsed_ms: None,
            sources: Vec::new(),
            error: ended.then(|| why_ended(task)),
        }
    }
}

fn why_ended(task: &Task) -> String {
    match (&task.error, task.state) {
        (Some(error), _) => error.clone(),
        (None, TaskState::Canceled) => "it was canceled; run it again, nothing is read twice".to_owned(),
        (None, _) => CUT_OFF.to_owned(),
    }
}
