//! `run_agent`: has a pilot look at the unified picture; what is new may be told by Slack.

use super::of_dcl;
use crate::context::TaskContext;
use crate::handler::{TaskError, TaskHandler, with_causes};
use aos_agents::pilots::{self, Pilot, PilotReport};
use aos_agents::registry::Error;
use aos_ai::models::Models;
use aos_core::kind;
use aos_core::task::NewTask;
use aos_dcl::Dcl;
use serde_json::json;

/// Slack may be away for a while.
const SLACK_ATTEMPTS: u32 = 10;

pub(super) struct RunAgent {
    pub dcl: Dcl,
    pub models: Models,
}

impl TaskHandler for RunAgent {
    const KIND: &'static str = kind::RUN_AGENT;
    type Payload = kind::RunAgent;
    type Output = PilotReport;

    async fn run(&self, context: &TaskContext, payload: Self::Payload) -> Result<Self::Output, TaskError> {
        let Some(pilot) = Pilot::of(&payload.agent) else {
            let pilots = Pilot::ALL.map(Pilot::id).join(", ");
            let (agent, why) = (payload.agent, "is no pilot that could be run; run one of");
            return Err(TaskError::permanent(format!("`{agent}` {why} {pilots}")));
        };
        let now = context.clock().now();
        let ran = pilots::run(&context.store, &self.dcl, &self.models, context.scope(), pilot, now).await;
        let report = ran.map_err(of_agents)?;
        if let Some(text) = report.digest.clone().filter(|_| payload.digest) {
            tell(context, text).await?;
        }
        Ok(report)
    }
}

async fn tell(context: &TaskContext, text: String) -> Result<(), TaskError> {
    let webhook = context.store().slack_webhook().await?;
    if webhook.is_some_and(|webhook| webhook.disabled_reason.is_none()) {
        let task = NewTask {
            max_attempts: SLACK_ATTEMPTS,
            key: Some(format!("agent:{}", context.fence().task)),
            ..NewTask::new(kind::SLACK, json!(kind::Slack { text, channel: None }))
        };
        context.store().enqueue_task(task).await?;
    }
    Ok(())
}

/// Says what went wrong, and whether trying again may help.
fn of_agents(error: Error) -> TaskError {
    match error {
        Error::Dcl(error) => of_dcl(error),
        Error::Store(error) => error.into(),
        other => TaskError::permanent(with_causes(&other)),
    }
}
