//! A row that an attempt at a task leaves behind, for the crash test to count. Compiled in together with the fault points only.

use crate::db::query_scalar;
use crate::error::Result;
use crate::tenant::TenantStore;
use aos_core::task::Fence;
use serde_json::json;

const ACTION: &str = "crash.effect";

impl TenantStore<'_> {
    /// Leaves a row for the task unless there is one already, looking and writing in one transaction as every handler should. Nothing in
    /// the database keeps a second row out: only the fence does. Returns whether it was written now.
    pub async fn leave_effect(&self, fence: Fence) -> Result<bool> {
        let mut tx = self.begin().await?;
        let known =
            query_scalar::<bool>("SELECT TRUE FROM audit WHERE tenant_id = $1 AND action = $2 AND resource = $3");
        let known = known.bind(self.id()).bind(ACTION).bind(fence.task.to_string()).fetch_optional(&mut tx).await?;
        if known.is_none() {
            aos_core::fault::point("effect.before");
            self.audit(&mut tx, ACTION, &fence.task.to_string(), json!({ "attempt": fence.attempt })).await?;
        }
        tx.commit().await?;
        Ok(known.is_none())
    }
}
