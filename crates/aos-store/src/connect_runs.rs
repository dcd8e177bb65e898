//! Connect runs: the progress record of connecting a tenant's sources at once.

use crate::convert::{count, from_json, from_word, time, to_json, uncount};
use crate::db::{query, query_as};
use crate::error::{Error, Resource, Result};
use crate::tenant::TenantStore;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ConnectRun {
    pub id: Uuid,
    pub status: ConnectStatus,
    /// Progress per source, as the connect pipeline tells it.
    pub sources: serde_json::Value,
    pub started_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
    pub error: Option<String>,
    pub elapsed_ms: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectStatus {
    Running,
    Done,
    Failed,
}

type Row = (Uuid, String, String, i64, Option<i64>, Option<String>, Option<i64>);

impl TenantStore<'_> {
    /// Begins a run. One of that id that was cut off begins anew.
    pub async fn start_connect_run(&self, id: Uuid, sources: &serde_json::Value) -> Result<ConnectRun> {
        let now = self.now();
        let mut tx = self.begin().await?;
        query(
            "INSERT INTO connect_runs (tenant_id, id, status, sources, started_at, task_id, attempt)
             VALUES ($1, $2, 'running', $3, $4, $5, $6)
             ON CONFLICT (tenant_id, id) DO UPDATE
                SET status = 'running', sources = excluded.sources, started_at = excluded.started_at,
                    finished_at = NULL, error = NULL, elapsed_ms = NULL,
                    task_id = excluded.task_id, attempt = excluded.attempt",
        )
        .bind(self.id())
        .bind(id)
        .bind(to_json(sources))
        .bind(now)
        .bind(self.scope.fence().map(|fence| fence.task.0))
        .bind(self.scope.fence().map(|fence| i64::from(fence.attempt)))
        .execute(&mut tx)
        .await?;
        self.audit(&mut tx, "connect.start", &id.to_string(), json!({})).await?;
        tx.commit().await?;
        Ok(ConnectRun {
            id,
            status: ConnectStatus::Running,
            sources: sources.clone(),
            started_at: time(now),
            finished_at: None,
            error: None,
            elapsed_ms: None,
        })
    }

    /// Replaces the progress of a run that is under way.
    pub async fn update_connect_run(&self, id: Uuid, sources: &serde_json::Value) -> Result<()> {
        let mut tx = self.begin().await?;
        query("UPDATE connect_runs SET sources = $3 WHERE tenant_id = $1 AND id = $2 AND status = 'running'")
            .bind(self.id())
            .bind(id)
            .bind(to_json(sources))
            .execute(&mut tx)
            .await?;
        tx.commit().await
    }

    /// Ends a run: done, or failed when there is an error to tell.
    pub async fn finish_connect_run(
        &self,
        id: Uuid,
        sources: &serde_json::Value,
        elapsed_ms: u64,
        error: Option<&str>,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        let updated = query(
            "UPDATE connect_runs
                SET status = $3, sources = $4, finished_at = $5, error = $6, elapsed_ms = $7
              WHERE tenant_id = $1 AND id = $2 AND status = 'running'",
        )
        .bind(self.id())
        .bind(id)
        .bind(if error.is_some() { "failed" } else { "done" })
        .bind(to_json(sources))
        .bind(self.now())
        .bind(error)
        .bind(count(elapsed_ms))
        .execute(&mut tx)
        .await?;
        if updated == 0 {
            return Err(Error::NotFound(Resource::ConnectRun(id.to_string())));
        }
        self.audit(&mut tx, "connect.finish", &id.to_string(), json!({ "failed": error.is_some() })).await?;
        tx.commit().await
    }

    pub async fn connect_run(&self, id: Uuid) -> Result<Option<ConnectRun>> {
        let found = query_as::<Row>(
            "SELECT id, status, sources, started_at, finished_at, error, elapsed_ms
               FROM connect_runs
              WHERE tenant_id = $1 AND id = $2",
        )
        .bind(self.id())
        .bind(id)
        .fetch_optional(self.reader())
        .await?;
        found.map(connect_run).transpose()
    }

    pub async fn latest_connect_run(&self) -> Result<Option<ConnectRun>> {
        let found = query_as::<Row>(
            "SELECT id, status, sources, started_at, finished_at, error, elapsed_ms
               FROM connect_runs
              WHERE tenant_id = $1
              ORDER BY id DESC LIMIT 1",
        )
        .bind(self.id())
        .fetch_optional(self.reader())
        .await?;
        found.map(connect_run).transpose()
    }
}

fn connect_run((id, status, sources, started_at, finished_at, error, elapsed_ms): Row) -> Result<ConnectRun> {
    Ok(ConnectRun {
        id,
        status: from_word(status, "connect_runs", "status", id)?,
        sources: from_json(&sources, "connect_runs", "sources", id)?,
        started_at: time(started_at),
        finished_at: finished_at.map(time),
        error,
        elapsed_ms: elapsed_ms.map(uncount),
    })
}
