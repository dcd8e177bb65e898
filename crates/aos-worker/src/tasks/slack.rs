//! `slack`: posts a message to the tenant's Slack webhook.

use super::{deliver_later, notify};
use crate::context::TaskContext;
use crate::handler::{TaskError, TaskHandler};
use aos_broker::Broker;
use aos_core::kind;
use aos_net::Client;
use aos_net::delivery::{DeadEnd, Outcome};
use aos_net::slack::{self, Message};
use serde::Serialize;
use serde_json::json;

pub(super) struct Slack {
    pub net: Client,
    pub broker: Broker,
}

#[derive(Serialize)]
pub(super) struct Posted {
    posted: bool,
}

impl TaskHandler for Slack {
    const KIND: &'static str = kind::SLACK;
    type Payload = kind::Slack;
    type Output = Posted;

    async fn run(&self, context: &TaskContext, payload: Self::Payload) -> Result<Self::Output, TaskError> {
        let Some(webhook) = context.store().slack_webhook().await? else {
            return Err(TaskError::permanent(
                "no Slack webhook is set; set one with PUT /api/v1/notifications/slack, then replay the task",
            ));
        };
        if let Some(reason) = &webhook.disabled_reason {
            return Err(TaskError::permanent(format!(
                "the Slack webhook is switched off: {reason}; set another one with PUT /api/v1/notifications/slack, then replay the task"
            )));
        }
        let message = Message { channel: payload.channel, ..Message::text(payload.text) };
        match slack::post(&self.net.tenant(context.scope()), &webhook.url, &message).await {
            Outcome::Delivered => Ok(Posted { posted: true }),
            Outcome::Retry { after, reason } => Err(deliver_later(context, after, reason)),
            Outcome::Postponed { after, reason } => Err(deliver_later(context, Some(after), reason)),
            Outcome::Dead { end, reason } => {
                if end == DeadEnd::Gone && context.store().disable_slack_webhook(&webhook, &reason).await? {
                    let notice = json!({ "code": "slack_webhook_disabled", "message": reason });
                    notify(&self.broker, context, notice).await;
                }
                Err(TaskError::permanent(reason))
            }
        }
    }
}
