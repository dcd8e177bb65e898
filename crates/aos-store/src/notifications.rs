//! Where a tenant is told about what happens: its Slack webhook.

use crate::convert::{from_json, to_json};
use crate::error::Result;
use crate::tenant::TenantStore;
use aos_core::vault::Secret;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Purpose and name under which the vault keeps the webhook.
pub(crate) const WEBHOOK: (&str, &str) = ("slack", "webhook");
/// What the audit trail calls it.
const RESOURCE: &str = "slack_webhook";

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
        let (purpose, name) = WEBHOOK;
        let found = self.reveal(purpose, name).await?;
        let read =
            |secret: Secret| from_json(secret.expose_text().unwrap_or_default(), "secrets", "sealed", "slack/webhook");
        found.map(read).transpose()
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
        let (purpose, name) = WEBHOOK;
        let mut tx = self.begin().await?;
        let deleted = self.delete_secret_in(&mut tx, purpose, name).await?;
        if deleted {
            self.audit(&mut tx, "slack_webhook.delete", RESOURCE, json!({})).await?;
        }
        tx.commit().await?;
        Ok(deleted)
    }

    async fn keep_slack_webhook(&self, webhook: &SlackWebhook, action: &str) -> Result<()> {
        let (purpose, name) = WEBHOOK;
        let mut tx = self.begin().await?;
        self.put_secret_in(&mut tx, purpose, name, &Secret::new(to_json(webhook))).await?;
        self.audit(&mut tx, action, RESOURCE, json!({ "disabled_reason": webhook.disabled_reason })).await?;
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
