//! Messages to Slack through an incoming webhook (<https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks>), and to
//! what speaks its language (Mattermost, Rocket.Chat). The address is a secret: whoever has it may post.

use crate::client::Client;
use crate::delivery::{self, DeadEnd, Outcome};
use crate::error::Result;
use crate::request::Request;
use reqwest::StatusCode;
use serde::Serialize;
use serde_json::Value;
use std::time::Duration;

/// Slack's own limits: what is longer it cuts or refuses.
const TEXT_CHARS_MAX: usize = 40_000;
const BLOCKS_MAX: usize = 50;
const ANSWER_TIMEOUT: Duration = Duration::from_secs(20);

#[derive(Debug, Clone, Serialize)]
pub struct Message {
    /// What is shown, in Slack's mrkdwn; with blocks, what a notification says.
    pub text: String,
    /// Block Kit blocks, as Slack documents them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub blocks: Vec<Value>,
    /// Another channel than the webhook's own. Older webhooks and Mattermost follow it, newer webhooks of Slack do not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
}

impl Message {
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), blocks: Vec::new(), channel: None }
    }
}

/// Makes text safe to stand in a message: it cannot mention anyone, and makes no links.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Posts a message, once.
pub async fn post(client: &Client, url: &str, message: &Message) -> Outcome {
    let rejected = |reason: &str| Outcome::Dead { end: DeadEnd::Rejected, reason: reason.to_owned() };
    if message.text.trim().is_empty() {
        return rejected("the message has no text; give it one, also beside blocks");
    }
    if message.text.chars().count() > TEXT_CHARS_MAX || message.blocks.len() > BLOCKS_MAX {
        return rejected("the message is longer than Slack takes (40,000 characters, 50 blocks); send less");
    }
    let response = match request(url, message) {
        Ok(request) => client.send(request).await,
        Err(error) => return delivery::of_error(&error),
    };
    match response {
        Ok(mut response) => {
            let (status, after) = (response.status(), response.retry_after());
            judge(status, after, &response.excerpt().await)
        }
        Err(error) => delivery::of_error(&error),
    }
}

fn request(url: &str, message: &Message) -> Result<Request> {
    Ok(Request::post(url)?.json(message)?.total_timeout(ANSWER_TIMEOUT))
}

/// Judges what Slack says: `ok`, or a word for what is wrong.
fn judge(status: StatusCode, after: Option<Duration>, says: &str) -> Outcome {
    if status == StatusCode::OK && says == "ok" {
        return Outcome::Delivered;
    }
    let reason = format!("Slack answers with status {}: {says}", status.as_u16());
    match dead_end(says) {
        Some(end) => Outcome::Dead { end, reason },
        None if status == StatusCode::GONE => Outcome::Dead { end: DeadEnd::Gone, reason },
        // Also a status of 2xx with other words: a stranger stands between Slack and us.
        None => Outcome::Retry { after, reason },
    }
}

fn dead_end(says: &str) -> Option<DeadEnd> {
    match says {
        "channel_is_archived"
        | "channel_not_found"
        | "invalid_token"
        | "no_active_hooks"
        | "no_service"
        | "no_service_id"
        | "no_team"
        | "team_disabled"
        | "token_revoked" => Some(DeadEnd::Gone),
        "action_prohibited"
        | "invalid_attachments"
        | "invalid_blocks"
        | "invalid_blocks_format"
        | "invalid_payload"
        | "missing_text_or_fallback_or_attachments"
        | "no_text"
        | "posting_to_general_channel_denied"
        | "too_many_attachments"
        | "user_not_found" => Some(DeadEnd::Rejected),
        _ => None,
    }
}
