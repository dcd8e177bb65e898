//! The audit trail, read. Entries are written by the mutations themselves, in their transactions.

use crate::convert::{from_json, time};
use crate::db::query_as;
use crate::error::Result;
use crate::page::{Page, PageOf};
use crate::tenant::TenantStore;
use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

/// Who did what to which thing, and when.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AuditEntry {
    pub id: Uuid,
    pub at: DateTime<Utc>,
    /// `user:<id>`, or `local` for a command run on this machine.
    pub principal: String,
    pub action: String,
    pub resource: String,
    pub detail: serde_json::Value,
}

impl TenantStore<'_> {
    /// Writes down an action that changes no row of the store, such as signing in.
    pub async fn record_audit(&self, action: &str, resource: &str, detail: serde_json::Value) -> Result<()> {
        let mut tx = self.begin().await?;
        self.audit(&mut tx, action, resource, detail).await?;
        tx.commit().await
    }

    /// Lists the trail, newest first.
    pub async fn list_audit(&self, page: Page) -> Result<PageOf<AuditEntry>> {
        let rows = query_as::<(Uuid, i64, String, String, String, String)>(
            "SELECT id, at, principal, action, resource, detail
               FROM audit
              WHERE tenant_id = $1 AND ($2 IS NULL OR id < $2)
              ORDER BY id DESC LIMIT $3",
        )
        .bind(self.id())
        .bind(page.after_id()?)
        .bind(page.fetch())
        .fetch_all(self.reader())
        .await?;
        let entries = rows.into_iter().map(|(id, at, principal, action, resource, detail)| {
            let detail = from_json(&detail, "audit", "detail", id)?;
            Ok(AuditEntry { id, at: time(at), principal, action, resource, detail })
        });
        Ok(page.of(entries.collect::<Result<_>>()?, |entry| entry.id))
    }
}
