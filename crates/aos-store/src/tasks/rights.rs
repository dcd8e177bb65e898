//! The exclusive right that a task has to hold for what it is about: one connection is read by one task at a time, whoever asks for it and
//! whether by the connection's name or its id.

use crate::db::{Executor, query_scalar};
use crate::error::Result;
use aos_core::ConnectionId;
use aos_core::kind::{SYNC, sync_right};
use aos_core::task::NewTask;
use serde_json::Value;
use uuid::Uuid;

/// Adds the right to a task that needs one and names none. What is about a connection that is not there is left to fail where it runs.
pub(super) async fn with_right(executor: impl Executor, tenant: Uuid, task: NewTask) -> Result<NewTask> {
    if task.kind != SYNC || task.exclusive.is_some() {
        return Ok(task);
    }
    let Some(named) = task.payload.get("connection").and_then(Value::as_str) else { return Ok(task) };
    let connection = query_scalar::<Uuid>(
        "SELECT id FROM connections
          WHERE tenant_id = $1 AND deleted_at IS NULL AND (name = $2 OR id = $3)
          ORDER BY CASE WHEN name = $2 THEN 0 ELSE 1 END LIMIT 1",
    );
    let id = named.parse().ok().map(|ConnectionId(id)| id);
    let connection = connection.bind(tenant).bind(named).bind(id).fetch_optional(executor).await?;
    let exclusive = connection.map(|id| sync_right(ConnectionId(id)));
    Ok(NewTask { exclusive, ..task })
}
