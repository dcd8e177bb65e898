//! Where a tenant is told about what happens: its Slack webhook.

use crate::convert::{from_json, to_json};
use crate::db::{query, query_scalar};
use crate::error::Result;
use crate::tenant::TenantStore;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The setting that holds the webhook. It lies in the tenant's settings as it is, until the gateway has a vault for secrets.
const SLACK: &str = "slack_webhook";

/// An incoming webhook of Slack, or of what speaks its language. Whoever has the URL may post, so `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlackWebhook {
    pub url: String,
    pub set_at: DateTime<Utc>,
    /// Why nothing is posted there any more, once Slack has said that the webhook is no more.
    pub disabled_reason: Option<String>,
}

impl TenantStore<'_> {
    pub async fn slack_webhook(&self) -> Result<Option<SlackWebhook>> {
        let found = query_scalar::<String>("SELECT value FROM tenant_settings WHERE tenant_id = $1 AND key = $2")
            .bind(self.id())
            .bind(SLACK)
            .fetch_optional(self.reader())
            .await?;
        found.map(|text| from_json(&text, "tenant_settings", "value", SLACK)).transpose()
    }

    /// Sets the webhook, in place of the one there was.
    pub async fn put_slack_webhook(&self, url: &str) -> Result<SlackWebhook> {
        let webhook = SlackWebhook { url: url.to_owned(), set_at: self.store.clock.now(), disabled_reason: None };
        self.keep_slack_webhook(&webhook, "slack_webhook.put").await?;
        Ok(webhook)
    }

    /// Posts nothing to the webhook any more until another one is set. Returns whether this call disabled it: not when it was exchanged
    /// meanwhile.
    pub async fn disable_slack_webhook(&self, webhook: &SlackWebhook, reason: &str) -> Result<bool> {
        let present = self.slack_webhook().await?;
        if present.as_ref() != Some(webhook) || webhook.disabled_reason.is_some() {
            return Ok(false);
        }
        let disabled = SlackWebhook { disabled_reason: Some(reason.to_owned()), ..webhook.clone() };
        self.keep_slack_webhook(&disabled, "slack_webhook.disable").await?;
        Ok(true)
    }

    /// Forgets the webhook; returns whether there was one.
    pub async fn delete_slack_webhook(&self) -> Result<bool> {
        let mut tx = self.begin().await?;
        let deleted = query("DELETE FROM tenant_settings WHERE tenant_id = $1 AND key = $2")
            .bind(self.id())
            .bind(SLACK)
            .execute(&mut tx)
            .await?;
        if deleted > 0 {
            self.audit(&mut tx, "slack_webhook.delete", SLACK, json!({})).await?;
        }
        tx.commit().await?;
        Ok(deleted > 0)
    }

    async fn keep_slack_webhook(&self, webhook: &SlackWebhook, action: &str) -> Result<()> {
        let mut tx = self.begin().await?;
        query(
            "INSERT INTO tenant_settings (tenant_id, key, value) VALUES ($1, $2, $3)
             ON CONFLICT (tenant_id, key) DO UPDATE SET value = excluded.value",
        )
        .bind(self.id())
        .bind(SLACK)
        .bind(to_json(webhook))
        .execute(&mut tx)
        .await?;
        self.audit(&mut tx, action, SLACK, json!({ "disabled_reason": webhook.disabled_reason })).await?;
        tx.commit().await
    }
}

// The URL stays out of logs.
impl std::fmt::Debug for SlackWebhook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SlackWebhook")
            .field("set_at", &self.set_at)
            .field("disabled_reason", &self.disabled_reason)
            .finish_non_exhaustive()
    }
}
