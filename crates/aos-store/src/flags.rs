//! What a tenant has said about its feature flags. What holds follows from it in `aos_core::flag`.

use crate::convert::time;
use crate::db::{query, query_as};
use crate::error::Result;
use crate::tenant::TenantStore;
use aos_core::flag::Flag;
use chrono::{DateTime, Utc};
use serde_json::json;

/// A flag that a tenant has set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFlag {
    pub flag: Flag,
    pub value: bool,
    pub changed_at: DateTime<Utc>,
    /// `user:<id>`, `key:<id>` or `local`.
    pub changed_by: String,
}

impl TenantStore<'_> {
    /// Lists what was said. Flags of another version of the program are left out.
    pub async fn stored_flags(&self) -> Result<Vec<StoredFlag>> {
        let rows = query_as::<(String, bool, i64, String)>(
            "SELECT name, value, changed_at, changed_by FROM feature_flags WHERE tenant_id = $1 ORDER BY name",
        )
        .bind(self.id())
        .fetch_all(self.reader())
        .await?;
        let known = rows.into_iter().filter_map(|(name, value, changed_at, changed_by)| {
            Some(StoredFlag { flag: Flag::of(&name)?, value, changed_at: time(changed_at), changed_by })
        });
        Ok(known.collect())
    }

    /// Sets a flag, or with `None` forgets what was said of it.
    pub async fn put_flag(&self, flag: Flag, value: Option<bool>) -> Result<()> {
        let mut tx = self.begin().await?;
        match value {
            Some(value) => {
                query(
                    "INSERT INTO feature_flags (tenant_id, name, value, changed_at, changed_by) VALUES ($1, $2, $3, $4, $5)
                     ON CONFLICT (tenant_id, name) DO UPDATE
                        SET value = excluded.value, changed_at = excluded.changed_at, changed_by = excluded.changed_by",
                )
                .bind(self.id())
                .bind(flag.as_str())
                .bind(value)
                .bind(self.now())
                .bind(self.scope.principal().to_string())
                .execute(&mut tx)
                .await?;
                self.audit(&mut tx, "flag.set", flag.as_str(), json!({ "value": value })).await?;
            }
            None => {
                let deleted = query("DELETE FROM feature_flags WHERE tenant_id = $1 AND name = $2");
                if deleted.bind(self.id()).bind(flag.as_str()).execute(&mut tx).await? > 0 {
                    self.audit(&mut tx, "flag.reset", flag.as_str(), json!({})).await?;
                }
            }
        }
        tx.commit().await
    }
}
