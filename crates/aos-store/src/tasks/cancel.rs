//! Canceling: at once while a task waits, as a wish while it runs. From then on nothing its attempt does is kept.

use super::rows::{self, End};
use super::{TRIES, followers};
use crate::db::{query, query_as, query_scalar};
use crate::error::{Error, Resource, Result};
use crate::tenant::TenantStore;
use aos_core::task::{TaskId, TaskState};
use serde_json::json;

/// What came of canceling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cancel {
    /// It waited, and has ended now.
    Canceled,
    /// It runs; its worker stops it, and then it has ended.
    Requested,
    /// It had ended before, and stays as it ended.
    Ended(TaskState),
}

impl TenantStore<'_> {
    /// Cancels a task.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such task.
    pub async fn cancel_task(&self, id: TaskId) -> Result<Cancel> {
        for _ in 1..TRIES {
            match self.cancel_once(id).await {
                Ok(None) => {}
                Err(error) if error.is_contention() => {}
                Ok(Some(done)) => return Ok(done),
                Err(error) => return Err(error),
            }
        }
        self.cancel_once(id).await?.ok_or_else(|| Error::NotFound(Resource::Task(id.to_string())))
    }

    /// Returns `None` when the task went on between looking and canceling.
    async fn cancel_once(&self, id: TaskId) -> Result<Option<Cancel>> {
        let mut tx = match self.scope.fence() {
            Some(_) => self.begin().await?,
            None => self.begin_brief().await?,
        };
        let queued = query_as::<(i64, bool)>(
            "SELECT attempt, worker_id IS NOT NULL AS running FROM task_queue WHERE tenant_id = $1 AND id = $2",
        );
        let queued = queued.bind(self.id()).bind(id.0).fetch_optional(&mut tx).await?;
        let Some((attempt, running)) = queued else {
            let state = query_scalar::<Option<String>>("SELECT state FROM tasks WHERE tenant_id = $1 AND id = $2");
            let state = state.bind(self.id()).bind(id.0).fetch_optional(&mut tx).await?;
            let state = state.ok_or_else(|| Error::NotFound(Resource::Task(id.to_string())))?;
            return state
                .map(|word| crate::convert::from_word(word, "tasks", "state", id).map(Cancel::Ended))
                .transpose();
        };
        let done = if running {
            let changed = query(
                "UPDATE task_queue SET cancel_requested = TRUE
                  WHERE tenant_id = $1 AND id = $2 AND attempt = $3 AND worker_id IS NOT NULL",
            );
            let changed = changed.bind(self.id()).bind(id.0).bind(attempt).execute(&mut tx).await?;
            (changed > 0).then_some(Cancel::Requested)
        } else {
            let end = End {
                tenant: self.id(),
                task: id.0,
                attempt,
                running: false,
                state: TaskState::Canceled,
                result: None,
                error: None,
            };
            let ended = rows::end(&mut tx, &self.store.clock, &[end]).await?;
            followers::enqueue(&mut tx, &self.store.clock, &ended).await?;
            (!ended.is_empty()).then_some(Cancel::Canceled)
        };
        if done.is_some() {
            self.audit(&mut tx, "task.cancel", &id.to_string(), json!({})).await?;
            tx.commit().await?;
        }
        Ok(done)
    }
}
