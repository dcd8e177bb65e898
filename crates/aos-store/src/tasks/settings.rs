//! How a tenant's tasks are treated: how many may run at a time, and which ends are told to Slack.

use crate::convert::{from_json, to_json};
use crate::db::{query, query_as};
use crate::error::Result;
use crate::tenant::TenantStore;
use aos_core::task::TaskState;
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskSettings {
    /// Tasks that run at a time, over all workers; the workers' own limit when left out.
    pub max_running: Option<u32>,
    /// The ends that a task of kind `slack` is enqueued about.
    pub slack_on: Vec<TaskState>,
}

impl TenantStore<'_> {
    pub async fn task_settings(&self) -> Result<TaskSettings> {
        let found =
            query_as::<(Option<i64>, String)>("SELECT max_running, slack_on FROM task_settings WHERE tenant_id = $1")
                .bind(self.id())
                .fetch_optional(self.reader())
                .await?;
        let Some((max_running, slack_on)) = found else { return Ok(TaskSettings::default()) };
        Ok(TaskSettings {
            max_running: max_running.map(super::task::number),
            slack_on: from_json(&slack_on, "task_settings", "slack_on", self.id())?,
        })
    }

    pub async fn put_task_settings(&self, settings: &TaskSettings) -> Result<()> {
        let mut tx = self.begin().await?;
        query(
            "INSERT INTO task_settings (tenant_id, max_running, slack_on) VALUES ($1, $2, $3)
             ON CONFLICT (tenant_id) DO UPDATE SET max_running = excluded.max_running, slack_on = excluded.slack_on",
        )
        .bind(self.id())
        .bind(settings.max_running.map(i64::from))
        .bind(to_json(&settings.slack_on))
        .execute(&mut tx)
        .await?;
        self.audit(&mut tx, "task_settings.put", "tasks", json!(settings)).await?;
        tx.commit().await
    }
}
