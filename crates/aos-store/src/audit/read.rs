//! The trail as people ask for it: newest first, and only what they look for.

use crate::convert::{from_json, micros, time};
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
    /// Its place in the tenant's chain; none for entries from before there was one.
    pub seq: Option<u64>,
    pub id: Uuid,
    pub at: DateTime<Utc>,
    /// `user:<id>`, `key:<id>`, `local` for a command run on this machine, or `system` for what nobody asked for.
    pub principal: String,
    pub action: String,
    pub resource: String,
    pub detail: serde_json::Value,
    /// Names the request or task in the logs.
    pub trace_id: Option<String>,
}

/// Which entries are wanted; an empty filter wants all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// An action, or a group of them such as `connection.`, by its end in a dot.
    pub action: Option<String>,
    /// An action that is left out.
    pub without: Option<String>,
    pub principal: Option<String>,
    pub resource: Option<String>,
    pub trace_id: Option<String>,
    pub since: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
}

pub(super) type Row = (Uuid, i64, String, String, String, String, Option<String>, Option<i64>);

impl TenantStore<'_> {
    /// Lists the trail, newest first.
    pub async fn list_audit(&self, page: Page) -> Result<PageOf<AuditEntry>> {
        self.find_audit(&AuditFilter::default(), page).await
    }

    /// Lists what a filter wants of the trail, newest first.
    pub async fn find_audit(&self, filter: &AuditFilter, page: Page) -> Result<PageOf<AuditEntry>> {
        let (group, action) = match filter.action.clone() {
            Some(action) if action.ends_with('.') => (Some(action), None),
            action => (None, action),
        };
        let rows = query_as::<Row>(
            "SELECT id, at, principal, action, resource, detail, trace_id, seq
               FROM audit
              WHERE tenant_id = $1
                AND ($2 IS NULL OR id < $2)
                AND ($3 IS NULL OR action = $3)
                AND ($4 IS NULL OR substr(action, 1, length($4)) = $4)
                AND ($5 IS NULL OR principal = $5)
                AND ($6 IS NULL OR resource = $6)
                AND ($7 IS NULL OR trace_id = $7)
                AND ($8 IS NULL OR at >= $8)
                AND ($9 IS NULL OR at < $9)
                AND ($10 IS NULL OR action <> $10)
              ORDER BY id DESC LIMIT $11",
        )
        .bind(self.id())
        .bind(page.after_id()?)
        .bind(action)
        .bind(group)
        .bind(filter.principal.clone())
        .bind(filter.resource.clone())
        .bind(filter.trace_id.clone())
        .bind(filter.since.map(micros))
        .bind(filter.until.map(micros))
        .bind(filter.without.clone())
        .bind(page.fetch())
        .fetch_all(self.reader())
        .await?;
        let entries = rows.into_iter().map(entry).collect::<Result<_>>()?;
        Ok(page.of(entries, |found: &AuditEntry| found.id))
    }
}

pub(super) fn entry((id, at, principal, action, resource, detail, trace_id, seq): Row) -> Result<AuditEntry> {
    let detail = from_json(&detail, "audit", "detail", id)?;
    let seq = seq.map(crate::convert::uncount);
    Ok(AuditEntry { seq, id, at: time(at), principal, action, resource, detail, trace_id })
}
