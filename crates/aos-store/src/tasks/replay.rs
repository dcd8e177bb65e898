//! Replaying: a task that failed or was canceled gets its attempts anew, under its old id.

use super::read::{Conditions, TaskFilter};
use super::{enqueue, moment};
use crate::convert::from_word;
use crate::db::{Tx, query, query_as, query_scalar};
use crate::error::{Error, Resource, Result};
use crate::tenant::TenantStore;
use aos_core::task::{TaskId, TaskState};
use serde_json::json;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

/// Tasks of one call; more would hold the transaction too long.
const BULK_MAX: u32 = 10_000;

impl TenantStore<'_> {
    /// Replays one task.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::NotReplayable`] when it has not ended, or was successful; [`Error::TaskActive`] when another task holds
    /// its exclusive right.
    pub async fn replay_task(&self, id: TaskId) -> Result<()> {
        let mut tx = self.begin().await?;
        if !self.replay_one(&mut tx, id).await? {
            let task = self.task_in(&mut tx, id).await?;
            let state = task.map(|task| task.state);
            return Err(match state {
                Some(state) => Error::NotReplayable { state },
                None => Error::NotFound(Resource::Task(id.to_string())),
            });
        }
        self.audit(&mut tx, "task.replay", &id.to_string(), json!({})).await?;
        tx.commit().await
    }

    /// Replays those failed or canceled tasks that the filter names (the failed ones, when it names no state), oldest first, at most
    /// `limit` of them (never more than 10,000), and returns which they are. A task whose exclusive right is taken stays as it is.
    pub async fn replay_tasks(&self, filter: &TaskFilter, limit: u32) -> Result<Vec<TaskId>> {
        let states = match filter.states.as_slice() {
            [] => vec![TaskState::Failed],
            states => states
                .iter()
                .copied()
                .filter(|state| matches!(state, TaskState::Failed | TaskState::Canceled))
                .collect(),
        };
        if states.is_empty() {
            return Ok(Vec::new());
        }
        let mut conditions = Conditions::of(self.id().into(), &TaskFilter { states, ..filter.clone() });
        let limit = conditions.place(i64::from(limit.min(BULK_MAX)).into());
        let sql = format!("SELECT t.id FROM tasks t WHERE {} ORDER BY t.id LIMIT {limit}", conditions.sql);
        let mut query = query_scalar::<Uuid>(AssertSqlSafe(sql));
        for argument in conditions.arguments {
            query = query.bind(argument);
        }
        let mut tx = self.begin().await?;
        let found = query.fetch_all(&mut tx).await?;
        let mut replayed = Vec::with_capacity(found.len());
        for id in found.into_iter().map(TaskId) {
            match self.replay_one(&mut tx, id).await {
                Ok(true) => replayed.push(id),
                Ok(false) | Err(Error::TaskActive { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        self.audit(&mut tx, "task.replay", "tasks", json!({ "replayed": replayed.len() })).await?;
        tx.commit().await?;
        Ok(replayed)
    }

    /// Returns whether there was something to replay. Nothing is changed when the right is taken.
    async fn replay_one(&self, tx: &mut Tx, id: TaskId) -> Result<bool> {
        let found = query_as::<(Option<String>, i64, i64, i64, Option<String>)>(
            "SELECT state, attempt, max_attempts, priority, exclusive FROM tasks WHERE tenant_id = $1 AND id = $2",
        );
        let found = found.bind(self.id()).bind(id.0).fetch_optional(&mut *tx).await?;
        let Some((Some(state), attempt, max_attempts, priority, exclusive)) = found else { return Ok(false) };
        if from_word::<TaskState>(state, "tasks", "state", id)? == TaskState::Success {
            return Ok(false);
        }
        if let Some(name) = &exclusive {
            enqueue::take_right(tx, self.id(), name, id).await?;
        }
        // Of two that replay the same task, one takes it from here.
        let taken = query(
            "DELETE FROM unsuccessful_tasks WHERE tenant_id = $1 AND state IN ('failed', 'canceled') AND task_id = $2",
        );
        if taken.bind(self.id()).bind(id.0).execute(tx).await? == 0 {
            return Ok(false);
        }
        query(
            "UPDATE tasks SET state = NULL, finished_at = NULL, result = NULL, error = NULL, last_attempt = attempt + max_attempts
              WHERE tenant_id = $1 AND id = $2",
        )
        .bind(self.id())
        .bind(id.0)
        .execute(tx)
        .await?;
        let (now, generation) = (moment::now(tx, &self.store.clock).await?, moment::generation(tx).await?);
        query(
            "INSERT INTO task_queue (tenant_id, id, generation, priority, run_at, ready, attempt, last_attempt, exclusive)
             VALUES ($1, $2, $3, $4, $5, TRUE, $6, $7, $8)",
        )
        .bind(self.id())
        .bind(id.0)
        .bind(generation)
        .bind(priority)
        .bind(now)
        .bind(attempt)
        .bind(attempt + max_attempts)
        .bind(exclusive)
        .execute(tx)
        .await?;
        Ok(true)
    }
}
