//! What was derived from a tenant's sources, taken back as a whole.

use crate::db::query;
use crate::error::Result;
use crate::tenant::TenantStore;
use serde_json::json;

impl TenantStore<'_> {
    /// Forgets mappings, cursors, events, rows and rejections of every connection. Connections, segments, runs and the audit trail stay.
    pub async fn forget_derived(&self) -> Result<()> {
        let mut tx = self.begin().await?;
        // As with a connection that is deleted: first the epoch, which holds off commits and tells followers to start again.
        for statement in [
            "UPDATE stream_heads SET epoch = epoch + 1 WHERE tenant_id = $1",
            "DELETE FROM materialized WHERE tenant_id = $1",
            "DELETE FROM canonical_stream WHERE tenant_id = $1",
            "DELETE FROM entity_counts WHERE tenant_id = $1",
            "DELETE FROM mappings WHERE tenant_id = $1",
            "DELETE FROM streams WHERE tenant_id = $1",
            "DELETE FROM rejections WHERE tenant_id = $1",
            "DELETE FROM stream_profiles WHERE tenant_id = $1",
            "DELETE FROM stream_shapes WHERE tenant_id = $1",
            "DELETE FROM stream_observations WHERE tenant_id = $1",
            "DELETE FROM remaps WHERE tenant_id = $1",
            "DELETE FROM golden_members WHERE tenant_id = $1",
            "DELETE FROM golden_records WHERE tenant_id = $1",
            "DELETE FROM resolution_models WHERE tenant_id = $1",
            "DELETE FROM resolutions WHERE tenant_id = $1",
            "UPDATE reviews SET state = 'superseded' WHERE tenant_id = $1 AND connection_id IS NOT NULL AND state = 'open'",
        ] {
            query(statement).bind(self.id()).execute(&mut tx).await?;
        }
        self.audit(&mut tx, "derived.forget", "tenant", json!({})).await?;
        tx.commit().await
    }
}
