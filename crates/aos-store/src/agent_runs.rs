//! When pilots looked, and what came of each look.

use crate::convert::{from_json, micros, time, to_json};
use crate::db::{query, query_as};
use crate::error::Result;
use crate::page::{Page, PageOf};
use crate::tenant::TenantStore;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

/// One look of a pilot.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AgentRun {
    pub id: Uuid,
    pub agent: String,
    pub started_at: DateTime<Utc>,
    pub finished_at: DateTime<Utc>,
    pub body: Value,
}

impl TenantStore<'_> {
    /// Writes down that a pilot has looked, and what came of it.
    pub async fn add_agent_run(&self, agent: &str, started_at: DateTime<Utc>, body: &Value) -> Result<Uuid> {
        let id = Uuid::now_v7();
        let mut tx = self.begin().await?;
        query(
            "INSERT INTO agent_runs (tenant_id, id, agent, started_at, finished_at, body) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(self.id())
        .bind(id)
        .bind(agent)
        .bind(micros(started_at))
        .bind(self.now())
        .bind(to_json(body))
        .execute(&mut tx)
        .await?;
        self.audit(&mut tx, "agent.run", agent, json!({ "run": id })).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Lists the looks of a pilot, the newest first.
    pub async fn list_agent_runs(&self, agent: &str, page: Page) -> Result<PageOf<AgentRun>> {
        let rows = query_as::<(Uuid, String, i64, i64, String)>(
            "SELECT id, agent, started_at, finished_at, body FROM agent_runs
              WHERE tenant_id = $1 AND agent = $2 AND ($3 IS NULL OR id < $3) ORDER BY id DESC LIMIT $4",
        )
        .bind(self.id())
        .bind(agent)
        .bind(page.after_id()?)
        .bind(page.fetch())
        .fetch_all(self.reader())
        .await?;
        let run = |(id, agent, started, finished, body): (Uuid, String, i64, i64, String)| {
            let body = from_json(&body, "agent_runs", "body", id)?;
            Ok(AgentRun { id, agent, started_at: time(started), finished_at: time(finished), body })
        };
        let items = rows.into_iter().map(run).collect::<Result<_>>()?;
        Ok(page.of(items, |run: &AgentRun| run.id))
    }
}
