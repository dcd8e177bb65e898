//! Connections whose source a worker looks at again and again, of whatever tenant.

use super::SystemStore;
use crate::db::query_as;
use crate::error::Result;
use aos_core::{ConnectionId, TenantId};
use uuid::Uuid;

/// How many connections one look returns.
const PAGE: i64 = 500;

impl SystemStore<'_> {
    /// Lists, in the order of their ids, the connections to files that are to be watched and are neither paused nor let at a sample only;
    /// those after the one given, or the first ones. An empty page is the end.
    pub async fn watched_connections(
        &self,
        after: Option<(TenantId, ConnectionId)>,
    ) -> Result<Vec<(TenantId, ConnectionId)>> {
        let (tenant, connection) = after.map_or((Uuid::nil(), Uuid::nil()), |(tenant, id)| (tenant.0, id.0));
        // The column is computed from the settings, which are kept as the serializer writes them: without blanks, and with names of members
        // that do not occur in values unescaped.
        let rows = query_as::<(Uuid, Uuid)>(
            "SELECT tenant_id, id
               FROM connections
              WHERE files_watched AND deleted_at IS NULL AND paused_at IS NULL AND safe_mode_at IS NULL
                AND (tenant_id > $1 OR (tenant_id = $1 AND id > $2))
              ORDER BY tenant_id, id LIMIT $3",
        )
        .bind(tenant)
        .bind(connection)
        .bind(PAGE)
        .fetch_all(self.reader())
        .await?;
        Ok(rows.into_iter().map(|(tenant, id)| (TenantId(tenant), ConnectionId(id))).collect())
    }
}
