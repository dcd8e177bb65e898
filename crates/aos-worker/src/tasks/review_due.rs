//! `review_due`: looks at an item of the review queue that nobody has decided. It expires, or others are told: live, and by Slack where the
//! tenant has it.

use super::of_dcl;
use crate::context::TaskContext;
use crate::handler::{TaskError, TaskHandler};
use aos_core::kind;
use aos_core::task::NewTask;
use aos_dcl::Dcl;
use serde::Serialize;
use serde_json::json;

/// Slack may be away for a while.
const SLACK_ATTEMPTS: u32 = 10;

pub(super) struct ReviewDue {
    pub dcl: Dcl,
}

#[derive(Serialize)]
pub(super) struct Looked {
    told: bool,
}

impl TaskHandler for ReviewDue {
    const KIND: &'static str = kind::REVIEW_DUE;
    type Payload = kind::ReviewDue;
    type Output = Looked;

    async fn run(&self, context: &TaskContext, payload: Self::Payload) -> Result<Self::Output, TaskError> {
        let Some(text) = self.dcl.tenant(context.scope()).review_due(payload.review).await.map_err(of_dcl)? else {
            return Ok(Looked { told: false });
        };
        let webhook = context.store().slack_webhook().await?;
        if webhook.is_some_and(|webhook| webhook.disabled_reason.is_none()) {
            let task = NewTask {
                max_attempts: SLACK_ATTEMPTS,
                key: Some(format!("review:{}:{}", payload.review, context.fence().task)),
                ..NewTask::new(kind::SLACK, json!(kind::Slack { text, channel: None }))
            };
            context.store().enqueue_task(task).await?;
        }
        Ok(Looked { told: true })
    }
}
