//! Where a tenant is told about the end of its tasks: a Slack webhook. Its address is a secret, which is taken and never shown again.

use crate::extract::Json;
use crate::guard::Allowed;
use crate::problem::Problem;
use crate::routes::tasks::{Accepted, accepted, enqueue};
use crate::state::App;
use aos_core::kind::{self, Slack};
use aos_core::policy::may;
use aos_core::task::{NewTask, TaskState};
use aos_store::{SlackWebhook, TenantStore};
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

const URL_BYTES_MAX: usize = 2048;
/// Tries of a test message; somebody is waiting for it.
const TEST_ATTEMPTS: u32 = 1;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "webhook_url": "https://hooks.slack.com/services/T000/B000/XXXX", "on": ["failed"] }))]
pub struct SlackSettings {
    /// An incoming webhook of Slack, Mattermost or Rocket.Chat. Left out: the one there is stays.
    #[serde(default)]
    #[schema(max_length = 2048, format = "uri", write_only)]
    webhook_url: Option<String>,
    /// The ends of tasks that are posted: `success`, `failed`, `canceled`.
    #[serde(default = "failures")]
    #[schema(default = json!(["failed"]))]
    on: Vec<TaskState>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SlackNotifications)]
pub struct SlackOut {
    configured: bool,
    /// Where the webhook leads, without what is secret of it.
    #[schema(required, example = "https://hooks.slack.com")]
    origin: Option<String>,
    #[schema(required)]
    set_at: Option<DateTime<Utc>>,
    /// Why nothing is posted any more, when Slack has said that the webhook is gone.
    #[schema(required)]
    disabled_reason: Option<String>,
    on: Vec<TaskState>,
}

/// Returns whether a Slack webhook is set, and what is posted to it.
#[utoipa::path(get, path = "/notifications/slack", tag = "notifications", responses((status = 200, body = SlackOut), Problem))]
pub async fn get_slack(
    tenant: Allowed<may::ReadNotifications>,
    State(app): State<App>,
) -> Result<axum::Json<SlackOut>, Problem> {
    Ok(axum::Json(shown(&app.store.tenant(&tenant)).await?))
}

/// Sets the Slack webhook and which ends of tasks are posted to it.
#[utoipa::path(put, path = "/notifications/slack", tag = "notifications", request_body = SlackSettings,
    responses((status = 200, body = SlackOut), Problem))]
pub async fn put_slack(
    tenant: Allowed<may::ManageNotifications>,
    State(app): State<App>,
    Json(settings): Json<SlackSettings>,
) -> Result<axum::Json<SlackOut>, Problem> {
    if let Some(state) = settings.on.iter().find(|state| !state.has_ended()) {
        let detail = format!("a task that is {} has not ended", state.as_str());
        return Err(Problem::unprocessable("invalid_body", detail, "name success, failed or canceled in `on`"));
    }
    let store = app.store.tenant(&tenant);
    if let Some(url) = &settings.webhook_url {
        check_webhook(&app, url)?;
        store.put_slack_webhook(url).await?;
    } else if store.slack_webhook().await?.is_none() {
        let detail = "there is no webhook yet to post to";
        return Err(Problem::unprocessable("slack_not_configured", detail, "give its address as `webhook_url`"));
    }
    let present = store.task_settings().await?;
    store.put_task_settings(&aos_store::TaskSettings { slack_on: settings.on, ..present }).await?;
    Ok(axum::Json(shown(&store).await?))
}

/// Forgets the Slack webhook.
#[utoipa::path(delete, path = "/notifications/slack", tag = "notifications", responses((status = 204), Problem))]
pub async fn delete_slack(
    tenant: Allowed<may::ManageNotifications>,
    State(app): State<App>,
) -> Result<StatusCode, Problem> {
    let store = app.store.tenant(&tenant);
    store.delete_slack_webhook().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Posts a test message, as a task whose end says whether it arrived.
#[utoipa::path(post, path = "/notifications/slack/test", tag = "notifications",
    responses((status = 202, body = crate::routes::tasks::TaskOut, headers(("Location" = String))), Problem))]
pub async fn test_slack(tenant: Allowed<may::SendNotifications>, State(app): State<App>) -> Result<Accepted, Problem> {
    let store = app.store.tenant(&tenant);
    if store.slack_webhook().await?.is_none() {
        let next_step = "set a webhook with PUT /api/v1/notifications/slack";
        return Err(Problem::conflict("slack_not_configured", "there is no webhook to post to", next_step));
    }
    let text = format!("A test message from AutonomOS, for {}.", store.tenant().await?.name);
    let task = NewTask::new(kind::SLACK, json!(Slack { text, channel: None }));
    let task = NewTask { max_attempts: TEST_ATTEMPTS, ..task };
    Ok(accepted(StatusCode::ACCEPTED, enqueue(&app, &tenant, task).await?.task))
}

async fn shown(store: &TenantStore<'_>) -> Result<SlackOut, Problem> {
    let webhook = store.slack_webhook().await?;
    let on = store.task_settings().await?.slack_on;
    let Some(SlackWebhook { url, set_at, disabled_reason }) = webhook else {
        return Ok(SlackOut { configured: false, origin: None, set_at: None, disabled_reason: None, on });
    };
    let origin = aos_net::Url::parse(&url).ok().map(|url| url.origin().ascii_serialization());
    Ok(SlackOut { configured: true, origin, set_at: Some(set_at), disabled_reason, on })
}

/// Refuses an address that can be nothing that is posted to. The problem repeats nothing of it but its host.
fn check_webhook(app: &App, url: &str) -> Result<(), Problem> {
    let refused = |why: String| {
        let next_step = "copy the address from Slack: https://hooks.slack.com/services/…; a private network has to be allowed by the operator";
        Problem::unprocessable("webhook_url_refused", why, next_step)
    };
    let parsed = aos_net::Url::parse(url).map_err(|_| refused("the webhook's address cannot be read".to_owned()))?;
    if url.len() > URL_BYTES_MAX {
        return Err(refused(format!("the webhook's address is longer than {URL_BYTES_MAX} bytes")));
    }
    app.guard.check_url(&parsed).map_err(|error| refused(error.to_string()))
}

fn failures() -> Vec<TaskState> {
    vec![TaskState::Failed]
}
